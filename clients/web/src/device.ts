/**
 * Everything one device knows and wants, without I/O: the engine, the replica it feeds, the outbox that feeds it. The
 * runtime carries out its effects and shows its state; the transcripts in `tests/transcripts` drive it as is.
 */

import type { StopReason } from "./engine/closures";
import type { ConnectionState, Effect as EngineEffect, Identity, Input } from "./engine/effects";
import { Engine } from "./engine/engine";
import type { Problem } from "./engine/problem";
import type { Command, Entry, Outbox, Method as OutboxMethod } from "./outbox/outbox";
import * as outboxes from "./outbox/outbox";
import type { Replica } from "./replica/replica";
import * as replicas from "./replica/replica";
import { welcomeFrom } from "./tabs/welcome";
import { type AnyEvent, ownerOf, streamOf } from "./wire/frame";
import type {
  ConversationResult,
  ConversationView,
  History,
  Limits,
  MethodName,
  Params,
  ReadMessagesResult,
  SendMessage,
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
  /** An entry of the outbox is new or has changed: store it, then call `markPersisted`, without which it is not sent. */
  | { type: "keep"; entry: Entry }
  | { type: "drop"; id: string }
  /** Access to a conversation is lost: erase what else is kept of it. */
  | { type: "erase"; conversation: string }
  /** Somebody else is here: nothing of the person before may stay. It comes before `welcomed`. */
  | { type: "cleared" }
  | { type: "ended"; why: StopReason };

/** What the device asks for by itself. */
type InternalRequest =
  | { for: "command"; id: string; method: OutboxMethod }
  | { for: "history"; conversation: string }
  | { for: "details"; conversation: string };

const HISTORY_PAGE = 50;

export class Device {
  replica: Replica = replicas.EMPTY;
  outbox: Outbox = [];
  /** Conversations whose history is being loaded, or could not be. */
  loads: ReadonlyMap<string, "loading" | Problem> = new Map();
  /** Whether this tab sends the outbox of all tabs of this browser. */
  leads = true;
  /** Commands given here of which the tab that leads has not said that it has them. */
  private readonly ours = new Set<string>();
  /** Commands that this tab is done with: storage that was read a moment too early does not bring them back. */
  private readonly done = new Set<string>();
  /** Storage is to be read first: what stands there may be older than what is here. */
  private held = false;
  private readonly engine: Engine;
  /** What the server said last; null before. */
  private welcome: Welcome | null = null;
  private readonly internal = new Map<number, InternalRequest>();
  /** Conversations that were described in full on this connection, or are being asked for. */
  private readonly detailed = new Set<string>();
  private effects: Effect[] = [];

  constructor(identity: Identity, random: () => number) {
    this.engine = new Engine(identity, random);
  }

  get connection(): ConnectionState {
    return this.engine.connection;
  }

  /** The server has greeted this device. */
  get open(): boolean {
    return this.engine.open;
  }

  /** A connection is sought or there. */
  get hasSocket(): boolean {
    return this.engine.hasSocket;
  }

  /** What the server accepts; null until it has said so. */
  get limits(): Limits | null {
    return this.engine.limits;
  }

  get retryAt(): number | null {
    return this.engine.retryAt;
  }

  cursor(stream: string): number | undefined {
    return this.engine.cursor(stream);
  }

  /** Whether more may have happened in the conversation than is known here: `show` finds out. */
  isStale(conversation: string): boolean {
    return this.engine.isStale(streamOf("c", conversation));
  }

  /** `hello` answered for another tab, which has got as far as `cursors`; null while this one is not connected. */
  greet(cursors: Readonly<Record<string, number>>, serverTime: string): Welcome | null {
    if (!this.welcome || !this.open) return null;
    return welcomeFrom(this.welcome, this.replica, this, cursors, serverTime);
  }

  /** Whether what waits in the outbox may be sent. */
  private get mayCommand(): boolean {
    return this.engine.open && this.leads && !this.held;
  }

  /** When `step({type: "clock"})` must be called at the latest; null when there is nothing to wait for. */
  get due(): number | null {
    const mine = this.mayCommand ? outboxes.nextAttempt(this.outbox) : null;
    const times = [this.engine.due, mine, replicas.nextTypingExpiry(this.replica)].filter(time => time !== null);
    return times.length ? Math.min(...times) : null;
  }

  step(input: Input, now: number): Effect[] {
    this.take(this.engine.step(input, now), now);
    this.replica = replicas.expireTyping(this.replica, now);
    return this.flush(now);
  }

  /** A request of the application's; its answer is an effect with this ticket. It survives a cut of the connection. */
  ask<M extends MethodName>(method: M, params: Params<M>, now: number): { ticket: number; effects: Effect[] } {
    const ticket = this.request(method, params, true, now);
    return { ticket, effects: this.flush(now) };
  }

  /** Tells the others that the person writes; worth nothing later, so it is dropped while there is no connection. */
  typing(conversation: string, now: number): Effect[] {
    if (this.engine.open) this.request("typing", { conversation }, false, now);
    return this.flush(now);
  }

  /** Sends a message when it is persisted and the connection is open. */
  write(params: SendMessage, now: number): Effect[] {
    this.enqueue({ method: "message.send", params }, now);
    return this.flush(now);
  }

  /** The entry of a `keep` effect is stored, or cannot be. */
  markPersisted(id: string, now: number): Effect[] {
    this.outbox = outboxes.markPersisted(this.outbox, id);
    return this.flush(now);
  }

  retry(id: string, now: number): Effect[] {
    this.outbox = outboxes.retry(this.outbox, id);
    this.keep(id);
    return this.flush(now);
  }

  /** All files of a message have arrived. */
  uploaded(id: string, now: number): Effect[] {
    this.outbox = outboxes.markUploaded(this.outbox, id);
    this.keep(id);
    return this.flush(now);
  }

  discard(id: string, now: number): Effect[] {
    this.replaceOutbox(outboxes.discard(this.outbox, id));
    return this.flush(now);
  }

  /** Nothing of the outbox is sent before `restore`. */
  hold(): void {
    this.held = true;
  }

  /** What storage holds: of a page before this one, or of another tab that went before it could tell. */
  restore(stored: readonly Entry[], now: number): Effect[] {
    this.held = false;
    const before = this.outbox;
    const found = stored.filter(({ id }) => !this.done.has(id));
    for (const { id } of stored) if (this.done.has(id)) this.effects.push({ type: "drop", id });
    this.outbox = [...found, ...this.outbox];
    const after = outboxes.restore(before, found);
    this.replaceOutbox(isSame(before, after) ? before : after);
    this.applyReadPointers();
    return this.flush(now);
  }

  private applyReadPointers(): void {
    for (const { method, params } of this.outbox) {
      if (method === "message.read")
        this.replica = replicas.moveReadPointer(this.replica, params.conversation, params.seq);
    }
  }

  /**
   * Whether this tab sends the outbox. One that begins to stores what nobody is known to have stored, and sends all that
   * it knows of after `restore`; what another one had on its way goes again, with its id. One that ceases hands what it
   * has over again.
   */
  lead(leads: boolean, now: number): Effect[] {
    if (leads === this.leads) return this.flush(now);
    this.leads = leads;
    this.outbox = outboxes.recall(this.outbox);
    if (leads) {
      this.hold();
      this.ours.clear();
      for (const { id, persisted } of this.outbox) if (!persisted) this.keep(id);
    } else for (const { id } of this.outbox) this.ours.add(id);
    return this.flush(now);
  }

  /** Stored commands given in this tab that the one that leads may not have: it gets them again. */
  get unshared(): Entry[] {
    return this.outbox.filter(entry => entry.persisted && entry.state !== "refused" && this.ours.has(entry.id));
  }

  /** The outbox of the tab that leads. What that tab does not have yet is added. */
  mirror(led: Outbox): void {
    for (const { id } of led) this.ours.delete(id);
    const known = new Set(led.map(({ id }) => id));
    const added = this.outbox.filter(({ id }) => this.ours.has(id) && !known.has(id));
    this.outbox = outboxes.inOrder(led, added);
    this.applyReadPointers();
  }

  /** A command that another tab was given and has stored. */
  adopt(entry: Entry, now: number): Effect[] {
    this.done.delete(entry.id); // sent again rather than left in doubt: the tab that asks is told once more
    this.replaceOutbox(outboxes.adopt(this.outbox, entry));
    this.applyReadPointers();
    return this.flush(now);
  }

  /** The person has seen everything up to `seq`. Where nothing of the others is unread there is nothing to tell. */
  read(conversation: string, seq: number, now: number): Effect[] {
    const known = this.replica.conversations.get(conversation);
    const upTo = Math.min(seq, known?.head ?? 0);
    if (!known?.unread || upTo <= known.read) return [];
    this.replica = replicas.moveReadPointer(this.replica, conversation, upTo);
    this.enqueue({ method: "message.read", params: { conversation, seq: upTo } }, now);
    return this.flush(now);
  }

  /**
   * The person looks at a conversation: one that is unknown or stale here is asked about. Of any other a summary is
   * held: its members, and how far they have read, are asked for once on a connection.
   */
  show(conversation: string, now: number): Effect[] {
    const isKnown = this.replica.conversations.has(conversation);
    if (!isKnown || this.isStale(conversation)) this.take(this.engine.describe(conversation, now), now);
    else if (this.engine.open && !this.detailed.has(conversation)) {
      this.detailed.add(conversation);
      this.askInternally({ for: "details", conversation }, "conversation.get", { conversation }, false, now);
    }
    return this.flush(now);
  }

  /** A page of the list of conversations: each is one to follow. `last`: there is no other page. */
  learnList(views: readonly ConversationView[], last: boolean, now: number): Effect[] {
    this.replica = replicas.applyList(this.replica, views, last);
    for (const { id, head, from = 1 } of views) this.take(this.engine.follow(streamOf("c", id), head, now, from), now);
    return this.flush(now);
  }

  /** Loads the newest page of a conversation, or the one before what is here; once at a time. */
  load(conversation: string, now: number): Effect[] {
    const known = this.replica.conversations.get(conversation);
    if (!known || known.older === "none" || this.loads.get(conversation) === "loading") return [];
    const first = known.older === "unknown" ? undefined : known.items.find(item => item.kind === "message")?.seq;
    this.loaded(conversation, "loading");
    const before = first === undefined ? {} : { before: first };
    const params = { conversation, ...before, limit: HISTORY_PAGE };
    this.askInternally({ for: "history", conversation }, "message.history", params, true, now);
    return this.flush(now);
  }

  /** Follows a stream that `hello` does not list, such as an agenda that is watched; without `at`, as events come. */
  follow(stream: string, at: number | undefined, now: number): Effect[] {
    this.take(this.engine.follow(stream, at, now), now);
    return this.flush(now);
  }

  forget(stream: string): void {
    this.engine.forget(stream);
  }

  /** Nothing of anybody stays: somebody signed out, or somebody else signed in. */
  clear(now: number): Effect[] {
    this.take(this.engine.clear(now), now);
    this.empty();
    return this.flush(now);
  }

  private empty(): void {
    this.replica = replicas.EMPTY;
    this.welcome = null;
    this.outbox = [];
    this.ours.clear();
    this.done.clear();
    this.held = false;
    this.loads = new Map();
    this.internal.clear();
    this.detailed.clear();
  }

  private request(method: string, params: unknown, keep: boolean, now: number): number {
    const { ticket, effects } = this.engine.ask(method, params, now, { keep });
    this.take(effects, now);
    return ticket;
  }

  private askInternally(request: InternalRequest, method: string, params: unknown, keep: boolean, now: number): void {
    const { ticket, effects } = this.engine.ask(method, params, now, { keep });
    this.internal.set(ticket, request);
    this.take(effects, now);
  }

  private take(effects: EngineEffect[], now: number): void {
    for (const effect of effects) this.handleEffect(effect, now);
  }

  private handleEffect(effect: EngineEffect, now: number): void {
    switch (effect.type) {
      case "person-changed":
        this.empty();
        this.effects.push({ type: "cleared" });
        break;
      case "welcomed":
        this.applyWelcome(effect.welcome, effect.unchanged);
        break;
      case "event":
        this.applyEvent(effect.event, now);
        break;
      case "described":
        this.applyDescription(effect.conversation, now);
        break;
      case "signal":
        this.replica = replicas.applySignal(this.replica, effect.signal, now);
        break;
      case "reset":
        this.replica = replicas.dropItems(this.replica, ownerOf("c", effect.stream) ?? "");
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

  private applyWelcome(welcome: Welcome, unchanged: readonly string[]): void {
    this.welcome = welcome;
    this.replica = replicas.applyWelcome(this.replica, welcome, unchanged);
    this.detailed.clear();
    for (const { conversation } of welcome.streams) {
      if (conversation && !replicas.isSummary(conversation)) this.detailed.add(conversation.id);
    }
    this.loads = new Map([...this.loads].filter(([, state]) => state === "loading"));
    this.effects.push({ type: "welcomed", welcome });
  }

  private applyEvent(any: AnyEvent, now: number): void {
    this.replica = replicas.applyEvent(this.replica, any);
    this.effects.push({ type: "event", event: any });
    if (any.erased) return;
    const event = any as StreamEvent;
    const conversation = ownerOf("c", event.stream);
    // A conversation of which `hello` said no more than where it stands, or a new member whose name is not known, or a role with what it allows.
    const isNews =
      event.type === "member.added" ||
      event.type === "member.asked" ||
      event.type === "member.role_changed" ||
      !this.replica.conversations.has(conversation ?? "");
    if (conversation !== null && isNews) this.take(this.engine.describe(conversation, now), now);
    // The event of our own message may come before the answer, or instead of an answer lost in a cut.
    if (event.type === "message.sent") this.replaceOutbox(outboxes.accept(this.outbox, event.data.message.id));
  }

  private erase(conversation: string | null): void {
    if (conversation === null) return;
    this.replica = replicas.removeConversation(this.replica, conversation);
    for (const entry of this.outbox) if (entry.conversation === conversation) this.done.add(entry.id);
    this.outbox = outboxes.dropConversation(this.outbox, conversation);
    this.loaded(conversation, null);
    this.effects.push({ type: "erase", conversation });
  }

  private answered(ticket: number, result: unknown, now: number): void {
    const request = this.internal.get(ticket);
    this.internal.delete(ticket);
    switch (request?.for) {
      case "command":
        this.applyResult(request.method, result);
        this.replaceOutbox(outboxes.accept(this.outbox, request.id));
        return;
      case "history":
        this.loaded(request.conversation, null);
        this.replica = replicas.applyPage(this.replica, request.conversation, result as History);
        return;
      case "details":
        this.applyDescription((result as ConversationResult).conversation, now);
        return;
      default:
        this.effects.push({ type: "answered", ticket, result });
    }
  }

  /** What the answer to a change of the application's says about its conversation. */
  learn(opened: ConversationResult, now: number): Effect[] {
    this.applyDescription(opened.conversation, now);
    return this.flush(now);
  }

  /** A conversation that an answer describes is one to follow from where the description stands. */
  private applyDescription(conversation: ConversationView, now: number): void {
    this.replica = replicas.applyDescription(this.replica, conversation);
    const { id, head, from = 1 } = conversation;
    this.detailed.add(id);
    this.take(this.engine.follow(streamOf("c", id), head, now, from), now);
  }

  private refused(ticket: number, problem: Problem, now: number): void {
    const request = this.internal.get(ticket);
    this.internal.delete(ticket);
    switch (request?.for) {
      case "command":
        this.replaceOutbox(outboxes.refuse(this.outbox, request.id, problem, now));
        this.keep(request.id);
        return;
      case "history":
        this.loaded(request.conversation, problem);
        return;
      case "details":
        this.detailed.delete(request.conversation);
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

  private applyResult(method: OutboxMethod, result: unknown): void {
    switch (method) {
      case "message.send":
        this.replica = replicas.applySent(this.replica, (result as SendMessageResult).message);
        break;
      case "message.read":
        this.replica = replicas.applyReadAnswer(this.replica, result as ReadMessagesResult);
        break;
    }
  }

  private enqueue(command: Command, now: number): void {
    const known = new Set(this.outbox);
    this.replaceOutbox(outboxes.add(this.outbox, command, now));
    for (const entry of this.outbox) {
      if (known.has(entry)) continue;
      this.done.delete(entry.id); // a read pointer that goes where one was before
      if (!this.leads) this.ours.add(entry.id);
      this.keep(entry.id);
    }
  }

  /** What is no longer in the outbox is dropped from storage too. */
  private replaceOutbox(outbox: Outbox): void {
    const left = new Set(outbox.map(entry => entry.id));
    for (const { id } of this.outbox) {
      if (left.has(id)) continue;
      this.done.add(id);
      this.effects.push({ type: "drop", id });
    }
    this.outbox = outbox;
  }

  private keep(id: string): void {
    const entry = this.outbox.find(one => one.id === id);
    if (entry) this.effects.push({ type: "keep", entry });
  }

  /** Sends what has been waiting for a connection, and hands over all effects so far. */
  private flush(now: number): Effect[] {
    if (this.mayCommand) {
      for (const entry of outboxes.ready(this.outbox, now)) {
        const { id, method, params } = entry;
        this.outbox = outboxes.markSending(this.outbox, id);
        this.askInternally({ for: "command", id, method }, method, params, false, now);
      }
    }
    const effects = this.effects;
    this.effects = [];
    return effects;
  }
}

function isSame(a: Outbox, b: Outbox): boolean {
  return a.length === b.length && a.every((entry, at) => entry === b[at]);
}
