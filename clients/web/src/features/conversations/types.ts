/** Conversations and threads as the screens see them: plain values, read-only. */

import type { Problem } from "../../engine/problem";
import type { Note } from "../../replica/replica";
import type { AskedView, CaseView, ConversationView, MemberView, MessageView } from "../../wire/types";

export interface ConversationItem {
  id: string;
  kind: ConversationView["kind"];
  /** The group's title, else the others' names. */
  title: string;
  members: MemberView[];
  /** Everybody but the reader. */
  others: MemberView[];
  head: number;
  read: number;
  unread: number;
  /** From the server: "post", "add", "remove", "leave", "update", ... */
  abilities: string[];
  last: { author: MemberView | null; mine: boolean; body: string; at: string; deleted: boolean } | null;
  /** More may have happened in it than is known here: it is asked about when it is opened. */
  stale: boolean;
  /** Asked into this group, and not members before they accept: they read nothing of it. */
  asked: AskedView[];
  /** The reader put it away, and nothing has happened in it since. */
  hidden: boolean;
  /** Of two people: the reader blocks the other. */
  blocked: boolean;
  /** Who added the reader to this group, if they have not read anything in it yet. */
  addedBy: MemberView | null;
  /** The question of a case and where it stands. */
  case: CaseView | null;
  /** Of a case: whose turn it is. */
  turn: "mine" | "theirs" | "closed" | null;
  /** Own messages not yet accepted, and own messages refused. */
  pending: number;
  /** The last of those not yet accepted. */
  waiting: string | null;
  failed: number;
}

export interface ConversationList {
  /** False until the first answer: show the skeleton. */
  loaded: boolean;
  /** Most recently active first. */
  items: ConversationItem[];
  unread: number;
  /** There are others, which `loadMore` lists. */
  more: "none" | "some" | "loading";
  problem?: Problem;
}

export type ThreadItem =
  | {
      kind: "message";
      key: string;
      message: MessageView;
      mine: boolean;
      /** Null for a former member of whom nothing is known here. */
      author: MemberView | null;
      /** Others who have read it (own messages only). */
      readBy: MemberView[];
      replyTo: MessageView | null;
      /** The first unread one when the thread was opened. */
      firstUnread: boolean;
    }
  | {
      /** Written here and not accepted yet. `key` stays the same when it becomes a message. */
      kind: "pending";
      key: string;
      body: string;
      /** Ids of its files. */
      files: readonly string[];
      at: string;
      replyTo: MessageView | null;
      state: "waiting" | "sending" | "refused";
      problem?: Problem;
    }
  | {
      kind: "note";
      key: string;
      at: string;
      note: Note;
      by: MemberView | null;
      /** Of somebody who was asked the name is all that is known. */
      person: { name: string } | null;
      title?: string;
    };

export type MessageItem = Extract<ThreadItem, { kind: "message" }>;

/** What is shown of what can be done with a message. */
export type MessageStep = "menu" | "edit" | "delete" | "versions";

export interface Thread {
  id: string;
  /** `absent`: not a member, or no such conversation. */
  state: "loading" | "ready" | "absent";
  conversation: ConversationItem | null;
  /** Oldest first. */
  items: ThreadItem[];
  older: "none" | "some" | "loading";
  problem?: Problem;
}
