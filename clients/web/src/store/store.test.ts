/** The store in a browser that is only as much of one as the store needs: its socket is played by the test. */

import { beforeEach, expect, test, vi } from "vitest";
import type { AgendaWithReasons, Hit } from "../wire/types";

const ME = "0193a000-0000-7000-8000-0000000000a1";
const AGENDA = "0193a000-0000-7000-8000-0000000000d1";
const REASON = "0193a000-0000-7000-8000-0000000000e1";
const START = "2026-12-01T09:20:00+01:00";
const END = "2026-12-01T09:40:00+01:00";

interface Frame {
  id: number;
  method: string;
  params: Record<string, unknown>;
}

class PlayedSocket {
  static readonly OPEN = 1;
  static opened: PlayedSocket[] = [];
  readonly sent: Frame[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;

  constructor() {
    PlayedSocket.opened.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Frame);
  }
  close(): void {
    this.readyState = 3;
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: "2.0", ...frame }) });
  }
  /** The newest request of a method, and its answer. */
  asked(method: string): Frame {
    const found = this.sent.findLast(frame => frame.method === method);
    if (!found) throw new Error(`${method} was not asked, but ${this.sent.map(frame => frame.method).join(", ")}`);
    return found;
  }
  async answer(method: string, result: object): Promise<void> {
    this.say({ id: this.asked(method).id, result });
    await vi.advanceTimersByTimeAsync(0);
  }
  async refuse(method: string, data: object, code = -32000): Promise<void> {
    this.say({ id: this.asked(method).id, error: { code, message: "No.", data } });
    await vi.advanceTimersByTimeAsync(0);
  }
}

let store: typeof import("./index");
let wizard: typeof import("./booking");
/** What the page does when somebody looks at it again. */
let looked: (() => void)[];

const line = () => PlayedSocket.opened.at(-1)!;
const welcome = async (me = ME): Promise<void> => {
  line().onopen?.();
  const streams = [{ stream: `i:${me}`, head: 0 }];
  await line().answer("hello", {
    me: { id: me, verified: true },
    limits: { frame_bytes: 65_536, in_flight: 32, requests_per_second: 500, sync_limit: 500, body_characters: 20_000 },
    server_time: new Date().toISOString(),
    streams,
  });
};

beforeEach(async () => {
  vi.resetModules();
  vi.useFakeTimers({ now: Date.parse("2026-11-22T09:30:00Z") });
  PlayedSocket.opened = [];
  const place = { pathname: "/discussions", href: "http://localhost/discussions", origin: "http://localhost" };
  const move = (_: unknown, __: string, path: string) => (place.pathname = path);
  vi.stubGlobal("location", place);
  vi.stubGlobal("history", { pushState: move, replaceState: move });
  vi.stubGlobal("addEventListener", () => undefined);
  looked = [];
  const addEventListener = (type: string, act: () => void) => type === "visibilitychange" && looked.push(act);
  vi.stubGlobal("document", { addEventListener, cookie: "csrftoken=abc", visibilityState: "visible" });
  vi.stubGlobal("window", {});
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
  vi.stubGlobal("WebSocket", PlayedSocket);
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve({ ok: true, status: 200 })),
  );
  vi.stubGlobal("__VERSION__", "0");
  store = await import("./index");
  wizard = await import("./booking");
  store.begin();
});

test("without a session it goes to sign-in, and after it to where one was going", async () => {
  store.go({ name: "agendas" });
  line().onclose?.({ code: 4401 });
  expect(store.session.value).toEqual({ state: "signed-out" });
  expect(store.route.value).toEqual({ name: "sign-in" });
  await store.signIn("aude@exemple.test", "secret");
  expect(store.route.value).toEqual({ name: "agendas" });
  await welcome();
  expect(store.session.value).toMatchObject({ state: "signed-in", me: { id: ME } });
});

test("a wrong password is said to be one", async () => {
  line().onclose?.({ code: 4401 });
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve({ ok: false, status: 400 })),
  );
  expect(await store.signIn("aude@exemple.test", "wrong")).toEqual({ ok: false, problem: { reason: "credentials" } });
  expect(store.session.value.state).toBe("signed-out");
});

