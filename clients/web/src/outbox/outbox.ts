/**
 * Messages written here that the server has not accepted yet, in the order they were written.
 *
 * A message keeps its id from the first try to the last, so that trying again is harmless. In one conversation only
 * the oldest is on its way: a later one never overtakes it. Pure: every function returns a new outbox.
 */

import type { Problem } from "../engine/problem";

export interface Entry {
  id: string;
  conversation: string;
  body: string;
  replyTo: string | null;
  /** When it was written, in milliseconds. */
  at: number;
  state: "waiting" | "sending" | "refused";
  problem: Problem | null;
  tries: number;
  notBefore: number;
}

export type Outbox = readonly Entry[];

/** Refusals after which the same message may still be accepted later. */
const PASSING: ReadonlySet<Problem["reason"]> = new Set([
  "offline",
  "timeout",
  "unavailable",
  "internal",
  "rate_limited",
]);
const LONGEST_WAIT = 60_000;

export function write(outbox: Outbox, message: Pick<Entry, "id" | "conversation" | "body" | "replyTo" | "at">): Outbox {
  return [...outbox, { ...message, state: "waiting", problem: null, tries: 0, notBefore: 0 }];
}

/** Those that may go now: of each conversation the oldest that is not refused, unless it is on its way. */
export function ready(outbox: Outbox, now: number): Entry[] {
  return fronts(outbox).filter(entry => entry.notBefore <= now);
}

/** When one that waits after a failure may go again; null when none does. */
export function due(outbox: Outbox): number | null {
  const times = fronts(outbox).map(entry => entry.notBefore);
  return times.length ? Math.min(...times) : null;
}

/** Of each conversation the oldest that is not refused, when it is not on its way. */
function fronts(outbox: Outbox): Entry[] {
  const first = new Map<string, Entry>();
  for (const entry of outbox) {
    if (entry.state !== "refused" && !first.has(entry.conversation)) first.set(entry.conversation, entry);
  }
  return [...first.values()].filter(entry => entry.state === "waiting");
}

export function sending(outbox: Outbox, id: string): Outbox {
  return change(outbox, id, { state: "sending" });
}

export function accepted(outbox: Outbox, id: string): Outbox {
  return outbox.filter(entry => entry.id !== id);
}

/** It did not go: for a passing reason it waits, longer each time; otherwise it stays, refused, until somebody decides. */
export function refused(outbox: Outbox, id: string, problem: Problem, now: number): Outbox {
  const entry = outbox.find(one => one.id === id);
  if (!entry) return outbox;
  if (!PASSING.has(problem.reason)) return change(outbox, id, { state: "refused", problem });
  if (problem.reason === "offline") return change(outbox, id, { state: "waiting", notBefore: 0 });
  const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** entry.tries);
  return change(outbox, id, { state: "waiting", tries: entry.tries + 1, notBefore: now + wait });
}

/** A refused message once more, with the same id. */
export function retry(outbox: Outbox, id: string): Outbox {
  return change(outbox, id, { state: "waiting", problem: null, tries: 0, notBefore: 0 });
}

export function discard(outbox: Outbox, id: string): Outbox {
  return outbox.filter(entry => entry.id !== id || entry.state === "sending");
}

/** Access to the conversation is lost: nothing of it stays. */
export function erase(outbox: Outbox, conversation: string): Outbox {
  return outbox.filter(entry => entry.conversation !== conversation);
}

/** As found on the device after a reload: nothing of it is on its way. */
export function restore(outbox: Outbox, kept: readonly Entry[]): Outbox {
  const known = new Set(outbox.map(entry => entry.id));
  const before = kept
    .filter(entry => !known.has(entry.id))
    .map(entry => ({ ...entry, state: entry.state === "sending" ? ("waiting" as const) : entry.state, notBefore: 0 }))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return [...before, ...outbox];
}

function change(outbox: Outbox, id: string, values: Partial<Entry>): Outbox {
  return outbox.map(entry => (entry.id === id ? { ...entry, ...values } : entry));
}
