/**
 * The device in a browser: its clock, its storage, and its state as signals. No other module of the application holds
 * the device or sets a timer for the protocol.
 *
 * Of several tabs one leads: its device speaks to the server by the socket of the page, and sends the outbox of all. The
 * devices of the others speak to the server through it.
 */

import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { Device, type Effect } from "../device";
import type {} from "../early";
import type { Input } from "../engine/effects";
import type { Problem } from "../engine/problem";
import type { Outbox } from "../outbox/outbox";
import * as outboxes from "../outbox/outbox";
import type { Replica } from "../replica/replica";
import type { Draft, Message } from "../tabs/messages";
import type {
  ConversationResult,
  Conversations,
  Limits,
  Me,
  MethodName,
  Params,
  Result,
  SendMessage,
} from "../wire/types";
import { deviceId } from "./deviceId";
import * as freshness from "./freshness";
import * as link from "./link";
import { listeners } from "./listeners";
import * as offlineStorage from "./offlineStorage";
import * as sharedOutbox from "./sharedOutbox";
import * as tabs from "./tabs";

/** Whether what is on the screen is what the server has. Times are milliseconds of this device's clock. */
interface Connection {
  state: freshness.Shown | "sending";
  since: number;
  /** When the next attempt is due, while waiting for it. */
  retryAt?: number;
  /** This device connected from somewhere else: nothing arrives here until `takeOver()`. */
  elsewhere: boolean;
  /** Messages of this device that have not reached the server. */
  waiting: number;
}

export { newId } from "./deviceId";
export { addListener } from "./listeners";

/** The answer of an action: nothing is thrown at a screen. */
export type Outcome<T = void> = { ok: true; value: T } | { ok: false; problem: Problem };

/** The longest a timer can be set for. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Until a message has waited for this long, in milliseconds, nobody is told of more than the message itself. */
const LATE_AFTER = 1_000;
/** How often storage is looked at although nothing tells of a page that left something there. */
const READ_EVERY = 30_000;

const device = new Device({ name: "web", version: __VERSION__, device: deviceId() }, Math.random);
const waiting = new Map<number, (outcome: Outcome<never>) => void>();
let timer = 0;
let clockOffset = 0;

const state = signal(device.connection);
const stateSince = signal(Date.now());
const retryAt = signal<number | null>(null);
const elsewhere = signal(false);
/** A message waits for so long that not everything is where it belongs. */
const isLate = signal(false);

export const replica = signal<Replica>(device.replica);
export const outbox = signal<Outbox>(device.outbox);
export const loads = signal(device.loads);
/** What the server accepts of this connection; null until it has said so. */
export const limits = signal<Limits | null>(null);
export const me: ReadonlySignal<Me | null> = computed(() => replica.value.me);

/** Whether the screen is up to date, whatever waits to be sent. */
const screen = computed(() => freshness.shown(state.value));

export const connection: ReadonlySignal<Connection> = computed(() => {
  const now: Connection = {
    state: isLate.value && screen.value === "up-to-date" ? "sending" : screen.value,
    since: stateSince.value,
    elsewhere: elsewhere.value,
    waiting: outbox.value.filter(outboxes.isWaitingMessage).length,
  };
  return retryAt.value === null ? now : { ...now, retryAt: retryAt.value };
});

effect(() => freshness.noteShown(screen.value));

/** Whether a script can be fetched now, as far as is known. */
export function isReachable(): boolean {
  return !["offline", "away"].includes(connection.value.state);
}

/** The time as of which a conversation is shown, or what else is on the screen; null while it is up to date. */
export function shownAsOf(conversation?: string): number | null {
  return freshness.asOf(conversation !== undefined && device.isStale(conversation) ? conversation : null);
}

/** The server's clock, in milliseconds. */
export function serverNow(): number {
  return Date.now() + clockOffset;
}

/** A moment of the server's clock on this device's. */
export function localTime(at: string): number {
  return Date.parse(at) - clockOffset;
}

