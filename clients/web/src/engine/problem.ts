/** Why something was not done, as one closed set of codes: the protocol's reasons and the client's own. */

import { REFUSALS } from "../wire/constants";

export type Reason =
  | (typeof REFUSALS)[number]
  /** The server cannot read it, or a field has the wrong shape (`path` names it): sent again, it would be refused again. */
  | "invalid"
  /** A defect of the server's, or of ours. */
  | "internal"
  /** No answer in time: it may have been done. */
  | "timeout"
  /** Not sent, or cut off before the answer. */
  | "offline"
  /** Wrong e-mail or password. */
  | "credentials"
  /** The code of the second step is not the right one. */
  | "wrong_code"
  /** No account has this passkey. */
  | "unknown_passkey"
  /** The person, or their device, did not go on with what was asked of them. */
  | "cancelled"
  /** The account is suspended: the password was right. */
  | "suspended"
  | "unknown";

export interface Problem {
  reason: Reason;
  /** The field that `invalid` is about: "$.patient.phone". */
  path?: string;
  /** A code for what is wrong with that field, where the server gives one: "not_letters". */
  why?: string;
  /** Which bound it is, where one reason has several: "sms_to_number", "ahead", "new_device_waits". */
  bound?: string;
  /** Seconds to wait: with `rate_limited` and `hold_paused` always, with `unavailable` when the server knows. */
  retryAfter?: number;
  /** With `invalid_state` and `invitation_over`: what it is instead, "not_offered". */
  state?: string;
  /** With `asks_first`: who wants to be asked. */
  people?: string[];
  /** What `internal` can be found by in the server's log. */
  incident?: string;
}

/** JSON-RPC's codes for what is not JSON, not a request, and no known method. */
const UNREADABLE: ReadonlySet<unknown> = new Set([-32700, -32600, -32601]);

/** The problem in a JSON-RPC error; unknown codes and reasons become `unknown`, so a newer server stays usable. */
export function problemOf(error: unknown): Problem {
  const { code, data } = record(error);
  const details = record(data);
  if (code === -32602) {
    const problem: Problem = { reason: "invalid", path: String(details["path"] ?? "$") };
    return typeof details["why"] === "string" ? { ...problem, why: details["why"] } : problem;
  }
  if (UNREADABLE.has(code)) return { reason: "invalid", path: "$" };
  if (code === -32603) return { reason: "internal", incident: String(details["incident"] ?? "") };
  if (code !== -32000) return { reason: "internal" };
  const reason = REFUSALS.find(known => known === details["reason"]) ?? "unknown";
  const retryAfter = secondsOf(details["retry_after"]);
  if (reason === "asks_first" && Array.isArray(details["people"]))
    return { reason, people: details["people"].map(String) };
  if (typeof details["state"] === "string") return { reason, state: details["state"] };
  if (reason === "rate_limited") return { reason, retryAfter: retryAfter ?? 1 };
  if (reason === "too_many_notices" || reason === "too_many_bookings") {
    const bound = String(details["bound"] ?? details["of"] ?? "");
    return retryAfter === null ? { reason, bound } : { reason, bound, retryAfter };
  }
  return (reason === "unavailable" || reason === "hold_paused") && retryAfter !== null
    ? { reason, retryAfter }
    : { reason };
}

function secondsOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : null;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
