import { expect, test } from "vitest";
import type { AnyEvent } from "../wire/frame";
import type { ConversationView, Me, MessageView, Welcome } from "../wire/types";
import type { Replica } from "./replica";
import * as replicas from "./replica";

const ME = "me";
const YANN = "yann";
const LEA = "lea";
const ID = "conversation";
const AT = "2026-11-22T09:30:00.000Z";

const member = (person: string, read = 0) =>
  ({ person, role: "member", name: person, verified: true, function: "practitioner", read }) as const;
const view = (values: Partial<ConversationView> = {}): ConversationView => ({
  id: ID,
  kind: "group",
  title: "Garde",
  members: [member(ME), member(YANN)],
  head: 5,
  read: 5,
  unread: 0,
  abilities: ["post"],
  ...values,
});
const welcome = (conversation = view()): Welcome => ({
  me: { id: ME } as Me,
  limits: { frame_bytes: 1, in_flight: 1, requests_per_second: 1, sync_limit: 1, body_characters: 1 },
  server_time: AT,
  streams: [{ stream: `c:${ID}`, head: conversation.head, conversation }],
});
const message = (seq: number, author = YANN): MessageView => ({
  id: `m${seq}`,
  conversation: ID,
  seq,
  author,
  body: `Message ${seq}`,
  at: AT,
});
const event = (seq: number, type: string, data: unknown): AnyEvent => ({ stream: `c:${ID}`, seq, at: AT, type, data });
const sent = (seq: number, author = YANN) => event(seq, "message.sent", { message: message(seq, author) });
const fold = (events: AnyEvent[], from: Replica = replicas.applyWelcome(replicas.EMPTY, welcome())): Replica =>
  events.reduce(replicas.applyEvent, from);
const only = (replica: Replica) => replica.conversations.get(ID)!;
const numbers = (replica: Replica) => only(replica).items.map(item => item.seq);

test("others' messages are unread, one's own are not", () => {
  const replica = fold([sent(6), sent(7, ME), sent(8)]);
  expect(only(replica)).toMatchObject({ head: 8, read: 5, unread: 2, last: { seq: 8 } });
});

test("a message whose file was checked is shown with it in its place, and counts as nothing new", () => {
  const checked = { ...message(6), attached: 1, attachments: [{ id: "f", name: "a.pdf", size: 1, state: "ready" }] };
  const replica = fold([sent(6), sent(7), event(8, "message.files_checked", { message: checked })]);
  expect(numbers(replica)).toEqual([6, 7]);
  expect(only(replica).items[0]).toMatchObject({ message: checked });
  expect(only(replica)).toMatchObject({ head: 8, unread: 2, last: { seq: 7 } });
  expect(numbers(fold([event(8, "message.files_checked", { message: checked })]))).toEqual([]);
});

const DELETED = { body: "", deleted_at: AT };

test("an edited message is shown as it is now, in its place, and counts as nothing new", () => {
  const edited = { ...message(6), body: "Corrigé", edited_at: AT };
  const replica = fold([sent(6), sent(7), event(8, "message.edited", { message: edited })]);
  expect(only(replica).items[0]).toMatchObject({ seq: 6, message: { body: "Corrigé" } });
  expect(only(replica)).toMatchObject({ head: 8, unread: 2, last: { seq: 7 } });
  const listed = replicas.applyWelcome(replicas.EMPTY, welcome(view({ last: message(5) })));
  const again = fold([event(6, "message.edited", { message: { ...message(5), body: "Autre" } })], listed);
  expect(only(again)).toMatchObject({ items: [], last: { body: "Autre" } });
});

test("a deleted message is not unread, whether or not it was seen before it was deleted", () => {
  const gone = { ...message(6), ...DELETED };
  expect(only(fold([sent(6), sent(7), event(8, "message.deleted", { message: gone })])).unread).toBe(1);
  // Caught up: the event of its sending shows it deleted already.
  const late = [event(6, "message.sent", { message: gone }), event(7, "message.deleted", { message: gone })];
  expect(only(fold(late))).toMatchObject({ unread: 0, last: { deleted_at: AT } });
  const counted = replicas.applyWelcome(replicas.EMPTY, welcome(view({ head: 6, unread: 1 })));
  expect(only(fold([event(7, "message.deleted", { message: gone })], counted)).unread).toBe(0);
  const read = replicas.applyWelcome(replicas.EMPTY, welcome(view({ head: 7, read: 6, unread: 1 })));
  expect(only(fold([event(8, "message.deleted", { message: gone })], read)).unread).toBe(1);
});

