import { beforeEach, expect, test } from "vitest";
import { Device, type Effect } from "./device";
import type { Outbox } from "./outbox/outbox";
import type { ConversationView, MessageView } from "./wire/types";

const ME = "0193a000-0000-7000-8000-0000000000a1";
const YANN = "0193a000-0000-7000-8000-0000000000b2";
const ID = "0193a000-0000-7000-8000-0000000000c3";
const AT = "2026-11-22T09:30:00.000Z";

let device: Device;
let now: number;

beforeEach(() => {
  now = 1_000_000;
  device = new Device({ name: "test", version: "1", device: ME }, () => 0);
});

const LIMITS = {
  frame_bytes: 65_536,
  in_flight: 32,
  requests_per_second: 500,
  sync_limit: 500,
  body_characters: 20_000,
};

interface Sent {
  id: number;
  method: string;
  params: Record<string, unknown>;
}

const view = (values: Partial<ConversationView> = {}): ConversationView => ({
  id: ID,
  kind: "direct",
  members: [],
  head: 5,
  read: 3,
  unread: 2,
  abilities: ["post"],
  ...values,
});
const frames = (effects: Effect[]) =>
  effects.flatMap(effect => (effect.type === "send" ? [JSON.parse(effect.text) as Sent] : []));
const receive = (frame: object) =>
  device.step({ type: "received", text: JSON.stringify({ jsonrpc: "2.0", ...frame }) }, now);
const happen = (stream: string, seq: number, type: string, data: object) =>
  receive({ method: "event", params: { stream, seq, at: AT, type, data } });
const message = (seq: number, id: string, author = YANN): MessageView => ({
  id,
  conversation: ID,
  seq,
  author,
  body: "…",
  at: AT,
});
/** What a device does with its effects: entries of the outbox are stored at once. */
const persisting = (effects: Effect[]): Effect[] =>
  effects.flatMap(effect =>
    effect.type === "keep" ? [effect, ...device.markPersisted(effect.entry.id, now)] : [effect],
  );
const write = (id: string) => persisting(device.write({ id, conversation: ID, body: "…" }, now));
const read = (seq: number) => persisting(device.read(ID, seq, now));
const open = (conversations = [view()], me = ME) => {
  device.step({ type: "start" }, now);
  device.step({ type: "opened" }, now);
  return welcome(conversations, me);
};
const welcome = (conversations: ConversationView[], me: string, more = false) => {
  const streams = conversations.map(one => ({ stream: `c:${one.id}`, head: one.head, conversation: one }));
  return receive({
    id: 0,
    result: {
      me: { id: me },
      limits: LIMITS,
      server_time: AT,
      streams: [{ stream: `i:${me}`, head: 0 }, ...streams],
      more,
    },
  });
};
const cut = () => {
  device.step({ type: "closed", code: 1006 }, now);
  now += 30_000;
  device.step({ type: "clock" }, now);
};

test("added to a conversation, it asks what it is and follows it from there", () => {
  open([]);
  const [asked] = frames(happen(`i:${ME}`, 1, "conversation.added", { conversation: ID }));
  expect(asked).toMatchObject({ method: "conversation.get", params: { conversation: ID } });
  receive({ id: asked!.id, result: { conversation: view({ head: 2 }) } });
  expect(device.replica.conversations.get(ID)?.head).toBe(2);
  expect(device.cursor(`c:${ID}`)).toBe(2);
});

test("a description that comes after the removal does not bring the conversation back", () => {
  open([]);
  const [asked] = frames(happen(`i:${ME}`, 1, "conversation.added", { conversation: ID }));
  happen(`i:${ME}`, 2, "conversation.removed", { conversation: ID });
  receive({ id: asked!.id, result: { conversation: view() } });
  expect(device.replica.conversations.size).toBe(0);
  expect(device.cursor(`c:${ID}`)).toBeUndefined();
});

