/** Conversations as the screens see them, in a browser played by the test. */

import { beforeEach, expect, test } from "vitest";
import { lookAgain, ME, START, settle, socket, start, stubBrowser, welcome } from "../../runtime/fakeBrowser";

let routes: typeof import("../../runtime/routes");
let conversations: typeof import("./state");

beforeEach(async () => {
  stubBrowser();
  conversations = await import("./state");
  ({ routes } = await start());
});

test("marked as new is what was unread when the thread was opened, not what arrives while it is on the screen", async () => {
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
    socket().say({
      method: "event",
      params: { stream, seq, at: START, type: "message.sent", data: { message: message(seq) } },
    });
  const fresh = () =>
    conversations
      .thread(id)
      .value.items.filter(item => item.kind === "message" && item.firstUnread)
      .map(item => item.key);
  await welcome(ME, [{ stream, head: 2, conversation }]);
  routes.go({ name: "conversation", id });
  await settle();
  await socket().answer("message.history", { messages: [message(2), message(1)] });
  expect(fresh()).toEqual(["m2"]);
  conversations.read(id, 2);
  arrives(3);
  expect(fresh()).toEqual(["m2"]);
  routes.go({ name: "conversations" });
  conversations.read(id, 3);
  routes.go({ name: "conversation", id });
  arrives(4);
  expect(fresh()).toEqual([]);
  lookAgain();
  expect(fresh()).toEqual(["m4"]);
});

test("a conversation that hello did not list is asked about when it is opened", async () => {
  const id = "0193a000-0000-7000-8000-0000000000c4";
  await welcome();
  routes.go({ name: "conversation", id });
  await settle();
  expect(
    socket()
      .requests("conversation.get")
      .map(frame => frame.params),
  ).toEqual([{ conversation: id }]);
  const conversation = { id, kind: "group", title: "Garde", members: [], head: 1, read: 1, unread: 0, abilities: [] };
  await socket().answer("conversation.get", { conversation });
  expect(conversations.thread(id).value.conversation).toMatchObject({ title: "Garde" });
  routes.go({ name: "conversations" });
  routes.go({ name: "conversation", id });
  await settle();
  expect(socket().requests("conversation.get")).toHaveLength(1);
});

test("what hello left out is listed page by page, and a page that says nothing new is followed by the next", async () => {
  const row = (id: string) => ({
    id,
    kind: "group",
    title: id,
    members: [],
    head: 1,
    read: 1,
    unread: 0,
    abilities: [],
    last: { id: `m${id}`, conversation: id, seq: 1, author: "samir", body: "Bonjour", at: START },
  });
  const ids = () => conversations.conversations.value.items.map(item => item.id);
  await welcome(ME, [
    { stream: "c:a", head: 1, conversation: row("a") },
    { stream: "c:b", head: 1 },
  ]);
  expect([ids(), conversations.conversations.value.more]).toEqual([["a"], "some"]);
  void conversations.loadMore();
  void conversations.loadMore();
  await socket().answer("conversation.list", { conversations: [row("a")], cursor: "next" });
  expect(conversations.conversations.value.more).toBe("loading");
  expect(
    socket()
      .requests("conversation.list")
      .map(frame => frame.params),
  ).toEqual([{}, { cursor: "next" }]);
  await socket().refuse("conversation.list", { reason: "forbidden" });
  expect(conversations.conversations.value).toMatchObject({ more: "some", problem: { reason: "forbidden" } });
  void conversations.loadMore();
  await socket().answer("conversation.list", { conversations: [row("b"), row("c")] });
  expect([ids().sort(), conversations.conversations.value.more]).toEqual([["a", "b", "c"], "none"]);
});
