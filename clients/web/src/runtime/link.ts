/**
 * The connection of this tab's engine to the server: by the socket of the page where this tab leads, else through the tab
 * that does. The engine cannot tell which, and makes up for a change of leader as for a cut.
 */

import type { EarlySocket } from "../early";
import type { Input } from "../engine/effects";
import { type Effect, Exchange } from "../tabs/exchange";
import type { Message } from "../tabs/messages";
import { CLOSE, type Hello, type Welcome } from "../wire/types";
import * as freshness from "./freshness";
import * as line from "./line";
import * as tabs from "./tabs";

/** What the runtime does for the connection. */
export interface LinkOwner {
  /** An input of the engine. */
  step(input: Input): void;
  /** The server has greeted this tab's engine. */
  isOpen(): boolean;
  /** The engine seeks a connection, or has one. */
  isSeeking(): boolean;
  /** `hello` answered for another tab. */
  greet(hello: Hello): Welcome | null;
  /** Another tab wants a connection, and the engine here wants none: begin. */
  begin(): void;
}

/** The code of a cut, which no close frame explains. */
const CUT = 1006;

const exchange = new Exchange();
let owner: LinkOwner;
/** As far as the engine has been told. */
let state: "none" | "wanted" | "open" = "none";
/** The socket opened early, until it is taken over. */
let early: EarlySocket | null = null;
/** Who leads is decided from here on. */
let isJoined = false;
/** Somebody signed out: no other tab is to be connected through this one. */
let isHalted = false;

export function own(by: LinkOwner): void {
  owner = by;
}

export function join(listener: tabs.TabsListener, socket: EarlySocket | null): void {
  early = socket;
  isJoined = true;
  tabs.join(listener, socket);
}

export function halt(yes: boolean): void {
  isHalted = yes;
}

export function connect(): void {
  state = "wanted";
  if (!isJoined) return;
  if (tabs.isLeader()) openLine();
  else tabs.tellLeader({ say: "connect" });
}

function openLine(): void {
  state = "none";
  const socket = early;
  early = null;
  line.open(socket, {
    opened: greeted => owner.step(greeted ? { type: "opened", greeted } : { type: "opened" }),
    received: text => carryOut(exchange.heard(text)),
    closed,
  });
}

/** The engine is done with it. */
export function disconnect(): void {
  if (state !== "none") tabs.tellLeader({ say: "disconnect" });
  state = "none";
  drop();
}

function drop(): void {
  line.close();
  freshness.noteClosed();
  carryOut(exchange.closed(CUT));
}

export function send(text: string): void {
  freshness.noteAsked(() => owner.step({ type: "visible" }));
  if (tabs.isLeader()) carryOut(exchange.sent(text));
  else tabs.tellLeader({ say: "frame", text });
}

/** The server has greeted this tab: the others may follow. */
export function greeted(): void {
  if (tabs.isLeader()) carryOut(exchange.opened());
}

/** Another tab leads now, or nobody that is known; or, `turned`, this one does, or does no more. */
export function changed(turned: boolean): void {
  if (turned) drop();
  if (state === "wanted") connect();
  else if (owner.isSeeking()) {
    closed(CUT);
    owner.step({ type: "visible" });
  }
}

/** The page is put to sleep: no connection survives that. */
export function sleep(): void {
  line.close();
  if (owner.isSeeking()) closed(CUT);
}

function closed(code: number): void {
  state = "none";
  freshness.noteClosed();
  carryOut(exchange.closed(code));
  owner.step({ type: "closed", code });
}

function received(text: string): void {
  freshness.noteHeard();
  owner.step({ type: "received", text });
}

function carryOut(effects: Effect[]): void {
  for (const effect of effects) {
    switch (effect.type) {
      case "send":
        line.send(effect.text);
        break;
      case "receive":
        received(effect.text);
        break;
      case "tell":
        tabs.say(effect);
        break;
    }
  }
}

/** What another tab says about connections. True when it has just asked who is here. */
export function hear(message: Message): boolean {
  if (tabs.isLeader()) return serve(message);
  if (message.from === tabs.leader()) follow(message);
  return false;
}

function serve(message: Message): boolean {
  switch (message.say) {
    case "connect":
      if (isHalted) {
        tabs.say({ word: { say: "closed", code: CLOSE.not_signed_in }, to: message.from });
        break;
      }
      carryOut(exchange.connect(message.from, owner.isOpen()));
      // It may know of a session that began after this tab's ended.
      if (!owner.isSeeking()) owner.begin();
      break;
    case "disconnect":
    case "leaving":
      carryOut(exchange.leave(message.from));
      break;
    case "frame":
      carryOut(exchange.said(message.from, message.text, hello => owner.greet(hello)));
      return message.text.includes('"method":"hello"');
  }
  return false;
}

function follow(message: Message): void {
  if (message.say === "opened" && state === "wanted") {
    state = "open";
    owner.step({ type: "opened" });
  }
  if (message.say === "closed" && state !== "none") closed(message.code);
  if (message.say === "frame" && state === "open") received(message.text);
}
