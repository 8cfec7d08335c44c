/**
 * Protocol 1 from the client's side, as a state machine without I/O.
 *
 * Whoever holds it feeds it what happens (`step`) and what is wanted (`ask`), carries out the effects it returns in
 * their order, and calls `step({type: "clock"})` no later than `due`. In return: every event of a followed stream is
 * delivered once and in order, whatever the network does; every request is answered once, by the server or by the
 * engine; and `upToDate` is never true while something is known to be missing.
 *
 * A browser does not show WebSocket pings to a page, so silence is broken by a small `sync` of our own.
 */

import { type AnyEvent, type AnySignal, decode, encode, streamOf } from "../wire/frame";
import { CLOSE, type Hello, PROTOCOL, type Synced, type Welcome } from "../wire/types";
import { delay } from "./backoff";
import { type Problem, problemOf } from "./problem";
import { type Ask, Requests } from "./requests";
import { Streams } from "./streams";

export type Input =
  | { type: "start" }
  | { type: "stop" }
  /** `greeted`: `hello` has been said already, without cursors and with the id 0. */
  | { type: "opened"; greeted?: boolean }
  | { type: "received"; text: string }
  | { type: "closed"; code: number }
  | { type: "clock" }
  | { type: "online" }
  | { type: "offline" }
  | { type: "visible" };

/** Why the engine has stopped by itself; it starts again only by `start`. */
export type Ending = "signed-out" | "not-allowed" | "elsewhere";

export type Effect =
  | { type: "connect" }
  | { type: "send"; text: string }
  | { type: "close" }
  | { type: "welcomed"; welcome: Welcome }
  | { type: "event"; event: AnyEvent }
  | { type: "signal"; signal: AnySignal }
  /** What was known of the stream must be loaded anew: it stands at its head now. */
  | { type: "reset"; stream: string }
  /** The stream is no longer this person's. */
  | { type: "lost"; stream: string }
  | { type: "answered"; ticket: number; result: unknown }
  | { type: "refused"; ticket: number; problem: Problem }
  | { type: "ended"; why: Ending };

export interface Identity {
  name: string;
  version: string;
  device: string;
}

/** Milliseconds without a word from the server. */
const PROBE_AFTER = 30_000;
const SILENT_AFTER = 60_000;
/** The same after waking up or losing the network, when the socket may be dead without knowing. */
const PROBE_WITHIN = 5_000;
const CONNECT_WITHIN = 15_000;

type Phase =
  | { name: "stopped" }
  | { name: "waiting"; until: number }
  | { name: "connecting"; until: number }
  | { name: "greeting"; until: number }
  | { name: "open" };

export class Engine {
  private phase: Phase = { name: "stopped" };
  private attempt = 0;
  private online = true;
  private heardAt = 0;
  private silentAt = Infinity;
  private probing: number | null = null;
  private inbox: string | null = null;
  private readonly requests = new Requests();
  private readonly streams = new Streams();
  private readonly syncs = new Map<number, string>();
  private effects: Effect[] = [];

  /** `random` gives numbers in [0, 1): the jitter. */
  constructor(
    private readonly identity: Identity,
    private readonly random: () => number,
  ) {}

  /** What the person may be told about the line. */
  get line(): "up-to-date" | "catching-up" | "connecting" | "offline" | "stopped" {
    switch (this.phase.name) {
      case "stopped":
        return "stopped";
      case "open":
        return this.streams.behind() === 0 ? "up-to-date" : "catching-up";
      case "greeting":
        return "connecting";
      default:
        return this.online && this.attempt < 2 ? "connecting" : "offline";
    }
  }

  get open(): boolean {
    return this.phase.name === "open";
  }

  /** When the next attempt to connect is due, while waiting for it. */
  get retryAt(): number | null {
    return this.phase.name === "waiting" ? this.phase.until : null;
  }

  /** The latest moment at which `step({type: "clock"})` must be called; null when nothing is to be waited for. */
  get due(): number | null {
    const times = [this.requests.due(this.open)];
    if (this.phase.name === "stopped") return times[0]!;
    if (this.phase.name === "open") {
      times.push(this.streams.due(), this.silentAt, this.probing === null ? this.heardAt + PROBE_AFTER : null);
    } else {
      times.push(this.phase.until);
    }
    const known = times.filter(time => time !== null);
    return known.length ? Math.min(...known) : null;
  }