test("a session that somebody left in this browser never passes for the one asked for", async () => {
  line().onclose?.({ code: 4401 });
  const statuses = [409, 401, 200];
  const told = vi.fn((_: string, __: RequestInit) =>
    Promise.resolve({ status: statuses[0], ok: statuses.shift() === 200 }),
  );
  vi.stubGlobal("fetch", told);
  expect(await store.signIn("aude@exemple.test", "secret")).toEqual({ ok: true, value: undefined });
  expect(told.mock.calls.map(([, request]) => request.method)).toEqual(["POST", "DELETE", "POST"]);
});

test("a session ended from elsewhere says so, and nothing stays", async () => {
  await welcome();
  line().onclose?.({ code: 4401 });
  expect(store.session.value).toEqual({ state: "signed-out", why: "ended" });
  expect(store.conversations.value).toMatchObject({ loaded: false, items: [] });
});

test("signed out without network, the server is told before anything else the next time", async () => {
  await welcome();
  const offline = vi.fn(() => Promise.reject(new TypeError("no network")));
  vi.stubGlobal("fetch", offline);
  await store.signOut();
  expect(store.session.value).toEqual({ state: "signed-out" });
  vi.resetModules();
  const told = vi.fn((_: string, __: RequestInit) => Promise.resolve({ ok: false, status: 401 }));
  vi.stubGlobal("fetch", told);
  const sockets = PlayedSocket.opened.length;
  const reloaded = await import("./index");
  reloaded.begin();
  await vi.advanceTimersByTimeAsync(0);
  expect(told.mock.calls[0]?.[1]).toMatchObject({ method: "DELETE" });
  expect(PlayedSocket.opened).toHaveLength(sockets);
  expect(reloaded.session.value).toEqual({ state: "signed-out" });
  expect(localStorage.getItem("relais.leaving")).toBeNull();
});

test("a socket opened before the application came is taken over, with what was answered on it", async () => {
  vi.resetModules();
  const socket = new PlayedSocket();
  socket.readyState = PlayedSocket.OPEN;
  const result = {
    me: { id: ME, verified: true },
    limits: { frame_bytes: 65_536, in_flight: 32, requests_per_second: 500, sync_limit: 500, body_characters: 20_000 },
    server_time: "2026-11-22T09:30:00Z",
    streams: [],
  };
  const frames = [JSON.stringify({ jsonrpc: "2.0", id: 0, result })];
  vi.stubGlobal("window", { relaisSocket: { socket, greeted: true, frames, code: null } });
  const sockets = PlayedSocket.opened.length;
  const reloaded = await import("./index");
  reloaded.begin();
  await vi.advanceTimersByTimeAsync(0);
  expect(PlayedSocket.opened).toHaveLength(sockets);
  expect(reloaded.session.value).toMatchObject({ state: "signed-in", me: { id: ME } });
  expect(socket.sent.map(frame => frame.method)).not.toContain("hello");
  expect(window.relaisSocket).toBeNull();
});

test("a socket that ended before the application came tells why", async () => {
  vi.resetModules();
  vi.stubGlobal("window", { relaisSocket: { socket: new PlayedSocket(), greeted: false, frames: [], code: 4401 } });
  const reloaded = await import("./index");
  reloaded.begin();
  await vi.advanceTimersByTimeAsync(0);
  expect(reloaded.session.value).toEqual({ state: "signed-out" });
});

test("a person who is not verified stands before that door", () => {
  line().onclose?.({ code: 4403 });
  expect(store.session.value).toEqual({ state: "not-verified", me: null });
});

test("opened in another tab, this one stops and can take over", async () => {
  await welcome();
  line().onclose?.({ code: 4409 });
  expect(store.connection.value).toMatchObject({ state: "offline", elsewhere: true });
  const before = PlayedSocket.opened.length;
  store.takeOver();
  expect(PlayedSocket.opened).toHaveLength(before + 1);
  expect(store.connection.value.elsewhere).toBe(false);
});

