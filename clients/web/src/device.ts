/**
 * Everything one device knows and wants, without I/O: the engine's line, the replica it feeds, the outbox that feeds
 * it. The store carries out its effects and shows its state; the transcripts in `tests/transcripts` drive it as is.
 */

import { type Ending, Engine, type Identity, type Input, type Effect as LineEffect } from "./engine/engine";
import type { Problem } from "./engine/problem";
import type { Entry, Outbox } from "./outbox/outbox";
import * as outboxes from "./outbox/outbox";
import type { Replica } from "./replica/replica";
import * as replicas from "./replica/replica";
import { type AnyEvent, ownerOf, streamOf } from "./wire/frame";
import type {
  ConversationResult,
  History,
  MethodName,
  Params,
  ReadMessagesResult,
  SendMessageResult,
  StreamEvent,
  Welcome,
} from "./wire/types";

export type Effect =
  | { type: "connect" }
  | { type: "send"; text: string }
  | { type: "close" }
  | { type: "welcomed"; welcome: Welcome }
  | { type: "event"; event: AnyEvent }
  | { type: "reset"; stream: string }
  | { type: "answered"; ticket: number; result: unknown }
  | { type: "refused"; ticket: number; problem: Problem }
  /** An entry of the outbox is new or has changed: keep it beyond this page. */
  | { type: "keep"; entry: Entry }
  | { type: "drop"; id: string }
  /** Access to a conversation is lost: erase what else is kept of it. */
  | { type: "erase"; conversation: string }
  /** Somebody else is here: nothing of the person before may stay. It comes before `welcomed`. */
  | { type: "cleared" }
  | { type: "ended"; why: Ending };

/** What the device asks for by itself. */
type Errand =
  | { for: "message"; id: string }
  | { for: "pointer"; conversation: string; seq: number }
  | { for: "history"; conversation: string }
  | { for: "description"; conversation: string };

const HISTORY_PAGE = 50;

export class Device {
  replica: Replica = replicas.EMPTY;
  outbox: Outbox = [];
  /** Conversations whose history is being loaded, or could not be. */
  loads: ReadonlyMap<string, "loading" | Problem> = new Map();
  private readonly engine: Engine;
  private readonly errands = new Map<number, Errand>();
  private readonly pointers = new Map<string, { wanted: number; asked: number }>();
  private effects: Effect[] = [];

  constructor(identity: Identity, random: () => number) {
    this.engine = new Engine(identity, random);
  }

  get line(): Engine["line"] {
    return this.engine.line;
  }

  get retryAt(): number | null {
    return this.engine.retryAt;
  }

  cursor(stream: string): number | undefined {
    return this.engine.cursor(stream);
  }

  /** When `step({type: "clock"})` must be called at the latest; null when there is nothing to wait for. */
  get due(): number | null {
    const mine = this.engine.open ? outboxes.due(this.outbox) : null;
    const times = [this.engine.due, mine, replicas.lapse(this.replica)].filter(time => time !== null);
    return times.length ? Math.min(...times) : null;
  }

  step(input: Input, now: number): Effect[] {
    this.take(this.engine.step(input, now), now);
    this.replica = replicas.lapsed(this.replica, now);
    return this.flush(now);
  }

  /** A request of the application's; its answer is an effect with this ticket. Kept across cuts of the line. */
  ask<M extends MethodName>(method: M, params: Params<M>, now: number): { ticket: number; effects: Effect[] } {
    const ticket = this.request(method, params, true, now);
    return { ticket, effects: this.flush(now) };
  }

  /** Tells the others that the person writes; worth nothing later, so lost when the line is down. */
  typing(conversation: string, now: number): Effect[] {
    if (this.engine.open) this.request("typing", { conversation }, false, now);
    return this.flush(now);
  }

  write(message: Pick<Entry, "id" | "conversation" | "body" | "replyTo" | "at">, now: number): Effect[] {
    this.outbox = outboxes.write(this.outbox, message);
    this.keep(message.id);
    return this.flush(now);
  }

  retry(id: string, now: number): Effect[] {
    this.outbox = outboxes.retry(this.outbox, id);
    this.keep(id);
    return this.flush(now);
  }

  discard(id: string, now: number): Effect[] {
    this.outbox = outboxes.discard(this.outbox, id);
    if (!this.outbox.some(entry => entry.id === id)) this.effects.push({ type: "drop", id });
    return this.flush(now);
  }