export function step(input: Input): void {
  perform(device.step(input, Date.now()));
}

let prove: () => Promise<boolean> = () => Promise.resolve(false);

/** How whoever is here proves that it is them when the server asks before something sensitive: true when they did. */
export function onSensitive(by: () => Promise<boolean>): void {
  prove = by;
}

/**
 * One request, answered once; nothing is thrown. It survives a cut of the connection, for as long as an answer may take.
 * One that is refused until its sender proves that it is them is sent once more when they have: nothing was done by it.
 */
export async function call<M extends MethodName>(method: M, params: Params<M>): Promise<Outcome<Result<M>>> {
  const outcome = await request(method, params);
  if (outcome.ok || outcome.problem.reason !== "reauthentication_required") return outcome;
  return (await prove()) ? request(method, params) : { ok: false, problem: { reason: "cancelled" } };
}

function request<M extends MethodName>(method: M, params: Params<M>): Promise<Outcome<Result<M>>> {
  const { ticket, effects } = device.ask(method, params, Date.now());
  const answer = new Promise<Outcome<Result<M>>>(resolve => {
    waiting.set(ticket, resolve as (outcome: Outcome<never>) => void);
  });
  perform(effects);
  return answer;
}

/** A request whose answer describes a conversation: the replica has it before the promise resolves. */
export async function change(
  method:
    | "conversation.open"
    | "conversation.add"
    | "conversation.remove"
    | "conversation.role"
    | "conversation.update"
    | "conversation.hide"
    | "conversation.accept"
    | "conversation.get"
    | "case.close"
    | "case.reopen"
    | "case.turn",
  params: Params<typeof method>,
): Promise<Outcome<ConversationResult>> {
  const outcome = await call(method, params);
  if (outcome.ok) perform(device.learn(outcome.value, Date.now()));
  return outcome;
}

/** The page of the list of conversations that a cursor stands for: the replica has it before the promise resolves. */
export async function listConversations(cursor?: string): Promise<Outcome<Conversations>> {
  const outcome = await call("conversation.list", cursor === undefined ? {} : { cursor });
  if (outcome.ok) {
    const { conversations, cursor: next } = outcome.value;
    perform(device.learnList(conversations, next === undefined, Date.now()));
  }
  return outcome;
}

/** Shown at once as pending, sent when it is stored and the connection is open. */
export const sendMessage = (params: SendMessage): void => perform(device.write(params, Date.now()));
/** Sends a refused command of the outbox once more. */
export const retry = sharedOutbox.retry;
/** Gives up a command of the outbox that is not on its way. */
export const discard = sharedOutbox.discard;
/** All files of a message of the outbox have arrived. */
export const uploaded = sharedOutbox.uploaded;
/** Everything up to `seq` has been seen. */
export const read = (conversation: string, seq: number): void => perform(device.read(conversation, seq, Date.now()));
/** The person is typing. Not sent later when there is no connection. */
export const typing = (conversation: string): void => perform(device.typing(conversation, Date.now()));
/** The person looks at a conversation: one that is unknown or stale here is asked about. */
export const show = (conversation: string): void => perform(device.show(conversation, Date.now()));
/** Loads the newest messages of a conversation, or the page before the oldest one here. */
export const loadHistory = (conversation: string): void => perform(device.load(conversation, Date.now()));
/** Every event of the stream after `at` reaches the listeners; without `at`, those that happen from now on. */
export const follow = (stream: string, at?: number): void => perform(device.follow(stream, at, Date.now()));
export const unfollow = (stream: string): void => device.forget(stream);

/** The device is locked: no other tab's wish begins a connection here. */
let isPaused = false;

export function start(): void {
  isPaused = false;
  link.halt(false);
  elsewhere.value = false;
  step({ type: "start" });
}

/** Stops. Until `start`, no other tab is connected through this one either. */
export function stop(): void {
  link.halt(true);
  step({ type: "stop" });
}

