/**
 * Signing in and out over the headless API of django-allauth, `/auth/browser/v1/`.
 *
 * The session is a cookie that scripts cannot read. Every answer sets the CSRF cookie, and every change carries its
 * value in `X-CSRFToken`, which a page of another origin cannot do.
 */

import type { Problem } from "../../engine/problem";
import { json } from "../../wire/text";

const API = "/auth/browser/v1";

type SignedIn = { ok: true } | { ok: false; problem: Problem };

export async function signIn(email: string, password: string): Promise<SignedIn> {
  let answer = await change("POST", "/auth/login", { email, password });
  if (answer?.status === 409) {
    // This browser still has a session, perhaps of somebody else: end it before signing in.
    await signOut();
    answer = await change("POST", "/auth/login", { email, password });
  }
  if (!answer) return { ok: false, problem: { reason: "offline" } };
  if (answer.ok) return { ok: true };
  if (answer.status === 400) return { ok: false, problem: { reason: "credentials" } };
  if (answer.status === 403 && (await codeOf(answer)) === "suspended")
    return { ok: false, problem: { reason: "suspended" } };
  if (answer.status === 429) return { ok: false, problem: { reason: "rate_limited" } };
  // 401: the password was right and the server asks for a further step, which this client does not have.
  if (answer.status === 401) return { ok: false, problem: { reason: "not_verified" } };
  return { ok: false, problem: { reason: answer.status >= 500 ? "unavailable" : "unknown" } };
}

/** The code of the first error in an answer. */
async function codeOf(answer: Response): Promise<string | undefined> {
  const body = (await answer.json().catch(() => null)) as { errors?: { code?: string }[] } | null;
  return body?.errors?.[0]?.code;
}

/** False when the server could not be reached: the session still exists there. */
export async function signOut(): Promise<boolean> {
  const answer = await change("DELETE", "/auth/session");
  return answer !== null && (answer.status === 401 || answer.ok);
}

async function change(method: string, path: string, body?: unknown): Promise<Response | null> {
  try {
    if (!token()) await askForToken();
    const first = await request(method, path, body);
    // The token changes at sign-in, perhaps in another tab: fetch the new one and try once more.
    if (first.status !== 403) return first;
    await askForToken();
    return await request(method, path, body);
  } catch {
    return null; // no network
  }
}

async function askForToken(): Promise<void> {
  await fetch(`${API}/config`, { headers: { Accept: "application/json" } });
}

function request(method: string, path: string, body: unknown): Promise<Response> {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token() };
  return fetch(API + path, { method, headers, body: body === undefined ? null : json(body) });
}

function token(): string {
  const found = /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie);
  return found ? decodeURIComponent(found[1]!) : "";
}
