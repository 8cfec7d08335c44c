/** The case that is being written: kept on this device until it is opened or given up, the same in all tabs. */

import { drop, keep, keptForms } from "../../runtime/keptForms";
import { me, newId } from "../../runtime/runtime";
import { type CaseForm, NO_CASE } from "./caseForm";
import type { PickedMember } from "./MemberPicker";

export interface CaseDraft {
  form: CaseForm;
  /** Those who are asked. */
  picked: PickedMember[];
  /** The last opening sent: the same content is sent again with the same id, so that it is never opened twice. */
  attempt?: { id: string; content: string };
}

export const NOTHING: CaseDraft = { form: NO_CASE, picked: [] };

const key = (): string => `case-${me.value?.id ?? ""}`;

/** What stands in the form now; the blank form where nothing was written. */
export function caseDraft(): CaseDraft {
  const found = keptForms.value.find(form => form.id === key());
  return found ? (found.value as CaseDraft) : NOTHING;
}

export function editCase(change: Partial<CaseDraft>): void {
  const { attempt: _, ...edited } = { ...caseDraft(), ...change };
  put({ ...edited, ...(change.attempt ? { attempt: change.attempt } : {}) });
}

/** The id under which this content is opened. */
export function attempted(content: unknown): string {
  const written = JSON.stringify(content);
  const { form, picked, attempt } = caseDraft();
  if (attempt?.content === written) return attempt.id;
  const id = newId();
  put({ form, picked, attempt: { id, content: written } });
  return id;
}

export function dropCase(): void {
  drop(key());
}

function put(value: CaseDraft): void {
  const isBlank = value.picked.length === 0 && JSON.stringify(value.form) === JSON.stringify(NO_CASE);
  if (isBlank) dropCase();
  else keep({ id: key(), kind: "case", at: Date.now(), value });
}
