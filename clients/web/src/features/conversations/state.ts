/** Conversations as the screens show them, and what can be done in them. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { timeOf } from "../../outbox/id";
import type { Outbox } from "../../outbox/outbox";
import type { Conversation, Item } from "../../replica/replica";
import { route } from "../../runtime/routes";
import * as runtime from "../../runtime/runtime";
import { addListener, call, change, loads, me, newId, type Outcome, outbox, replica } from "../../runtime/runtime";
import { TYPING_SECONDS } from "../../wire/constants";
import type { CaseView, ConversationView, MemberView, MessageView, NewCase, SendMessage } from "../../wire/types";
import type { ConversationItem, ConversationList, Thread, ThreadItem } from "./types";
import { conversationWords } from "./words";

/** How often the others are told that the person is typing, at most, in milliseconds. */
const TYPING_EVERY = (TYPING_SECONDS * 1000) / 2;

export const conversations: ReadonlySignal<ConversationList> = computed(() => {
  const items = [...replica.value.conversations.values()]
    .map(conversation => summary(conversation, outbox.value))
    .sort((a, b) => activity(b) - activity(a));
  const { loaded, more, unreadBeyond } = replica.value;
  const { state, problem } = paging.value;
  return {
    loaded,
    items,
    unread: items.reduce((sum, item) => sum + item.unread, unreadBeyond),
    more: more ? state : "none",
    ...(problem ? { problem } : {}),
  };
});

/** Where the list goes on beyond what `hello` has told. */
const paging = signal<{ state: "some" | "loading"; cursor?: string; problem?: Problem }>({ state: "some" });

/** Lists the next conversations, by activity; once at a time. Those that are held already are brought up to date. */
export async function loadMore(): Promise<void> {
  const { state, cursor } = paging.value;
  if (state === "loading") return;
  const held = replica.value.conversations.size;
  paging.value = { ...(cursor === undefined ? {} : { cursor }), state: "loading" };
  const outcome = await runtime.listConversations(cursor);
  if (!outcome.ok) {
    paging.value = { ...(cursor === undefined ? {} : { cursor }), state: "some", problem: outcome.problem };
    return;
  }
  const next = outcome.value.cursor;
  paging.value = { state: "some", ...(next === undefined ? {} : { cursor: next }) };
  // The first page may hold what `hello` has told already: nobody has to ask twice to see more.
  if (next !== undefined && replica.value.conversations.size === held) await loadMore();
}

/** What a message says in one line: its text, or how many files it was sent with. */
export function said(message: Pick<MessageView, "body" | "attached">): string {
  return message.body || (message.attached ? conversationWords.value.list.files(message.attached) : "");
}

function activity(item: ConversationItem): number {
  return item.last ? Date.parse(item.last.at) : timeOf(item.id);
}

function summary(conversation: Conversation, waiting: Outbox): ConversationItem {
  const { view, last } = conversation;
  const others = view.members.filter(member => member.person !== me.value?.id);
  const mine = messagesIn(waiting, view.id);
  const failed = mine.filter(entry => entry.state === "refused").length;
  const unseen = view.kind === "group" && conversation.read < (view.from ?? 1) + 1;
  const hidden = (view.member_count ?? 0) - Math.max(view.members.length, others.length + 1);
  return {
    id: view.id,
    kind: view.kind,
    title: view.title ?? [...others.map(one => one.name), ...(hidden > 0 ? [`+${hidden}`] : [])].join(", "),
    members: view.members,
    others,
    head: conversation.head,
    read: conversation.read,
    unread: conversation.unread,
    abilities: view.abilities,
    last: last && {
      author: member(conversation, last.author),
      mine: last.author === me.value?.id,
      body: said(last),
      at: last.at,
      deleted: last.deleted_at !== undefined || last.erased === true,
    },
    stale: conversation.stale,
    asked: view.asked ?? [],
    hidden: (view.hidden ?? -1) >= conversation.head && mine.length === 0,
    blocked: view.blocked ?? false,
    addedBy: unseen && view.added_by !== undefined ? member(conversation, view.added_by) : null,
    case: view.case ?? null,
    turn: turnOf(view.case),
    pending: mine.length - failed,
    waiting: saidBy(mine.findLast(entry => entry.state !== "refused")?.params),
    failed,
  };
}

function saidBy(params: SendMessage | undefined): string | null {
  return params ? said({ body: params.body ?? "", attached: params.attachments?.length ?? 0 }) : null;
}

function turnOf(of: CaseView | undefined): ConversationItem["turn"] {
  if (!of) return null;
  if (of.state === "closed") return "closed";
  return of.waiting_for?.includes(me.value?.id ?? "") ? "mine" : "theirs";
}