test("new is what was unread when one came to look, not what arrives while one looks", async () => {
  const id = "0193a000-0000-7000-8000-0000000000c3";
  const stream = `c:${id}`;
  const message = (seq: number) => ({
    id: `m${seq}`,
    conversation: id,
    seq,
    author: "samir",
    body: "Bonjour",
    at: START,
  });
  const conversation = {
    id,
    kind: "group",
    members: [],
    head: 2,
    read: 1,
    unread: 1,
    abilities: ["post"],
    last: message(2),
  };
  const arrives = (seq: number) =>
    line().say({
      method: "event",
      params: { stream, seq, at: START, type: "message.sent", data: { message: message(seq) } },
    });
  const fresh = () =>
    store
      .thread(id)
      .value.items.filter(item => item.kind === "message" && item.firstUnread)
      .map(item => item.key);
  line().onopen?.();
  const streams = [
    { stream: `i:${ME}`, head: 0 },
    { stream, head: 2, conversation },
  ];
  await line().answer("hello", {
    me: { id: ME, verified: true },
    limits: { frame_bytes: 65_536, in_flight: 32, requests_per_second: 500, sync_limit: 500, body_characters: 20_000 },
    server_time: new Date().toISOString(),
    streams,
  });
  store.go({ name: "conversation", id });
  await vi.advanceTimersByTimeAsync(0);
  await line().answer("message.history", { messages: [message(2), message(1)] });
  expect(fresh()).toEqual(["m2"]);
  store.read(id, 2);
  arrives(3);
  expect(fresh()).toEqual(["m2"]);
  store.go({ name: "conversations" });
  store.read(id, 3);
  store.go({ name: "conversation", id });
  arrives(4);
  expect(fresh()).toEqual([]);
  for (const act of looked) act();
  expect(fresh()).toEqual(["m4"]);
});

test("as one types, only the last question is asked, and only its answer is shown", async () => {
  await welcome();
  store.search({ text: "bel" });
  await vi.advanceTimersByTimeAsync(200);
  const early = line().asked("directory.search");
  store.search({ text: "belk" });
  store.search({ text: "belkhadra" });
  await vi.advanceTimersByTimeAsync(200);
  expect(line().sent.filter(frame => frame.method === "directory.search")).toHaveLength(2);
  await line().answer("directory.search", { hits: [hit], cursor: "next" });
  line().say({ id: early.id, result: { hits: [] } });
  await vi.advanceTimersByTimeAsync(0);
  expect(store.directory.value).toMatchObject({ state: "done", hits: [hit], more: true, query: { text: "belkhadra" } });
  store.search({ text: " " });
  expect(store.directory.value).toMatchObject({ state: "idle", hits: [] });
});

test("agendas that could not be loaded are asked for again when the line is back, and when one wants to", async () => {
  await welcome();
  const { agendas, reloadAgendas } = await import("./agendas");
  expect(agendas.value.state).toBe("loading");
  await vi.advanceTimersByTimeAsync(0);
  await line().refuse("agenda.list", { incident: "a1" }, -32603);
  expect(agendas.value).toMatchObject({ state: "failed", problem: { reason: "internal" } });
  line().onclose?.({ code: 1006 });
  await vi.advanceTimersByTimeAsync(30_000);
  await welcome();
  await line().refuse("agenda.list", { incident: "a2" }, -32603);
  reloadAgendas();
  await line().answer("agenda.list", { agendas: [agenda] });
  expect(agendas.value).toMatchObject({ state: "ready", items: [{ id: AGENDA }] });
});

test("a page of referrals that could not be loaded can be asked for again", async () => {
  await welcome();
  const { moreReferrals, referrals } = await import("./referrals");
  expect(referrals("made").value.state).toBe("loading");
  await vi.advanceTimersByTimeAsync(0);
  await line().answer("referral.list", { referrals: [{ id: "one" }], cursor: "next" });
  moreReferrals("made");
  await line().refuse("referral.list", { incident: "a1" }, -32603);
  expect(referrals("made").value).toMatchObject({ state: "failed", items: [{ id: "one" }] });
  moreReferrals("made");
  await line().answer("referral.list", { referrals: [{ id: "two" }] });
  expect(referrals("made").value).toMatchObject({ state: "ready", items: [{ id: "one" }, { id: "two" }], more: false });
});

// The wizard.

