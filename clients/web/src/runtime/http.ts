/**
 * Requests over HTTP about accounts: the headless API of django-allauth, `/auth/browser/v1/`, and what stands beside it.
 *
 * The session is a cookie that scripts cannot read. Every answer sets the CSRF cookie, and every change carries its
 * value in `X-CSRFToken`, which a page of another origin cannot do.
 */

import type { Problem } from "../engine/problem";
import { json } from "../wire/text";

export const API = "/auth/browser/v1";

/** One thing that is wrong; `param` is the field, `code` says how. */
export interface WrongField {
  code: string;
  param?: string;
  attempts_left?: number;
}

/** A way on that the server offers, or waits for. */
interface Flow {
  id: string;
  is_pending?: boolean;
  types?: string[];
}

/** What the server answered; `status` 0 when it could not be reached. */
export interface Answer {
  status: number;
  data: unknown;
  meta: unknown;
  flows: Flow[];
  errors: WrongField[];
  /** Seconds to wait before the same is asked again. */
  retryAfter?: number;
}

const UNREACHABLE: Answer = { status: 0, data: null, meta: null, flows: [], errors: [] };

/** One request, answered once; nothing is thrown. `path` is below `/auth/browser/v1`, but for those of identity providers. */
export async function ask(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Answer> {
  const url = /^\/(api\/|auth\/(psc|cps|methods)\b)/.test(path) ? path : API + path;
  try {
    if (method === "GET") return await get(url);
    if (!token()) await askForToken();
    const first = await read(await change(method, url, body));
    // The token changes at sign-in, perhaps in another tab: fetch the new one and try once more. A refusal says why.
    if (first.status !== 403 || first.errors.length) return first;
    await askForToken();
    return await read(await change(method, url, body));
  } catch {
    return UNREACHABLE; // no network
  }
}

async function get(url: string): Promise<Answer> {
  const headers = { Accept: "application/json" };
  const first = await read(await fetch(url, { headers }));
  // 400 without a word: the session ended while it was asked for, as when signing out is not over. Now nobody has it.
  const interrupted = first.status === 400 && first.data === null && !first.errors.length;
  return interrupted ? read(await fetch(url, { headers })) : first;
}

async function read(response: Response): Promise<Answer> {
  const body = (await Promise.resolve(response.json?.()).catch(() => null)) as {
    data?: { flows?: Flow[] };
    meta?: unknown;
    errors?: WrongField[];
    reason?: string;
    path?: string;
  } | null;
  const seconds = Number(response.headers?.get("Retry-After"));
  const own = body?.reason ? [{ code: body.reason, ...(body.path ? { param: body.path } : {}) }] : [];
  return {
    status: response.status,
    // What stands beside allauth's views answers with the thing itself.
    data: body && "data" in body ? body.data : body,
    meta: body?.meta ?? null,
    flows: body?.data?.flows ?? [],
    errors: body?.errors ?? own,
    ...(seconds > 0 ? { retryAfter: seconds } : {}),
  };
}

export async function askForToken(): Promise<void> {
  await fetch(`${API}/config`, { headers: { Accept: "application/json" } });
}

function change(method: string, url: string, body: unknown): Promise<Response> {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token() };
  return fetch(url, { method, headers, body: body === undefined ? null : json(body) });
}

/** The value of the CSRF cookie; empty before the first answer. */
export function token(): string {
  const found = /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie);
  return found ? decodeURIComponent(found[1]!) : "";
}

/** An answer that is no success as a problem, in which a wrong field is not told from another. */
export function problemIn(answer: Answer): Problem {
  const code = answer.errors[0]?.code;
  const later = answer.retryAfter === undefined ? {} : { retryAfter: answer.retryAfter };
  if (answer.status === 0) return { reason: "offline" };
  if (answer.status === 429) {
    // Somebody else tries passwords on this account: there are other ways in, and the words name them.
    return { reason: "rate_limited", ...(code === "new_device_waits" ? { bound: code } : {}), ...later };
  }
  if (code === "suspended") return { reason: "suspended" };
  if (answer.status === 404 || answer.status === 410) return { reason: "not_found" };
  if (answer.status === 403) return { reason: "forbidden" };
  if (answer.status === 409) return { reason: "conflict" };
  if (answer.status >= 500) return { reason: "unavailable", ...later };
  return { reason: answer.status === 400 ? "invalid" : "unknown" };
}
