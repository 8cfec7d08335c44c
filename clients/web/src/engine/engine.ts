/**
 * Protocol 1 from the client's side, as a state machine without I/O.
 *
 * Its owner feeds it inputs (`step`) and requests (`ask`), carries out the effects it returns in their order, and
 * calls `step({type: "clock"})` no later than `due`. In return: every event of a followed stream is delivered once and
 * in order, or a `reset` says that the stream must be loaded anew; every request is answered once, by the server or by
 * the engine; and `connection` is never "up-to-date" while something is known to be missing.
 *
 * A browser does not show WebSocket pings to a page, so silence is broken by a probe: a small `sync` of the inbox.
 */

import { type AnyEvent, decode, encode, isDescription, isPage, isWelcome, streamOf } from "../wire/frame";
import {
  type ConversationView,
  HELLO_CURSORS,
  type Hello,
  type Limits,
  PROTOCOL,
  type StreamEvent,
} from "../wire/types";
import { CUT, closureOf, type Reconnect } from "./closures";
import type { ConnectionState, Effect, Identity, Input } from "./effects";
import { Lifecycle } from "./lifecycle";
import { type Problem, problemOf } from "./problem";
import { type Request, Requests } from "./requests";
import { PROBE_WITHIN, Silence } from "./silence";
import { type Question, Streams } from "./streams";

export class Engine {
  private online = true;
  private inbox: string | null = null;
  private cursors: Record<string, number> = {};
  private known: Limits | null = null;
  private readonly lifecycle = new Lifecycle();
  private readonly silence = new Silence();
  private readonly requests = new Requests();
  private readonly streams = new Streams();
  private readonly questions = new Map<number, Pick<Question, "stream" | "method">>();
  private effects: Effect[] = [];

  /** `random` gives numbers in [0, 1): the jitter. */
  constructor(
    private readonly identity: Identity,
    private readonly random: () => number,
  ) {}

  get connection(): ConnectionState {
    return this.lifecycle.state(this.streams.behind, this.online);
  }

  get open(): boolean {
    return this.lifecycle.phase === "open";
  }

  /** Whether a socket is being opened, or there. */
  get hasSocket(): boolean {
    return this.lifecycle.hasSocket;
  }

  /** What the server accepts of one socket; null until it has said so. */
  get limits(): Limits | null {
    return this.known;
  }

  /** When the next attempt to connect is due, while waiting for it. */
  get retryAt(): number | null {
    return this.lifecycle.phase === "waiting" ? this.lifecycle.due : null;
  }

  /** The latest moment at which `step({type: "clock"})` must be called; null when nothing is to be waited for. */
  get due(): number | null {
    const times = [this.requests.due(this.open ? this.known : null), this.lifecycle.due];
    if (this.open) {
      times.push(this.silence.due(this.requests.pausedUntil));
      if (this.room > 0) times.push(this.streams.due());
    }
    const known = times.filter(time => time !== null);
    return known.length ? Math.min(...known) : null;
  }

  /**
   * Everything of `stream` after `head` will be delivered; `from` is the first number this person may see. Without a
   * head, what happens is delivered as it comes, and nothing that is missed can be asked for.
   */
  follow(stream: string, head: number | undefined, now: number, from = 1): Effect[] {
    if (head === undefined) this.streams.followLive(stream);
    else if (this.streams.follow(stream, head, from, this.farBehind)) this.effects.push({ type: "reset", stream });
    return this.flush(now);
  }

  /** Asks what the conversation is and where its stream stands; `described` is the answer, or `lost`. */
  describe(conversation: string, now: number): Effect[] {
    this.streams.describe(streamOf("c", conversation));
    return this.flush(now);
  }

  forget(stream: string): void {
    this.streams.forget(stream);
  }

  /** Stops, and knows nothing of anybody any more. */
  clear(now: number): Effect[] {
    this.stop(now);
    this.streams.clear();
    this.inbox = null;
    return this.flush(now);
  }

  cursor(stream: string): number | undefined {
    return this.streams.at(stream);
  }

  /** Whether more may have happened in the stream than `connection` speaks of: `describe` finds out. */
  isStale(stream: string): boolean {
    return this.streams.isStale(stream);
  }

  /**
   * A request. Its one answer comes as an effect with the ticket returned. With `keep` it survives a cut and goes
   * again, harmless because its ids are the client's; without, a cut answers `offline`.
   */
  ask(
    method: string,
    params: unknown,
    now: number,
    { keep }: { keep: boolean },
  ): { ticket: number; effects: Effect[] } {
    const ticket = this.requests.add(method, params, keep, now);
    if (!this.open && !keep) this.refuse(this.requests.cut(), { reason: "offline" }, now);
    return { ticket, effects: this.flush(now) };
  }

