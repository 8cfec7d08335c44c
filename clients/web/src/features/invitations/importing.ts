/**
 * A list on its way: read here, reviewed by the server, sent in portions. What is to be sent is kept on the device before
 * the first portion leaves, each portion with its id: after a reload, or a cut, the rest goes on and nothing goes twice.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { drop, type KeptForm, keep, keptForms } from "../../runtime/keptForms";
import { addListener, call, newId } from "../../runtime/runtime";
import { decode, parse } from "./csv";
import { checked, type Person, people, portions, type Why } from "./rows";
import { reloadInvitations } from "./state";

/** What is read of a file, in bytes. */
export const LARGEST = 10_000_000;

interface Portion {
  id: string;
  rows: Person["cells"][];
}

export interface Importing {
  organisation: string;
  file: string;
  rows: readonly Person[];
  phase: "reviewing" | "review" | "sending" | "stopped" | "done";
  portions: readonly Portion[];
  /** Portions that the server has answered. */
  answered: number;
  /** Invitations that go out. */
  sent: number;
  expiresAt?: string;
  problem?: Problem;
}

const current = signal<Importing | null>(null);
export const importing: ReadonlySignal<Importing | null> = current;

const keyOf = (organisation: string): string => `import-${organisation}`;

/** Finds what an earlier page left half-way. */
export function resume(organisation: string): void {
  if (current.peek()?.organisation === organisation) return;
  const form = keptForms.peek().find(one => one.id === keyOf(organisation));
  const left = form ? (form.value as Importing) : null;
  current.value = left && { ...left, phase: left.phase === "sending" ? "stopped" : left.phase };
}

function show(next: Importing): void {
  current.value = next;
  const { problem: _, ...value } = next;
  const form: KeptForm = { id: keyOf(next.organisation), kind: "import", at: Date.now(), value };
  keep(form);
}

export function give(organisation: string): void {
  drop(keyOf(organisation));
  current.value = null;
}

/** False when there is nobody in the file. */
export function read(organisation: string, file: string, bytes: Uint8Array): boolean {
  const rows = people(parse(decode(bytes)));
  if (!rows.length) return false;
  show({ organisation, file, rows, phase: "reviewing", portions: [], answered: 0, sent: 0 });
  void review();
  return true;
}

/** Corrects the address of a row, and has it reviewed again. */
export function correctRow(line: number, email: string): void {
  const now = current.peek();
  if (!now) return;
  const rows = now.rows.map(row =>
    row.line === line ? { line, cells: { ...row.cells, email } } : { ...row, said: ofServer(row.why) },
  );
  show({ ...now, rows: checked(rows), phase: "reviewing" });
  void review();
}

/** What only the server can say holds while other rows are corrected. */
const SERVERS: ReadonlySet<Why | null> = new Set([
  "not_a_name",
  "unknown_function",
  "already_member",
  "already_invited",
]);
const ofServer = (why: Why | null): Why | null => (SERVERS.has(why) ? why : null);

async function review(): Promise<void> {
  const now = current.peek();
  if (!now) return;
  const said = new Map<number, Why>();
  let expiresAt = now.expiresAt;
  for (const part of portions(now.rows.filter(row => row.why === null))) {
    const rows = part.map(row => row.cells);
    const outcome = await call("invitation.import", {
      id: newId(),
      organisation: now.organisation,
      rows,
      preview: true,
    });
    // Another file, or another correction, has taken its place.
    if (current.peek()?.rows !== now.rows) return;
    if (!outcome.ok) {
      current.value = { ...now, phase: "review", problem: outcome.problem };
      return;
    }
    for (const { row, why } of outcome.value.refused) said.set(part[row]?.line ?? -1, why);
    expiresAt = outcome.value.expires_at;
  }
  const rows = checked(now.rows.map(row => ({ ...row, said: said.get(row.line) ?? ofServer(row.why) })));
  show({ ...now, rows, phase: "review", ...(expiresAt === undefined ? {} : { expiresAt }) });
}

/** Sends what is ready, from where it stopped if it had begun. */
export async function send(note: string): Promise<void> {
  const now = current.peek();
  if (!now || now.phase === "sending" || now.phase === "done") return;
  const ready = now.rows.filter(row => row.why === null).map(row => row.cells);
  const parts = now.portions.length ? now.portions : portions(ready).map(rows => ({ id: newId(), rows }));
  const { problem: _, ...rest } = now;
  let state: Importing = { ...rest, portions: parts, phase: "sending" };
  show(state);
  for (const part of parts.slice(state.answered)) {
    const outcome = await call("invitation.import", { ...part, organisation: state.organisation, note });
    if (current.peek()?.organisation !== state.organisation) return;
    if (!outcome.ok) {
      show({ ...state, phase: "stopped" });
      current.value = { ...state, phase: "stopped", problem: outcome.problem };
      return;
    }
    state = { ...state, answered: state.answered + 1, sent: state.sent + outcome.value.ready };
    show(state);
  }
  current.value = { ...state, phase: "done" };
  drop(keyOf(state.organisation));
  reloadInvitations();
}

addListener({
  onClear() {
    current.value = null;
  },
});