test("one of which hello said only where it stands is asked about when something happens in it", () => {
  open([]);
  device.step({ type: "closed", code: 1006 }, now);
  device.step({ type: "online" }, now);
  device.step({ type: "opened" }, now);
  const streams = [{ stream: `c:${ID}`, head: 5 }];
  receive({ id: 0, result: { me: { id: ME }, limits: LIMITS, server_time: AT, streams } });
  const effects = happen(`c:${ID}`, 6, "message.sent", { message: message(6, "m6") });
  expect(effects).toContainEqual(expect.objectContaining({ type: "event" }));
  const [asked] = frames(effects);
  expect(asked).toMatchObject({ method: "conversation.get", params: { conversation: ID } });
  receive({ id: asked!.id, result: { conversation: view({ head: 6, unread: 3 }) } });
  expect(device.replica.conversations.get(ID)).toMatchObject({ head: 6, unread: 3 });
});

test("one that hello left out is stale until it is shown, and then asked about", () => {
  open();
  cut();
  device.step({ type: "opened" }, now);
  welcome([], ME, true);
  expect([device.isStale(ID), device.connection]).toEqual([true, "up-to-date"]);
  const [asked] = frames(device.show(ID, now));
  expect(asked).toMatchObject({ method: "conversation.get", params: { conversation: ID } });
  expect(device.connection).toBe("catching-up");
  const [sync] = frames(receive({ id: asked!.id, result: { conversation: view({ head: 7 }) } }));
  expect(sync).toMatchObject({ method: "sync", params: { stream: `c:${ID}`, after: 5 } });
  expect(device.isStale(ID)).toBe(false);
});

test("of a summary all members are asked for when it is shown, once on a connection", () => {
  open([view({ member_count: 8 })]);
  const [asked] = frames(device.show(ID, now));
  expect(asked).toMatchObject({ method: "conversation.get", params: { conversation: ID } });
  expect([device.connection, frames(device.show(ID, now))]).toEqual(["up-to-date", []]);
  receive({ id: asked!.id, result: { conversation: view({ title: "Garde" }) } });
  expect(device.replica.conversations.get(ID)?.view.title).toBe("Garde");
  cut();
  device.step({ type: "opened" }, now);
  welcome([], ME);
  expect(frames(device.show(ID, now))).toHaveLength(1);
});

test("one that is not known at all is asked about when it is shown, and erased when it is not theirs", () => {
  open([]);
  const [asked] = frames(device.show(ID, now));
  expect(asked).toMatchObject({ method: "conversation.get", params: { conversation: ID } });
  const refused = receive({ id: asked!.id, error: { code: -32000, data: { reason: "not_found" } } });
  expect(refused).toContainEqual({ type: "erase", conversation: ID });
  expect(device.connection).toBe("up-to-date");
});

test.each([
  ["somebody new in a group, for the name", "member.added", { person: YANN, by: ME }],
  ["another role in it, for what it allows", "member.role_changed", { person: ME, role: "owner", by: YANN }],
])("it asks about %s", (_, type, data) => {
  open();
  expect(frames(happen(`c:${ID}`, 6, type, data))).toMatchObject([{ method: "conversation.get" }]);
});

test("what was written to a conversation that is lost is neither sent nor kept", () => {
  open();
  write("first");
  write("second");
  expect(happen(`i:${ME}`, 1, "conversation.removed", { conversation: ID })).toContainEqual({
    type: "erase",
    conversation: ID,
  });
  expect(device.outbox).toEqual([]);
});

test("an event is acceptance enough when a cut swallowed the answer", () => {
  open();
  write("first");
  expect(happen(`c:${ID}`, 6, "message.sent", { message: message(6, "first", ME) })).toContainEqual({
    type: "drop",
    id: "first",
  });
  expect(device.outbox).toEqual([]);
});

test("messages of one conversation go one after the other, in the order written", () => {
  open();
  const [first] = frames(write("first"));
  expect(frames(write("second"))).toEqual([]);
  const [second] = frames(receive({ id: first!.id, result: { message: message(6, "first", ME) } }));
  expect(second).toMatchObject({ method: "message.send", params: { id: "second" } });
});

