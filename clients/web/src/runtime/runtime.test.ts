/** The device in a browser played by the test. */

import { beforeEach, expect, test, vi } from "vitest";
import { FakeSocket, ME, settle, socket, start, stubBrowser, welcome } from "./fakeBrowser";

let runtime: typeof import("./runtime");

beforeEach(async () => {
  stubBrowser();
  ({ runtime } = await start());
});

test("a socket opened before the application came is taken over, with what was answered on it", async () => {
  vi.resetModules();
  const socket = new FakeSocket();
  socket.readyState = FakeSocket.OPEN;
  const result = { me: { id: ME, verified: true }, limits: {}, server_time: "2026-11-22T09:30:00Z", streams: [] };
  const frames = [JSON.stringify({ jsonrpc: "2.0", id: 0, result })];
  vi.stubGlobal("window", { relaisSocket: { socket, greeted: true, frames, code: null } });
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
  vi.stubGlobal("window", { relaisSocket: { socket: new FakeSocket(), greeted: false, frames: [], code: 4401 } });
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