  /** The outbox as it was before the page was loaded. */
  restore(kept: readonly Entry[], now: number): Effect[] {
    this.outbox = outboxes.restore(this.outbox, kept);
    return this.flush(now);
  }

  /** The person has seen everything up to `seq`. Where nothing of the others is unread there is nothing to tell. */
  read(conversation: string, seq: number, now: number): Effect[] {
    const known = this.replica.conversations.get(conversation);
    const upTo = Math.min(seq, known?.head ?? 0);
    if (!known?.unread || upTo <= known.read) return [];
    this.replica = replicas.readUpTo(this.replica, conversation, upTo);
    this.pointers.set(conversation, { wanted: upTo, asked: this.pointers.get(conversation)?.asked ?? 0 });
    return this.flush(now);
  }

  /** Loads the newest page of a conversation, or the one before what is here; once at a time. */
  load(conversation: string, now: number): Effect[] {
    const known = this.replica.conversations.get(conversation);
    if (!known || known.older === "none" || this.loads.get(conversation) === "loading") return [];
    const first = known.older === "unknown" ? undefined : known.items.find(item => item.kind === "message")?.seq;
    this.loaded(conversation, "loading");
    const before = first === undefined ? {} : { before: first };
    this.errand(
      { for: "history", conversation },
      "message.history",
      { conversation, ...before, limit: HISTORY_PAGE },
      true,
      now,
    );
    return this.flush(now);
  }

  /** Follows a stream that `hello` does not list, such as an agenda that is watched. */
  follow(stream: string, at: number, now: number): Effect[] {
    this.take(this.engine.follow(stream, at, now), now);
    return this.flush(now);
  }

  forget(stream: string): void {
    this.engine.forget(stream);
  }

  /** Nothing of anybody stays: somebody signed out, or somebody else signed in. */
  clear(now: number): Effect[] {
    const effects = this.step({ type: "stop" }, now);
    for (const stream of this.streams()) this.engine.forget(stream);
    this.empty();
    return effects;
  }

  private empty(): void {
    this.replica = replicas.EMPTY;
    this.outbox = [];
    this.pointers.clear();
    this.loads = new Map();
    this.errands.clear();
  }

  private streams(): string[] {
    const inbox = this.replica.me ? [streamOf("i", this.replica.me.id)] : [];
    return [...this.replica.conversations.keys()].map(id => streamOf("c", id)).concat(inbox);
  }

  private request(method: string, params: unknown, keep: boolean, now: number): number {
    const { ticket, effects } = this.engine.ask(method, params, now, { keep });
    this.take(effects, now);
    return ticket;
  }

  private errand(errand: Errand, method: string, params: unknown, keep: boolean, now: number): void {
    const { ticket, effects } = this.engine.ask(method, params, now, { keep });
    this.errands.set(ticket, errand);
    this.take(effects, now);
  }

  private take(effects: LineEffect[], now: number): void {
    for (const effect of effects) this.took(effect, now);
  }

  private took(effect: LineEffect, now: number): void {
    switch (effect.type) {
      case "welcomed":
        this.welcomed(effect.welcome);
        break;
      case "event":
        this.happened(effect.event, now);
        break;
      case "signal":
        this.replica = replicas.signalled(this.replica, effect.signal, now);
        break;
      case "reset":
        this.replica = replicas.reset(this.replica, ownerOf("c", effect.stream) ?? "");
        this.effects.push(effect);
        break;
      case "lost":
        this.erase(ownerOf("c", effect.stream));
        break;
      case "answered":
        this.answered(effect.ticket, effect.result, now);
        break;
      case "refused":
        this.refused(effect.ticket, effect.problem, now);
        break;
      default:
        this.effects.push(effect);
    }
  }

  private welcomed(welcome: Welcome): void {
    if (this.replica.me && this.replica.me.id !== welcome.me.id) {
      this.empty();
      this.effects.push({ type: "cleared" });
    }
    this.replica = replicas.welcomed(this.replica, welcome);
    this.loads = new Map([...this.loads].filter(([, state]) => state === "loading"));
    this.effects.push({ type: "welcomed", welcome });
  }

  private happened(any: AnyEvent, now: number): void {
    this.replica = replicas.happened(this.replica, any);
    this.effects.push({ type: "event", event: any });
    if (any.erased) return;
    const event = any as StreamEvent;
    if (event.type === "conversation.added") this.describe(event.data.conversation, now);
    if (event.type === "conversation.removed") this.erase(event.data.conversation);
    if (event.type === "member.added") this.describe(ownerOf("c", event.stream) ?? "", now);
    if (event.type === "message.sent") this.arrived(event.data.message.id);
  }

