/**
 * What the tabs of one browser say to each other. A change that older tabs would misunderstand takes another
 * `GENERATION`: tabs of two generations then do not meet, and are two devices to the server.
 */

import type { Entry, Outbox } from "../outbox/outbox";

export const GENERATION = 2;

export type TabId = string;

/** What is typed and not sent, for one conversation. */
export interface Draft {
  conversation: string;
  body: string;
  /** The message that it answers. */
  reply?: string | undefined;
  /** Files that go with it, in this order: on their way, or there. */
  files?: readonly string[];
}

export type Word =
  /** Who leads? Whoever does answers `leading`, and says it again when it begins. */
  | { say: "who" }
  | { say: "leading" }
  /** This tab goes, or is put to sleep. */
  | { say: "leaving" }
  /** To the leader: a connection through its socket is wanted, or no longer. */
  | { say: "connect" }
  | { say: "disconnect" }
  /** From the leader: the connection is open, or was closed with this code. */
  | { say: "opened" }
  | { say: "closed"; code: number }
  /** To the leader, a frame for the server; from it, a frame of the server. */
  | { say: "frame"; text: string }
  /** To the leader: connect now, somebody is looking. */
  | { say: "urge" }
  /** To the leader, which sends the outbox of all tabs. */
  | { say: "command"; person: string; entry: Entry }
  | { say: "retry"; id: string }
  | { say: "discard"; id: string }
  /** All files of a message have arrived. */
  | { say: "uploaded"; id: string }
  /** To the leader: storage may hold commands of a page that is gone. */
  | { say: "stored" }
  /** From the leader: the outbox as it is now. */
  | { say: "outbox"; person: string; outbox: Outbox }
  /** To everybody. */
  | { say: "draft"; person: string; draft: Draft }
  | { say: "signed-in" }
  | { say: "signed-out" };

/** Without `to`, for every other tab. */
export type Message = Word & { from: TabId; to?: TabId };

/** A word, and for which tab; without `to`, for every other one. */
export interface Saying {
  word: Word;
  to?: TabId;
}
