/** What a case is opened with, as it is typed, and what the server is asked for. */

import { tooLong } from "../../ui/Field";
import { NEW_CASE_LENGTHS, OPEN_CONVERSATION_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import type { NewCase, PatientView } from "../../wire/types";
import { caseWords } from "./caseWords";

/** As much of a record as the members of a case are shown. */
export type ChosenPatient = Pick<PatientView, "id" | "civility" | "family_name" | "first_names" | "birth_date"> & {
  birth_name?: string;
};

export interface CaseForm {
  title: string;
  question: string;
  urgency: NonNullable<NewCase["urgency"]>;
  naming: "record" | "initials" | "nobody";
  initials: string;
  patient: ChosenPatient | null;
  informed: "informed" | "objects" | "no";
}

export const NO_CASE: CaseForm = {
  title: "",
  question: "",
  urgency: "routine",
  naming: "initials",
  initials: "",
  patient: null,
  informed: "no",
};
const MOST_INITIALS = 10;

type Wrongs = Partial<Record<"title" | "question" | "initials" | "patient", string>>;

/** What is wrong with a form, by field; nothing when it can be sent. */
export function wrongs(form: CaseForm): Wrongs {
  const w = caseWords.value.fields;
  const title = isBlank(form.title) ? w.titleMissing : tooLong(form.title, OPEN_CONVERSATION_LENGTHS.title);
  const question = isBlank(form.question) ? w.questionMissing : tooLong(form.question, NEW_CASE_LENGTHS.question);
  const naming = form.informed === "objects" ? "nobody" : form.naming;
  const initials = naming === "initials" ? tooLong(form.initials, MOST_INITIALS) : undefined;
  const patient = naming === "record" && !form.patient ? w.patientMissing : undefined;
  const found = { title, question, initials, patient };
  return Object.fromEntries(Object.entries(found).filter(([, said]) => said !== undefined)) as Wrongs;
}

/** What the server is asked for. Of a patient who objects not even the initials are told. */
export function caseOf({ question, urgency, naming, initials, patient, informed }: CaseForm): NewCase {
  const named =
    informed === "objects" || naming === "nobody"
      ? null
      : naming === "record"
        ? patient && { id: patient.id }
        : isBlank(initials)
          ? null
          : { initials: initials.trim() };
  return {
    question: question.trim(),
    urgency,
    ...(named ? { patient: named } : {}),
    ...(informed === "no" ? {} : { informed }),
  };
}
