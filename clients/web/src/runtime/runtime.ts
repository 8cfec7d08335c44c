/**
 * The device in a browser: its socket, its clock, its storage, and its state as signals. No other module of the
 * application holds the device, opens a socket, or sets a timer for the protocol.
 */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { Device, type Effect } from "../device";
import type { EarlySocket } from "../early";
import type { StopReason } from "../engine/closures";
import type { Input } from "../engine/effects";
import type { Problem } from "../engine/problem";
import { uuid7 } from "../outbox/id";
import type { Entry, Outbox } from "../outbox/outbox";
import type { Replica } from "../replica/replica";
import { type AnyEvent, SUBPROTOCOL } from "../wire/frame";
import type {
  ConversationResult,
  Conversations,
  Limits,
  Me,
  MethodName,
  Params,
  Result,
  SendMessage,
  Welcome,
} from "../wire/types";
import * as offlineStorage from "./offlineStorage";

/** Whether what is on the screen is what the server has. Times are milliseconds of this device's clock. */
interface Connection {
  state: "up-to-date" | "catching-up" | "connecting" | "offline";
  since: number;
  /** When the next attempt is due, while waiting for it. */
  retryAt?: number;
  /** Relais was opened in another tab of this device: this one is not connected until `takeOver()`. */
  elsewhere: boolean;
  /** Messages of this device that have not reached the server. */
  waiting: number;
}

/** The answer of an action: nothing is thrown at a screen. */
export type Outcome<T = void> = { ok: true; value: T } | { ok: false; problem: Problem };

const DEVICE_KEY = "relais.device";
/** The longest a timer can be set for. */
const LONGEST_TIMER = 2 ** 31 - 1;

export function newId(): string {
  return uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}

const device = new Device({ name: "web", version: __VERSION__, device: deviceId() }, Math.random);
const waiting = new Map<number, (outcome: Outcome<never>) => void>();
let socket: WebSocket | null = null;
let timer = 0;
let clockOffset = 0;
let restored = false;

const state = signal(device.connection);
const stateSince = signal(Date.now());
const retryAt = signal<number | null>(null);
const elsewhere = signal(false);

export const replica = signal<Replica>(device.replica);
export const outbox = signal<Outbox>(device.outbox);
export const loads = signal(device.loads);
/** What the server accepts of this connection; null until it has said so. */
export const limits = signal<Limits | null>(null);
export const me: ReadonlySignal<Me | null> = computed(() => replica.value.me);

export const connection: ReadonlySignal<Connection> = computed(() => {
  const now: Connection = {
    state: state.value === "stopped" ? "offline" : state.value,
    since: stateSince.value,
    elsewhere: elsewhere.value,
    waiting: outbox.value.filter(entry => entry.method === "message.send" && entry.state !== "refused").length,
  };
  return retryAt.value === null ? now : { ...now, retryAt: retryAt.value };
});

/** What features do when something happens on the connection. */
interface Listener {
  onWelcome?(welcome: Welcome): void;
  onEvent?(event: AnyEvent): void;
  /** The engine stopped by itself. */
  onEnd?(why: StopReason): void;
  /** The person lost access to a conversation. */
  onErase?(conversation: string): void;
  /** Drafts were found in storage. */
  onRestore?(drafts: { conversation: string; body: string }[]): void;
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
export const retry = (id: string): void => perform(device.retry(id, Date.now()));
/** Gives up a command of the outbox that is not on its way. */
export const discard = (id: string): void => perform(device.discard(id, Date.now()));
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
  elsewhere.value = false;
  step({ type: "start" });
}

/** After `connection.elsewhere`: this tab becomes the live one. */
export const takeOver = start;

/** Connects now rather than at `connection.retryAt`. */
export function reconnect(): void {
  step({ type: "visible" });
}

/** Forgets everything of the person, in memory and on the device. */
export async function clear(): Promise<void> {
  perform(device.clear(Date.now()));
  await cleared();
}

function cleared(): Promise<void> {
  restored = false;
  for (const listener of listeners) listener.onClear?.();
  return offlineStorage.eraseAll();
}

/** Tells the device what the browser says about the network and the screen. */
export function listen(): void {
  addEventListener("online", () => step({ type: "online" }));
  addEventListener("offline", () => step({ type: "offline" }));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") step({ type: "visible" });
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
      socket?.send(effect.text);
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
      void cleared();
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
}

function settle(ticket: number, outcome: Outcome<never>): void {
  waiting.get(ticket)?.(outcome);
  waiting.delete(ticket);
}

async function restore(person: string): Promise<void> {
  if (restored) return;
  restored = true;
  const { entries, drafts } = await offlineStorage.load(person);
  if (device.replica.me?.id !== person) return; // signed out meanwhile
  perform(device.restore(entries, Date.now()));
  for (const listener of listeners) listener.onRestore?.(drafts);
}

function connect(): void {
  disconnect();
  const early = window.relaisSocket;
  window.relaisSocket = null;
  const code = early?.code;
  if (code) {
    queueMicrotask(() => step({ type: "closed", code }));
    return;
  }
  const opened = early?.socket ?? new WebSocket(new URL("/ws", location.href.replace(/^http/, "ws")), SUBPROTOCOL);
  socket = opened;
  opened.onopen = () => step({ type: "opened" });
  opened.onmessage = message => {
    if (typeof message.data === "string") step({ type: "received", text: message.data });
  };
  opened.onclose = closed => {
    if (socket === opened) socket = null;
    step({ type: "closed", code: closed.code });
  };
  if (early && opened.readyState === WebSocket.OPEN) queueMicrotask(() => adopt(early));
}

function adopt({ greeted, frames }: EarlySocket): void {
  step({ type: "opened", greeted });
  for (const text of frames) step({ type: "received", text });
}

/** Frames of the old socket that still arrive are ignored. */
function disconnect(): void {
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}

/** The same for all tabs of this browser, so that a second tab takes the connection over from the first. */
function deviceId(): string {
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
