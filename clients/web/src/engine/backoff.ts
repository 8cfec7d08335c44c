/** How long to wait before trying again: exponential with full jitter, so that clients do not come back in step. */

import type { Reconnect } from "./closures";

const SHORTEST = 500;
const LONGEST = 30_000;
/** The least after too many requests. */
const LEAST_LONG = 10_000;
/** A restarting server is met by everybody: their first attempts are spread over four times as long. */
const SPREAD = 2;
const LONGEST_RETRY = 60_000;

/** Milliseconds before attempt number `attempt` to connect (0 is the first after a cut); `random` is in [0, 1). */
export function reconnectDelay(attempt: number, { wait }: Reconnect, random: number): number {
  if (wait === "long") return LEAST_LONG + random * (LONGEST - LEAST_LONG);
  const doublings = attempt + (wait === "spread" ? SPREAD : 0);
  return SHORTEST + random * (Math.min(LONGEST, 1000 * 2 ** doublings) - SHORTEST);
}

/** Milliseconds before the same question is asked again; `tries` is how often it has failed before, 0 the first time. */
export function retryDelay(tries: number, random: number): number {
  return 250 + random * (Math.min(LONGEST_RETRY, 1000 * 2 ** tries) - 250);
}