const hit = {
  practitioner: { id: "practitioner", name: "Dr Yann Kerbrat", profession: "Médecin" },
  places: [],
  why: [],
} satisfies Hit;
const agenda: AgendaWithReasons = {
  id: AGENDA,
  practitioner: "practitioner",
  practitioner_name: "Dr Yann Kerbrat",
  name: "Cabinet",
  time_zone: "Europe/Paris",
  abilities: [],
  reasons: [{ id: REASON, name: "Consultation", minutes: 20 }],
};
const slot = { agenda: AGENDA, reason: REASON, start: START, end: END };

const toSlots = async (): Promise<void> => {
  await welcome();
  wizard.startBooking();
  wizard.choosePractitioner(hit);
  await line().answer("agenda.reasons", { agendas: [agenda] });
  wizard.showDays("2026-12-01");
  await line().answer("agenda.slots", { slots: [slot] });
};
const toPatient = async (): Promise<void> => {
  await toSlots();
  void wizard.holdSlot({ ...slot, state: "free" });
  const hold = line().asked("slot.hold").params["id"];
  const expires_at = new Date(Date.now() + 15 * 60_000).toISOString();
  await line().answer("slot.hold", { hold, expires_at, agenda: AGENDA, reason: REASON, start: START, end: END });
};
const fillIn = (): void => {
  const typed = {
    civility: "mme",
    first_names: "Odile",
    family_name: "Marchandeau",
    birth_date: "1954-03-14",
  } as const;
  const rest = { birth_city: "Quimper", phone: "06 39 98 41 07" } as const;
  for (const [field, value] of Object.entries({ ...typed, ...rest }))
    wizard.editPatient(field as keyof typeof typed, value);
  wizard.setSeenBefore(false);
};
const step = () => wizard.booking.value.step;

test("the only visit reason is chosen at once, and the days of the site are offered", async () => {
  await toSlots();
  expect(line().asked("agenda.slots").params).toMatchObject({
    agenda: AGENDA,
    reason: REASON,
    from: "2026-12-01",
    to: "2026-12-08",
  });
  const now = wizard.booking.value;
  expect(now).toMatchObject({ step: "slots", reason: { id: REASON } });
  expect(now.step === "slots" && now.slots.days[0]).toEqual({ day: "2026-12-01", slots: [{ ...slot, state: "free" }] });
  expect(store.route.value).toEqual({ name: "referral", step: "slots" });
});

test("somebody else's hold marks the slot while one looks", async () => {
  await toSlots();
  await line().answer("agenda.watch", { stream: `a:${AGENDA}`, head: 7 });
  await line().answer("agenda.slots", { slots: [slot] });
  const data = { start: START, end: END, expires_at: "2026-12-01T10:00:00Z" };
  line().say({ method: "event", params: { stream: `a:${AGENDA}`, seq: 8, at: START, type: "slot.held", data } });
  const now = wizard.booking.value;
  expect(now.step === "slots" && now.slots.days[0]?.slots[0]?.state).toBe("held");
});

test("a slot that somebody took first is said to be taken, and the slots are loaded again", async () => {
  await toSlots();
  void wizard.holdSlot({ ...slot, state: "free" });
  const before = line().sent.length;
  await line().refuse("slot.hold", { reason: "slot_taken" });
  expect(wizard.booking.value).toMatchObject({ step: "slots", holding: null, problem: { reason: "slot_taken" } });
  expect(
    line()
      .sent.slice(before)
      .map(frame => frame.method),
  ).toContain("agenda.slots");
});

test("a hold whose answer was lost is given back as soon as the server is heard again", async () => {
  await toSlots();
  void wizard.holdSlot({ ...slot, state: "free" });
  const hold = line().asked("slot.hold").params["id"];
  line().onclose?.({ code: 1006 });
  await vi.advanceTimersByTimeAsync(90_000);
  expect(wizard.booking.value).toMatchObject({ step: "slots", holding: null, problem: { reason: "timeout" } });
  store.reconnect();
  await welcome();
  expect(
    line()
      .sent.filter(frame => frame.method === "slot.release")
      .map(frame => frame.params),
  ).toEqual([{ hold }]);
  await line().refuse("slot.release", { reason: "not_found" });
  await vi.advanceTimersByTimeAsync(0);
  expect(line().sent.filter(frame => frame.method === "slot.release")).toHaveLength(1);
});