  /** Our own message came back as an event, perhaps before the answer, perhaps instead of one that a cut swallowed. */
  private arrived(id: string): void {
    if (!this.outbox.some(entry => entry.id === id)) return;
    this.outbox = outboxes.accepted(this.outbox, id);
    this.effects.push({ type: "drop", id });
  }

  private describe(conversation: string, now: number): void {
    this.errand({ for: "description", conversation }, "conversation.get", { conversation }, true, now);
  }

  private erase(conversation: string | null): void {
    if (conversation === null) return;
    this.engine.forget(streamOf("c", conversation));
    this.replica = replicas.erased(this.replica, conversation);
    this.outbox = outboxes.erase(this.outbox, conversation);
    this.pointers.delete(conversation);
    this.loaded(conversation, null);
    for (const [ticket, errand] of this.errands) {
      if (errand.for === "description" && errand.conversation === conversation) this.errands.delete(ticket);
    }
    this.effects.push({ type: "erase", conversation });
  }

  private answered(ticket: number, result: unknown, now: number): void {
    const errand = this.errands.get(ticket);
    this.errands.delete(ticket);
    switch (errand?.for) {
      case "message": {
        const { message } = result as SendMessageResult;
        this.replica = replicas.sent(this.replica, message);
        this.arrived(message.id);
        return;
      }
      case "pointer":
        this.replica = replicas.readAnswered(this.replica, result as ReadMessagesResult);
        this.settled(errand.conversation, errand.seq);
        return;
      case "history":
        this.loaded(errand.conversation, null);
        this.replica = replicas.paged(this.replica, errand.conversation, result as History);
        return;
      case "description":
        this.described(result as ConversationResult, now);
        return;
      default:
        this.effects.push({ type: "answered", ticket, result });
    }
  }

  /** What the answer to a change of the application's says about its conversation. */
  learn(opened: ConversationResult, now: number): Effect[] {
    this.described(opened, now);
    return this.flush(now);
  }

  /** A conversation that an answer describes is one to follow from where the description stands. */
  private described({ conversation }: ConversationResult, now: number): void {
    this.replica = replicas.described(this.replica, conversation);
    this.take(this.engine.follow(streamOf("c", conversation.id), conversation.head, now), now);
  }

  private refused(ticket: number, problem: Problem, now: number): void {
    const errand = this.errands.get(ticket);
    this.errands.delete(ticket);
    switch (errand?.for) {
      case "message":
        this.outbox = outboxes.refused(this.outbox, errand.id, problem, now);
        this.keep(errand.id);
        return;
      case "pointer":
        if (problem.reason === "offline") this.settled(errand.conversation, 0);
        else this.settled(errand.conversation, errand.seq);
        return;
      case "history":
        this.loaded(errand.conversation, problem);
        return;
      case "description":
        return;
      default:
        this.effects.push({ type: "refused", ticket, problem });
    }
  }

  private loaded(conversation: string, state: "loading" | Problem | null): void {
    const loads = new Map(this.loads);
    if (state) loads.set(conversation, state);
    else loads.delete(conversation);
    this.loads = loads;
  }

  private settled(conversation: string, seq: number): void {
    const pointer = this.pointers.get(conversation);
    if (pointer && pointer.wanted <= seq) this.pointers.delete(conversation);
    else if (pointer) pointer.asked = 0;
  }

  private keep(id: string): void {
    const entry = this.outbox.find(one => one.id === id);
    if (entry) this.effects.push({ type: "keep", entry });
  }

  /** Sends what has been waiting for the line, and hands over all effects so far. */
  private flush(now: number): Effect[] {
    if (this.engine.open) {
      for (const entry of outboxes.ready(this.outbox, now)) {
        this.outbox = outboxes.sending(this.outbox, entry.id);
        const { id, conversation, body, replyTo } = entry;
        const params = { id, conversation, body, ...(replyTo ? { reply_to: replyTo } : {}) };
        this.errand({ for: "message", id }, "message.send", params, false, now);
      }
      for (const [conversation, pointer] of this.pointers) {
        if (pointer.asked) continue;
        pointer.asked = pointer.wanted;
        const errand = { for: "pointer", conversation, seq: pointer.wanted } as const;
        this.errand(errand, "message.read", { conversation, seq: pointer.wanted }, false, now);
      }
    }
    const effects = this.effects;
    this.effects = [];
    return effects;
  }
}
