/** When to connect again: exponential with full jitter, so that a restarted server is not met by everybody at once. */

import { CLOSE } from "../wire/types";

const SHORTEST = 500;
const LONGEST = 30_000;

/** Milliseconds to wait before attempt number `attempt` (0 is the first after a cut); `random` is in [0, 1). */
export function delay(attempt: number, code: number, random: number): number {
  if (code === CLOSE.too_many_requests) return LONGEST / 3 + (random * (LONGEST * 2)) / 3;
  if (code === CLOSE.too_slow) return random * SHORTEST;
  const longest = code === CLOSE.restarting || code === CLOSE.protocol_error ? attempt + 2 : attempt;
  return SHORTEST + random * (Math.min(LONGEST, 1000 * 2 ** longest) - SHORTEST);
}