test("nothing of the outbox is sent before it is stored", () => {
  open();
  const effects = device.write({ id: "first", conversation: ID, body: "…" }, now);
  expect(frames(effects)).toEqual([]);
  expect(frames(device.markPersisted("first", now))).toMatchObject([
    { method: "message.send", params: { id: "first" } },
  ]);
});

test("what was stored is sent after a reload, with its ids, and read as far as it was", () => {
  device.step({ type: "start" }, now);
  write("first");
  const stored = device.outbox;
  device = new Device({ name: "test", version: "1", device: ME }, () => 0);
  open();
  read(4);
  const [pointer] = device.outbox;
  device = new Device({ name: "test", version: "1", device: ME }, () => 0);
  open();
  expect(frames(device.restore([...stored, pointer!], now))).toMatchObject([
    { method: "message.send", params: { id: "first" } },
    { method: "message.read", params: { seq: 4 } },
  ]);
  expect(device.replica.conversations.get(ID)?.read).toBe(4);
});

test("a read pointer that was surpassed is dropped from storage", () => {
  device.step({ type: "start" }, now);
  open();
  cut();
  read(4);
  expect(read(5)).toContainEqual({ type: "drop", id: `read:${ID}:4` });
  const stored = device.outbox.map(entry => ({ ...entry, id: `read:${ID}:3`, params: { conversation: ID, seq: 3 } }));
  expect(device.restore(stored as Outbox, now)).toContainEqual({ type: "drop", id: `read:${ID}:3` });
});

test("every change of the outbox is told, to be kept beyond the page", () => {
  open();
  const written = write("first");
  expect(written).toContainEqual(
    expect.objectContaining({ type: "keep", entry: expect.objectContaining({ id: "first" }) }),
  );
  const [sent] = frames(written);
  const refused = receive({ id: sent!.id, error: { code: -32000, data: { reason: "forbidden" } } });
  expect(refused).toContainEqual(
    expect.objectContaining({ type: "keep", entry: expect.objectContaining({ state: "refused" }) }),
  );
  expect(device.discard("first", now)).toContainEqual({ type: "drop", id: "first" });
});

test("the read pointer is told once, the furthest one, and again after a cut", () => {
  open();
  expect(frames(read(4))).toMatchObject([{ method: "message.read", params: { seq: 4 } }]);
  expect(frames(read(5))).toEqual([]);
  cut();
  expect(frames(open())).toMatchObject([{ method: "message.read", params: { seq: 5 } }]);
  expect(device.replica.conversations.get(ID)).toMatchObject({ read: 5, unread: 0 });
});

test("where nothing is unread there is nothing to tell", () => {
  open([view({ read: 3, unread: 0 })]);
  expect(device.read(ID, 5, now)).toEqual([]);
});

test("history is loaded once at a time, and again after a failure and a new line", () => {
  open();
  const [asked] = frames(device.load(ID, now));
  expect(asked).toMatchObject({ method: "message.history", params: { conversation: ID } });
  expect(device.load(ID, now)).toEqual([]);
  receive({ id: asked!.id, error: { code: -32603, data: {} } });
  expect(device.loads.get(ID)).toMatchObject({ reason: "internal" });
  cut();
  open();
  expect(device.loads.size).toBe(0);
});

test("older pages are asked for before the first message here", () => {
  open();
  const [asked] = frames(device.load(ID, now));
  receive({ id: asked!.id, result: { messages: [message(5, "m5"), message(4, "m4")], more: true } });
  expect(frames(device.load(ID, now))).toMatchObject([{ params: { before: 4 } }]);
});

test("typing is told when there is a line, and never later", () => {
  expect(device.typing(ID, now)).toEqual([]);
  expect(frames(open())).toEqual([]);
  expect(frames(device.typing(ID, now))).toMatchObject([{ method: "typing" }]);
});

