/**
 * What this device knows of the person's conversations: a pure fold of `hello`, events, signals and pages.
 *
 * A message that arrives more than once, in an event, an answer and a page of history in any order, is held once, at
 * its number. Every function returns a new replica; what has not changed keeps its identity.
 */

import { TYPING_SECONDS } from "../wire/constants";
import type { AnyEvent, AnySignal } from "../wire/frame";
import { ownerOf } from "../wire/frame";
import type {
  ConversationView,
  History,
  Me,
  MemberView,
  MessageView,
  ReadMessagesResult,
  StreamEvent,
  StreamSignal,
  StreamState,
  Welcome,
} from "../wire/types";

export type Note =
  | "opened"
  | "added"
  | "asked"
  | "removed"
  | "left"
  | "renamed"
  | "responsible"
  | "relieved"
  | "closed"
  | "reopened"
  | "handed";

export type Item =
  | { kind: "message"; seq: number; message: MessageView }
  | { kind: "note"; seq: number; at: string; note: Note; by: string; person: string | null; title: string | null };

export interface Conversation {
  view: ConversationView;
  /** `view` includes every event up to this number; those events only add to `items`. */
  asOf: number;
  /** `unread` includes every event up to this number. */
  counted: number;
  /** `hello` did not say where it stands: more may have happened than is known here. */
  stale: boolean;
  head: number;
  read: number;
  unread: number;
  last: MessageView | null;
  /** The one that arrived before it: it is the last again when that one is undone. */
  before?: MessageView | null;
  /** In the order of numbers, without a gap between the first and the last message. */
  items: readonly Item[];
  /** Whether messages exist before the first of `items`; unknown until a page is loaded. */
  older: "unknown" | "some" | "none";
}

