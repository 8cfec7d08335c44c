/** One's own factors, devices and password. */

import { signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { type Answer, ask, problemIn } from "../../runtime/http";
import { learn } from "../../runtime/lock";
import * as passkeys from "../../runtime/passkeys";
import { call } from "../../runtime/runtime";
import type { LockView, SessionView } from "../../wire/types";
import { confirmIdentity, waysOf } from "./uiState";

/** A factor as the server lists it; times are in seconds. */
export interface Factor {
  type: "totp" | "webauthn" | "recovery_codes";
  created_at: number;
  last_used_at: number | null;
  id?: number;
  name?: string;
  total_code_count?: number;
  unused_code_count?: number;
}

/** Null until they are there. */
export const factors = signal<Factor[] | null>(null);
export const sessions = signal<SessionView[] | null>(null);
/** How this person's devices lock. */
export const lock = signal<LockView | null>(null);
export const problem = signal<Problem | null>(null);

const FACTORS = "/account/authenticators";

/** A request that the server may want a new proof of identity for; it is asked for, and the request sent once more. */
export async function guarded(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const answer = await ask(method, path, body);
  const ways = waysOf(answer) ?? [];
  const isAsked = answer.status === 401 && (ways.length > 0 || answer.errors[0]?.code === "reauthentication_required");
  if (!isAsked) return answer;
  return (await confirmIdentity(ways)) ? ask(method, path, body) : answer;
}

export async function loadFactors(): Promise<void> {
  const answer = await ask("GET", FACTORS);
  if (answer.status === 200) factors.value = answer.data as Factor[];
  else problem.value = problemIn(answer);
}

export async function loadSessions(): Promise<void> {
  const outcome = await call("session.list", {});
  if (outcome.ok) sessions.value = outcome.value.sessions;
  else problem.value = outcome.problem;
}

export async function loadLock(): Promise<void> {
  const outcome = await call("lock.get", {});
  if (!outcome.ok) return;
  lock.value = outcome.value;
  learn(outcome.value);
}

export async function saveLock(desk: number, phone: number): Promise<Problem | null> {
  const outcome = await call("lock.set", { desk, phone });
  if (!outcome.ok) return outcome.problem;
  lock.value = outcome.value;
  learn(outcome.value);
  return null;
}

export async function endSession(session: string): Promise<boolean> {
  const outcome = await call("session.end", { session });
  await loadSessions();
  return outcome.ok;
}

/** The device is lost: it is signed out, and what it keeps goes as soon as it asks for anything. */
export async function wipeSession(session: string): Promise<Problem | null> {
  const outcome = await call("session.wipe", { session });
  await loadSessions();
  return outcome.ok ? null : outcome.problem;
}

/** The device was found before it was wiped. */
export async function foundSession(session: string): Promise<Problem | null> {
  const outcome = await call("session.found", { session });
  await loadSessions();
  return outcome.ok ? null : outcome.problem;
}

export async function endOthers(): Promise<boolean> {
  const outcome = await call("session.end_others", {});
  await loadSessions();
  return outcome.ok;
}

/** A secret for an application of codes, until it is confirmed by a code; or why there is none. */
export type Secret = { secret: string; url: string } | { problem: Problem };

export async function beginTotp(): Promise<Secret> {
  const answer = await guarded("GET", `${FACTORS}/totp`);
  // "Not found" is how the server says that there is none yet, with the secret for one.
  const meta = answer.meta as { secret?: string; totp_url?: string } | null;
  if (answer.status === 404 && meta?.secret && meta.totp_url) return { secret: meta.secret, url: meta.totp_url };
  return { problem: problemIn(answer) };
}

/** Null when it is set up; else why not: `invalid` for a wrong code. */
export async function confirmTotp(code: string): Promise<Problem | null> {
  return done(await guarded("POST", `${FACTORS}/totp`, { code }));
}

export async function removeTotp(): Promise<Problem | null> {
  return done(await guarded("DELETE", `${FACTORS}/totp`));
}

/** Null when the passkey is kept; "given-up" when the person or the device did not make one. */
export async function addPasskey(name: string): Promise<Problem | "given-up" | null> {
  const begun = await guarded("GET", `${FACTORS}/webauthn?passwordless`);
  if (begun.status !== 200) return problemIn(begun);
  const credential = await passkeys.make((begun.data as { creation_options: unknown }).creation_options);
  if (credential === null) return "given-up";
  return done(await ask("POST", `${FACTORS}/webauthn`, { name, credential }));
}

export async function removePasskey(id: number): Promise<Problem | null> {
  return done(await guarded("DELETE", `${FACTORS}/webauthn`, { authenticators: [id] }));
}

/** The recovery codes that are left, where they may be shown; null where they may not, or there are none. */
export async function seeRecoveryCodes(): Promise<string[] | null> {
  const answer = await guarded("GET", `${FACTORS}/recovery-codes`);
  return codesIn(answer);
}

/** New codes; the former ones open nothing any more. */
export async function newRecoveryCodes(): Promise<string[] | null> {
  const answer = await guarded("POST", `${FACTORS}/recovery-codes`, {});
  await loadFactors();
  return codesIn(answer);
}

function codesIn(answer: Answer): string[] | null {
  if (answer.status !== 200) return null;
  return (answer.data as { unused_codes?: string[] }).unused_codes ?? null;
}

/** Whether the account has a password; null until that is known. One that a card opened has none. */
export const hasPassword = signal<boolean | null>(null);

export async function loadHasPassword(): Promise<void> {
  const answer = await ask("GET", "/auth/confirmation");
  if (answer.status === 200) hasPassword.value = waysOf(answer)?.includes("password") ?? false;
}

/** A first password, by who has just proved that it is them. As `changePassword`. */
export async function firstPassword(wanted: string): Promise<Problem | { why: string } | null> {
  const answer = await guarded("POST", "/account/password/change", { new_password: wanted });
  if (answer.status === 200) hasPassword.value = true;
  return refusedPassword(answer);
}

/** Null when it is changed; else the code of what is wrong with the new one, or "current" for the one before. */
export async function changePassword(current: string, wanted: string): Promise<Problem | { why: string } | null> {
  const answer = await ask("POST", "/account/password/change", { current_password: current, new_password: wanted });
  return refusedPassword(answer);
}

function refusedPassword(answer: Answer): Problem | { why: string } | null {
  if (answer.status === 200) return null;
  const wrong = answer.errors[0];
  if (answer.status !== 400 || !wrong) return problemIn(answer);
  return { why: wrong.param === "current_password" ? "current" : wrong.code };
}

async function done(answer: Answer): Promise<Problem | null> {
  if (answer.status !== 200) return problemIn(answer);
  await loadFactors();
  return null;
}

/** One proof that it is oneself. Null when the server takes it; `credentials` for a wrong one. */
export async function proveBy(way: "password" | "code" | "passkey", value = ""): Promise<Problem | "given-up" | null> {
  let answer: Answer;
  if (way === "password") answer = await ask("POST", "/auth/reauthenticate", { password: value });
  else if (way === "code") answer = await ask("POST", "/auth/2fa/reauthenticate", { code: value });
  else {
    const asked = await ask("GET", "/auth/webauthn/reauthenticate");
    if (asked.status !== 200) return problemIn(asked);
    const credential = await passkeys.prove((asked.data as { request_options: unknown }).request_options);
    if (credential === null) return "given-up";
    answer = await ask("POST", "/auth/webauthn/reauthenticate", { credential });
  }
  if (answer.status === 200) return null;
  return answer.status === 400 ? { reason: "credentials" } : problemIn(answer);
}
