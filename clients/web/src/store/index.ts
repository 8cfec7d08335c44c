/** The one door between the screens and everything else. */

import type { ReadonlySignal } from "@preact/signals";
import type { Hit } from "../wire/types";
import type {
  Connection,
  ConversationList,
  DirectoryQuery,
  DirectoryState,
  Outcome,
  Route,
  Session,
  Thread,
} from "./types";
import type { Member } from "../wire/types";

export type * from "./types";

export declare const session: ReadonlySignal<Session>;
export declare const connection: ReadonlySignal<Connection>;
export declare const route: ReadonlySignal<Route>;
/** This minute, for "il y a 3 min"; and the server's clock as milliseconds. */
export declare const minute: ReadonlySignal<number>;
export declare function serverNow(): number;

export declare function go(to: Route, options?: { replace?: boolean }): void;
export declare function href(to: Route): string;

export declare function signIn(email: string, password: string): Promise<Outcome>;
export declare function signOut(): Promise<void>;
/** After `connection.elsewhere`: this tab becomes the live one. */
export declare function takeOver(): void;
/** Try to connect now rather than at `connection.retryAt`. */
export declare function reconnect(): void;

export declare const conversations: ReadonlySignal<ConversationList>;
/** The thread of a conversation; reading it makes the store load it. The same signal for the same id. */
export declare function thread(id: string): ReadonlySignal<Thread>;
/** Who is writing in it, now. */
export declare function typing(id: string): ReadonlySignal<Member[]>;
export declare function loadOlder(id: string): void;
/** Returns the id of the message, at once: it is shown as pending and goes when it can. */
export declare function send(conversation: string, body: string, replyTo?: string): string;
export declare function retry(message: string): void;
export declare function discard(message: string): void;
/** Everything up to `seq` has been seen. */
export declare function read(conversation: string, seq: number): void;
/** Call on every key; the store tells the others at most every few seconds. */
export declare function isTyping(conversation: string): void;
/** What is typed and not sent, kept on this device. */
export declare function draft(conversation: string): string;
export declare function saveDraft(conversation: string, body: string): void;

export declare function openDirect(person: string): Promise<Outcome<string>>;
export declare function openGroup(title: string, persons: string[]): Promise<Outcome<string>>;
export declare function rename(conversation: string, title: string): Promise<Outcome>;
export declare function addMember(conversation: string, person: string): Promise<Outcome>;
export declare function removeMember(conversation: string, person: string): Promise<Outcome>;
export declare function leave(conversation: string): Promise<Outcome>;

export declare const directory: ReadonlySignal<DirectoryState>;
/** As you type: the last question wins, earlier answers are dropped. */
export declare function search(query: DirectoryQuery): void;
export declare function searchMore(): void;
/** A search of its own beside `directory`: who to add to a group, whom to write to. */
export declare function findPeople(text: string): Promise<Outcome<Hit[]>>;
