/**
 * The lock of this device: after so long without a touch, or once the application is left on a phone, nothing of it can be
 * read before the code, or the device's own authenticator, opens it. All tabs lock and open together.
 *
 * While it is locked the key of what is stored exists nowhere on the device, the connection is closed, and the memory of
 * the page holds nothing of the person. The code is tried by the server, which counts; the authenticator needs no network.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import { ask } from "./http";
import type { Face, Wrapped } from "./lockKey";
import * as offlineStorage from "./offlineStorage";
import { LOCK_KEYS } from "./offlineStorage";
import * as runtime from "./runtime";
import * as sealing from "./sealing";

/** How the key is wrapped, whose it is, and when the lock falls. Nothing in it is secret. */
export interface LockConfig {
  person: string;
  name: string;
  place: string;
  salt: string;
  wrapped: Wrapped;
  face: Face | null;
  desk: number;
  phone: number;
}

export type Opening =
  | { state: "opened" }
  | { state: "wrong_code"; left: number }
  /** The device is signed out, and has forgotten what it kept. */
  | { state: "ended" }
  /** The server knows no code of this device any more: what it keeps is opened by its authenticator, or by nothing. */
  | { state: "no_code" }
  | { state: "offline" }
  | { state: "given-up" };

/** How often it is looked whether the time is over, and how exactly a touch is noted, in milliseconds. */
const LOOK_EVERY = 2_000;
/** A picture is taken, or a file chosen, outside the page: it is not left by that. In milliseconds. */
const LEFT_AFTER = 20_000;
const MINUTE = 60_000;
const TOUCHES = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

/** Only a device that may lock needs it, and then before it does: it opens without a network too. */
const lockKey = () => import("./lockKey");

const isLocked = signal(false);
const current = signal<LockConfig | null>(null);
export const locked: ReadonlySignal<boolean> = isLocked;
/** Null where this device does not lock. */
export const lockConfig: ReadonlySignal<LockConfig | null> = current;

const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("relais.lock");
let onOpen: () => void = () => undefined;
let touched = 0;
let hiddenAt: number | null = null;

function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function store(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    return; // without storage there is nothing to lock
  }
}

function read(): LockConfig | null {
  try {
    return JSON.parse(stored(LOCK_KEYS.config) ?? "null") as LockConfig | null;
  } catch {
    return null;
  }
}

/** A device that is held in the hand. */
export function isPhone(): boolean {
  return typeof matchMedia !== "undefined" && matchMedia("(hover: none) and (pointer: coarse)").matches;
}

/** Looks whether the device is locked; `open` is called now if it is not, and each time that it is opened. */
export async function begin(open: () => void): Promise<void> {
  onOpen = open;
  current.value = read();
  if (!current.peek()) {
    listen();
    open();
    return;
  }
  void lockKey();
  sealing.sealUnder(null, true);
  touched = Number(stored(LOCK_KEYS.touched) ?? 0);
  const key = stored(LOCK_KEYS.locked) || isOver(Date.now()) ? null : await offlineStorage.loadKey();
  if (key) sealing.sealUnder(key, true);
  else shut();
  listen();
  if (key) open();
}

function listen(): void {
  for (const type of TOUCHES) addEventListener(type, touch, { passive: true, capture: true });
  touch();
  setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      look();
      hiddenAt = null;
    } else hiddenAt = Date.now();
  });
  tabs?.addEventListener("message", ({ data }: MessageEvent<"locked" | "opened" | "changed">) => {
    current.value = read();
    if (data === "locked" && !isLocked.peek()) shut();
    if (data !== "locked") void takeKey(data === "opened");
  });
}

/** Another tab has opened the lock, or changed it: the key is where it left it. */
async function takeKey(opens: boolean): Promise<void> {
  const key = await offlineStorage.loadKey();
  sealing.sealUnder(key, current.peek() !== null);
  if (opens && key && isLocked.peek()) opened();
}

function touch(): void {
  if (isLocked.peek() || !current.peek()) return;
  const now = Date.now();
  if (now - touched < LOOK_EVERY) return;
  // The time may have been over for long, on a device that slept: this touch comes too late.
  if (isOver(now)) lockNow();
  else {
    touched = now;
    store(LOCK_KEYS.touched, String(now));
  }
}

function look(): void {
  if (!isLocked.peek() && current.peek() && isOver(Date.now())) lockNow();
}

function isOver(now: number): boolean {
  const config = current.peek();
  if (!config) return false;
  const minutes = isPhone() ? config.phone : config.desk;
  const elsewhere = Number(stored(LOCK_KEYS.touched) ?? 0);
  const idle = now - Math.max(touched, elsewhere);
  if (minutes === 0 && hiddenAt !== null && now - hiddenAt >= LEFT_AFTER) return true;
  return idle >= (minutes || config.desk) * MINUTE;
}

