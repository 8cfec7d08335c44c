/**
 * The device in a browser: its clock, its storage, and its state as signals. No other module of the application holds
 * the device or sets a timer for the protocol.
 *
 * Of several tabs one leads: its device speaks to the server by the socket of the page, and sends the outbox of all. The
 * devices of the others speak to the server through it.
 */

import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { Device, type Effect } from "../device";
import type { EarlySocket } from "../early";
import type { StopReason } from "../engine/closures";
import type { Input } from "../engine/effects";
import type { Problem } from "../engine/problem";
import { uuid7 } from "../outbox/id";
import type { Entry, Outbox } from "../outbox/outbox";
import type { Replica } from "../replica/replica";
import { Exchange, type Effect as ExchangeEffect } from "../tabs/exchange";
import type { Draft, Message } from "../tabs/messages";
import type { AnyEvent } from "../wire/frame";
import {
  CLOSE,
  type ConversationResult,
  type Limits,
  type Me,
  type MethodName,
  type Params,
  type Result,
  type SendMessage,
  type Welcome,
} from "../wire/types";
import * as line from "./line";
import * as offlineStorage from "./offlineStorage";
import * as tabs from "./tabs";

/** Whether what is on the screen is what the server has. Times are milliseconds of this device's clock. */
interface Connection {
  /** `offline` when this device has no network, `away` when the server does not answer. */
  state: "up-to-date" | "catching-up" | "connecting" | "offline" | "away";
  since: number;
  /** When the next attempt is due, while waiting for it. */
  retryAt?: number;
  /** This device connected from somewhere else: nothing arrives here until `takeOver()`. */
  elsewhere: boolean;
  /** Messages of this device that have not reached the server. */
  waiting: number;
}

/** The answer of an action: nothing is thrown at a screen. */
export type Outcome<T = void> = { ok: true; value: T } | { ok: false; problem: Problem };

const DEVICE_KEY = "relais.device";
/** How long a request may go without a word from the server before the connection is doubted, in milliseconds. */
const DOUBT_AFTER = 3_000;
/** The longest a timer can be set for. */
const LONGEST_TIMER = 2 ** 31 - 1;

export function newId(): string {
  return uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}

const device = new Device({ name: "web", version: __VERSION__, device: deviceId() }, Math.random);
const waiting = new Map<number, (outcome: Outcome<never>) => void>();
const exchange = new Exchange();
/** The connection through the tab that leads, as far as the engine here has been told of it. */
let link: "none" | "wanted" | "open" = "none";
/** The socket opened early, until somebody takes it over. */
let early: EarlySocket | null = null;
/** Who leads is decided from here on. */
let joined = false;
/** Somebody signed out, and the server does not know yet: no other tab is to be connected. */
let halted = false;
let timer = 0;
let doubtTimer = 0;
let heardAt = 0;
let clockOffset = 0;
let restored = false;

const state = signal(device.connection);
const stateSince = signal(Date.now());
const retryAt = signal<number | null>(null);
const elsewhere = signal(false);
/** What the browser says of the network, until the server proves it wrong. */
const hasNetwork = signal(typeof navigator === "undefined" || navigator.onLine !== false);
/** A request has been waiting for a word of the server for too long. */
const inDoubt = signal(false);

export const replica = signal<Replica>(device.replica);
export const outbox = signal<Outbox>(device.outbox);
export const loads = signal(device.loads);
/** What the server accepts of this connection; null until it has said so. */
export const limits = signal<Limits | null>(null);
export const me: ReadonlySignal<Me | null> = computed(() => replica.value.me);

export const connection: ReadonlySignal<Connection> = computed(() => {
  const now: Connection = {
    state: shownState(),
    since: stateSince.value,
    elsewhere: elsewhere.value,
    waiting: outbox.value.filter(entry => entry.method === "message.send" && entry.state !== "refused").length,
  };
  return retryAt.value === null ? now : { ...now, retryAt: retryAt.value };
});

function shownState(): Connection["state"] {
  const now = state.value;
  if (now === "stopped" || !hasNetwork.value) return "offline";
  if (now === "offline") return "away";
  return inDoubt.value ? "connecting" : now;
}

/** Since when what is on the screen may be old; null while it is up to date, and before it ever was. */
const oldSince = signal<number | null>(null);
let wasUpToDate = false;
effect(() => {
  const isUpToDate = connection.value.state === "up-to-date";
  if (isUpToDate) oldSince.value = null;
  else if (wasUpToDate) oldSince.value ??= heardAt;
  wasUpToDate ||= isUpToDate;
});
/** Conversations that the server has said nothing about since a cut, and when they were last up to date. */
const staleSince = new Map<string, number>();