test("of the person before, the person after sees nothing and does nothing", () => {
  open();
  cut();
  write("first");
  device.ask("conversation.leave", { conversation: ID }, now);
  read(5);
  const effects = open([], YANN);
  expect(effects).toContainEqual({ type: "cleared" });
  expect(device.outbox).toEqual([]);
  expect(device.replica.conversations.size).toBe(0);
  const [hello] = frames(device.step({ type: "opened" }, now));
  expect(hello?.params).not.toHaveProperty("cursors");
  expect(frames(welcome([], YANN))).toEqual([]);
  expect(device.replica).toMatchObject({ me: { id: YANN }, conversations: new Map() });
});

test("cleared, it holds nothing and starts again as new", () => {
  open();
  write("first");
  read(5);
  device.clear(now);
  expect(device).toMatchObject({ outbox: [], connection: "stopped" });
  expect(device.replica.conversations.size).toBe(0);
  device.step({ type: "start" }, now);
  expect(frames(device.step({ type: "opened" }, now))[0]?.params["cursors"]).toBeUndefined();
});

// Several tabs: one sends for all.

const other = () => {
  const here = device;
  device = new Device({ name: "test", version: "1", device: ME }, () => 0);
  device.lead(false, now);
  open();
  return [here, device] as const;
};

test("a tab that does not lead sends nothing of the outbox, and hands over what it stored", () => {
  open();
  other();
  expect(frames(device.write({ id: "first", conversation: ID, body: "…" }, now))).toEqual([]);
  expect(device.unshared).toEqual([]);
  expect(frames(device.markPersisted("first", now))).toEqual([]);
  expect(device.unshared).toMatchObject([{ id: "first" }]);
  expect(device.due).not.toBe(now);
});

test("what another tab hands over is sent once, behind what is here", () => {
  open();
  const [leader, follower] = other();
  write("second");
  const [entry] = follower.unshared;
  device = leader;
  expect(frames(device.adopt(entry!, now))).toMatchObject([{ method: "message.send", params: { id: "second" } }]);
  expect(frames(device.adopt(entry!, now))).toEqual([]);
  follower.mirror(leader.outbox);
  expect(follower.outbox).toMatchObject([{ id: "second", state: "sending" }]);
  expect(follower.unshared).toEqual([]);
  follower.mirror([]);
  expect(follower.outbox).toEqual([]);
});

test("what the leader does not have yet stands where it was written", () => {
  open();
  const [leader, follower] = other();
  device = leader;
  write("before");
  now += 10;
  device = follower;
  write("mine");
  now += 10;
  device = leader;
  write("after");
  follower.mirror(leader.outbox);
  expect(follower.outbox.map(({ id }) => id)).toEqual(["before", "mine", "after"]);
  expect(follower.unshared).toMatchObject([{ id: "mine" }]);
});

test("a tab that begins to lead sends what the one before had on its way, with its id", () => {
  open();
  const [leader, follower] = other();
  device = leader;
  write("first");
  follower.mirror(leader.outbox);
  expect(frames(follower.lead(true, now))).toEqual([]); // storage may hold an older one
  expect(follower.due).not.toBe(0);
  expect(frames(follower.restore([], now))).toMatchObject([{ method: "message.send", params: { id: "first" } }]);
  expect(frames(follower.restore([], now))).toEqual([]);
});

test("what the leader died with before it was stored is stored by the next one, and sent with all behind it", () => {
  open();
  const [leader, follower] = other();
  device = leader;
  device.write({ id: "first", conversation: ID, body: "…" }, now);
  follower.mirror(leader.outbox); // and the leader is gone
  device = follower;
  const effects = follower.lead(true, now);
  expect(effects).toContainEqual({ type: "keep", entry: expect.objectContaining({ id: "first" }) });
  persisting(effects);
  write("second");
  const [first] = frames(follower.restore([], now));
  expect(first).toMatchObject({ method: "message.send", params: { id: "first" } });
  const [second] = frames(receive({ id: first!.id, result: { message: message(6, "first", ME) } }));
  expect(second).toMatchObject({ method: "message.send", params: { id: "second" } });
});

test("what the leader died with after it was stored counts as stored", () => {
  open();
  const [leader, follower] = other();
  device = leader;
  device.write({ id: "first", conversation: ID, body: "…" }, now);
  follower.mirror(leader.outbox);
  device = follower;
  follower.lead(true, now);
  expect(frames(follower.restore(leader.outbox, now))).toMatchObject([{ params: { id: "first" } }]);
});