test("what is read on the way to the end leaves out what is deleted", () => {
  const gone = { ...message(7), ...DELETED };
  const loaded = replicas.applyPage(fold([sent(6), sent(7)]), ID, { messages: [], more: false });
  const deleted = fold([event(8, "message.deleted", { message: gone }), sent(9)], loaded);
  expect(only(replicas.moveReadPointer(deleted, ID, 6)).unread).toBe(1);
});

test("when the last message is undone, the one before it is the last again", () => {
  const gone = { ...message(7), ...DELETED, undone: true };
  const replica = fold([sent(6), sent(7), event(8, "message.deleted", { message: gone })]);
  expect(only(replica)).toMatchObject({ last: { seq: 6 }, unread: 1 });
  expect(only(fold([event(9, "message.deleted", { message: gone })], replica)).last).toMatchObject({ seq: 6 });
});

test("old state and the events after it equal the fresh state", () => {
  const old = replicas.applyWelcome(replicas.EMPTY, welcome());
  const events = [
    sent(6),
    event(7, "member.removed", { person: YANN, by: YANN }),
    event(8, "conversation.updated", { title: "Garde de nuit", by: ME }),
    sent(9, ME),
  ];
  const fresh = welcome(
    view({ head: 9, unread: 1, title: "Garde de nuit", members: [member(ME)], last: message(9, ME) }),
  );
  const folded = only(fold(events, old));
  const reloaded = only(replicas.applyWelcome(replicas.EMPTY, fresh));
  for (const key of ["head", "read", "unread", "last"] as const) expect(folded[key]).toEqual(reloaded[key]);
  expect(folded.view.members).toEqual(reloaded.view.members);
  expect(folded.view.title).toEqual(reloaded.view.title);
});

test("events that a description already counts only fill the thread", () => {
  const replica = fold(
    [sent(6), sent(7)],
    replicas.applyWelcome(replicas.EMPTY, welcome(view({ head: 7, unread: 2 }))),
  );
  expect(only(replica)).toMatchObject({ head: 7, unread: 2 });
  expect(numbers(replica)).toEqual([6, 7]);
});

test("an older description than what has happened since changes nothing", () => {
  const replica = replicas.applyDescription(fold([sent(6)]), view({ title: "Avant" }));
  expect(only(replica)).toMatchObject({ head: 6, unread: 1, view: { title: "Garde" } });
});

test("a description made before the last reading does not take it back", () => {
  const replica = replicas.applyDescription(
    replicas.moveReadPointer(fold([sent(6)]), ID, 6),
    view({ head: 6, read: 5, unread: 1 }),
  );
  expect(only(replica)).toMatchObject({ read: 6, unread: 0 });
});

test("a message that comes by answer, event and page is there once, at its number", () => {
  let replica = replicas.applySent(fold([]), message(6, ME));
  replica = fold([sent(6, ME), sent(7)], replica);
  replica = replicas.applyPage(replica, ID, { messages: [message(7), message(6, ME), message(4)], more: true });
  expect(numbers(replica)).toEqual([4, 6, 7]);
  expect(only(replica)).toMatchObject({ older: "some", unread: 1 });
});

test("a page without more is the beginning", () => {
  const replica = replicas.applyPage(fold([]), ID, { messages: [message(2), message(1)] });
  expect(only(replica).older).toBe("none");
});

test("reading moves forward, never back, and counts what is left", () => {
  let replica = fold([sent(6), sent(7), sent(8, ME), sent(9)]);
  replica = replicas.moveReadPointer(replica, ID, 6);
  expect(only(replica)).toMatchObject({ read: 6, unread: 2 });
  replica = replicas.moveReadPointer(replica, ID, 5);
  expect(only(replica)).toMatchObject({ read: 6, unread: 2 });
  replica = replicas.moveReadPointer(replica, ID, 9);
  expect(only(replica)).toMatchObject({ read: 9, unread: 0 });
});

