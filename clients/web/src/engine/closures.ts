/** What each close code asks of a client. The Python client's `closures.py` is the same table. */

import { CLOSE } from "../wire/types";

/** Why the engine has stopped by itself; only `start` begins again. */
export type StopReason = "signed-out" | "not-allowed" | "elsewhere" | "wiped";

export interface Stop {
  action: "stop";
  why: StopReason;
}

export interface Reconnect {
  action: "reconnect";
  /** `long` gives the server time to recover, `spread` keeps everybody from coming back at once. */
  wait: "normal" | "spread" | "long";
  /** What a request that was in flight is refused with, when it is what the socket was closed for. */
  blame: "invalid" | "too_large" | null;
}

/** What follows when the network cuts a connection, or when we give it up. */
export const CUT: Reconnect = { action: "reconnect", wait: "normal", blame: null };

const CLOSURES: ReadonlyMap<number, Stop | Reconnect> = new Map<number, Stop | Reconnect>([
  [CLOSE.too_big, { action: "reconnect", wait: "normal", blame: "too_large" }],
  [CLOSE.restarting, { action: "reconnect", wait: "spread", blame: null }],
  [CLOSE.protocol_error, { action: "reconnect", wait: "normal", blame: "invalid" }],
  [CLOSE.not_signed_in, { action: "stop", why: "signed-out" }],
  [CLOSE.not_allowed, { action: "stop", why: "not-allowed" }],
  [CLOSE.silent, CUT],
  [CLOSE.connected_elsewhere, { action: "stop", why: "elsewhere" }],
  [CLOSE.wiped, { action: "stop", why: "wiped" }],
  [CLOSE.too_many_requests, { action: "reconnect", wait: "long", blame: null }],
  [CLOSE.too_slow, CUT],
]);

/** A code that is not listed, from the network or from a newer server, is a cut like any other. */
export function closureOf(code: number): Stop | Reconnect {
  return CLOSURES.get(code) ?? CUT;
}