  step(input: Input, now: number): Effect[] {
    switch (input.type) {
      case "start":
        if (this.lifecycle.phase === "stopped") this.connect(now);
        break;
      case "stop":
        this.stop(now);
        break;
      case "opened":
        this.greet(input.greeted ?? false, now);
        break;
      case "received":
        this.silence.heard(now);
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
        this.reconnectNow(now);
        break;
      case "visible":
        this.reconnectNow(now);
        break;
      case "offline":
        this.online = false;
        if (this.open) this.probe(PROBE_WITHIN, now);
        break;
    }
    return this.flush(now);
  }

  private connect(now: number): void {
    this.lifecycle.connect(now);
    this.effects.push({ type: "connect" });
  }

  private greet(greeted: boolean, now: number): void {
    if (this.lifecycle.phase !== "connecting") return;
    this.lifecycle.greet(now);
    this.cursors = greeted ? {} : this.streams.cursors(this.inbox, HELLO_CURSORS);
    if (greeted) return;
    const hello: Hello = { protocol: PROTOCOL, client: { ...this.identity } };
    if (Object.keys(this.cursors).length) hello.cursors = this.cursors;
    this.effects.push({ type: "send", text: encode(0, "hello", hello) });
  }

  private receive(text: string, now: number): void {
    const frame = decode(text);
    if (this.lifecycle.phase === "greeting") {
      if (frame.kind === "result" && frame.id === 0) this.welcome(frame.result, now);
      else if (frame.kind === "error" && !frame.id) this.giveUp(now, problemOf(frame.error));
      return;
    }
    if (!this.open) return;
    switch (frame.kind) {
      case "event":
        if (this.streams.accept(frame.event)) this.deliver(frame.event);
        break;
      case "signal":
        this.effects.push({ type: "signal", signal: frame.signal });
        break;
      case "result":
        this.answer(frame.id, frame.result, now);
        break;
      case "error":
        this.error(frame.id, problemOf(frame.error), now);
        break;
    }
    this.refuse(this.requests.elimination(), { reason: "invalid", path: "$" }, now);
  }

  private deliver(any: AnyEvent): void {
    this.effects.push({ type: "event", event: any });
    if (any.stream !== this.inbox) return;
    const event = any as StreamEvent;
    if (event.type === "conversation.added") this.streams.describe(streamOf("c", event.data.conversation));
    if (event.type === "conversation.removed") this.lose(streamOf("c", event.data.conversation));
  }

  private welcome(welcome: unknown, now: number): void {
    if (!isWelcome(welcome)) {
      this.giveUp(now);
      return;
    }
    const inbox = streamOf("i", welcome.me.id);
    if (this.inbox !== null && this.inbox !== inbox && this.changePerson(now)) return;
    this.lifecycle.open(now);
    this.inbox = inbox;
    this.known = welcome.limits;
    const { lost, reset, unchanged } = this.streams.welcome(welcome, this.cursors, this.farBehind);
    this.effects.push({ type: "welcomed", welcome, unchanged });
    for (const stream of lost) this.effects.push({ type: "lost", stream });
    for (const stream of reset) this.effects.push({ type: "reset", stream });
  }

  /**
   * Somebody else signed in: what the person before asked for must not be done in their name. True when `hello` has
   * to be said anew on another socket, because its answer left out what the cursors of the person before made known.
   */
  private changePerson(now: number): boolean {
    this.effects.push({ type: "person-changed" });
    this.refuse(this.requests.clear(), { reason: "offline" }, now);
    this.streams.clear();
    this.inbox = null;
    if (!Object.keys(this.cursors).length) return false;
    this.effects.push({ type: "close" });
    this.connect(now);
    return true;
  }

  private answer(id: number, result: unknown, now: number): void {
    const request = this.requests.answered(id);
    if (!request) return;
    const question = this.questions.get(request.ticket);
    if (!question) {
      this.effects.push({ type: "answered", ticket: request.ticket, result });
      return;
    }
    this.questions.delete(request.ticket);
    if (question.method === "sync" && isPage(result)) {
      for (const event of this.streams.page(question.stream, result, this.random(), now)) this.deliver(event);
    } else if (question.method === "conversation.get" && isDescription(result)) {
      this.described(result.conversation);
    } else {
      this.streams.failed(question.stream, 0, this.random(), now);
    }
  }

  private described(conversation: ConversationView): void {
    const { wanted, reset } = this.streams.described(conversation, this.farBehind);
    if (wanted) this.effects.push({ type: "described", conversation });
    if (reset) this.effects.push({ type: "reset", stream: streamOf("c", conversation.id) });
  }