test("reading on another device is reading", () => {
  const signal = { stream: `c:${ID}`, type: "message.read", data: { person: ME, seq: 7 } };
  const replica = replicas.applySignal(fold([sent(6), sent(7)]), signal, 0);
  expect(only(replica)).toMatchObject({ read: 7, unread: 0 });
});

test("the server's count stands while nothing newer has come", () => {
  let replica = replicas.applyWelcome(replicas.EMPTY, welcome(view({ head: 90, read: 10, unread: 70 })));
  replica = replicas.moveReadPointer(replica, ID, 50);
  replica = replicas.applyReadAnswer(replica, { conversation: ID, read: 50, unread: 33 });
  expect(only(replica)).toMatchObject({ read: 50, unread: 33 });
});

test("receipts of others move their pointer forward only", () => {
  const receipt = (seq: number) => ({ stream: `c:${ID}`, type: "message.read", data: { person: YANN, seq } });
  let replica = replicas.applySignal(fold([sent(6, ME)]), receipt(6), 0);
  replica = replicas.applySignal(replica, receipt(4), 0);
  expect(only(replica).view.members.find(one => one.person === YANN)?.read).toBe(6);
});

test("typing lapses after six seconds, and with the message", () => {
  const typing = (person: string) => ({ stream: `c:${ID}`, type: "typing", data: { person } });
  let replica = replicas.applySignal(replicas.applySignal(fold([]), typing(YANN), 1_000), typing(LEA), 3_000);
  replica = replicas.applySignal(replica, typing(ME), 3_000);
  expect([...replica.typing.get(ID)!.keys()]).toEqual([YANN, LEA]);
  expect(replicas.nextTypingExpiry(replica)).toBe(7_000);
  expect([...replicas.expireTyping(replica, 7_000).typing.get(ID)!.keys()]).toEqual([LEA]);
  expect([
    ...fold([sent(6)], replica)
      .typing.get(ID)!
      .keys(),
  ]).toEqual([LEA]);
});

test("who leaves keeps their name beside what they wrote", () => {
  const replica = fold([sent(6), event(7, "member.removed", { person: YANN, by: ME })]);
  expect(only(replica).view.members.map(one => one.person)).toEqual([ME]);
  expect(replica.members.get(YANN)?.name).toBe(YANN);
  expect(only(replica).items.at(-1)).toMatchObject({ kind: "note", note: "removed", by: ME, person: YANN });
});

test("of a conversation that is lost nothing stays", () => {
  const replica = replicas.removeConversation(fold([sent(6)]), ID);
  expect(replica.conversations.size).toBe(0);
  expect(fold([sent(7)], replica).conversations.size).toBe(0);
});

test("begun anew, the messages are to be loaded again and the counts stand", () => {
  const replica = replicas.dropItems(fold([sent(6)]), ID);
  expect(only(replica)).toMatchObject({ items: [], older: "unknown", unread: 1, last: { seq: 6 } });
});

test("what is not known changes nothing but the number", () => {
  const replica = fold([event(6, "message.sparkled", {})]);
  expect(only(replica)).toMatchObject({ head: 6, asOf: 6, unread: 0, items: [] });
});

const says = (streams: Welcome["streams"], more = false, unread = 0): Welcome => ({
  ...welcome(),
  streams,
  more,
  unread,
});

test("what stands where it did and is not listed holds nothing unread: it was read on another device", () => {
  const held = replicas.applyWelcome(replicas.EMPTY, welcome(view({ read: 3, unread: 2 })));
  expect(only(replicas.applyWelcome(held, says([]), [`c:${ID}`]))).toMatchObject({ read: 5, unread: 0, stale: false });
});

test("beyond what hello tells, what is held is stale until something is heard of it", () => {
  const held = replicas.applyWelcome(replicas.EMPTY, welcome(view({ read: 3, unread: 2 })));
  const stale = replicas.applyWelcome(held, says([], true));
  expect(only(stale)).toMatchObject({ unread: 2, stale: true });
  expect(only(fold([sent(6)], stale)).stale).toBe(false);
  expect(only(replicas.applyDescription(stale, view())).stale).toBe(false);
});

