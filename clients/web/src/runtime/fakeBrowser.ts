/** For tests: a browser that is only as much of one as the runtime needs. Its socket is played by the test. */

import { vi } from "vitest";
import type { AgendaWithReasons, Limits } from "../wire/types";

export const ME = "0193a000-0000-7000-8000-0000000000a1";
export const AGENDA = "0193a000-0000-7000-8000-0000000000d1";
export const REASON = "0193a000-0000-7000-8000-0000000000e1";
export const START = "2026-12-01T09:20:00+01:00";
export const END = "2026-12-01T09:40:00+01:00";

export const agenda: AgendaWithReasons = {
  id: AGENDA,
  practitioner: "practitioner",
  practitioner_name: "Dr Yann Kerbrat",
  name: "Cabinet",
  time_zone: "Europe/Paris",
  abilities: [],
  reasons: [{ id: REASON, name: "Consultation", minutes: 20 }],
};

export const LIMITS: Limits = {
  frame_bytes: 65_536,
  in_flight: 32,
  requests_per_second: 500,
  sync_limit: 500,
  body_characters: 20_000,
};

interface Frame {
  id: number;
  method: string;
  params: Record<string, unknown>;
}

export class FakeSocket {
  static readonly OPEN = 1;
  static opened: FakeSocket[] = [];
  readonly sent: Frame[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;

  constructor() {
    FakeSocket.opened.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Frame);
  }

  close(): void {
    this.readyState = 3;
  }

  /** A frame from the server. */
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: "2.0", ...frame }) });
  }

  /** Every request of a method. */
  requests(method: string): Frame[] {
    return this.sent.filter(frame => frame.method === method);
  }

  /** The newest request of a method. */
  asked(method: string): Frame {
    const found = this.requests(method).at(-1);
    if (!found) throw new Error(`${method} was not asked, but ${this.sent.map(frame => frame.method).join(", ")}`);
    return found;
  }

  async answer(method: string, result: object): Promise<void> {
    this.say({ id: this.asked(method).id, result });
    await settle();
  }

  async refuse(method: string, data: object, code = -32000): Promise<void> {
    this.say({ id: this.asked(method).id, error: { code, message: "No.", data } });
    await settle();
  }
}

/** The newest socket. */
export const socket = (): FakeSocket => FakeSocket.opened.at(-1)!;

export const settle = () => vi.advanceTimersByTimeAsync(0);

/** The socket opens and the server greets; `streams` are those beside the inbox. */
export async function welcome(me = ME, streams: object[] = []): Promise<void> {
  socket().onopen?.();
  await socket().answer("hello", {
    me: { id: me, verified: true },
    limits: LIMITS,
    server_time: new Date().toISOString(),
    streams: [{ stream: `i:${me}`, head: 0 }, ...streams],
  });
}

/** What the page does when somebody looks at it again. */
let onVisible: (() => void)[] = [];
export function lookAgain(): void {
  for (const act of onVisible) act();
}

/** A fresh browser, with fresh modules. Import what is tested after it, then call `start`. */
export function stubBrowser(): void {
  vi.resetModules();
  vi.useFakeTimers({ now: Date.parse("2026-11-22T09:30:00Z") });
  FakeSocket.opened = [];
  const place = { pathname: "/discussions", href: "http://localhost/discussions", origin: "http://localhost" };
  const entry = { state: null as unknown, pushState: move, replaceState: move, back: vi.fn() };
  function move(state: unknown, _: string, path?: string) {
    entry.state = state;
    if (path !== undefined) place.pathname = path;
  }
  vi.stubGlobal("location", place);
  vi.stubGlobal("history", entry);
  vi.stubGlobal("addEventListener", () => undefined);
  onVisible = [];
  const addEventListener = (type: string, act: () => void) => type === "visibilitychange" && onVisible.push(act);
  const documentElement = { lang: "fr", dataset: {} };
  vi.stubGlobal("document", { addEventListener, cookie: "csrftoken=abc", documentElement, visibilityState: "visible" });
  vi.stubGlobal("window", {});
  vi.stubGlobal("navigator", { onLine: true });
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
    key: (at: number) => [...stored.keys()][at] ?? null,
    get length() {
      return stored.size;
    },
  });
  vi.stubGlobal("WebSocket", FakeSocket);
  stubFetch({ ok: true, status: 200 });
  vi.stubGlobal("__VERSION__", "0");
}

export function stubFetch(answer: { ok: boolean; status: number }) {
  const fetched = vi.fn((_: string, __: RequestInit) => Promise.resolve(answer));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

/** What `main.tsx` does before the first screen. */
export async function start() {
  const account = await import("../features/account/state");
  const routes = await import("./routes");
  const runtime = await import("./runtime");
  runtime.listen();
  account.begin();
  return { account, routes, runtime };
}