function member(conversation: Conversation, person: string): MemberView | null {
  return conversation.view.members.find(one => one.person === person) ?? replica.value.members.get(person) ?? null;
}

function asked(conversation: Conversation, person: string): { name: string } | null {
  return conversation.view.asked?.find(one => one.person === person) ?? null;
}

/** What the outbox holds of the messages of a conversation. */
function messagesIn(waiting: Outbox, conversation: string) {
  return waiting.filter(entry => entry.method === "message.send").filter(entry => entry.conversation === conversation);
}

// Threads.

/**
 * What was unread when the thread on the screen was opened, or looked at again: after `from`, up to `to`. It is marked
 * as new until the person leaves; what arrives meanwhile is not.
 */
interface Unread {
  id: string;
  from: number;
  to: number;
}
const unreadWhenOpened = signal<Unread | null>(null);
const threads = new Map<string, ReadonlySignal<Thread>>();

effect(() => {
  const to = route.value;
  const id = to.name === "conversation" ? to.id : null;
  const known = id === null ? undefined : replica.value.conversations.get(id);
  if (known && unreadWhenOpened.peek()?.id !== id) mark(known);
  if (id === null) unreadWhenOpened.value = null;
});

document.addEventListener("visibilitychange", () => {
  const to = route.peek();
  const known = to.name === "conversation" ? replica.peek().conversations.get(to.id) : undefined;
  if (known?.unread && document.visibilityState === "visible") mark(known);
});

function mark({ view, read, head }: Conversation): void {
  unreadWhenOpened.value = { id: view.id, from: read, to: head };
}

/** Loads the thread on the screen, and again after a reset of its stream. */
effect(() => {
  const to = route.value;
  const known = to.name === "conversation" ? replica.value.conversations.get(to.id) : undefined;
  if (known?.older === "unknown" && !loads.value.has(known.view.id))
    queueMicrotask(() => runtime.loadHistory(known.view.id));
});

/** Asks about the thread on the screen where it is unknown or stale: when it is opened, and after each `hello`. */
function showThread(): void {
  const to = route.peek();
  if (to.name === "conversation" && replica.peek().loaded) runtime.show(to.id);
}
effect(() => {
  if (route.value.name === "conversation") queueMicrotask(showThread);
});

/** The same signal for the same id. */
export function thread(id: string): ReadonlySignal<Thread> {
  let known = threads.get(id);
  if (!known) {
    const conversation = computed(() => replica.value.conversations.get(id));
    known = computed(() => shownThread(id, conversation.value));
    threads.set(id, known);
  }
  return known;
}

function shownThread(id: string, conversation: Conversation | undefined): Thread {
  const load = loads.value.get(id);
  const problem = load && load !== "loading" ? load : undefined;
  if (!conversation) {
    const state = replica.value.loaded ? "absent" : "loading";
    return { id, state, conversation: null, items: [], older: "none" };
  }
  const unread = unreadWhenOpened.value;
  const items = [
    ...shownItems(conversation, unread?.id === id ? unread : null),
    ...pending(conversation, outbox.value),
  ];
  const first = conversation.older === "unknown";
  return {
    id,
    state: first && !problem ? "loading" : "ready",
    conversation: summary(conversation, outbox.value),
    items,
    older: load === "loading" && !first ? "loading" : conversation.older === "some" ? "some" : "none",
    ...(problem ? { problem } : {}),
  };
}

function shownItems(conversation: Conversation, unread: Unread | null): ThreadItem[] {
  const mine = me.value?.id;
  const byId = new Map(
    conversation.items.flatMap(item => (item.kind === "message" ? [[item.message.id, item.message]] : [])),
  );
  const isNew = (item: Item): boolean =>
    unread !== null &&
    item.seq > unread.from &&
    item.seq <= unread.to &&
    item.kind === "message" &&
    item.message.author !== mine;
  const firstNew = conversation.items.find(isNew);
  return conversation.items
    .filter(item => item.kind === "note" || !item.message.undone)
    .map(item =>
      item.kind === "message"
        ? shownMessage(conversation, item.message, byId, item === firstNew)
        : {
            kind: "note",
            key: `note-${item.seq}`,
            at: item.at,
            note: item.note,
            by: member(conversation, item.by),
            person:
              item.person === null ? null : (member(conversation, item.person) ?? asked(conversation, item.person)),
            ...(item.title === null ? {} : { title: item.title }),
          },
    );
}