test("a count that hello tells without the conversation holds, whatever is caught up after it", () => {
  const held = replicas.applyWelcome(replicas.EMPTY, welcome());
  const told = replicas.applyWelcome(held, says([{ stream: `c:${ID}`, head: 8, read: 5, unread: 3 }]));
  expect(only(fold([sent(6), sent(7), sent(8)], told)).unread).toBe(3);
  expect(only(fold([sent(6), sent(7), sent(8), sent(9)], told)).unread).toBe(4);
});

test("what is not held is counted as unread until it is listed, and there is more until the list ends", () => {
  const streams = [
    { stream: `c:${ID}`, head: 5, conversation: view({ unread: 2 }) },
    { stream: "c:other", head: 9 },
  ];
  let replica = replicas.applyWelcome(replicas.EMPTY, says(streams, false, 7));
  expect([replica.more, replica.unreadBeyond]).toEqual([true, 5]);
  replica = replicas.applyList(replica, [view({ unread: 2 }), view({ id: "other", unread: 4 })], false);
  expect([replica.more, replica.unreadBeyond, replica.conversations.size]).toEqual([true, 1, 2]);
  replica = replicas.applyList(replica, [view({ id: "last", unread: 1 })], true);
  expect([replica.more, replica.unreadBeyond]).toEqual([false, 0]);
});

test("what the person put away or whom they block on another device shows here, in that conversation alone", () => {
  const own = (type: string, data: unknown): AnyEvent => ({ stream: `i:${ME}`, seq: 1, at: AT, type, data });
  const direct = view({ id: "two", kind: "direct", members: [member(ME), member(YANN)] });
  const both = replicas.applyDescription(replicas.applyWelcome(replicas.EMPTY, welcome()), direct);
  const put = fold([own("conversation.hidden", { conversation: "two", upto: 5 })], both);
  expect([put.conversations.get("two")?.view.hidden, only(put).view.hidden]).toEqual([5, undefined]);
  const blocked = fold([own("contact.blocked", { person: YANN, blocked: true })], put);
  expect([blocked.conversations.get("two")?.view.blocked, only(blocked).view.blocked]).toEqual([true, undefined]);
  const again = fold([own("contact.blocked", { person: YANN, blocked: false })], blocked);
  expect(again.conversations.get("two")?.view.blocked).toBe(false);
  expect(fold([own("contact.blocked", { person: LEA, blocked: true })], put)).toBe(put);
});

test("who was asked into a group is noted, and is no member; taken back, they are asked no more", () => {
  const asked = view({ asked: [{ person: LEA, name: "Léa", by: YANN }] });
  const from = replicas.applyWelcome(replicas.EMPTY, welcome(asked));
  const noted = fold([event(6, "member.asked", { person: LEA, by: YANN })], from);
  expect(only(noted).items).toMatchObject([{ kind: "note", note: "asked", by: YANN, person: LEA }]);
  expect(only(noted).view.members).toHaveLength(2);
  expect(only(fold([event(7, "member.removed", { person: LEA, by: YANN })], noted)).view.asked).toEqual([]);
});

test("what happens to a case is its state, and a note of what was done", () => {
  const of = { question: "Avis ?", urgency: "soon", asker: ME };
  const opened = replicas.applyWelcome(
    replicas.EMPTY,
    welcome(view({ kind: "case", case: { ...of, state: "waiting", waiting_for: [YANN] } as never })),
  );
  const turned = fold(
    [event(6, "case.turned", { by: YANN, case: { ...of, state: "open", waiting_for: [ME] } })],
    opened,
  );
  expect(only(turned).view.case).toMatchObject({ state: "open", waiting_for: [ME] });
  expect(only(turned).items).toEqual([]);
  const closed = fold(
    [event(7, "case.closed", { by: ME, case: { ...of, state: "closed", outcome: "advice" } })],
    turned,
  );
  expect(only(closed).view.case).toMatchObject({ state: "closed" });
  expect(only(closed).items).toMatchObject([{ kind: "note", note: "closed", by: ME, title: "advice" }]);
  const handed = fold([event(8, "case.handed_over", { by: ME, to: LEA, case: { ...of, asker: LEA } })], closed);
  expect(only(handed).items[1]).toMatchObject({ note: "handed", person: LEA });
});
