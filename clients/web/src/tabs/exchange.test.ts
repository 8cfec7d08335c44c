import { beforeEach, expect, test } from "vitest";
import type { Welcome } from "../wire/types";
import { type Effect, Exchange } from "./exchange";

let exchange: Exchange;
const request = (id: number, method: string, params: object = {}) =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });
const event = (stream: string) => JSON.stringify({ jsonrpc: "2.0", method: "event", params: { stream, seq: 1 } });
const said = (tab: string, text: string): Effect[] => exchange.said(tab, text, () => ({ more: false }) as Welcome);
const toServer = (effects: Effect[]) =>
  effects.flatMap(effect =>
    effect.type === "send" ? [JSON.parse(effect.text) as { id: unknown; method: string }] : [],
  );
const told = (effects: Effect[], tab?: string) =>
  effects.flatMap(effect =>
    effect.type === "tell" && effect.to === tab
      ? [effect.word.say === "frame" ? (JSON.parse(effect.word.text) as object) : effect.word.say]
      : [],
  );
const receives = (effects: Effect[]) => effects.some(effect => effect.type === "receive");

beforeEach(() => {
  exchange = new Exchange();
});

test("a tab is connected when the socket is open, and not before", () => {
  expect(exchange.connect("b", false)).toEqual([]);
  expect(said("b", request(1, "typing"))).toEqual([]);
  expect(told(exchange.opened(), "b")).toEqual(["opened"]);
  expect(told(exchange.connect("c", true), "c")).toEqual(["opened"]);
  expect(exchange.opened()).toEqual([]);
});

test("hello of another tab is answered here; the server hears of it once", () => {
  exchange.connect("b", true);
  const effects = said("b", request(0, "hello"));
  expect(toServer(effects)).toEqual([]);
  expect(told(effects, "b")).toEqual([{ jsonrpc: "2.0", id: 0, result: { more: false } }]);
});

test("each answer goes to the tab that asked, under the id it asked with", () => {
  exchange.connect("b", true);
  exchange.connect("c", true);
  const [b] = toServer(said("b", request(1, "message.history")));
  const [c] = toServer(said("c", request(1, "message.history")));
  expect(b!.id).not.toEqual(c!.id);
  const effects = exchange.heard(JSON.stringify({ jsonrpc: "2.0", id: c!.id, result: { more: true } }));
  expect(told(effects, "c")).toEqual([{ jsonrpc: "2.0", id: 1, result: { more: true } }]);
  expect(told(effects, "b")).toEqual([]);
  expect(receives(effects)).toBe(false);
  expect(receives(exchange.heard(JSON.stringify({ jsonrpc: "2.0", id: 1, result: {} })))).toBe(true);
});

test("events and signals reach every tab; an answer without an id stays here", () => {
  exchange.connect("b", true);
  const effects = exchange.heard(event("c:1"));
  expect([receives(effects), told(effects)]).toMatchObject([true, [{ method: "event" }]]);
  expect(told(exchange.heard(JSON.stringify({ jsonrpc: "2.0", id: null, error: {} })))).toEqual([]);
});

test("alone, frames pass as they are", () => {
  expect(exchange.heard("not even JSON")).toEqual([{ type: "receive", text: "not even JSON" }]);
  const text = request(7, "message.send");
  expect(exchange.sent(text)).toEqual([{ type: "send", text }]);
});

test("an agenda is watched for as long as some tab watches it, and told to those that do", () => {
  exchange.connect("b", true);
  exchange.connect("c", true);
  const watch = (method: string) => request(3, method, { agenda: "x" });
  exchange.sent(watch("agenda.watch"));
  said("b", watch("agenda.watch"));
  expect(told(exchange.heard(event("a:x")), "b")).toHaveLength(1);
  expect(told(exchange.heard(event("a:x")), "c")).toEqual([]);
  const own = exchange.sent(watch("agenda.unwatch"));
  expect([toServer(own), receives(own)]).toEqual([[], true]);
  expect(toServer(said("b", watch("agenda.unwatch")))).toMatchObject([{ method: "agenda.unwatch" }]);
});

test("what a tab alone watched is watched no more when it is gone", () => {
  exchange.connect("b", true);
  said("b", request(3, "agenda.watch", { agenda: "x" }));
  const [unwatch] = toServer(exchange.leave("b"));
  expect(unwatch).toMatchObject({ method: "agenda.unwatch" });
  expect(exchange.heard(JSON.stringify({ jsonrpc: "2.0", id: unwatch!.id, error: {} }))).toEqual([]);
});

test("when the socket is closed every tab is told why, and must connect again", () => {
  exchange.connect("b", true);
  exchange.connect("c", false);
  const effects = exchange.closed(4401);
  expect(effects).toContainEqual({ type: "tell", word: { say: "closed", code: 4401 }, to: "b" });
  expect(effects).toHaveLength(2);
  expect(exchange.opened()).toEqual([]);
});

test("a tab that connects again is one tab", () => {
  exchange.connect("b", true);
  exchange.connect("b", true);
  expect(exchange.closed(1006)).toHaveLength(1);
});