/** Locks this device, in all its tabs. */
export function lockNow(): void {
  if (!current.peek() || isLocked.peek()) return;
  store(LOCK_KEYS.locked, "1");
  shut();
  tabs?.postMessage("locked");
}

/** Nothing of the person is left in this page. */
function shut(): void {
  store(LOCK_KEYS.locked, "1");
  isLocked.value = true;
  sealing.sealUnder(null, true);
  runtime.pause();
  void runtime.clear({ kept: true });
  void offlineStorage.dropKey();
}

function opened(): void {
  touched = Date.now();
  hiddenAt = null;
  isLocked.value = false;
  onOpen();
}

async function openWith(key: CryptoKey): Promise<Opening> {
  sealing.sealUnder(key, true);
  await offlineStorage.keepKey(key);
  store(LOCK_KEYS.touched, String(Date.now()));
  store(LOCK_KEYS.locked, null);
  opened();
  tabs?.postMessage("opened");
  return { state: "opened" };
}

export async function openByCode(code: string): Promise<Opening> {
  const config = current.peek();
  if (!config) return { state: "ended" };
  const keys = await lockKey();
  const { proof, half } = await keys.derive(code, config.salt);
  const { status, data, errors } = await ask("POST", "/api/lock.open", { proof });
  if (status === 401) return { state: "ended" };
  if (errors[0]?.code === "invalid_state") return { state: "no_code" };
  if (status !== 200) return { state: "offline" };
  const said = data as { state: "opened" | "wrong_code" | "ended"; secret?: string; attempts_left?: number };
  if (said.state === "wrong_code") return { state: "wrong_code", left: said.attempts_left ?? 0 };
  const key = said.secret ? await keys.unwrap(config.wrapped, half, keys.toBytes(said.secret)) : null;
  return key ? openWith(key) : { state: "ended" };
}

export async function openByFace(): Promise<Opening> {
  const face = current.peek()?.face;
  const key = face ? await (await lockKey()).openByFace(face) : null;
  return key ? openWith(key) : { state: "given-up" };
}

/** Gives this device a code, and, `withFace`, its own authenticator beside it. `no-face`: it made none. */
export async function setCode(
  code: string,
  withFace: boolean,
  minutes: { desk: number; phone: number },
): Promise<runtime.Outcome<{ face: boolean }>> {
  const me = runtime.me.peek();
  if (!me) return { ok: false, problem: { reason: "offline" } };
  const keys = await lockKey();
  const salt = keys.toText(keys.random(16));
  const { proof, half } = await keys.derive(code, salt);
  const answer = await runtime.call("lock.code", { proof });
  if (!answer.ok) return answer;
  const raw = keys.random(32);
  const face = withFace ? await keys.makeFace(me.name, raw) : null;
  const wrapped = await keys.wrap(raw, half, keys.toBytes(answer.value.secret));
  const key = await keys.usable(raw);
  raw.fill(0);
  const place = me.organisations.find(one => one.id === me.acting_for)?.name ?? "";
  const config: LockConfig = { person: me.id, name: me.name, place, salt, wrapped, face, ...minutes };
  if (!(await offlineStorage.sealAgain(key))) return { ok: false, problem: { reason: "unknown" } };
  current.value = config;
  touched = Date.now();
  store(LOCK_KEYS.config, JSON.stringify(config));
  store(LOCK_KEYS.touched, String(touched));
  tabs?.postMessage("changed");
  return { ok: true, value: { face: face !== null } };
}

export async function removeCode(): Promise<runtime.Outcome> {
  const answer = await runtime.call("lock.remove", {});
  if (!answer.ok) return answer;
  await forget();
  return { ok: true, value: undefined };
}

/** What is stored is in clear again. */
async function forget(): Promise<void> {
  await offlineStorage.sealAgain(null);
  current.value = null;
  for (const name of Object.values(LOCK_KEYS)) store(name, null);
  tabs?.postMessage("changed");
}

/** How the server says that it stands: other minutes, or a session that has no code (it is a new one). */
export function learn({ desk, phone, has_code }: { desk: number; phone: number; has_code: boolean }): void {
  const config = current.peek();
  if (!config) return;
  if (!has_code) void forget();
  else if (config.desk !== desk || config.phone !== phone) {
    current.value = { ...config, desk, phone };
    store(LOCK_KEYS.config, JSON.stringify(current.peek()));
  }
}

runtime.addListener({
  onWelcome() {
    if (current.peek()) void runtime.call("lock.get", {}).then(answer => answer.ok && learn(answer.value));
  },
  onClear() {
    if (!isLocked.peek()) current.value = read(); // what is stored may have been erased, with the lock
  },
});