/** Stops until `start`. Unlike after `stop`, another tab that wants a connection waits for this one. */
export function pause(): void {
  isPaused = true;
  step({ type: "stop" });
}

/** After `connection.elsewhere`: the device is here again. */
export function takeOver(): void {
  start();
  tabs.tellLeader({ say: "urge" });
}

/** Connects now rather than at `connection.retryAt`. */
export function reconnect(): void {
  step({ type: "visible" });
  tabs.tellLeader({ say: "urge" });
}

/** Tells the other tabs that somebody signed in or out. */
export function tellSession(change: "in" | "out"): void {
  tabs.say({ word: { say: change === "in" ? "signed-in" : "signed-out" } });
}

/** Tells the other tabs what is typed here. */
export function tellDraft(draft: Draft): void {
  const person = device.replica.me?.id;
  if (person !== undefined) tabs.say({ word: { say: "draft", person, draft } });
}

/** Forgets everything of the person in memory; on the device too, unless what is stored there is `kept` for them. */
export async function clear({ kept = false } = {}): Promise<void> {
  perform(device.clear(Date.now()));
  await cleared(kept);
}

/** The device is lost to its owner: nothing of Relais stays on it, whoever it was kept for. */
export async function destroy(): Promise<void> {
  await clear();
  try {
    localStorage.clear();
    sessionStorage.clear();
    for (const name of await caches.keys()) await caches.delete(name);
  } catch {
    return; // blocked, and so nothing was kept there
  }
}

async function cleared(kept: boolean): Promise<void> {
  // The lock goes at once, with what it was for: listeners read that it is gone.
  const erased = kept ? null : offlineStorage.eraseAll();
  sharedOutbox.forget();
  freshness.forget();
  for (const listener of listeners) listener.onClear?.();
  await erased;
}

/** Joins the other tabs, and tells the device what the browser says about the network and the screen. */
export function listen(): void {
  addEventListener("online", () => {
    freshness.noteNetwork(true);
    step({ type: "online" });
  });
  addEventListener("offline", () => {
    freshness.noteNetwork(false);
    step({ type: "offline" });
  });
  addEventListener("pagehide", offlineStorage.saveUnderway);
  addEventListener("storage", event => {
    if (offlineStorage.isLeftBehind(event)) sharedOutbox.readStored();
  });
  setInterval(sharedOutbox.readStored, READ_EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") reconnect();
    else offlineStorage.saveUnderway(); // a phone may end the page without another word
  });
  const opened = window.relaisSocket ?? Promise.resolve(null);
  window.relaisSocket = null;
  void opened.then(socket =>
    link.join({ onLed, onWord, onOthers: sharedOutbox.readStored, onLeave: link.sleep, onReturn }, socket),
  );
}

function perform(effects: Effect[]): void {
  batch(() => {
    for (const effect of effects) handleEffect(effect);
    publish();
  });
  clearTimeout(timer);
  const since = isLate.peek() ? null : outboxes.waitingSince(device.outbox);
  const times = [device.due, since === null ? null : since + LATE_AFTER].filter(time => time !== null);
  if (times.length) {
    const wait = Math.min(LONGEST_TIMER, Math.max(0, Math.min(...times) - Date.now()));
    timer = setTimeout(() => step({ type: "clock" }), wait) as unknown as number;
  }
}

function publish(): void {
  if (state.peek() !== device.connection) stateSince.value = Date.now();
  state.value = device.connection;
  retryAt.value = device.retryAt;
  replica.value = device.replica;
  if (outbox.peek() !== device.outbox) sharedOutbox.tell();
  outbox.value = device.outbox;
  isLate.value = (outboxes.waitingSince(device.outbox) ?? Number.POSITIVE_INFINITY) + LATE_AFTER <= Date.now();
  limits.value = device.limits;
  loads.value = device.loads;
}