  /** Everything of `stream` after `at` will be delivered. */
  follow(stream: string, at: number, now: number): Effect[] {
    this.streams.follow(stream, at);
    return this.flush(now);
  }

  forget(stream: string): void {
    this.streams.forget(stream);
  }

  cursor(stream: string): number | undefined {
    return this.streams.at(stream);
  }

  /**
   * A request. Its one answer comes as an effect with the ticket returned. With `keep` it survives a cut of the line
   * and goes again, harmless because its ids are the client's; without, a cut answers `offline`.
   */
  ask(
    method: string,
    params: unknown,
    now: number,
    { keep }: { keep: boolean },
  ): { ticket: number; effects: Effect[] } {
    const ticket = this.requests.add(method, params, keep, now);
    if (!this.open && !keep) this.refuse(this.requests.cut(), { reason: "offline" });
    return { ticket, effects: this.flush(now) };
  }

  step(input: Input, now: number): Effect[] {
    switch (input.type) {
      case "start":
        if (this.phase.name === "stopped") this.connect(now);
        break;
      case "stop":
        this.stop();
        break;
      case "opened":
        this.greet(input.greeted ?? false, now);
        break;
      case "received":
        this.heard(now);
        this.receive(input.text, now);
        break;
      case "closed":
        this.closed(input.code, now);
        break;
      case "clock":
        this.clock(now);
        break;
      case "online":
        this.online = true;
        this.hurry(now);
        break;
      case "visible":
        this.hurry(now);
        break;
      case "offline":
        this.online = false;
        if (this.open) this.hurry(now);
        break;
    }
    return this.flush(now);
  }

  private connect(now: number): void {
    this.phase = { name: "connecting", until: now + CONNECT_WITHIN };
    this.effects.push({ type: "connect" });
  }

  private greet(greeted: boolean, now: number): void {
    if (this.phase.name !== "connecting") return;
    this.phase = { name: "greeting", until: now + CONNECT_WITHIN };
    if (greeted) return;
    const cursors = this.streams.cursors();
    const hello: Hello = { protocol: PROTOCOL, client: { ...this.identity } };
    if (Object.keys(cursors).length) hello.cursors = cursors;
    this.effects.push({ type: "send", text: encode(0, "hello", hello) });
  }

  private receive(text: string, now: number): void {
    const frame = decode(text);
    switch (frame.kind) {
      case "event":
        if (this.open && this.streams.accept(frame.event)) this.effects.push({ type: "event", event: frame.event });
        break;
      case "signal":
        if (this.open) this.effects.push({ type: "signal", signal: frame.signal });
        break;
      case "result":
        if (frame.id === 0) this.welcome(frame.result as Welcome, now);
        else this.answer(frame.id, frame.result, now);
        break;
      case "error":
        if (frame.id === 0) this.reconnect(CLOSE.protocol_error, now, true);
        else if (frame.id !== null) this.error(frame.id, problemOf(frame.error), now);
        break;
    }
  }

  private welcome(welcome: Welcome, now: number): void {
    if (this.phase.name !== "greeting") return;
    this.phase = { name: "open" };
    this.attempt = 0;
    const inbox = streamOf("i", welcome.me.id);
    // Somebody else signed in in this browser: what the person before asked for must not be done in their name.
    if (this.inbox !== null && this.inbox !== inbox) this.refuse(this.requests.clear(), { reason: "offline" });
    this.inbox = inbox;
    const { lost, reset } = this.streams.welcome(welcome.streams);
    this.effects.push({ type: "welcomed", welcome });
    for (const stream of lost) this.effects.push({ type: "lost", stream });
    for (const stream of reset) this.effects.push({ type: "reset", stream });
    this.heard(now);
  }

  private answer(id: number, result: unknown, now: number): void {
    const ask = this.requests.answered(id);
    if (!ask) return;
    const stream = this.syncs.get(ask.ticket);
    if (stream === undefined) {
      this.effects.push({ type: "answered", ticket: ask.ticket, result });
      return;
    }
    this.syncs.delete(ask.ticket);
    const { events, stuck } = this.streams.page(stream, result as Synced, now);
    for (const event of events) this.effects.push({ type: "event", event });
    if (stuck) this.effects.push({ type: "reset", stream });
    this.heard(now);
  }

