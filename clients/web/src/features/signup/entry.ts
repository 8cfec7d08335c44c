/** "Est-ce vous ?": one's own entry of the register, looked for a few times a day, and claimed. */

import { signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { registerNumber } from "../../fields/declaration";
import { call } from "../../runtime/runtime";
import type { EntryView } from "../../wire/types";

export interface Entry {
  /** What was looked for: a number, or null for the name and town of the account. */
  asked: string | null;
  /** Null until the server has answered. */
  entries: EntryView[] | null;
  questionsLeft: number | null;
  chosen: string | null;
  problem: Problem | null;
  busy: boolean;
}

const NOTHING: Entry = { asked: null, entries: null, questionsLeft: null, chosen: null, problem: null, busy: false };
export const entry = signal<Entry>(NOTHING);

/** Nothing has been looked for yet; `number` as it was typed when the account was made. */
export function startEntry(number: string): void {
  const checked = registerNumber(number);
  const found = "value" in checked ? (checked.value.rpps ?? checked.value.adeli ?? null) : null;
  entry.value = { ...NOTHING, asked: found };
}

/** Looks for entries of a number, or of one's own name. Of one that is found alone nothing is chosen: it is asked. */
export async function look(number: string | null): Promise<void> {
  if (entry.peek().busy) return;
  entry.value = { ...entry.peek(), asked: number, busy: true, problem: null };
  const outcome = await call("verification.candidates", number ? { number } : {});
  const now = entry.peek();
  entry.value = outcome.ok
    ? { ...now, busy: false, entries: outcome.value.entries, questionsLeft: outcome.value.questions_left, chosen: null }
    : { ...now, busy: false, entries: now.entries ?? [], problem: outcome.problem };
}

export function choose(id: string): void {
  entry.value = { ...entry.peek(), chosen: id };
}

/** Says that the chosen entry is one's own, or with null that none is. True when the server has it. */
export async function claim(id: string | null): Promise<boolean> {
  if (entry.peek().busy) return false;
  entry.value = { ...entry.peek(), busy: true, problem: null };
  const outcome = await call("verification.claim", id ? { entry: id } : {});
  entry.value = { ...entry.peek(), busy: false, problem: outcome.ok ? null : outcome.problem };
  return outcome.ok;
}
