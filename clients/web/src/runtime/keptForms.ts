/**
 * Forms that are being filled in: they survive a reload, a tab that the phone drops, and other screens. On the device
 * alone, for the person who fills them in, until they are sent, given up or the person signs out.
 */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { HeldSlot, Me } from "../wire/types";
import { dropForm, type KeptForm, keepForm, loadForms, NOBODY } from "./offlineStorage";
import { addListener } from "./runtime";

export type { KeptForm };

/** What the person held when the server greeted, on whichever device it was taken. */
export function holdsOf(person: Me | null): readonly HeldSlot[] {
  return person?.holds ?? [];
}

/** What nobody has touched for so long, and nothing waits for, is forgotten. In milliseconds. */
const KEEPING_TIME = 12 * 3_600_000;

const forms = signal<readonly KeptForm[]>([]);
const loaded = signal(false);
let owner: string | null = null;

/** The one changed last comes last. */
export const keptForms: ReadonlySignal<readonly KeptForm[]> = forms;
/** Whether what an earlier page kept has been found. */
export const formsLoaded: ReadonlySignal<boolean> = loaded;

/** Another tab of the same person has kept or dropped a form. */
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("relais.forms");
tabs?.addEventListener("message", () => void (owner !== null && load(owner)));

/** For a form that somebody fills in before they are known: an account that is being made. */
export function openForNobody(): void {
  if (owner !== null) return;
  owner = NOBODY;
  void load(NOBODY);
}

async function load(person: string): Promise<void> {
  const found = await loadForms(person);
  if (owner !== person) return;
  const oldest = Date.now() - KEEPING_TIME;
  for (const form of found) if (form.at < oldest) void dropForm(form.id);
  const read = found.filter(form => form.at >= oldest && !writing.has(form.id));
  const written = forms.peek().filter(form => writing.has(form.id));
  forms.value = [...read, ...written].sort((one, other) => one.at - other.at);
  loaded.value = true;
}

/** Forms that are being written or erased: what is read meanwhile may be older. Counted, since writes overlap. */
const writing = new Map<string, number>();

async function write(id: string, stored: () => Promise<void>): Promise<void> {
  writing.set(id, (writing.get(id) ?? 0) + 1);
  await stored();
  const left = (writing.get(id) ?? 1) - 1;
  if (left) writing.set(id, left);
  else writing.delete(id);
  tabs?.postMessage(null);
}

export function keep(form: KeptForm): void {
  forms.value = [...forms.peek().filter(known => known.id !== form.id), form];
  const person = owner;
  if (person !== null) void write(form.id, () => keepForm(person, form));
}

export function drop(id: string): void {
  if (!forms.peek().some(form => form.id === id)) return;
  forms.value = forms.peek().filter(form => form.id !== id);
  void write(id, () => dropForm(id));
}

addListener({
  onWelcome({ me }) {
    if (owner === me.id) return;
    owner = me.id;
    forms.value = []; // what nobody in particular filled in
    void load(me.id);
  },
  onClear() {
    owner = null;
    loaded.value = false;
    forms.value = [];
  },
});
