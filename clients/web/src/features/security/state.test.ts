import { beforeEach, expect, test, vi } from "vitest";
import { stubBrowser } from "../../runtime/fakeBrowser";

let state: typeof import("./state");
let ui: typeof import("./uiState");

const REFUSED = {
  status: 401,
  data: { flows: [{ id: "reauthenticate" }, { id: "mfa_reauthenticate", types: ["totp", "webauthn"] }, { id: "psc" }] },
  errors: [{ code: "reauthentication_required" }],
};

function answers(...said: { status: number; data?: unknown; errors?: object[]; meta?: object }[]) {
  const asked = vi.fn((_: string, __: object) => {
    const { status, ...body } = said.shift()!;
    return Promise.resolve({ status, ok: status === 200, json: () => Promise.resolve(body) });
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

beforeEach(async () => {
  stubBrowser();
  state = await import("./state");
  ui = await import("./uiState");
});

test("what is sensitive asks who is there by the ways the server takes, and is then done", async () => {
  const asked = answers(REFUSED, { status: 200, data: {} });
  const outcome = state.guarded("DELETE", "/account/authenticators/totp");
  await vi.waitFor(() => expect(ui.confirmation.value?.ways).toEqual(["password", "totp", "webauthn", "psc"]));
  ui.confirmation.value!.done(true);
  expect((await outcome).status).toBe(200);
  expect(asked).toHaveBeenCalledTimes(2);
});

test("whoever gives up changes nothing", async () => {
  const asked = answers(REFUSED);
  const outcome = state.guarded("DELETE", "/account/authenticators/totp");
  await vi.waitFor(() => expect(ui.confirmation.value).not.toBeNull());
  ui.confirmation.value!.done(false);
  expect((await outcome).status).toBe(401);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(ui.confirmation.value).toBeNull();
});

test("where nothing can be proved whoever is here is told so, and what to do", async () => {
  answers({ ...REFUSED, data: { flows: [] } });
  const outcome = state.guarded("DELETE", "/account/authenticators/totp");
  await vi.waitFor(() => expect(ui.confirmation.value?.ways).toEqual([]));
  ui.confirmation.value!.done(false);
  expect((await outcome).status).toBe(401);
});

test("a session that is over asks for no proof", async () => {
  answers({ status: 401, data: { flows: [{ id: "login" }] } });
  expect((await state.guarded("DELETE", "/account/authenticators/totp")).status).toBe(401);
  expect(ui.confirmation.value).toBeNull();
});

test("there being no factor yet is how the server gives the secret for one", async () => {
  answers({ status: 404, meta: { secret: "JBSWY3DP", totp_url: "otpauth://totp/Relais" } });
  expect(await state.beginTotp()).toEqual({ secret: "JBSWY3DP", url: "otpauth://totp/Relais" });
});

test("a wrong proof is told from a server that does not answer", async () => {
  answers({ status: 400, errors: [{ code: "incorrect_code", param: "code" }] }, { status: 503 });
  expect(await state.proveBy("code", "000000")).toEqual({ reason: "credentials" });
  expect(await state.proveBy("code", "000000")).toEqual({ reason: "unavailable" });
});
