/** Whether a connection is wanted, sought or there, and when the next attempt is due. Times in milliseconds. */

import { reconnectDelay } from "./backoff";
import type { Reconnect } from "./closures";
import type { ConnectionState } from "./effects";

/** For a socket to open, and again for `hello` to be answered. */
const CONNECT_WITHIN = 15_000;
/** A connection that has lasted so long was a good one: the next back-off begins anew. */
const STABLE_AFTER = 10_000;

export type Phase = "stopped" | "waiting" | "connecting" | "greeting" | "open";

export class Lifecycle {
  private now: Phase = "stopped";
  /** When the phase ends by itself; of an open connection, when it began. */
  private until = 0;
  private attempt = 0;

  get phase(): Phase {
    return this.now;
  }

  get hasSocket(): boolean {
    return this.now !== "stopped" && this.now !== "waiting";
  }

  /** When the phase ends by itself; null for one that does not. */
  get due(): number | null {
    return this.now === "stopped" || this.now === "open" ? null : this.until;
  }

  connect(now: number): void {
    this.enter("connecting", now + CONNECT_WITHIN);
  }

  greet(now: number): void {
    this.enter("greeting", now + CONNECT_WITHIN);
  }

  open(now: number): void {
    this.enter("open", now);
  }

  /** Until the next attempt: as long as the closure asks for, and `least` at least. */
  wait(closure: Reconnect, least: number, random: number, now: number): void {
    if (this.now === "open" && now - this.until >= STABLE_AFTER) this.attempt = 0;
    this.enter("waiting", now + Math.max(least, reconnectDelay(this.attempt, closure, random)));
    this.attempt += 1;
  }

  stop(): void {
    this.enter("stopped", 0);
    this.attempt = 0;
  }

  /** What people may be told, with so many streams of which something is missing. */
  state(behind: number, online: boolean): ConnectionState {
    if (this.now === "stopped") return "stopped";
    if (this.now === "open") return behind ? "catching-up" : "up-to-date";
    return this.now === "greeting" || (online && this.attempt < 2) ? "connecting" : "offline";
  }

  private enter(phase: Phase, until: number): void {
    this.now = phase;
    this.until = until;
  }
}
