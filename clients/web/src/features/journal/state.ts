/** The audit of an organisation, as it was asked for: import it from lazily loaded screens only. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { addListener, call, type Outcome } from "../../runtime/runtime";
import type { AuditEntryView, ChainCheck, ExportAudit, SearchAudit } from "../../wire/types";

export type Question = Pick<SearchAudit, "person" | "patient" | "act" | "after" | "before"> & { organisation: string };

interface Found {
  state: "loading" | "ready" | "failed";
  entries: readonly AuditEntryView[];
  /** Of people, organisations and agendas, by id. */
  names: Readonly<Record<string, string>>;
  /** Of patients: names where the reader may open the record, initials elsewhere. */
  patients: Readonly<Record<string, string>>;
  /** When the whole chain was last looked at; null when it never was. */
  checked: ChainCheck | null;
  more: boolean;
  problem?: Problem;
}

const NOTHING: Found = { state: "loading", entries: [], names: {}, patients: {}, checked: null, more: false };
const found = signal<Found>(NOTHING);
let question: Question | null = null;
let cursor: string | undefined;
let asked = 0;

export const entries: ReadonlySignal<Found> = found;

/** Each question is an entry of the audit itself: it is asked when somebody presses the button, not as they type. */
export async function search(wanted: Question): Promise<void> {
  question = wanted;
  found.value = NOTHING;
  await load();
}

export async function searchOn(): Promise<void> {
  if (cursor !== undefined && found.peek().state !== "loading") await load(cursor);
}

async function load(from?: string): Promise<void> {
  if (!question) return;
  const mine = ++asked;
  found.value = { ...found.peek(), state: "loading" };
  const outcome = await call("audit.search", { ...question, ...(from === undefined ? {} : { cursor: from }) });
  if (mine !== asked) return;
  const before = found.peek();
  if (!outcome.ok) {
    found.value = { ...before, state: "failed", problem: outcome.problem };
    return;
  }
  cursor = outcome.value.cursor;
  const names = { ...before.names, ...outcome.value.names };
  const all = from === undefined ? outcome.value.entries : [...before.entries, ...outcome.value.entries];
  const patients = { ...before.patients, ...outcome.value.patients };
  const checked = from === undefined ? (outcome.value.checked ?? null) : before.checked;
  found.value = { state: "ready", entries: all, names, patients, checked, more: cursor !== undefined };
}

/** All of it as text, in as many parts as it takes; how many lines there are. */
export async function copied(
  wanted: Question,
  format: ExportAudit["format"],
): Promise<Outcome<{ text: string; entries: number }>> {
  let text = "";
  let count = 0;
  for (let next: string | undefined, isFirst = true; isFirst || next !== undefined; isFirst = false) {
    const outcome = await call("audit.export", { ...wanted, format, ...(next === undefined ? {} : { cursor: next }) });
    if (!outcome.ok) return outcome;
    text += outcome.value.text;
    count += outcome.value.entries;
    next = outcome.value.cursor;
  }
  return { ok: true, value: { text, entries: count } };
}

addListener({
  onClear() {
    question = null;
    cursor = undefined;
    found.value = NOTHING;
  },
});
