/**
 * The device in a browser: its socket, its clock, its storage, and its state as signals. Nothing else in the
 * application opens a socket or sets a timer for the protocol.
 */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { Device, type Effect } from "../device";
import type { EarlySocket } from "../early";
import type { StopReason } from "../engine/closures";
import type { Input } from "../engine/effects";
import { uuid7 } from "../outbox/id";
import type { Outbox } from "../outbox/outbox";
import type { Replica } from "../replica/replica";
import { type AnyEvent, SUBPROTOCOL } from "../wire/frame";
import type { ConversationResult, Me, MethodName, Params, Result, Welcome } from "../wire/types";
import * as kept from "./kept";
import type { Connection, Outcome } from "./types";

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

const lineSince = signal(Date.now());
const line = signal(device.connection);
const retryAt = signal<number | null>(null);
const elsewhere = signal(false);

export const replica = signal<Replica>(device.replica);
export const outbox = signal<Outbox>(device.outbox);
export const loads = signal(device.loads);
export const me: ReadonlySignal<Me | null> = computed(() => replica.value.me);

export const connection: ReadonlySignal<Connection> = computed(() => {
  const state = line.value === "stopped" ? "offline" : line.value;
  const messages = outbox.value.filter(entry => entry.state !== "refused").length;
  const now: Connection = { state, since: lineSince.value, elsewhere: elsewhere.value, waiting: messages };
  return retryAt.value === null ? now : { ...now, retryAt: retryAt.value };
});

/** What other parts of the store do when something happens on the line. */
interface Listener {
  welcomed?(welcome: Welcome): void;
  event?(event: AnyEvent): void;
  ended?(why: StopReason): void;
  erased?(conversation: string): void;
  restored?(drafts: { conversation: string; body: string }[]): void;
  /** What is known of the stream must be loaded anew. */
  reset?(stream: string): void;
  /** Somebody signed out, or somebody else signed in: nothing of theirs may stay. */
  cleared?(): void;
}
const listeners: Listener[] = [];
export function listenTo(listener: Listener): void {
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

/** One request, answered once; nothing is thrown. It survives a cut of the line, up to the time an answer may take. */
export function call<M extends MethodName>(method: M, params: Params<M>): Promise<Outcome<Result<M>>> {
  const { ticket, effects } = device.ask(method, params, Date.now());
  const answer = new Promise<Outcome<Result<M>>>(resolve => {
    waiting.set(ticket, resolve as (outcome: Outcome<never>) => void);
  });
  perform(effects);
  return answer;
}

/** A request whose answer describes a conversation: the replica learns it before anybody is told. */
export async function change(
  method: "conversation.open" | "conversation.add" | "conversation.remove" | "conversation.update",
  params: Params<typeof method>,
): Promise<Outcome<ConversationResult>> {
  const outcome = await call(method, params);
  if (outcome.ok) perform(device.learn(outcome.value, Date.now()));
  return outcome;
}

/** The rest of what a device can be told, each carried out at once. */
export const tell = {
  write: (id: string, conversation: string, body: string, replyTo: string | null): void => {
    const now = Date.now();
    perform(device.write({ id, conversation, body, replyTo, at: now }, now));
  },
  retry: (id: string): void => perform(device.retry(id, Date.now())),
  discard: (id: string): void => perform(device.discard(id, Date.now())),
  read: (conversation: string, seq: number): void => perform(device.read(conversation, seq, Date.now())),
  typing: (conversation: string): void => perform(device.typing(conversation, Date.now())),
  load: (conversation: string): void => perform(device.load(conversation, Date.now())),
  follow: (stream: string, at: number): void => perform(device.follow(stream, at, Date.now())),
  forget: (stream: string): void => device.forget(stream),
};

export function start(): void {
  elsewhere.value = false;
  step({ type: "start" });
}

/** Nothing of the person stays in memory or on the device. */
export async function clear(): Promise<void> {
  perform(device.clear(Date.now()));
  await cleared();
}

function cleared(): Promise<void> {
  restored = false;
  for (const listener of listeners) listener.cleared?.();
  return kept.eraseAll();
}

/** What the browser knows about the network and the screen. */
export function listen(): void {
  addEventListener("online", () => step({ type: "online" }));
  addEventListener("offline", () => step({ type: "offline" }));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") step({ type: "visible" });
  });
}

function perform(effects: Effect[]): void {
  batch(() => {
    for (const effect of effects) act(effect);
    show();
  });
  clearTimeout(timer);
  const { due } = device;
  if (due !== null) {
    const wait = Math.min(LONGEST_TIMER, Math.max(0, due - Date.now()));
    timer = setTimeout(() => step({ type: "clock" }), wait) as unknown as number;
  }
}

function show(): void {
  if (line.peek() !== device.connection) lineSince.value = Date.now();
  line.value = device.connection;
  retryAt.value = device.retryAt;
  replica.value = device.replica;
  outbox.value = device.outbox;
  loads.value = device.loads;
}

function act(effect: Effect): void {
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
      for (const listener of listeners) listener.welcomed?.(effect.welcome);
      break;
    case "event":
      for (const listener of listeners) listener.event?.(effect.event);
      break;
    case "keep":
      if (device.replica.me) void kept.keepEntry(device.replica.me.id, effect.entry);
      break;
    case "drop":
      void kept.dropEntry(effect.id);
      break;
    case "erase":
      void kept.eraseConversation(effect.conversation);
      for (const listener of listeners) listener.erased?.(effect.conversation);
      break;
    case "reset":
      for (const listener of listeners) listener.reset?.(effect.stream);
      break;
    case "cleared":
      void cleared();
      break;
    case "ended":
      elsewhere.value = effect.why === "elsewhere";
      for (const listener of listeners) listener.ended?.(effect.why);
      break;
  }
}

function settle(ticket: number, outcome: Outcome<never>): void {
  waiting.get(ticket)?.(outcome);
  waiting.delete(ticket);
}

async function restore(person: string): Promise<void> {
  if (restored) return;
  restored = true;
  const { entries, drafts } = await kept.load(person);
  if (device.replica.me?.id !== person) return; // signed out meanwhile
  perform(device.restore(entries, Date.now()));
  for (const listener of listeners) listener.restored?.(drafts);
}

function connect(): void {
  disconnect();
  const early = window.relaisSocket;
  window.relaisSocket = null;
  if (early?.code) return queueMicrotask(() => step({ type: "closed", code: early.code! }));
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

/** What the old socket still says is of no interest to anybody. */
function disconnect(): void {
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}

/** The same for all tabs of this browser, so that a second tab takes the line over from the first. */
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
