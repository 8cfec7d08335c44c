/** The script that runs before the application: it must say what the application would have said. */

import { beforeEach, expect, test, vi } from "vitest";
import { Engine } from "./engine/engine";

const DEVICE = "0193a000-0000-7000-8000-0000000000f1";

class PlayedSocket {
  static opened: PlayedSocket[] = [];
  readonly sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;

  constructor(
    readonly address: URL,
    readonly subprotocol: string,
  ) {
    PlayedSocket.opened.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
}

let stored: Record<string, string>;

/** The lock of all tabs: free, or held by another one. */
let isFree: boolean;
const locks = {
  request: async (_: string, __: object, hold: (lock: object | null) => unknown) => {
    await Promise.resolve();
    return await hold(isFree ? {} : null);
  },
};

const load = async () => {
  await import("./early");
  return await window.relaisSocket;
};

beforeEach(() => {
  vi.resetModules();
  stored = { "relais.device": DEVICE };
  PlayedSocket.opened = [];
  vi.stubGlobal("window", {});
  vi.stubGlobal("navigator", { locks });
  isFree = true;
  vi.stubGlobal("location", { href: "https://relais.test/discussions" });
  vi.stubGlobal("localStorage", { getItem: (key: string) => stored[key] ?? null });
  vi.stubGlobal("WebSocket", PlayedSocket);
  vi.stubGlobal("__VERSION__", "9");
});

test("says the engine's own hello, and keeps what is answered", async () => {
  const early = await load();
  const socket = PlayedSocket.opened[0]!;
  expect([socket.address.href, socket.subprotocol]).toEqual(["wss://relais.test/ws", "relais.v1"]);
  socket.onopen?.();
  socket.onmessage?.({ data: "welcome" });
  const engine = new Engine({ name: "web", version: "9", device: DEVICE }, () => 0);
  engine.step({ type: "start" }, 0);
  expect(engine.step({ type: "opened" }, 0)).toEqual([{ type: "send", text: socket.sent[0] }]);
  expect(early).toMatchObject({ greeted: true, frames: ["welcome"], code: null });
});

test("leaves hello to the application when this device has no id yet", async () => {
  stored = {};
  const early = await load();
  PlayedSocket.opened[0]!.onopen?.();
  expect(PlayedSocket.opened[0]!.sent).toEqual([]);
  expect(early?.greeted).toBe(false);
});

test("opens nothing while another tab leads, nor where tabs cannot agree", async () => {
  isFree = false;
  expect(await load()).toBeNull();
  vi.resetModules();
  vi.stubGlobal("window", {});
  vi.stubGlobal("navigator", {});
  expect(await load()).toBeNull();
  expect(PlayedSocket.opened).toEqual([]);
});

test("asks for nothing in the name of somebody whose sign-out the server has not heard of", async () => {
  stored["relais.leaving"] = "1";
  expect(await load()).toBeUndefined();
  expect(PlayedSocket.opened).toEqual([]);
});
