// The OpenID provider `oidc-provider` set up as Pro Santé Connect is: its paths, its discovery document at its own
// address, RS256, PKCE, `scope_all`, `acr`, back-channel logout, CIBA in poll mode. Whose card is in the reader, and
// what is answered on the phone, is said on `/control/…`. Started with the settings as JSON in the first argument;
// prints its port when it listens.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const settings = JSON.parse(process.argv[2]);
const REALM = "/auth/realms/esante-wallet";
const CONNECT = `${REALM}/protocol/openid-connect`;
const CLAIMS = ["SubjectNameID", "SubjectRefPro", "otherIds", "otherIDs", "given_name", "family_name", "preferred_username"];

let card = null;
const questions = [];

const server = createServer(handle);
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
let provider;
let callback;

server.on("listening", () => {
  const issuer = `http://localhost:${server.address().port}${REALM}`;
  provider = new Provider(issuer, configuration());
  callback = provider.callback();
});

function configuration() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    clients: [
      {
        client_id: settings.client_id,
        client_secret: settings.client_secret,
        redirect_uris: settings.redirect_uris,
        post_logout_redirect_uris: settings.post_logout_redirect_uris,
        grant_types: ["authorization_code", "urn:openid:params:grant-type:ciba"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_basic",
        id_token_signed_response_alg: "RS256",
        backchannel_logout_uri: settings.backchannel_logout_uri,
        backchannel_logout_session_required: true,
        backchannel_token_delivery_mode: "poll",
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "psc-1" }] },
    cookies: { keys: [randomUUID()] },
    scopes: ["openid", "scope_all"],
    claims: { openid: ["sub"], scope_all: CLAIMS, acr: null, auth_time: null, sid: null },
    acrValues: ["eidas1", "eidas3"],
    pkce: { required: () => true },
    ttl: { AccessToken: 120, AuthorizationCode: 60, BackchannelAuthenticationRequest: 120, Grant: 14400, IdToken: 120, Interaction: 600, Session: 14400 },
    routes: {
      authorization: `${CONNECT}/auth`,
      backchannel_authentication: `${CONNECT}/ext/ciba/auth`,
      end_session: `${CONNECT}/logout`,
      jwks: `${CONNECT}/certs`,
      token: `${CONNECT}/token`,
      userinfo: `${CONNECT}/userinfo`,
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      ciba: {
        enabled: true,
        deliveryModes: ["poll"],
        processLoginHint: async (_, hint) => (card?.userinfo.SubjectNameID === hint ? card.userinfo.sub : undefined),
        validateBindingMessage: async () => {},
        validateRequestContext: async () => {},
        verifyUserCode: async () => {},
        triggerAuthenticationDevice: async (_, request) => void questions.push(request),
      },
    },
    findAccount: async (_, sub) => ({ accountId: sub, claims: async () => card.userinfo }),
    // Its own refuses the loopback address, which is where everything of a test is.
    fetch: (address, options) => {
      delete options.dispatcher;
      return fetch(address, options);
    },
  };
}

async function handle(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname.startsWith("/control/")) return control(pathname, request, response);
  if (pathname.startsWith("/interaction/")) return interact(request, response);
  if (pathname === `${REALM}/.well-known/wallet-openid-configuration`) request.url = "/.well-known/openid-configuration";
  return callback(request, response);
}

async function interact(request, response) {
  if (card === null) return provider.interactionFinished(request, response, { error: "access_denied" });
  const { params, session } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: card.userinfo.sub, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const login = { accountId: card.userinfo.sub, acr: card.acr, remember: session === undefined };
  return provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } });
}

async function control(pathname, request, response) {
  let text = "";
  for await (const piece of request) text += piece;
  const said = text ? JSON.parse(text) : null;
  if (pathname === "/control/card") card = said;
  if (pathname === "/control/questions") return json(response, questions.map((one) => one.params.binding_message));
  if (pathname === "/control/answer") {
    const asked = questions.pop();
    if (said.approved) {
      const grant = new provider.Grant({ accountId: asked.accountId, clientId: asked.clientId });
      grant.addOIDCScope(asked.params.scope);
      await grant.save();
      await provider.backchannelResult(asked, grant);
    } else {
      const { AccessDenied } = await import("oidc-provider").then((library) => library.errors);
      await provider.backchannelResult(asked, new AccessDenied());
    }
  }
  return json(response, {});
}

function json(response, value) {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(value));
}