test("the hold counts down, and says when it is over", async () => {
  await toPatient();
  expect(wizard.holdRemaining.value).toBe(900);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wizard.holdRemaining.value).toBe(840);
  await vi.advanceTimersByTimeAsync(841_000);
  expect(wizard.holdRemaining.value).toBe(0);
  expect(wizard.booking.value).toMatchObject({ step: "patient", problem: { reason: "hold_expired" } });
});

test("what was typed survives a step back, which gives the slot back", async () => {
  await toPatient();
  fillIn();
  wizard.back();
  expect(line().asked("slot.release").params).toEqual({ hold: line().asked("slot.hold").params["id"] });
  expect(step()).toBe("slots");
  void wizard.holdSlot({ ...slot, state: "free" });
  const hold = line().asked("slot.hold").params["id"];
  await line().answer("slot.hold", {
    hold,
    expires_at: "2026-11-22T09:45:00Z",
    agenda: AGENDA,
    reason: REASON,
    start: START,
    end: END,
  });
  expect(wizard.booking.value).toMatchObject({
    step: "patient",
    draft: { family_name: "Marchandeau" },
    seenBefore: false,
  });
});

test("what is wrong is said at the field, before anything is sent", async () => {
  await toPatient();
  fillIn();
  wizard.editPatient("phone", "112");
  await wizard.confirmBooking();
  expect(wizard.booking.value).toMatchObject({ step: "patient", errors: { phone: "format" } });
  expect(line().sent.map(frame => frame.method)).not.toContain("referral.book");
});

test("what the server refuses about a field is said at that field", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  expect(step()).toBe("confirming");
  await line().refuse("referral.book", { reason: "invalid", path: "$.patient.phone" }, -32602);
  expect(wizard.booking.value).toMatchObject({ step: "patient", errors: { phone: "refused" } });
});

test("a booking whose answer was lost goes again with the same id, a corrected one with another", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  const first = line().asked("referral.book").params["id"];
  await line().refuse("referral.book", { incident: "a1" }, -32603);
  void wizard.confirmBooking();
  expect(line().asked("referral.book").params["id"]).toBe(first);
  await line().refuse("referral.book", { incident: "a2" }, -32603);
  wizard.editPatient("first_names", "Odile Marie");
  void wizard.confirmBooking();
  expect(line().asked("referral.book").params["id"]).not.toBe(first);
});

test("a confirmation without an answer is asked about until the server says what became of it", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  const { id } = line().asked("referral.book").params;
  line().onclose?.({ code: 1006 });
  await vi.advanceTimersByTimeAsync(20 * 60_000);
  expect(step()).toBe("confirming");
  store.reconnect();
  await welcome();
  expect(line().asked("referral.book").params["id"]).toBe(id);
  await line().answer("referral.book", { referral: { id: "r" }, appointment: { id: "a" } });
  expect(step()).toBe("done");
});

test("booked, it shows what was done and forgets the patient", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  await line().answer("referral.book", { referral: { id: "r" }, appointment: { id: "a" } });
  expect(wizard.booking.value).toMatchObject({ step: "done", booked: { referral: { id: "r" } } });
  expect(store.route.value).toEqual({ name: "referral", step: "confirmation" });
  wizard.startBooking();
  wizard.choosePractitioner(hit);
  await line().answer("agenda.reasons", { agendas: [agenda] });
  void wizard.holdSlot({ ...slot, state: "free" });
  const hold = line().asked("slot.hold").params["id"];
  await line().answer("slot.hold", {
    hold,
    expires_at: "2026-11-22T09:45:00Z",
    agenda: AGENDA,
    reason: REASON,
    start: START,
    end: END,
  });
  expect(wizard.booking.value).toMatchObject({ step: "patient", draft: { family_name: "" }, seenBefore: null });
});

test("an address ahead of what has been chosen leads back to it", async () => {
  await welcome();
  store.go({ name: "referral", step: "patient" });
  await vi.advanceTimersByTimeAsync(0);
  expect(store.route.value).toEqual({ name: "referral", step: "search" });
});
