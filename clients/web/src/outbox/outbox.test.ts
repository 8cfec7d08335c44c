import { expect, test } from "vitest";
import type { Problem } from "../engine/problem";
import type { Entry, Outbox } from "./outbox";
import * as outboxes from "./outbox";

const A = "conversation-a";
const B = "conversation-b";
const ids = (entries: readonly { id: string }[]) => entries.map(entry => entry.id);
const persisted = (outbox: Outbox) => outbox.reduce((known, { id }) => outboxes.markPersisted(known, id), outbox);
const messages = (...written: [id: string, conversation?: string][]): Outbox =>
  persisted(
    written.reduce<Outbox>(
      (outbox, [id, conversation = A]) =>
        outboxes.add(outbox, { method: "message.send", params: { id, conversation, body: id } }, 1),
      [],
    ),
  );
const read = (outbox: Outbox, seq: number, conversation = A) =>
  persisted(outboxes.add(outbox, { method: "message.read", params: { conversation, seq } }, 1));
/** Sends an entry, and has the attempt fail. */
const fail = (outbox: Outbox, id: string, reason: Problem["reason"], now = 0) =>
  outboxes.refuse(outboxes.markSending(outbox, id), id, { reason }, now);

test("what is stored holds whole characters alone", () => {
  const params = { id: "1", conversation: A, body: "vu \ud83d\u0000" };
  expect(outboxes.add([], { method: "message.send", params }, 1)[0]!.params).toEqual({ ...params, body: "vu \ufffd" });
});

test("nothing is sent before it is persisted, nor what comes after it", () => {
  let outbox = outboxes.add([], { method: "message.send", params: { id: "1", conversation: A, body: "" } }, 1);
  outbox = [...outbox, ...messages(["2"])];
  expect(outboxes.ready(outbox, 0)).toEqual([]);
  expect(outboxes.nextAttempt(outbox)).toBeNull();
  expect(ids(outboxes.ready(outboxes.markPersisted(outbox, "1"), 0))).toEqual(["1"]);
});

test("a message with files waits for them, in the outbox that is stored too, and holds up no other", () => {
  const params = { id: "files", conversation: A, body: "", attachments: ["f1"] };
  let outbox = outboxes.add([], { method: "message.send", params }, 1);
  outbox = persisted(
    outboxes.add(outbox, { method: "message.send", params: { id: "2", conversation: A, body: "2" } }, 2),
  );
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["2"]);
  outbox = outboxes.restore([], outbox);
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["2"]);
  expect(ids(outboxes.ready(outboxes.markUploaded(outbox, "files"), 0))).toEqual(["files", "2"]);
});

test("only the oldest of a conversation is on its way; conversations do not wait for each other", () => {
  let outbox = messages(["1"], ["2"], ["3", B]);
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["1", "3"]);
  outbox = outboxes.markSending(outbox, "1");
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["3"]);
  outbox = outboxes.accept(outbox, "1");
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["2", "3"]);
});

test("after a cut a command is sent again at once, with its id", () => {
  expect(ids(outboxes.ready(fail(messages(["1"]), "1", "offline", 5), 5))).toEqual(["1"]);
});

test("a passing failure makes it wait, longer each time, and later ones behind it", () => {
  let outbox = fail(messages(["1"], ["2"]), "1", "timeout", 1_000);
  expect(outboxes.ready(outbox, 1_999)).toEqual([]);
  expect(outboxes.nextAttempt(outbox)).toBe(2_000);
  outbox = fail(outbox, "1", "internal", 2_000);
  expect(outboxes.nextAttempt(outbox)).toBe(4_000);
});

test.each(["timeout", "offline", "internal"] as const)("after ten attempts that end with %s it is refused", reason => {
  let outbox = messages(["1"], ["2"]);
  for (let attempt = 1; attempt < outboxes.ATTEMPTS; attempt += 1) outbox = fail(outbox, "1", reason);
  expect(outbox[0]).toMatchObject({ state: "waiting" });
  outbox = fail(outbox, "1", reason);
  expect(outbox[0]).toMatchObject({ state: "refused", problem: { reason } });
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["2"]);
});

test("what waits behind an entry on its way is not due", () => {
  let outbox = fail(messages(["1"], ["2"]), "1", "forbidden");
  outbox = fail(outbox, "2", "timeout");
  expect(outboxes.nextAttempt(outbox)).toBe(1_000);
  outbox = outboxes.markSending(outboxes.retry(outbox, "1"), "1");
  expect(outboxes.nextAttempt(outbox)).toBeNull();
});

