/**
 * Commands that the server has not answered yet. Those with the same `orderedBy` stand in the order they were given, in
 * whichever tab, and whenever they become known here.
 *
 * A command keeps its id from the first attempt to the last, so repeating it is harmless. Entries with the same
 * `orderedBy` are sent one after the other and never overtake each other; entries with different keys never wait for
 * each other. An entry is sent only once it is persisted, and a message with files once these have arrived: such a message
 * holds up no other one. After a passing failure it is tried again, at most
 * `ATTEMPTS` times; after that, or when the server refuses it, it no longer holds up what is behind it and stays until
 * the person retries or discards it.
 *
 * Pure: every function returns a new outbox.
 */

import type { Problem } from "../engine/problem";
import { json } from "../wire/text";
import type { Params } from "../wire/types";

/** The methods whose commands go through the outbox. */
export type Method = "message.send" | "message.read";

export type Command = { [M in Method]: { method: M; params: Params<M> } }[Method];

export type Entry = Command & {
  /** The id of what the command creates, or one derived from its content. */
  id: string;
  conversation: string;
  /** Entries with the same key go one after the other. */
  orderedBy: string;
  /** When the command was given, in milliseconds. */
  createdAt: number;
  state: "waiting" | "sending" | "refused";
  /** It would survive a reload. */
  persisted: boolean;
  /** It has files that have not all arrived: it is not sent before `markUploaded`. */
  uploading?: boolean;
  /** How often it has been sent. */
  attempts: number;
  /** It is not sent again before this time, in milliseconds. */
  notBefore: number;
  /** Why the last attempt failed; null while there was none, and after a retry. */
  problem: Problem | null;
};

export type Outbox = readonly Entry[];

/** How often a command is sent before it counts as refused: about seven minutes when no answer ever comes. */
export const ATTEMPTS = 10;
const LONGEST_WAIT = 60_000;

/** Failures after which the same command may still be accepted later. */
const PASSING: ReadonlySet<Problem["reason"]> = new Set([
  "offline",
  "timeout",
  "unavailable",
  "internal",
  "rate_limited",
]);

/** Adds a command, with well-formed text: what is stored is what is sent. Of read pointers that wait, only the furthest of each conversation is kept. */
export function add(outbox: Outbox, given: Command, now: number): Outbox {
  const command = JSON.parse(json(given)) as Command;
  const identity = identify(command);
  // Two that are given in one millisecond, or while the clock is set back, keep their order.
  const before = outbox
    .filter(({ orderedBy }) => orderedBy === identity.orderedBy)
    .map(({ createdAt }) => createdAt + 1);
  const entry = { ...identity, createdAt: Math.max(now, ...before), state: "waiting", persisted: false } as const;
  const uploading = hasFiles(command) ? { uploading: true } : {};
  const fresh: Entry = { ...command, ...entry, ...uploading, attempts: 0, notBefore: 0, problem: null };
  return find(outbox, fresh.id) ? outbox : withoutSurpassed([...outbox, fresh]);
}

/** Adds a command that another tab was given and has stored. */
export function adopt(outbox: Outbox, entry: Entry): Outbox {
  if (find(outbox, entry.id)) return markPersisted(outbox, entry.id);
  return withoutSurpassed(inOrder(outbox, [{ ...entry, state: "waiting", persisted: true, notBefore: 0 }]));
}

/** Puts each of `others` before the first entry of its order that was given after it. */
export function inOrder(outbox: Outbox, others: readonly Entry[]): Outbox {
  const all = [...outbox];
  for (const entry of [...others].sort(byAge)) {
    const at = all.findIndex(known => known.orderedBy === entry.orderedBy && byAge(entry, known) < 0);
    all.splice(at < 0 ? all.length : at, 0, entry);
  }
  return all;
}

function byAge(a: Entry, b: Entry): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** What was on its way by a socket that is gone, or by another tab: it waits to be sent again. */
export function recall(outbox: Outbox): Outbox {
  return withoutSurpassed(outbox.map(entry => (entry.state === "sending" ? { ...entry, state: "waiting" } : entry)));
}

function identify({ method, params }: Command): Pick<Entry, "id" | "conversation" | "orderedBy"> {
  const { conversation } = params;
  if (method === "message.send") {
    // Large files take minutes: what is written meanwhile may be urgent.
    const orderedBy = hasFiles({ method, params }) ? `files:${params.id}` : conversation;
    return { id: params.id, conversation, orderedBy };
  }
  // A read pointer waits for no message, and no message for it.
  const orderedBy = `read:${conversation}`;
  return { id: `${orderedBy}:${params.seq}`, conversation, orderedBy };
}

function hasFiles({ method, params }: Command): boolean {
  return method === "message.send" && Boolean(params.attachments?.length);
}

