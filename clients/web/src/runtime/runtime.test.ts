/** The device in a browser played by the test. */

import "fake-indexeddb/auto";
import { IDBFactory, IDBRequest } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import * as outboxes from "../outbox/outbox";
import { GENERATION } from "../tabs/messages";
import { FakeSocket, LIMITS, ME, settle, socket, start, stubBrowser, welcome } from "./fakeBrowser";

let runtime: typeof import("./runtime");

beforeEach(async () => {
  stubBrowser();
  ({ runtime } = await start());
});

/** What `early.ts` leaves behind when this tab has the lock. */
const held = (early: object) =>
  Promise.resolve({ ...early, release: () => undefined, lost: new Promise(() => undefined) });

test("a socket opened before the application came is taken over, with what was answered on it", async () => {
  vi.resetModules();
  const socket = new FakeSocket();
  socket.readyState = FakeSocket.OPEN;
  const result = { me: { id: ME, verified: true }, limits: LIMITS, server_time: "2026-11-22T09:30:00Z", streams: [] };
  const frames = [JSON.stringify({ jsonrpc: "2.0", id: 0, result })];
  vi.stubGlobal("window", { relaisSocket: held({ socket, greeted: true, frames, code: null }) });
  const sockets = FakeSocket.opened.length;
  const reloaded = await start();
  await settle();
  expect(FakeSocket.opened).toHaveLength(sockets);
  expect(reloaded.account.session.value).toMatchObject({ state: "signed-in", me: { id: ME } });
  expect(socket.sent.map(frame => frame.method)).not.toContain("hello");
  expect(window.relaisSocket).toBeNull();
});

test("a socket that ended before the application came tells why", async () => {
  vi.resetModules();
  const early = { socket: new FakeSocket(), greeted: false, frames: [], code: 4401 };
  vi.stubGlobal("window", { relaisSocket: held(early) });
  const reloaded = await start();
  await settle();
  expect(reloaded.account.session.value).toEqual({ state: "signed-out" });
});

test("opened in another tab, this one stops and can take over", async () => {
  await welcome();
  socket().onclose?.({ code: 4409 });
  expect(runtime.connection.value).toMatchObject({ state: "offline", elsewhere: true });
  const before = FakeSocket.opened.length;
  runtime.takeOver();
  expect(FakeSocket.opened).toHaveLength(before + 1);
  expect(runtime.connection.value.elsewhere).toBe(false);
});

/** A page with storage, which keeps its own time; `storage` outlives the page. */
const openPage = async (storage: { open: unknown }) => {
  stubBrowser();
  vi.useRealTimers();
  vi.stubGlobal("indexedDB", storage);
  ({ runtime } = await start());
  socket().onopen?.();
  const { id } = socket().asked("hello");
  const me = { id: ME, verified: true };
  socket().say({ id, result: { me, limits: LIMITS, server_time: new Date().toISOString(), streams: [] } });
};
const message = { id: "0193a000-0000-7000-8000-0000000000b1", conversation: "c", body: "Bonjour" };

test("a message is stored before it is sent, and sent again with its id after a reload", async () => {
  const storage = new IDBFactory();
  await openPage(storage);
  runtime.sendMessage(message);
  expect(socket().requests("message.send")).toEqual([]);
  await vi.waitFor(() => expect(socket().asked("message.send").params).toEqual(message));
  await openPage(storage);
  await vi.waitFor(() => expect(socket().asked("message.send").params).toEqual(message));
  expect(runtime.connection.value.waiting).toBe(1);
});

test("storage that does not answer holds a message back for a moment, not for ever", async () => {
  await openPage({ open: () => new IDBRequest() });
  runtime.sendMessage(message);
  expect(socket().requests("message.send")).toEqual([]);
  await vi.waitFor(() => expect(socket().asked("message.send").params).toEqual(message), { timeout: 4_000 });
});

test("after sign-out nothing is stored", async () => {
  const storage = new IDBFactory();
  await openPage(storage);
  runtime.sendMessage(message);
  await vi.waitFor(() => socket().asked("message.send"));
  await runtime.clear();
  const { load } = await import("./offlineStorage");
  expect(await load(ME)).toEqual({ entries: [], drafts: [] });
});

/** The browser gives this page the lock of all tabs. Another page is played by what it says and leaves in storage. */
const openLeader = async () => {
  const storage = new IDBFactory();
  stubBrowser();
  vi.useRealTimers();
  vi.stubGlobal("indexedDB", storage);
  const locks = { request: (_: string, __: object, held: (lock: object) => Promise<void>) => held({}) };
  vi.stubGlobal("navigator", { onLine: true, locks });
  ({ runtime } = await start());
  await vi.waitFor(() => socket());
  socket().onopen?.();
  const { id } = socket().asked("hello");
  const me = { id: ME, verified: true };
  socket().say({ id, result: { me, limits: LIMITS, server_time: new Date().toISOString(), streams: [] } });
  const { keepEntry } = await import("./offlineStorage");
  const other = new BroadcastChannel(`relais.tabs.${GENERATION}`);
  const say = (word: object) => other.postMessage({ ...word, from: "other" });
  return { keepEntry, say };
};
const given = (id: string, createdAt: number) =>
  outboxes.add([], { method: "message.send", params: { ...message, id } }, createdAt)[0]!;

test.each([
  ["is silent", null],
  ["says that it goes", { say: "leaving" }],
  ["is loaded again", { say: "stored" }],
])("what another page stored and never told of is sent when that page %s", async (_, word) => {
  const { keepEntry, say } = await openLeader();
  say({ say: "who" });
  await new Promise(resolve => setTimeout(resolve, 100));
  await keepEntry(ME, given("late", Date.now()));
  if (word) say(word);
  await vi.waitFor(() => expect(socket().asked("message.send").params).toMatchObject({ id: "late" }), {
    timeout: word ? 1_000 : 2_000,
  });
});

test("what was stored before goes before what was given since, and nobody is told that all is up to date", async () => {
  const { keepEntry, say } = await openLeader();
  await keepEntry(ME, given("older", Date.now() - 60_000));
  say({ say: "command", person: ME, entry: given("newer", Date.now()) });
  await vi.waitFor(() => expect(socket().asked("message.send").params).toMatchObject({ id: "older" }));
  expect(runtime.connection.value.state).toBe("sending");
  const first = { ...message, id: "older", seq: 1, author: ME, at: new Date().toISOString() };
  socket().say({ id: socket().asked("message.send").id, result: { message: first } });
  await vi.waitFor(() => expect(socket().asked("message.send").params).toMatchObject({ id: "newer" }));
  expect(runtime.connection.value.state).toBe("up-to-date");
});