function shownMessage(
  conversation: Conversation,
  message: MessageView,
  byId: ReadonlyMap<string, MessageView>,
  firstUnread: boolean,
): ThreadItem {
  const mine = message.author === me.value?.id;
  return {
    kind: "message",
    key: message.id,
    message,
    mine,
    author: member(conversation, message.author),
    readBy: mine
      ? conversation.view.members.filter(one => one.person !== message.author && (one.read ?? 0) >= message.seq)
      : [],
    replyTo: (message.reply_to !== undefined && byId.get(message.reply_to)) || null,
    firstUnread,
  };
}

function pending(conversation: Conversation, waiting: Outbox): ThreadItem[] {
  const arrived = new Set(conversation.items.flatMap(item => (item.kind === "message" ? [item.message.id] : [])));
  const replied = (id: string | null): MessageView | null => {
    const found = conversation.items.find(item => item.kind === "message" && item.message.id === id);
    return found?.kind === "message" ? found.message : null;
  };
  return messagesIn(waiting, conversation.view.id)
    .filter(entry => !arrived.has(entry.id))
    .map(({ id, params, createdAt, state, problem }) => ({
      kind: "pending",
      key: id,
      body: params.body ?? "",
      files: params.attachments ?? [],
      at: new Date(createdAt).toISOString(),
      replyTo: replied(params.reply_to ?? null),
      state,
      ...(problem ? { problem } : {}),
    }));
}

// Writing and reading.

const NOBODY: MemberView[] = [];
const writers = new Map<string, ReadonlySignal<MemberView[]>>();

/** Who is typing in it now. The same signal for the same id. */
export function typing(id: string): ReadonlySignal<MemberView[]> {
  let known = writers.get(id);
  if (!known) {
    known = computed(() => {
      const writing = replica.value.typing.get(id);
      if (!writing?.size) return NOBODY;
      return [...writing.keys()].flatMap(person => replica.value.members.get(person) ?? []);
    });
    writers.set(id, known);
  }
  return known;
}

const toldAt = new Map<string, number>();

export function isTyping(conversation: string): void {
  const now = Date.now();
  if (now - (toldAt.get(conversation) ?? 0) < TYPING_EVERY) return;
  toldAt.set(conversation, now);
  runtime.typing(conversation);
}

/** What was sent last on this page: it can be undone for a moment. */
export const lastSent = signal<(SendMessage & { sentAt: number }) | null>(null);

/** Returns the id of the message at once: it is shown as pending, and sent as soon as possible. */
export function send(conversation: string, body: string, replyTo?: string, attachments: string[] = []): string {
  const id = newId();
  toldAt.delete(conversation);
  const message: SendMessage = {
    id,
    conversation,
    ...(body ? { body } : {}),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    ...(attachments.length ? { attachments } : {}),
  };
  runtime.sendMessage(message);
  lastSent.value = { ...message, sentAt: Date.now() };
  return id;
}

export { discard, loadHistory, read, retry } from "../../runtime/runtime";

addListener({
  onWelcome() {
    paging.value = { state: "some" };
    queueMicrotask(showThread);
  },
  onClear() {
    lastSent.value = null;
    paging.value = { state: "some" };
  },
});

export { countDrafts, draft, editDraft, replyOf, saveDraft } from "./drafts";

// Members.

/** Opens a conversation under an id of its own; its id. */
export async function opened(
  kind: ConversationView["kind"],
  members: string[],
  rest: { title?: string; case?: NewCase } = {},
  id = newId(),
): Promise<Outcome<string>> {
  const outcome = await change("conversation.open", { id, kind, members, ...rest });
  return outcome.ok ? { ok: true, value: outcome.value.conversation.id } : outcome;
}

export function openDirect(person: string): Promise<Outcome<string>> {
  return opened("direct", [person]);
}

export function openGroup(title: string, persons: string[]): Promise<Outcome<string>> {
  return opened("group", persons, { title });
}

function done(outcome: Outcome<unknown>): Outcome {
  return outcome.ok ? { ok: true, value: undefined } : outcome;
}

export async function rename(conversation: string, title: string): Promise<Outcome> {
  return done(await change("conversation.update", { conversation, title }));
}

export async function addMember(conversation: string, person: string): Promise<Outcome> {
  return done(await change("conversation.add", { conversation, person }));
}

export async function removeMember(conversation: string, person: string): Promise<Outcome> {
  return done(await change("conversation.remove", { conversation, person }));
}

export async function setRole(conversation: string, person: string, role: MemberView["role"]): Promise<Outcome> {
  return done(await change("conversation.role", { conversation, person, role }));
}

/** With `decline`, whoever added the person cannot do so again until the person writes to them. */
export async function leave(conversation: string, decline = false): Promise<Outcome> {
  return done(await call("conversation.leave", { conversation, ...(decline ? { decline } : {}) }));
}
