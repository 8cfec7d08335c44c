/**
 * What a referral that begins in a case takes along: its patient and its files. Both are asked for anew, as the reader
 * they are asked by: the record opens only to whom it is open, and a file to whoever may read the message that holds it.
 */

import { BLANK, type PatientDraft } from "../../fields/patient";
import { call, replica } from "../../runtime/runtime";
import type { CasePatientView, FileView, PatientView } from "../../wire/types";
import type { Typed } from "./kept";

/** Pages of a case's messages in which its files are looked for, the newest first; and how many come at once. */
const PAGES = 10;
const PAGE = 50;

export function isCase(conversation: string | undefined): conversation is string {
  return conversation !== undefined && replica.peek().conversations.get(conversation)?.view.kind === "case";
}

/** The patient of a case as far as the reader may know them; nothing where nobody is named. */
export async function carriedPatient(conversation: string): Promise<Partial<Typed>> {
  const outcome = await call("conversation.get", { conversation });
  const patient = outcome.ok ? outcome.value.conversation.case?.patient : undefined;
  if (!patient) return {};
  if (patient.initials) return { initials: patient.initials };
  const record = await recordOf(patient);
  return record ? { patient: record } : { draft: draftOf(patient) };
}

/** The record itself, where it is open to the reader. */
async function recordOf({ id, family_name, first_names, birth_date }: CasePatientView): Promise<PatientView | null> {
  if (!id || !family_name || !birth_date) return null;
  const outcome = await call("patient.search", {
    family_name,
    birth_date,
    ...(first_names ? { first_names } : {}),
  });
  return (outcome.ok && outcome.value.patients.find(one => one.id === id)) || null;
}

/** As much of the form as the members of the case are shown. */
function draftOf({ civility, family_name, first_names, birth_name, birth_date }: CasePatientView): PatientDraft {
  return {
    ...BLANK,
    civility: (civility as PatientDraft["civility"]) ?? "",
    family_name: family_name ?? "",
    first_names: first_names ?? "",
    birth_name: birth_name ?? "",
    birth_date: birth_date ? birth_date.split("-").reverse().join("/") : "",
  };
}

/** The files of a case that can be opened, the newest first, each once. Null when the server did not say. */
export async function filesOf(conversation: string): Promise<FileView[] | null> {
  const found = new Map<string, FileView>();
  let before: number | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const outcome = await call("message.history", {
      conversation,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    if (!outcome.ok) return null;
    const { messages } = outcome.value;
    for (const { attachments = [] } of messages)
      for (const file of attachments) if (file.state === "ready" && !file.erased) found.set(file.id, file);
    const oldest = messages.at(-1);
    if (!oldest) break; // a page may be short, for its size
    before = oldest.seq;
  }
  return [...found.values()];
}
