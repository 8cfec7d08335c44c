/** Where one's own verification stands. It is asked for again while somebody else is at work on it. */

import { signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { call, newId } from "../../runtime/runtime";
import type { VerificationView } from "../../wire/types";

interface Standing {
  /** Null until the server has said it. */
  view: VerificationView | null;
  problem: Problem | null;
  busy: boolean;
}

export const standing = signal<Standing>({ view: null, problem: null, busy: false });

/** How soon it is looked at again, in milliseconds: a check takes seconds, a moderator hours. Null: nobody is at work. */
export function lookAgainIn({ state, url }: VerificationView): number | null {
  if (state === "pending" || (state === "awaiting_person" && url)) return 5_000;
  return state === "in_review" || state === "none" ? 30_000 : null;
}

function take(
  outcome: { ok: true; value: { verification: VerificationView } } | { ok: false; problem: Problem },
): boolean {
  const before = standing.peek();
  standing.value = outcome.ok
    ? { view: outcome.value.verification, problem: null, busy: false }
    : { ...before, problem: outcome.problem, busy: false };
  return outcome.ok;
}

export async function load(): Promise<void> {
  const outcome = await call("verification.get", {});
  // What went wrong with what the person asked for stays until they ask for something else.
  if (outcome.ok) standing.value = { ...standing.peek(), view: outcome.value.verification };
  else if (!standing.peek().view) take(outcome);
}

/** Begins a check of the document; the page to go on with, or null when there is none. */
export async function start(): Promise<string | null> {
  if (standing.peek().busy) return null;
  standing.value = { ...standing.peek(), busy: true, problem: null };
  const outcome = await call("verification.start", { id: newId(), method: "document" });
  take(outcome);
  return outcome.ok ? outcome.value.url : null;
}

export async function appeal(note: string): Promise<boolean> {
  if (standing.peek().busy) return false;
  standing.value = { ...standing.peek(), busy: true, problem: null };
  return take(await call("verification.appeal", note.trim() ? { note: note.trim() } : {}));
}

export async function withdraw(): Promise<boolean> {
  if (standing.peek().busy) return false;
  standing.value = { ...standing.peek(), busy: true, problem: null };
  return take(await call("verification.withdraw", {}));
}