/** The time as of which a conversation is shown, or what else is on the screen; null while it is up to date. */
export function shownAsOf(conversation?: string): number | null {
  const stale = conversation !== undefined && device.isStale(conversation) ? staleSince.get(conversation) : undefined;
  return stale ?? oldSince.value;
}

/** What features do when something happens on the connection. */
interface Listener {
  onWelcome?(welcome: Welcome): void;
  onEvent?(event: AnyEvent): void;
  /** The engine stopped by itself. */
  onEnd?(why: StopReason): void;
  /** The person lost access to a conversation. */
  onErase?(conversation: string): void;
  /** Drafts were found in storage. */
  onRestore?(drafts: Draft[]): void;
  /** Something was typed in another tab. */
  onDraft?(draft: Draft): void;
  /** Somebody signed in or out in another tab, or while this page was asleep. */
  onSession?(change: "in" | "out"): void;
  onReturn?(): void;
  /** What is known of the stream has to be loaded again. */
  onReset?(stream: string): void;
  /** Somebody signed out, or somebody else signed in: forget everything of the person before. */
  onClear?(): void;
}
const listeners: Listener[] = [];
/** For as long as the page lives. */
export function addListener(listener: Listener): void {
  listeners.push(listener);
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

/** One request, answered once; nothing is thrown. It survives a cut of the connection, for as long as an answer may take. */
export function call<M extends MethodName>(method: M, params: Params<M>): Promise<Outcome<Result<M>>> {
  const { ticket, effects } = device.ask(method, params, Date.now());
  const answer = new Promise<Outcome<Result<M>>>(resolve => {
    waiting.set(ticket, resolve as (outcome: Outcome<never>) => void);
  });
  perform(effects);
  return answer;
}

/** A request whose answer describes a conversation: the replica has it before the promise resolves. */
export async function change(
  method: "conversation.open" | "conversation.add" | "conversation.remove" | "conversation.update",
  params: Params<typeof method>,
): Promise<Outcome<ConversationResult>> {
  const outcome = await call(method, params);
  if (outcome.ok) perform(device.learn(outcome.value, Date.now()));
  return outcome;
}

/** Shown at once as pending, sent when it is stored and the connection is open. */
export const sendMessage = (params: SendMessage): void => perform(device.write(params, Date.now()));
/** Sends a refused command of the outbox once more. */
export const retry = (id: string): void =>
  tabs.isLeader() ? perform(device.retry(id, Date.now())) : tabs.tellLeader({ say: "retry", id });
/** Gives up a command of the outbox that is not on its way. */
export const discard = (id: string): void =>
  tabs.isLeader() ? perform(device.discard(id, Date.now())) : tabs.tellLeader({ say: "discard", id });
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

export function start(): void {
  halted = false;
  elsewhere.value = false;
  step({ type: "start" });
}

/** Stops. Until `start`, no other tab is connected through this one either. */
export function stop(): void {
  halted = true;
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

async function cleared(kept: boolean): Promise<void> {
  restored = false;
  wasUpToDate = false;
  oldSince.value = null;
  staleSince.clear();
  for (const listener of listeners) listener.onClear?.();
  if (!kept) await offlineStorage.eraseAll();
}

/** Joins the other tabs, and tells the device what the browser says about the network and the screen. */
export function listen(): void {
  addEventListener("online", () => {
    hasNetwork.value = true;
    step({ type: "online" });
  });
  addEventListener("offline", () => {
    hasNetwork.value = false;
    step({ type: "offline" });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") reconnect();
  });
  const opened = window.relaisSocket ?? Promise.resolve(null);
  window.relaisSocket = null;
  void opened.then(socket => {
    early = socket;
    joined = true;
    tabs.join({ onLed, onWord, onLeave, onReturn }, socket);
  });
}

function perform(effects: Effect[]): void {
  batch(() => {
    for (const effect of effects) handleEffect(effect);
    publish();
  });
  clearTimeout(timer);
  const { due } = device;
  if (due !== null) {
    const wait = Math.min(LONGEST_TIMER, Math.max(0, due - Date.now()));
    timer = setTimeout(() => step({ type: "clock" }), wait) as unknown as number;
  }
}

function publish(): void {
  if (state.peek() !== device.connection) stateSince.value = Date.now();
  state.value = device.connection;
  retryAt.value = device.retryAt;
  replica.value = device.replica;
  if (outbox.peek() !== device.outbox) tellOutbox();
  outbox.value = device.outbox;
  limits.value = device.limits;
  loads.value = device.loads;
}

function handleEffect(effect: Effect): void {
  switch (effect.type) {
    case "connect":
      connect();
      break;
    case "send":
      send(effect.text);
      break;
    case "close":
      disconnect();
      break;
    case "answered":
      settle(effect.ticket, { ok: true, value: effect.result as never });
      break;
    case "refused":
      settle(effect.ticket, { ok: false, problem: effect.problem });
      break;
    case "welcomed":
      clockOffset = Date.parse(effect.welcome.server_time) - Date.now();
      noteStale();
      greetTabs();
      void restore(effect.welcome.me.id);
      for (const listener of listeners) listener.onWelcome?.(effect.welcome);
      break;
    case "event":
      for (const listener of listeners) listener.onEvent?.(effect.event);
      break;
    case "keep":
      void persist(effect.entry);
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

async function persist(entry: Entry): Promise<void> {
  const person = device.replica.me?.id;
  if (person !== undefined) await offlineStorage.keepEntry(person, entry);
  perform(device.markPersisted(entry.id, Date.now()));
  handOver();
}

function settle(ticket: number, outcome: Outcome<never>): void {
  waiting.get(ticket)?.(outcome);
  waiting.delete(ticket);
}

/** What was stored before: drafts in every tab, commands in the one that sends them. */
async function restore(person: string): Promise<void> {
  if (restored) return;
  restored = true;
  const { entries, drafts } = await offlineStorage.load(person);
  if (device.replica.me?.id !== person) return; // signed out meanwhile
  if (tabs.isLeader()) perform(device.restore(entries, Date.now()));
  for (const listener of listeners) listener.onRestore?.(drafts);
}

// The connection: by the socket of this page where it leads, else through the tab that does.

function connect(): void {
  link = "wanted";
  if (!joined) return;
  if (tabs.isLeader()) openLine();
  else tabs.tellLeader({ say: "connect" });
}

function openLine(): void {
  link = "none";
  const socket = early;
  early = null;
  line.open(socket, {
    opened: greeted => step(greeted ? { type: "opened", greeted } : { type: "opened" }),
    received: text => exchanged(exchange.heard(text)),
    closed,
  });
}

/** The socket is closed, or the connection through another tab. */
function closed(code: number): void {
  link = "none";
  heardSomething();
  hasNetwork.value = typeof navigator === "undefined" || navigator.onLine !== false;
  exchanged(exchange.closed(code));
  step({ type: "closed", code });
}

function disconnect(): void {
  if (link !== "none") tabs.tellLeader({ say: "disconnect" });
  link = "none";
  heardSomething();
  line.close();
  exchanged(exchange.closed(CUT));
}

/** The code of a cut, which no close frame explains. */
const CUT = 1006;

function send(text: string): void {
  if (!doubtTimer) doubtTimer = setTimeout(doubt, DOUBT_AFTER) as unknown as number;
  if (tabs.isLeader()) exchanged(exchange.sent(text));
  else tabs.tellLeader({ say: "frame", text });
}

/** Nothing was heard since something was asked: the engine finds out whether the socket is dead. */
function doubt(): void {
  inDoubt.value = true;
  step({ type: "visible" });
}

function heardSomething(): void {
  clearTimeout(doubtTimer);
  doubtTimer = 0;
  inDoubt.value = false;
}

function receive(text: string): void {
  heardAt = Date.now();
  heardSomething();
  hasNetwork.value = true;
  step({ type: "received", text });
}

function exchanged(effects: ExchangeEffect[]): void {
  for (const effect of effects) {
    switch (effect.type) {
      case "send":
        line.send(effect.text);
        break;
      case "receive":
        receive(effect.text);
        break;
      case "tell":
        tabs.say(effect);
        break;
    }
  }
}

// The other tabs.

/** Somebody else leads: the connection there was is gone, and the engine makes up for it as for any cut. */
function onLed(): void {
  const leads = tabs.isLeader();
  if (leads !== device.leads) {
    line.close();
    exchanged(exchange.closed(CUT));
    perform(device.lead(leads, Date.now()));
    if (leads) void sendStored();
  }
  if (link === "wanted") connect();
  else if (device.hasSocket) {
    closed(CUT);
    step({ type: "visible" });
  }
  if (elsewhere.peek()) start();
}

/** What another tab had stored and not sent when it ceased to lead. */
async function sendStored(): Promise<void> {
  const person = device.replica.me?.id;
  if (person === undefined) return; // done when the server has said who is here
  const { entries } = await offlineStorage.load(person);
  if (device.replica.me?.id === person && tabs.isLeader()) perform(device.restore(entries, Date.now()));
}

function onLeave(): void {
  line.close();
  if (device.hasSocket) closed(CUT);
}

function onReturn(): void {
  for (const listener of listeners) listener.onReturn?.();
  step({ type: "visible" });
}

function onWord(message: Message): void {
  const { from } = message;
  const person = device.replica.me?.id;
  switch (message.say) {
    case "signed-in":
    case "signed-out":
      for (const listener of listeners) listener.onSession?.(message.say === "signed-in" ? "in" : "out");
      return;
    case "draft":
      if (message.person !== person) return;
      for (const listener of listeners) listener.onDraft?.(message.draft);
      return;
  }
  if (tabs.isLeader()) serve(message);
  else if (from === tabs.leader()) obey(message);
}

/** What another tab asks of the one that leads. */
function serve(message: Message): void {
  const now = Date.now();
  switch (message.say) {
    case "connect":
      if (halted) tabs.say({ word: { say: "closed", code: CLOSE.not_signed_in }, to: message.from });
      else exchanged(exchange.connect(message.from, device.open));
      // It may know of a session that began after this tab's ended.
      if (!halted && device.connection === "stopped") start();
      break;
    case "disconnect":
    case "leaving":
      exchanged(exchange.leave(message.from));
      break;
    case "frame":
      exchanged(exchange.said(message.from, message.text, ({ cursors }) => device.greet(cursors ?? {}, serverTime())));
      // Its first question is who is here: only then it knows whose outbox this is.
      if (message.text.includes('"method":"hello"')) tellOutbox(message.from);
      break;
    case "urge":
      if (elsewhere.peek()) start();
      step({ type: "visible" });
      break;
    case "command":
      if (message.person === device.replica.me?.id) perform(device.adopt(message.entry, now));
      break;
    case "retry":
      perform(device.retry(message.id, now));
      break;
    case "discard":
      perform(device.discard(message.id, now));
      break;
  }
}

/** What the tab that leads tells the others. */
function obey(message: Message): void {
  switch (message.say) {
    case "opened":
      if (link !== "wanted") return;
      link = "open";
      step({ type: "opened" });
      break;
    case "closed":
      if (link !== "none") closed(message.code);
      break;
    case "frame":
      if (link === "open") receive(message.text);
      break;
    case "outbox":
      if (message.person !== device.replica.me?.id) return;
      device.mirror(message.outbox);
      perform([]);
      break;
  }
}

function greetTabs(): void {
  if (!tabs.isLeader()) return handOver();
  exchanged(exchange.opened());
}

/** Gives the leader what was written here: again after each change of leader, since commands keep their ids. */
function handOver(): void {
  const person = device.replica.me?.id;
  if (person === undefined || tabs.isLeader()) return;
  for (const entry of device.unshared) tabs.tellLeader({ say: "command", person, entry });
}

function tellOutbox(to?: string): void {
  const person = device.replica.me?.id;
  if (person === undefined || !tabs.isLeader() || !exchange.isShared) return;
  tabs.say({ word: { say: "outbox", person, outbox: device.outbox }, ...(to === undefined ? {} : { to }) });
}

function serverTime(): string {
  return new Date(serverNow()).toISOString();
}

function noteStale(): void {
  const since = oldSince.peek() ?? heardAt;
  for (const id of device.replica.conversations.keys()) {
    if (!device.isStale(id)) staleSince.delete(id);
    else if (!staleSince.has(id)) staleSince.set(id, since);
  }
}

/** The same for all tabs of this browser: of several sockets of one device the server keeps the newest. */
function deviceId(): string {
  if (!tabs.areShared) return newId(); // nothing makes the tabs one device
  try {
    const known = localStorage.getItem(DEVICE_KEY);
    if (known) return known;
    const fresh = newId();
    localStorage.setItem(DEVICE_KEY, fresh);
    return fresh;
  } catch {
    return newId(); // storage is blocked: each page is a device of its own
  }
}
