import { expect, test } from "vitest";
import { timeOf, uuid7 } from "./id";
import type { Outbox } from "./outbox";
import * as outboxes from "./outbox";

const A = "conversation-a";
const B = "conversation-b";
const message = (id: string, conversation = A, at = 1) => ({ id, conversation, body: id, replyTo: null, at });
const written = (...messages: [string, string?][]): Outbox =>
  messages.reduce((outbox, [id, conversation]) => outboxes.write(outbox, message(id, conversation)), [] as Outbox);
const ids = (entries: readonly { id: string }[]) => entries.map(entry => entry.id);

test("of one conversation only the oldest is on its way; conversations do not wait for each other", () => {
  let outbox = written(["1"], ["2"], ["3", B]);
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["1", "3"]);
  outbox = outboxes.sending(outbox, "1");
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["3"]);
  outbox = outboxes.accepted(outbox, "1");
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["2", "3"]);
});

test("a message cut off goes again at once, with its id", () => {
  const outbox = outboxes.refused(outboxes.sending(written(["1"]), "1"), "1", { reason: "offline" }, 5);
  expect(ids(outboxes.ready(outbox, 5))).toEqual(["1"]);
});

test("a passing failure makes it wait, longer each time, and later ones behind it", () => {
  let outbox = outboxes.refused(written(["1"], ["2"]), "1", { reason: "timeout" }, 1_000);
  expect(outboxes.ready(outbox, 1_999)).toEqual([]);
  expect(outboxes.due(outbox)).toBe(2_000);
  outbox = outboxes.refused(outbox, "1", { reason: "internal" }, 2_000);
  expect(outboxes.due(outbox)).toBe(4_000);
});

test("what waits behind a message on its way is not due", () => {
  let outbox = outboxes.refused(written(["1"], ["2"]), "1", { reason: "forbidden" }, 0);
  outbox = outboxes.refused(outbox, "2", { reason: "timeout" }, 0);
  expect(outboxes.due(outbox)).toBe(1_000);
  outbox = outboxes.sending(outboxes.retry(outbox, "1"), "1");
  expect(outboxes.due(outbox)).toBeNull();
});

test("a refused message stays to be decided on, and does not hold up the others", () => {
  let outbox = outboxes.refused(written(["1"], ["2"]), "1", { reason: "forbidden" }, 0);
  expect(outbox[0]).toMatchObject({ state: "refused", problem: { reason: "forbidden" } });
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["2"]);
  outbox = outboxes.retry(outbox, "1");
  expect(ids(outboxes.ready(outbox, 0))).toEqual(["1"]);
});

test("what is on its way cannot be discarded", () => {
  const outbox = outboxes.sending(written(["1"], ["2"]), "1");
  expect(ids(outboxes.discard(outboxes.discard(outbox, "1"), "2"))).toEqual(["1"]);
});

test("after a reload everything waits again, before what was written since, each once", () => {
  const kept = [
    { ...outboxes.write([], message("2", A, 20))[0]!, state: "sending" as const },
    { ...outboxes.write([], message("1", A, 10))[0]!, notBefore: 99_000 },
  ];
  const outbox = outboxes.restore(written(["2"], ["3"]), kept);
  expect(ids(outbox)).toEqual(["1", "2", "3"]);
  expect(outbox.every(entry => entry.state === "waiting" && entry.notBefore === 0)).toBe(true);
});

test("with access to a conversation its messages go", () => {
  expect(ids(outboxes.erase(written(["1"], ["2", B]), A))).toEqual(["2"]);
});

test("ids are UUIDs of version 7 in the order of time", () => {
  const random = new Uint8Array(10).fill(255);
  const id = uuid7(1_700_000_000_123, random);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOf(id)).toBe(1_700_000_000_123);
  expect(id < uuid7(1_700_000_000_124, new Uint8Array(10))).toBe(true);
  expect(timeOf("0193a000-0000-4000-8000-000000000000")).toBe(0);
});