test("what a tab stored and never told is sent before what was written after it, whichever of three tabs wrote", () => {
  open();
  const leader = device;
  const [, second] = other();
  const [, third] = other();
  device = second;
  write("first");
  const stored = [...second.outbox]; // and it is gone
  now += 10;
  device = third;
  write("second");
  const [told] = third.unshared;
  device = leader;
  leader.hold();
  leader.adopt(told!, now);
  const [sent, ...others] = frames(leader.restore([...stored, told!], now));
  expect([sent, others]).toMatchObject([{ params: { id: "first" } }, []]);
  const next = frames(receive({ id: sent!.id, result: { message: message(6, "first", ME) } }));
  expect(next).toMatchObject([{ params: { id: "second" } }]);
  third.mirror(leader.outbox);
  expect(third.outbox.map(({ id }) => id)).toEqual(["second"]);
});

test("storage read a moment too early brings nothing back that is done", () => {
  open();
  const [sent] = frames(write("first"));
  const stored = device.outbox;
  receive({ id: sent!.id, result: { message: message(6, "first", ME) } });
  expect(device.restore(stored, now)).toEqual([{ type: "drop", id: "first" }]);
  expect(device.outbox).toEqual([]);
});

test("storage that holds nothing new changes nothing", () => {
  open();
  cut();
  write("first");
  const before = device.outbox;
  expect(device.restore(before, now)).toEqual([]);
  expect(device.outbox).toBe(before);
});

test("a tab that ceases to lead hands all over", () => {
  open();
  write("first");
  cut();
  expect(device.lead(false, now)).toEqual([]);
  expect(device.unshared).toMatchObject([{ id: "first", state: "waiting" }]);
});

test("what was read in another tab is read here", () => {
  open();
  const [leader, follower] = other();
  device = leader;
  read(5);
  follower.mirror(leader.outbox);
  expect(follower.replica.conversations.get(ID)).toMatchObject({ read: 5, unread: 0 });
});

test("hello of another tab is answered with what is known here, and not before something is", () => {
  expect(device.greet({}, AT)).toBeNull();
  open();
  happen(`c:${ID}`, 6, "message.sent", { message: message(6, "m6") });
  const welcomed = device.greet({}, AT);
  const stream = welcomed?.streams.find(one => one.stream === `c:${ID}`);
  expect(stream).toMatchObject({ head: 6, read: 3, unread: 3, conversation: { head: 6, last: { id: "m6" } } });
  expect(welcomed?.limits.in_flight).toBeLessThan(LIMITS.in_flight);
  expect(welcomed?.streams).toContainEqual({ stream: `i:${ME}`, head: 0 });
});

test("a tab greeted by another one has what that one has, and what comes next", () => {
  open();
  happen(`c:${ID}`, 6, "message.sent", { message: message(6, "m6") });
  const leader = device;
  device = new Device({ name: "test", version: "1", device: ME }, () => 0);
  device.step({ type: "start" }, now);
  device.step({ type: "opened" }, now);
  receive({ id: 0, result: leader.greet({}, AT)! });
  expect(device.replica.conversations.get(ID)).toMatchObject({ head: 6, unread: 3 });
  happen(`c:${ID}`, 7, "message.sent", { message: message(7, "m7") });
  expect(device.replica.conversations.get(ID)).toMatchObject({ head: 7, unread: 4 });
  expect(device.connection).toBe("up-to-date");
});

test("a stream that the leader knows less of, or that is stale, is left to the tab that knows more", () => {
  open();
  expect(device.greet({ [`c:${ID}`]: 9 }, AT)?.streams.map(({ stream }) => stream)).toEqual([`i:${ME}`]);
  cut();
  device.step({ type: "opened" }, now);
  welcome([], ME, true);
  expect(device.greet({}, AT)).toMatchObject({ more: true, streams: [{ stream: `i:${ME}` }] });
});