test("a refused message stays to be decided on, and does not hold up the others", () => {
  let outbox = fail(messages(["1"], ["2"]), "1", "forbidden");
  expect(outbox[0]).toMatchObject({ state: "refused", problem: { reason: "forbidden" } });
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["2"]);
  outbox = outboxes.retry(outbox, "1");
  expect(outbox[0]).toMatchObject({ attempts: 0, problem: null });
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["1"]);
  expect(ids(outboxes.discard(fail(outbox, "1", "forbidden"), "1"))).toEqual(["2"]);
});

test("what is on its way is neither discarded nor sent twice by a retry", () => {
  const outbox = outboxes.markSending(messages(["1"], ["2"]), "1");
  expect(ids(outboxes.discard(outboxes.discard(outbox, "1"), "2"))).toEqual(["1"]);
  expect(outboxes.ready(outboxes.retry(outbox, "1"), 0)).toEqual([]);
});

test("of waiting read pointers only the furthest of each conversation is kept", () => {
  const outbox = read(read(read(read([], 4), 9, B), 6), 5);
  expect(ids(outbox)).toEqual([`read:${B}:9`, `read:${A}:6`]);
});

test("a read pointer on its way stays until it is answered; a cut lets the furthest go", () => {
  let outbox = outboxes.markSending(read([], 4), `read:${A}:4`);
  outbox = read(outbox, 5);
  expect(outboxes.ready(outbox, 0)).toEqual([]);
  expect(ids(outboxes.refuse(outbox, `read:${A}:4`, { reason: "offline" }, 0))).toEqual([`read:${A}:5`]);
});

test("read pointers and messages of a conversation do not wait for each other", () => {
  const outbox = read(fail(messages(["1"]), "1", "timeout"), 4);
  expect(ids(outboxes.ready(outbox, 0))).toEqual([`read:${A}:4`]);
});

test("a refused read pointer is dropped", () => {
  expect(fail(read([], 4), `read:${A}:4`, "forbidden")).toEqual([]);
});

test("after a reload everything waits again, before what was given since, each once", () => {
  const stored: Outbox = [
    { ...outboxes.markSending(messages(["2"]), "2")[0]!, createdAt: 20, persisted: false },
    { ...messages(["1"])[0]!, createdAt: 10, notBefore: 99_000 },
  ];
  const given = messages(["2"], ["3"]).map(entry => ({ ...entry, createdAt: entry.createdAt + 20 }));
  const outbox = outboxes.restore(given, stored);
  expect(ids(outbox)).toEqual(["1", "2", "3"]);
  expect(outbox.every(entry => entry.state === "waiting" && entry.persisted && entry.notBefore === 0)).toBe(true);
});

test("what is stored counts as persisted, also where it is known here already", () => {
  const known = outboxes.add([], { method: "message.send", params: { id: "1", conversation: A, body: "" } }, 1);
  expect(ids(outboxes.ready(outboxes.restore(known, known), 0))).toEqual(["1"]);
  expect(outboxes.ready(outboxes.restore(known, []), 0)).toEqual([]);
});

test("an older one that is found late goes before newer ones that wait, and after the one on its way", () => {
  const [first, older, newer, newest] = messages(["1"], ["2"], ["3"], ["4"]) as [Entry, Entry, Entry, Entry];
  for (const find of [outboxes.adopt, (known: Outbox, entry: Entry) => outboxes.restore(known, [entry])]) {
    expect(ids(outboxes.ready(find([newer, newest], older), 0))).toEqual(["2"]);
    let outbox = find(outboxes.markSending([newer, newest], "3"), first);
    outbox = find(outbox, older);
    expect(outboxes.ready(outbox, 0)).toEqual([]);
    outbox = outboxes.accept(outbox, "3");
    expect(ids(outbox)).toEqual(["1", "2", "4"]);
  }
});

test("the order is that in which they were given, also within a millisecond and when the clock is set back", () => {
  const write = (outbox: Outbox, id: string, now: number) =>
    outboxes.add(outbox, { method: "message.send", params: { id, conversation: A, body: "" } }, now);
  const [c, b, a] = write(write(write([], "c", 9_000), "b", 9_000), "a", 5) as [Entry, Entry, Entry];
  expect(ids(outboxes.restore([], [a, b, c]))).toEqual(["c", "b", "a"]);
});

test("a command refused before the reload is still refused after it", () => {
  const refused = fail(messages(["1"]), "1", "forbidden");
  expect(outboxes.restore([], refused)).toEqual(refused);
});

test("when access to a conversation is lost, its commands are dropped", () => {
  expect(ids(outboxes.dropConversation(read(messages(["1"], ["2", B]), 4), A))).toEqual(["2"]);
});
