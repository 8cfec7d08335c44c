/**
 * Which tab of a browser holds the connection for all of them, as a state machine without I/O.
 *
 * A lock decides. The browser gives it to one tab, and to the next in line when that one is closed, reloaded or has
 * crashed. A tab that is put to sleep gives it back first; one that is stopped without a warning keeps it, so the others
 * ask for a sign of life, and take the lock away when none comes. The one it is taken from hears of it when it wakes.
 */

import type { TabId } from "./messages";

/** How often a tab asks whether the leader lives, in milliseconds. */
const ASK_EVERY = 500;
/** How long the leader may be silent. */
const SILENT_AFTER = 1_000;
/** Two tabs that miss the leader do not act in the same moment. */
const SPREAD = 200;
/** Later than this for an appointment, a tab has been stopped itself and has no say about others. */
const LATE = 400;

export type Role = "leader" | "follower" | "away";

export type Input =
  /** The tab is there, again perhaps. */
  | { type: "join" }
  /** It goes, or is put to sleep. */
  | { type: "leave" }
  | { type: "granted" }
  /** The lock was taken away. */
  | { type: "lost" }
  | { type: "heard"; word: "who" | "leading" | "leaving"; from: TabId }
  | { type: "clock" };

export type Effect =
  /** Stand in line for the lock, or take it from whoever has it. `granted` follows. */
  | { type: "request" }
  | { type: "steal" }
  /** Give the lock back, or the place in line. */
  | { type: "release" }
  | { type: "say"; word: "who" | "leading" | "leaving"; to?: TabId }
  /** Another tab leads now, this one does, or nobody that is known. */
  | { type: "led"; by: TabId | null };

export class Leadership {
  private now: Role = "away";
  private known: TabId | null = null;
  /** When the leader was first asked without an answer since. */
  private askedAt: number | null = null;
  private next = 0;
  private patience = SILENT_AFTER;

  /** `random` gives numbers in [0, 1). */
  constructor(
    private readonly me: TabId,
    private readonly random: () => number,
  ) {}

  get role(): Role {
    return this.now;
  }

  /** The tab that leads, this one included; null while nobody is known to. */
  get leader(): TabId | null {
    return this.known;
  }

  /** When `step({type: "clock"})` is due; null when nothing is waited for. */
  get due(): number | null {
    if (this.now !== "follower") return null;
    return this.askedAt === null ? this.next : Math.min(this.next, this.askedAt + this.patience);
  }

  step(input: Input, now: number): Effect[] {
    switch (input.type) {
      case "join":
        if (this.now !== "away") return [];
        this.now = "follower";
        return [{ type: "request" }, ...this.ask(now)];
      case "leave":
        return this.leave();
      case "granted":
        if (this.now !== "follower") return [{ type: "release" }];
        this.now = "leader";
        this.known = this.me;
        return [
          { type: "say", word: "leading" },
          { type: "led", by: this.me },
        ];
      case "lost":
        if (this.now !== "leader") return [];
        this.now = "follower";
        this.known = null;
        this.askedAt = null;
        return [{ type: "led", by: null }, { type: "request" }, ...this.ask(now)];
      case "heard":
        return this.heard(input.word, input.from, now);
      case "clock":
        return this.clock(now);
    }
  }

  private leave(): Effect[] {
    if (this.now === "away") return [];
    this.now = "away";
    this.known = null;
    this.askedAt = null;
    return [{ type: "release" }, { type: "say", word: "leaving" }, { type: "led", by: null }];
  }

  private heard(word: "who" | "leading" | "leaving", from: TabId, now: number): Effect[] {
    if (this.now === "leader") return word === "who" ? [{ type: "say", word: "leading", to: from }] : [];
    if (this.now === "away") return [];
    if (word === "leading") {
      this.askedAt = null;
      this.next = now + ASK_EVERY;
      return this.follow(from);
    }
    // The next in line is given the lock at once and will say so.
    return word === "leaving" && from === this.known ? this.follow(null) : [];
  }

  private follow(leader: TabId | null): Effect[] {
    if (this.known === leader) return [];
    this.known = leader;
    return [{ type: "led", by: leader }];
  }

  private clock(now: number): Effect[] {
    const due = this.due;
    if (due === null || now < due) return [];
    if (now - due > LATE) this.askedAt = null;
    if (this.askedAt === null || now < this.askedAt + this.patience) return this.ask(now);
    this.askedAt = null;
    return [{ type: "steal" }, ...this.follow(null), ...this.ask(now)];
  }

  private ask(now: number): Effect[] {
    if (this.askedAt === null) {
      this.askedAt = now;
      this.patience = SILENT_AFTER + this.random() * SPREAD;
    }
    this.next = now + ASK_EVERY;
    return [{ type: "say", word: "who" }];
  }
}