/** A read pointer includes every earlier one of its conversation. */
function withoutSurpassed(outbox: Outbox): Outbox {
  const furthest = new Map<string, number>();
  for (const { method, params, orderedBy } of outbox) {
    if (method === "message.read") furthest.set(orderedBy, Math.max(params.seq, furthest.get(orderedBy) ?? 0));
  }
  return outbox.filter(
    entry =>
      entry.method !== "message.read" ||
      entry.state === "sending" ||
      entry.params.seq === furthest.get(entry.orderedBy),
  );
}

/** The entry has been written to storage, or there is no storage to write it to: it may be sent. */
export function markPersisted(outbox: Outbox, id: string): Outbox {
  return change(outbox, id, { persisted: true });
}

/** All files of a message have arrived: it may be sent. */
export function markUploaded(outbox: Outbox, id: string): Outbox {
  return change(outbox, id, { uploading: false });
}

/** Those that may be sent now: the first of each order, unless it is on its way. */
export function ready(outbox: Outbox, now: number): Entry[] {
  return firsts(outbox).filter(entry => entry.notBefore <= now);
}

/** When the next entry that waits after a failure may be sent; null when none waits. */
export function nextAttempt(outbox: Outbox): number | null {
  const times = firsts(outbox).map(entry => entry.notBefore);
  return times.length ? Math.min(...times) : null;
}

/** The first entry of each order that is not refused, when it is complete and none of its order is on its way. */
function firsts(outbox: Outbox): Entry[] {
  const first = new Map<string, Entry>();
  const underway = new Set<string>();
  for (const entry of outbox) {
    if (entry.state === "sending") underway.add(entry.orderedBy);
    if (entry.state !== "refused" && !first.has(entry.orderedBy)) first.set(entry.orderedBy, entry);
  }
  return [...first.values()].filter(
    ({ persisted, uploading, orderedBy }) => persisted && !uploading && !underway.has(orderedBy),
  );
}

export function markSending(outbox: Outbox, id: string): Outbox {
  const attempts = (find(outbox, id)?.attempts ?? 0) + 1;
  return change(outbox, id, { state: "sending", attempts });
}

/** The server has carried it out. */
export function accept(outbox: Outbox, id: string): Outbox {
  return outbox.filter(entry => entry.id !== id);
}

/**
 * An attempt failed. For a passing reason the entry waits, longer each time, up to `ATTEMPTS`; otherwise it is refused.
 * A refused read pointer is dropped: there is nothing that the person could do about it.
 */
export function refuse(outbox: Outbox, id: string, problem: Problem, now: number): Outbox {
  const entry = find(outbox, id);
  if (!entry) return outbox;
  if (!PASSING.has(problem.reason) || entry.attempts >= ATTEMPTS) {
    return entry.method === "message.read" ? accept(outbox, id) : change(outbox, id, { state: "refused", problem });
  }
  // After a cut the engine decides when to connect again: nothing more to wait for.
  const wait = problem.reason === "offline" ? 0 : Math.min(LONGEST_WAIT, 1000 * 2 ** (entry.attempts - 1));
  return withoutSurpassed(change(outbox, id, { state: "waiting", notBefore: now + wait, problem }));
}

/** Sends a refused entry once more, with the same id. */
export function retry(outbox: Outbox, id: string): Outbox {
  if (find(outbox, id)?.state !== "refused") return outbox;
  return change(outbox, id, { state: "waiting", problem: null, attempts: 0, notBefore: 0 });
}

/** Gives an entry up, unless it is on its way. */
export function discard(outbox: Outbox, id: string): Outbox {
  return outbox.filter(entry => entry.id !== id || entry.state === "sending");
}

/** The person lost access to the conversation: nothing of it is kept. */
export function dropConversation(outbox: Outbox, conversation: string): Outbox {
  return outbox.filter(entry => entry.conversation !== conversation);
}

/** Adds what is stored, of which nothing is on its way. What is known here stays as it is, and counts as persisted. */
export function restore(outbox: Outbox, stored: readonly Entry[]): Outbox {
  const ids = new Set(stored.map(entry => entry.id));
  const known = outbox.map(entry => (ids.has(entry.id) && !entry.persisted ? { ...entry, persisted: true } : entry));
  const found = stored
    .filter(entry => !find(outbox, entry.id))
    .map((entry): Entry => {
      const state = entry.state === "refused" ? "refused" : "waiting";
      return { ...entry, state, persisted: true, notBefore: 0 };
    });
  return withoutSurpassed(inOrder(known, found));
}

/** When the oldest message that is to be sent was written, in milliseconds; null when there is none. */
export function waitingSince(outbox: Outbox): number | null {
  const times = outbox.filter(isWaitingMessage).map(({ createdAt }) => createdAt);
  return times.length ? Math.min(...times) : null;
}

export function isWaitingMessage({ method, state }: Entry): boolean {
  return method === "message.send" && state !== "refused";
}

function find(outbox: Outbox, id: string): Entry | undefined {
  return outbox.find(entry => entry.id === id);
}

function change(outbox: Outbox, id: string, values: Partial<Omit<Entry, "method" | "params">>): Outbox {
  return outbox.map(entry => (entry.id === id ? { ...entry, ...values } : entry));
}