function handleEffect(effect: Effect): void {
  switch (effect.type) {
    case "connect":
      link.connect();
      break;
    case "send":
      link.send(effect.text);
      break;
    case "close":
      link.disconnect();
      break;
    case "answered":
      settle(effect.ticket, { ok: true, value: effect.result as never });
      break;
    case "refused":
      settle(effect.ticket, { ok: false, problem: effect.problem });
      break;
    case "welcomed":
      clockOffset = Date.parse(effect.welcome.server_time) - Date.now();
      freshness.noteStale(device.replica.conversations.keys(), id => device.isStale(id));
      link.greeted();
      sharedOutbox.handOver();
      void sharedOutbox.restore(effect.welcome.me.id);
      for (const listener of listeners) listener.onWelcome?.(effect.welcome);
      break;
    case "event":
      for (const listener of listeners) listener.onEvent?.(effect.event);
      break;
    case "keep":
      void sharedOutbox.persist(effect.entry);
      break;
    case "drop":
      void offlineStorage.dropEntry(effect.id);
      break;
    case "erase":
      void offlineStorage.eraseConversation(effect.conversation);
      for (const listener of listeners) listener.onErase?.(effect.conversation);
      break;
    case "reset":
      for (const listener of listeners) listener.onReset?.(effect.stream);
      break;
    case "cleared":
      void cleared(false);
      break;
    case "ended":
      elsewhere.value = effect.why === "elsewhere";
      for (const listener of listeners) listener.onEnd?.(effect.why);
      break;
  }
}

function settle(ticket: number, outcome: Outcome<never>): void {
  waiting.get(ticket)?.(outcome);
  waiting.delete(ticket);
}

// The other tabs.

link.own({
  step,
  isOpen: () => device.open,
  isSeeking: () => device.hasSocket,
  greet: ({ cursors }) => device.greet(cursors ?? {}, new Date(serverNow()).toISOString()),
  begin: () => {
    if (!isPaused) start();
  },
});

sharedOutbox.own({
  person: () => device.replica.me?.id,
  outbox: () => device.outbox,
  unshared: () => device.unshared,
  hold: () => device.hold(),
  restore: entries => perform(device.restore(entries, Date.now())),
  adopt: entry => perform(device.adopt(entry, Date.now())),
  markPersisted: id => perform(device.markPersisted(id, Date.now())),
  retry: id => perform(device.retry(id, Date.now())),
  discard: id => perform(device.discard(id, Date.now())),
  uploaded: id => perform(device.uploaded(id, Date.now())),
  mirror: all => {
    device.mirror(all);
    perform([]);
  },
  onDrafts: drafts => {
    for (const listener of listeners) listener.onRestore?.(drafts);
  },
});

function onLed(): void {
  const leads = tabs.isLeader();
  const turned = leads !== device.leads;
  if (turned) perform(device.lead(leads, Date.now()));
  link.changed(turned);
  if (turned && leads) sharedOutbox.readStored();
  if (elsewhere.peek()) start();
}

function onReturn(): void {
  for (const listener of listeners) listener.onReturn?.();
  step({ type: "visible" });
}

function onWord(message: Message): void {
  switch (message.say) {
    case "signed-in":
    case "signed-out":
      for (const listener of listeners) listener.onSession?.(message.say === "signed-in" ? "in" : "out");
      break;
    case "draft":
      if (message.person !== device.replica.me?.id) return;
      for (const listener of listeners) listener.onDraft?.(message.draft);
      break;
    default:
      if (link.hear(message)) {
        sharedOutbox.tell(message.from);
        sharedOutbox.readStored();
      }
      if (message.say === "leaving") sharedOutbox.readStored();
      if (message.say === "urge" && tabs.isLeader()) beUrged();
      sharedOutbox.hear(message);
  }
}

/** Another tab wants the connection now. */
function beUrged(): void {
  if (elsewhere.peek()) start();
  step({ type: "visible" });
}