export interface Replica {
  me: Me | null;
  /** `hello` has been answered at least once. */
  loaded: boolean;
  /** The person has conversations that are not held here. */
  more: boolean;
  /** What is unread in them. */
  unreadBeyond: number;
  conversations: ReadonlyMap<string, Conversation>;
  /** Everyone ever listed as a member, so that messages of former members keep their author's name. */
  members: ReadonlyMap<string, MemberView>;
  /** Per conversation: who is typing, and when that expires, in milliseconds. */
  typing: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export const EMPTY: Replica = {
  me: null,
  loaded: false,
  more: false,
  unreadBeyond: 0,
  conversations: new Map(),
  members: new Map(),
  typing: new Map(),
};

/** What `hello` answered; `unchanged` are the streams of which it had nothing to say. */
export function applyWelcome(replica: Replica, welcome: Welcome, unchanged: readonly string[] = []): Replica {
  let next: Replica = { ...replica, me: welcome.me, loaded: true };
  const told = new Set([...unchanged, ...welcome.streams.map(({ stream }) => stream)]);
  const conversations = new Map(next.conversations);
  for (const [id, known] of conversations) {
    if (welcome.more && !told.has(`c:${id}`)) conversations.set(id, { ...known, stale: true });
    else if (unchanged.includes(`c:${id}`)) conversations.set(id, { ...known, read: known.head, unread: 0 });
  }
  next = { ...next, conversations };
  for (const state of welcome.streams) {
    if (state.conversation) next = applyDescription(next, state.conversation);
    else next = applyState(next, state);
  }
  const held = [...next.conversations.values()].reduce((sum, one) => sum + one.unread, 0);
  const more = next.more || welcome.more === true;
  return { ...next, more, unreadBeyond: more ? Math.max(0, (welcome.unread ?? 0) - held) : 0 };
}

/** A stream of which `hello` says where it stands, and no more. */
function applyState(replica: Replica, { stream, head, read = 0, unread = 0 }: StreamState): Replica {
  const id = ownerOf("c", stream);
  if (id === null) return replica;
  const known = replica.conversations.get(id);
  if (!known) return { ...replica, more: true };
  return put(replica, {
    ...known,
    counted: Math.max(known.counted, head),
    stale: false,
    read: Math.max(read, known.read),
    unread: known.read > read ? known.unread : unread,
  });
}

/** A page of the list; what it holds is known from here on. `last`: there is no other page. */
export function applyList(replica: Replica, views: readonly ConversationView[], last: boolean): Replica {
  const next = views.reduce((now, view) => {
    const beyond = now.conversations.has(view.id) ? 0 : view.unread;
    return { ...applyDescription(now, view), unreadBeyond: Math.max(0, now.unreadBeyond - beyond) };
  }, replica);
  return last ? { ...next, more: false, unreadBeyond: 0 } : next;
}

/** Whether it shows only some of the members. */
export function isSummary({ members, member_count = 0 }: ConversationView): boolean {
  return members.length < member_count;
}

/** A conversation as the server describes it, in `hello`, a list, or the answer to a command. */
export function applyDescription(replica: Replica, view: ConversationView): Replica {
  const known = replica.conversations.get(view.id);
  const members = withMembers(replica.members, view.members);
  if (known && known.asOf > view.head) return { ...replica, members };
  const fresh: Conversation = {
    view,
    asOf: view.head,
    counted: view.head,
    stale: false,
    head: Math.max(view.head, known?.head ?? 0),
    read: Math.max(view.read, known?.read ?? 0),
    unread: known && known.read > view.read ? known.unread : view.unread,
    last: newest(known?.last ?? null, view.last ?? null),
    items: known?.items ?? [],
    older: known?.older ?? "unknown",
  };
  return { ...put(replica, fresh), members };
}

/** The next event of a stream. */
export function applyEvent(replica: Replica, any: AnyEvent): Replica {
  if (!any.erased && ownerOf("i", any.stream) === replica.me?.id) return applyOwn(replica, any as StreamEvent);
  const id = ownerOf("c", any.stream);
  const known = id === null ? undefined : replica.conversations.get(id);
  if (id === null || !known) return replica;
  const item = itemOf(any);
  // What changed in a message that is not held here is shown when it is loaded.
  const isPlaced = item && (item.seq === any.seq || held(known, item.seq));
  const conversation: Conversation = {
    ...(any.seq > known.asOf ? { ...change(known, any, replica.me), asOf: any.seq } : known),
    stale: false,
    head: Math.max(known.head, any.seq),
    items: isPlaced ? insert(known.items, item) : known.items,
  };
  if (item?.kind !== "message") return put(replica, conversation);
  const next = put(replica, withLast(conversation, item.message));
  return item.seq === any.seq ? stopTyping(next, id, item.message.author) : next;
}

function held({ items }: Conversation, seq: number): Item | undefined {
  return items.find(item => item.seq === seq);
}

/** With a message as it is now, if it is the last one that there is to show. */
function withLast(conversation: Conversation, message: MessageView): Conversation {
  const { last, before = null } = conversation;
  if (message.undone) return last?.id === message.id ? { ...conversation, last: before, before: null } : conversation;
  if (last && message.seq < last.seq) return conversation;
  return { ...conversation, last: message, before: last?.id === message.id ? before : last };
}

/** What the person did on another of their devices: a conversation was put away, somebody is blocked or no longer so. */
function applyOwn(replica: Replica, event: StreamEvent): Replica {
  if (event.type === "conversation.hidden") {
    const known = replica.conversations.get(event.data.conversation);
    return known ? put(replica, { ...known, view: { ...known.view, hidden: event.data.upto } }) : replica;
  }
  if (event.type !== "contact.blocked") return replica;
  const { person, blocked } = event.data;
  const between = [...replica.conversations.values()].find(
    ({ view }) => view.kind === "direct" && view.members.some(member => member.person === person),
  );
  return between ? put(replica, { ...between, view: { ...between.view, blocked } }) : replica;
}

function change(conversation: Conversation, any: AnyEvent, me: Me | null): Conversation {
  if (any.erased) return conversation;
  const event = any as StreamEvent;
  const { view } = conversation;
  switch (event.type) {
    case "message.sent":
      return isOthers(event.data.message, me) && isUncounted(conversation, any.seq)
        ? { ...conversation, unread: conversation.unread + 1 }
        : conversation;
    case "message.deleted": {
      const { message } = event.data;
      const item = held(conversation, message.seq);
      const wasCounted = message.seq > conversation.read && any.seq > conversation.counted;
      const wasGone = item?.kind === "message" && item.message.deleted_at !== undefined;
      return wasCounted && !wasGone && message.author !== me?.id
        ? { ...conversation, unread: Math.max(0, conversation.unread - 1) }
        : conversation;
    }
    case "member.removed":
      return {
        ...conversation,
        view: {
          ...view,
          members: view.members.filter(one => one.person !== event.data.person),
          asked: view.asked?.filter(one => one.person !== event.data.person) ?? [],
        },
      };
    case "conversation.updated":
      return { ...conversation, view: { ...view, title: event.data.title } };
    default:
      return "case" in event.data ? { ...conversation, view: { ...view, case: event.data.case } } : conversation;
  }
}

/** Whether it may be unread: written by somebody else, and not deleted. */
function isOthers({ author, deleted_at }: MessageView, me: Me | null): boolean {
  return author !== me?.id && deleted_at === undefined;
}

function isUncounted({ counted, read }: Conversation, seq: number): boolean {
  return seq > counted && seq > read;
}

function itemOf(any: AnyEvent): Item | null {
  if (any.erased) return null;
  const event = any as StreamEvent;
  const { seq, at } = event;
  const note = (kind: Note, by: string, person: string | null, title: string | null): Item => {
    return { kind: "note", seq, at, note: kind, by, person, title };
  };
  switch (event.type) {
    case "message.sent":
    case "message.edited":
    case "message.deleted":
    case "message.reacted":
    case "message.files_checked":
      return { kind: "message", seq: event.data.message.seq, message: event.data.message };
    case "conversation.opened":
      return note("opened", event.data.by, null, event.data.title ?? null);
    case "member.added":
      return note("added", event.data.by, event.data.person, null);
    case "member.asked":
      return note("asked", event.data.by, event.data.person, null);
    case "member.removed":
      return note(event.data.by === event.data.person ? "left" : "removed", event.data.by, event.data.person, null);
    case "member.role_changed":
      return note(event.data.role === "owner" ? "responsible" : "relieved", event.data.by, event.data.person, null);
    case "conversation.updated":
      return note("renamed", event.data.by, null, event.data.title);
    case "case.closed":
      return note("closed", event.data.by, null, event.data.case.outcome ?? null);
    case "case.reopened":
      return note("reopened", event.data.by, null, event.data.reason);
    case "case.handed_over":
      return note("handed", event.data.by, event.data.to, event.data.note ?? null);
    default:
      return null;
  }
}

/** A signal: somebody types, or has read. */
export function applySignal(replica: Replica, any: AnySignal, now: number): Replica {
  const signal = any as StreamSignal;
  const id = ownerOf("c", any.stream);
  const conversation = id === null ? undefined : replica.conversations.get(id);
  if (id === null || !conversation) return replica;
  if (signal.type === "typing" && signal.data.person !== replica.me?.id) {
    const writing = new Map(replica.typing.get(id));
    writing.set(signal.data.person, now + TYPING_SECONDS * 1000);
    return { ...replica, typing: new Map(replica.typing).set(id, writing) };
  }
  if (signal.type === "message.read") {
    const { person, seq } = signal.data;
    if (person === replica.me?.id) return moveReadPointer(replica, id, seq);
    const members = conversation.view.members.map(member =>
      member.person === person && (member.read ?? 0) < seq ? { ...member, read: seq } : member,
    );
    return put(replica, { ...conversation, view: { ...conversation.view, members } });
  }
  return replica;
}

/** A page of history, newest message first. */
export function applyPage(replica: Replica, id: string, page: History): Replica {
  const conversation = replica.conversations.get(id);
  if (!conversation) return replica;
  let items = conversation.items;
  for (const message of page.messages) items = insert(items, { kind: "message", seq: message.seq, message });
  const last = newest(conversation.last, page.messages[0] ?? null);
  return put(replica, { ...conversation, items, last, older: page.more ? "some" : "none" });
}

/** The person's own message as `message.send` answered it; its event may come before or after. */
export function applySent(replica: Replica, message: MessageView): Replica {
  const conversation = replica.conversations.get(message.conversation);
  if (!conversation) return replica;
  return put(replica, {
    ...conversation,
    head: Math.max(conversation.head, message.seq),
    items: insert(conversation.items, { kind: "message", seq: message.seq, message }),
    last: newest(conversation.last, message),
  });
}

/** The person has read up to `seq`, here or on another device. */
export function moveReadPointer(replica: Replica, id: string, seq: number): Replica {
  const conversation = replica.conversations.get(id);
  if (!conversation || seq <= conversation.read) return replica;
  const others = (after: number, to: number): number =>
    conversation.items.filter(
      item => item.kind === "message" && item.seq > after && item.seq <= to && isOthers(item.message, replica.me),
    ).length;
  const first = conversation.items[0]?.seq ?? Infinity;
  const complete = conversation.older === "none" || (conversation.older === "some" && first <= seq + 1);
  let unread = Math.max(0, conversation.unread - others(conversation.read, seq));
  if (complete) unread = others(seq, Infinity);
  if (seq >= conversation.head) unread = 0;
  return put(replica, { ...conversation, read: seq, unread });
}

/** The answer to `message.read`: its count of unread messages holds unless something newer has arrived here. */
export function applyReadAnswer(replica: Replica, answer: ReadMessagesResult): Replica {
  const moved = moveReadPointer(replica, answer.conversation, answer.read);
  const conversation = moved.conversations.get(answer.conversation);
  if (!conversation || conversation.read !== answer.read || conversation.older !== "unknown") return moved;
  return put(moved, { ...conversation, unread: answer.unread });
}

/** The stream was too far behind to catch up event by event: its messages have to be loaded again. */
export function dropItems(replica: Replica, id: string): Replica {
  const conversation = replica.conversations.get(id);
  return conversation ? put(replica, { ...conversation, items: [], older: "unknown" }) : replica;
}

/** The person lost access: nothing of the conversation is kept. */
export function removeConversation(replica: Replica, id: string): Replica {
  if (!replica.conversations.has(id)) return replica;
  const conversations = new Map(replica.conversations);
  const typing = new Map(replica.typing);
  conversations.delete(id);
  typing.delete(id);
  return { ...replica, conversations, typing };
}

/** Removes typing indicators that have expired. */
export function expireTyping(replica: Replica, now: number): Replica {
  if (![...replica.typing.values()].some(writing => [...writing.values()].some(until => until <= now))) return replica;
  const typing = new Map<string, ReadonlyMap<string, number>>();
  for (const [id, writing] of replica.typing) {
    const still = [...writing].filter(([, until]) => until > now);
    if (still.length) typing.set(id, new Map(still));
  }
  return { ...replica, typing };
}

/** When the next typing indicator expires; null when nobody is typing. */
export function nextTypingExpiry(replica: Replica): number | null {
  const times = [...replica.typing.values()].flatMap(writing => [...writing.values()]);
  return times.length ? Math.min(...times) : null;
}

function stopTyping(replica: Replica, id: string, person: string): Replica {
  if (!replica.typing.get(id)?.has(person)) return replica;
  const writing = new Map(replica.typing.get(id));
  writing.delete(person);
  return { ...replica, typing: new Map(replica.typing).set(id, writing) };
}

function put(replica: Replica, conversation: Conversation): Replica {
  return { ...replica, conversations: new Map(replica.conversations).set(conversation.view.id, conversation) };
}

function withMembers(
  known: ReadonlyMap<string, MemberView>,
  members: readonly MemberView[],
): ReadonlyMap<string, MemberView> {
  const next = new Map(known);
  for (const member of members) next.set(member.person, member);
  return next;
}

function newest(a: MessageView | null, b: MessageView | null): MessageView | null {
  if (!a || !b) return a ?? b;
  return b.seq >= a.seq ? b : a;
}

/** Inserts at its number, replacing what is there. Searches from the end, where most belong. */
function insert(items: readonly Item[], item: Item): readonly Item[] {
  let at = items.length;
  while (at > 0 && items[at - 1]!.seq >= item.seq) at -= 1;
  const replaced = items[at]?.seq === item.seq ? 1 : 0;
  return [...items.slice(0, at), item, ...items.slice(at + replaced)];
}
