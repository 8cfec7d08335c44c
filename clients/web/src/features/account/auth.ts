/** Signing in and out over HTTP. */

import type { Problem, Reason } from "../../engine/problem";
import { type Answer, ask, problemIn } from "../../runtime/http";
import * as passkeys from "../../runtime/passkeys";

/** `factors`: the password was right, and one of these is asked for beside it. */
export type SignedIn = { ok: true } | { ok: false; problem: Problem } | { ok: false; factors: string[] };

export async function signIn(email: string, password: string): Promise<SignedIn> {
  let answer = await ask("POST", "/auth/login", { email, password });
  if (answer.status === 409) {
    // This browser still has a session, perhaps of somebody else: end it before signing in.
    await signOut();
    answer = await ask("POST", "/auth/login", { email, password });
  }
  return outcome(answer, "credentials");
}

/** What came of a step of signing in; `wrong` is what an answer of 400 means there. */
export function outcome(answer: Answer, wrong: Reason): SignedIn {
  if (answer.status === 200) return { ok: true };
  if (answer.status === 400) return { ok: false, problem: { reason: wrong } };
  const asked = answer.flows.find(flow => flow.is_pending && flow.id === "mfa_authenticate");
  if (answer.status === 401 && asked) return { ok: false, factors: asked.types ?? [] };
  // The password was right, and the server asks for a step that this version does not know.
  if (answer.status === 401) return { ok: false, problem: { reason: "not_verified" } };
  return { ok: false, problem: problemIn(answer) };
}

/** The second step, after the password: a code of the application, or a recovery code. */
export async function giveCode(code: string): Promise<SignedIn> {
  return outcome(await ask("POST", "/auth/2fa/authenticate", { code }), "wrong_code");
}

/** A passkey in place of everything else (`login`), or as the second step. `cancelled` when nothing came of it here. */
export async function givePasskey(step: "login" | "authenticate"): Promise<SignedIn> {
  const asked = await ask("GET", `/auth/webauthn/${step}`);
  if (asked.status !== 200) return outcome(asked, "invalid");
  const credential = await passkeys.prove((asked.data as { request_options: unknown }).request_options);
  if (credential === null) return { ok: false, problem: { reason: "cancelled" } };
  return outcome(await ask("POST", `/auth/webauthn/${step}`, { credential }), "unknown_passkey");
}

/** Tells the server that this device, which was declared lost, keeps nothing any more; false when it was not heard. */
export async function tellWiped(): Promise<boolean> {
  return (await ask("POST", "/auth/wiped", {})).status === 200;
}

/** False when the server could not be reached: the session still exists there. */
export async function signOut(): Promise<boolean> {
  const { status } = await ask("DELETE", "/auth/session");
  return status === 401 || status === 200;
}