  private error(id: number, problem: Problem, now: number): void {
    const ask = this.requests.answered(id);
    if (!ask) return;
    if (problem.reason === "rate_limited") {
      this.requests.pause(ask, problem.retryAfter ?? 1, now);
    } else if (problem.reason !== "unavailable" || !this.requests.again(ask, this.random(), now)) {
      this.refuse([ask], problem, now);
    }
  }

  private refuse(asks: Ask[], problem: Problem, now = 0): void {
    for (const { ticket } of asks) {
      const stream = this.syncs.get(ticket);
      if (stream === undefined) {
        this.effects.push({ type: "refused", ticket, problem });
        continue;
      }
      this.syncs.delete(ticket);
      if (problem.reason === "not_found" || problem.reason === "forbidden") {
        this.streams.forget(stream);
        this.effects.push({ type: "lost", stream });
      } else {
        this.streams.failed(stream, now);
      }
    }
  }

  private closed(code: number, now: number): void {
    if (this.phase.name === "stopped" || this.phase.name === "waiting") return;
    if (code === CLOSE.not_signed_in) this.end("signed-out");
    else if (code === CLOSE.not_allowed) this.end("not-allowed");
    else if (code === CLOSE.connected_elsewhere) this.end("elsewhere");
    else this.reconnect(code, now, false);
  }

  private end(why: Ending): void {
    this.stop();
    this.effects.push({ type: "ended", why });
  }

  /** Back to nothing; what is known of the streams stays, for `hello` to tell when it starts again. */
  private stop(): void {
    if (this.phase.name !== "stopped" && this.phase.name !== "waiting") this.effects.push({ type: "close" });
    this.phase = { name: "stopped" };
    this.attempt = 0;
    this.cut();
    this.refuse(this.requests.clear(), { reason: "offline" });
  }

  private reconnect(code: number, now: number, close: boolean): void {
    if (close) this.effects.push({ type: "close" });
    if (code === CLOSE.protocol_error) this.refuse(this.requests.abandonFlying(), { reason: "internal" }, now);
    this.cut();
    this.phase = { name: "waiting", until: now + delay(this.attempt, code, this.random()) };
    this.attempt += 1;
  }

  private cut(): void {
    this.refuse(this.requests.cut(), { reason: "offline" });
    this.probing = null;
    this.silentAt = Infinity;
  }

  private clock(now: number): void {
    this.refuse(this.requests.expire(now), { reason: "timeout" }, now);
    if (this.phase.name === "stopped") return;
    if (this.phase.name === "open") {
      if (now >= this.silentAt) this.reconnect(CLOSE.silent, now, true);
      else if (this.probing === null && now >= this.heardAt + PROBE_AFTER) {
        // A hidden page's clock may strike once a minute only: the answer has its time all the same.
        this.probe(Math.max(PROBE_WITHIN, this.heardAt + SILENT_AFTER - now), now);
      }
    } else if (now >= this.phase.until) {
      if (this.phase.name === "waiting") this.connect(now);
      else this.reconnect(CLOSE.silent, now, true);
    }
  }

  /** The network is back, or somebody looks at the screen again: no waiting, and no trust in an old socket. */
  private hurry(now: number): void {
    if (this.phase.name === "waiting") this.connect(now);
    else if (this.open) this.probe(PROBE_WITHIN, now);
  }

  private heard(now: number): void {
    this.heardAt = now;
    this.probing = null;
    this.silentAt = Infinity;
  }

  private probe(within: number, now: number): void {
    this.silentAt = Math.min(this.silentAt, now + within);
    if (this.probing !== null || this.inbox === null) return;
    const after = this.streams.at(this.inbox) ?? 0;
    this.probing = this.requests.add("sync", { stream: this.inbox, after, limit: 50 }, false, now);
    this.syncs.set(this.probing, this.inbox);
  }

  /** Sends what may go, asks for what is missing, and hands over all effects so far. */
  private flush(now: number): Effect[] {
    if (this.open) {
      for (const gap of this.streams.gaps(now)) {
        this.syncs.set(this.requests.add("sync", gap, false, now), gap.stream);
      }
      const { send, tooLarge } = this.requests.take(now);
      for (const text of send) this.effects.push({ type: "send", text });
      this.refuse(tooLarge, { reason: "too_large" }, now);
    }
    const effects = this.effects;
    this.effects = [];
    return effects;
  }
}