  private error(id: number | null, problem: Problem, now: number): void {
    if (id === null) {
      this.refuse(this.requests.noteUnreadable(), { reason: "invalid", path: "$" }, now);
      return;
    }
    const request = this.requests.answered(id);
    if (!request) return;
    if (problem.reason === "rate_limited") this.requests.pause(problem.retryAfter ?? 1, now);
    if (this.questions.has(request.ticket)) this.refuse([request], problem, now);
    else if (problem.reason === "rate_limited") this.requests.putBack(request);
    else if (problem.reason !== "unavailable" || !this.requests.again(request, problem, this.random(), now)) {
      this.refuse([request], problem, now);
    }
  }

  private refuse(requests: Request[], problem: Problem, now: number): void {
    for (const { ticket } of requests) {
      const question = this.questions.get(ticket);
      if (!question) {
        this.effects.push({ type: "refused", ticket, problem });
        continue;
      }
      this.questions.delete(ticket);
      if (problem.reason === "not_found" || problem.reason === "forbidden") this.lose(question.stream);
      else this.streams.failed(question.stream, (problem.retryAfter ?? 0) * 1000, this.random(), now);
    }
  }

  private lose(stream: string): void {
    this.streams.forget(stream);
    this.effects.push({ type: "lost", stream });
  }

  private closed(code: number, now: number): void {
    if (!this.lifecycle.hasSocket) return;
    const closure = closureOf(code);
    if (closure.action === "reconnect") {
      this.reconnect(closure, 0, now);
      return;
    }
    this.stop(now);
    this.effects.push({ type: "ended", why: closure.why });
  }

  /** Back to nothing; what is known of the streams stays, for `hello` to tell when it starts again. */
  private stop(now: number): void {
    if (this.lifecycle.hasSocket) this.effects.push({ type: "close" });
    this.lifecycle.stop();
    this.cut(now);
    this.refuse(this.requests.clear(), { reason: "offline" }, now);
  }

  /** The socket is of no use any more: the next attempt comes after the time that the server asked for. */
  private giveUp(now: number, problem?: Problem): void {
    this.effects.push({ type: "close" });
    this.reconnect(CUT, (problem?.retryAfter ?? 0) * 1000, now);
  }

  private reconnect(closure: Reconnect, least: number, now: number): void {
    if (closure.blame) this.refuse(this.requests.blame(), { reason: closure.blame }, now);
    this.cut(now);
    this.lifecycle.wait(closure, least, this.random(), now);
  }

  private cut(now: number): void {
    this.refuse(this.requests.cut(), { reason: "offline" }, now);
  }

  private clock(now: number): void {
    this.expire(now);
    const { due } = this.lifecycle;
    if (this.open) {
      const within = this.silence.probeDue(this.requests.pausedUntil, now);
      if (this.silence.isOver(now)) this.giveUp(now);
      else if (within !== null) this.probe(within, now);
    } else if (due !== null && now >= due) {
      if (this.lifecycle.hasSocket) this.giveUp(now);
      else this.connect(now);
    }
  }

  /** Requests that have waited too long. Where nothing was heard since one was sent, the socket may be dead. */
  private expire(now: number): void {
    const late = this.requests.expire(now);
    this.refuse(late, { reason: "timeout" }, now);
    const isSilent = late.some(({ sentAt }) => sentAt !== null && this.silence.isSuspicious(sentAt));
    if (isSilent && this.open) this.probe(PROBE_WITHIN, now);
  }

  /** The network is back, or somebody looks at the screen again: no waiting, and no trust in an old socket. */
  private reconnectNow(now: number): void {
    if (this.lifecycle.phase === "waiting") this.connect(now);
    else if (this.open) this.probe(PROBE_WITHIN, now);
  }

  /** Any living server answers a small `sync` of the inbox, which is worth asking for in any case. */
  private probe(within: number, now: number): void {
    if (!this.silence.begin(within, now) || this.inbox === null) return;
    const params = { stream: this.inbox, after: this.streams.at(this.inbox) ?? 0, limit: this.known?.sync_limit };
    this.questions.set(this.requests.add("sync", params, false, now), { stream: this.inbox, method: "sync" });
  }

  /** Streams further behind than this begin anew at their head. */
  private get farBehind(): number {
    return this.known?.sync_limit ?? Infinity;
  }

  /** How many more questions may go: half of what may be in flight is left to the person. */
  private get room(): number {
    return this.known ? Math.max(1, Math.floor(this.known.in_flight / 2)) - this.questions.size : 0;
  }

  /** Sends what may go, asks for what is missing, and hands over all effects so far. */
  private flush(now: number): Effect[] {
    if (this.open && this.known) {
      for (const question of this.streams.questions(this.known.sync_limit, this.room, now)) {
        this.questions.set(this.requests.add(question.method, question.params, false, now), question);
      }
      const { send, tooLarge } = this.requests.take(this.known, now);
      for (const text of send) this.effects.push({ type: "send", text });
      this.refuse(tooLarge, { reason: "too_large" }, now);
    }
    const effects = this.effects;
    this.effects = [];
    return effects;
  }
}
