/**
 * The tabs of this browser: the lock that makes one of them the leader, and the channel they talk on.
 *
 * Where the browser has no Web Locks or no BroadcastChannel (a page that is not served securely, old browsers), every
 * tab leads itself: it is a device of its own, with a socket of its own.
 */

import type { EarlySocket } from "../early";
import { type Effect, type Input, Leadership } from "../tabs/leadership";
import { GENERATION, type Message, type Saying, type TabId, type Word } from "../tabs/messages";
import { Presence } from "../tabs/presence";

const NAME = `relais.tabs.${GENERATION}`;

/** What the runtime does about the others. */
export interface TabsListener {
  /** Another tab leads, this one does, or nobody that is known. */
  onLed(): void;
  onWord(message: Message): void;
  /** This tab leads, and another one has come or gone, or may have. */
  onOthers(): void;
  /** The page goes, or is put to sleep: no connection survives that. */
  onLeave(): void;
  /** It is back: what is on the screen may be old. */
  onReturn(): void;
}

export const areShared: boolean =
  typeof navigator !== "undefined" && Boolean(navigator.locks) && typeof BroadcastChannel !== "undefined";

const me: TabId = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
const leadership = new Leadership(me, Math.random);
let channel: BroadcastChannel | null = null;
let listener: TabsListener | null = null;
let release: (() => void) | null = null;
/** Raised with each request for the lock: the callbacks of those before are no longer meant. */
let term = 0;
let waiting: AbortController | null = null;
let timer = 0;
const presence = new Presence();
let missing = 0;

export function isLeader(): boolean {
  return !areShared || leadership.role === "leader";
}

/** The tab through which this one is connected; null when it leads itself, or nobody is known to. */
export function leader(): TabId | null {
  return isLeader() ? null : leadership.leader;
}

/** Joins the other tabs. `early` holds the lock already. */
export function join(to: TabsListener, early: EarlySocket | null): void {
  listener = to;
  if (!areShared) {
    to.onLed();
    return;
  }
  addEventListener("pagehide", leave);
  addEventListener("pageshow", event => event.persisted && comeBack());
  document.addEventListener("freeze", leave);
  document.addEventListener("resume", comeBack);
  enter(early);
}

function enter(early: EarlySocket | null): void {
  channel = new BroadcastChannel(NAME);
  channel.onmessage = ({ data }: MessageEvent<Message>) => hear(data);
  if (early) {
    term += 1;
    const mine = term;
    release = early.release;
    void early.lost.then(() => lost(mine));
    // No need to stand in line: the lock is there.
    perform(leadership.step({ type: "join" }, Date.now()).filter(({ type }) => type !== "request"));
    step({ type: "granted" });
  } else {
    step({ type: "join" });
  }
}

function leave(): void {
  if (leadership.role === "away") return;
  listener?.onLeave();
  step({ type: "leave" });
  channel?.close();
  channel = null;
}

function comeBack(): void {
  if (leadership.role !== "away") return;
  enter(null);
  listener?.onReturn();
}

export function say({ word, to }: Saying): void {
  const message: Message = { ...word, from: me, ...(to === undefined ? {} : { to }) };
  channel?.postMessage(message);
}

/** To the tab that leads; lost when none is known. */
export function tellLeader(word: Word): void {
  const to = leader();
  if (to !== null) say({ word, to });
}

function hear(message: Message): void {
  if (message.to !== undefined && message.to !== me) return;
  const { say: word, from } = message;
  if (word === "who" || word === "leading" || word === "leaving") step({ type: "heard", word, from });
  if (word !== "who" && word !== "leading") listener?.onWord(message);
  if (leadership.role === "leader") note(message);
}

/** Notes that another tab is there, or goes; what has become of it is looked after here. */
function note({ say: word, from }: Message): void {
  const isNews = word === "leaving" ? presence.leave(from) : presence.hear(from, Date.now());
  if (isNews) listener?.onOthers();
  expectOthers();
}

function expectOthers(): void {
  clearTimeout(missing);
  const { due } = presence;
  if (due === null) return;
  const look = () => {
    if (presence.missed(Date.now()) && leadership.role === "leader") listener?.onOthers();
    expectOthers();
  };
  missing = setTimeout(look, Math.max(0, due - Date.now())) as unknown as number;
}

function step(input: Input): void {
  perform(leadership.step(input, Date.now()));
  clearTimeout(timer);
  const { due } = leadership;
  if (due !== null)
    timer = setTimeout(() => step({ type: "clock" }), Math.max(0, due - Date.now())) as unknown as number;
}

function perform(effects: Effect[]): void {
  for (const effect of effects) {
    switch (effect.type) {
      case "request":
        waiting = new AbortController();
        ask({ signal: waiting.signal });
        break;
      case "steal":
        giveUp();
        ask({ steal: true });
        break;
      case "release":
        giveUp();
        break;
      case "say":
        say({ word: { say: effect.word }, ...(effect.to === undefined ? {} : { to: effect.to }) });
        break;
      case "led":
        if (effect.by !== me) presence.forget();
        listener?.onLed();
        break;
    }
  }
}

function ask(options: LockOptions): void {
  term += 1;
  const mine = term;
  const held = () =>
    new Promise<void>(resolve => {
      if (mine !== term) return resolve();
      release = resolve;
      step({ type: "granted" });
    });
  navigator.locks.request(NAME, options, held).catch(() => lost(mine));
}

/** The lock was taken away; a place in line that was given up is not meant. */
function lost(mine: number): void {
  if (mine !== term) return;
  release = null;
  step({ type: "lost" });
}

function giveUp(): void {
  term += 1;
  waiting?.abort();
  waiting = null;
  release?.();
  release = null;
}
