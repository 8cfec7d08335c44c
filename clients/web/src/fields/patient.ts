/** The patient form before it is sent: what the server would refuse is shown at the field at once. */

import type { PatientForm } from "../wire/types";
import * as fields from "./fields";
import { phone } from "./phone";

/** The form as typed; empty strings where nothing is. */
export interface PatientDraft {
  civility: "mme" | "m" | "none" | "";
  first_names: string;
  family_name: string;
  birth_name: string;
  /** "14/03/1954", as it is typed */
  birth_date: string;
  birth_country: string;
  birth_city: string;
  address: string;
  postal_code: string;
  city: string;
  phone: string;
  email: string;
  ins: string;
}

export type DraftField = keyof PatientDraft;

/** What is wrong with a field; the catalogue says what to type. */
export type FieldError = fields.Why;
type FieldErrors = Partial<Record<DraftField, FieldError>>;

export const BLANK: PatientDraft = {
  civility: "",
  first_names: "",
  family_name: "",
  birth_name: "",
  birth_date: "",
  birth_country: "FR",
  birth_city: "",
  address: "",
  postal_code: "",
  city: "",
  phone: "",
  email: "",
  ins: "",
};

/** The error of each wrong field. `today` is the day at the site: "2026-12-01". */
export function check(draft: PatientDraft, today: string): FieldErrors {
  const errors: FieldErrors = {};
  for (const field of Object.keys(draft) as DraftField[]) {
    const error = checkField(field, draft, today);
    if (error) errors[field] = error;
  }
  return errors;
}

export function checkField(field: DraftField, draft: PatientDraft, today: string): FieldError | null {
  const checked = checkedField(field, draft, today);
  return "why" in checked ? checked.why : null;
}

function checkedField(field: DraftField, draft: PatientDraft, today: string): fields.Checked<unknown> {
  const typed = draft[field];
  switch (field) {
    case "civility":
      return typed ? { value: typed } : { why: "required" };
    case "first_names":
      return fields.firstNames(typed);
    case "family_name":
      return fields.personName(typed);
    case "birth_name":
      return optional(fields.personName(typed));
    case "birth_date":
      return fields.birthDate(typed, today);
    case "birth_country":
      return fields.country(typed);
    case "birth_city":
      return draft.birth_country === "FR" ? required(fields.text(typed)) : fields.text(typed);
    case "postal_code":
      return fields.postalCode(typed);
    case "phone":
      return phone(typed, kept(fields.postalCode(draft.postal_code)));
    case "email":
      return isTold(draft) ? fields.email(typed) : required(fields.email(typed));
    case "ins":
      return fields.ins(typed);
    default:
      return fields.text(typed);
  }
}

/** What is left out without a word, unless it is typed and wrong. */
function optional(checked: fields.Checked): fields.Checked {
  return "why" in checked && checked.why === "required" ? { value: "" } : checked;
}

function required(checked: fields.Checked): fields.Checked {
  return "value" in checked && !checked.value ? { why: "required" } : checked;
}

function kept(checked: fields.Checked): string {
  return "value" in checked ? checked.value : "";
}

/** Whether the phone alone will do: a landline receives no SMS. One that is not yet right says so at its own field. */
function isTold(draft: PatientDraft): boolean {
  const reached = phone(draft.phone, kept(fields.postalCode(draft.postal_code)));
  return "why" in reached || reached.value.mobile;
}

/** Whether the phone, as typed so far, is one at which the patient can be reached; null when it is not. */
export function reachedBy(draft: PatientDraft): "mobile" | "landline" | null {
  const reached = phone(draft.phone, kept(fields.postalCode(draft.postal_code)));
  if ("why" in reached) return null;
  return reached.value.mobile ? "mobile" : "landline";
}

/** The date of birth as typed, once it is one. */
export function birthDateOf(draft: PatientDraft, today: string): fields.BirthDate | null {
  const checked = fields.birthDate(draft.birth_date, today);
  return "value" in checked ? checked.value : null;
}

/** The draft when a field is left: a date of birth that is complete stands there as one reads it. */
export function tidied(field: DraftField, draft: PatientDraft, today: string): PatientDraft {
  const born = field === "birth_date" ? birthDateOf(draft, today) : null;
  return born && !born.unknown ? { ...draft, birth_date: born.date.split("-").reverse().join("/") } : draft;
}

/** What `referral.book` takes, as the server keeps it; nothing that was left empty. For a draft without errors. */
export function form(draft: PatientDraft, today: string): PatientForm {
  const born = birthDateOf(draft, today);
  const city = kept(fields.text(draft.birth_city));
  const reached = phone(draft.phone, kept(fields.postalCode(draft.postal_code)));
  const filled: PatientForm = {
    civility: draft.civility || "none",
    first_names: kept(fields.firstNames(draft.first_names)),
    family_name: kept(fields.personName(draft.family_name)),
    birth_date: born?.date ?? "",
    birth_place: { country: kept(fields.country(draft.birth_country)), ...(city ? { city } : {}) },
    phone: "value" in reached ? reached.value.number : "",
  };
  if (born?.unknown) filled.birth_date_unknown = born.unknown;
  const rest = {
    birth_name: optional(fields.personName(draft.birth_name)),
    address: fields.text(draft.address),
    postal_code: fields.postalCode(draft.postal_code),
    city: fields.text(draft.city),
    email: fields.email(draft.email),
    ins: fields.ins(draft.ins),
  };
  for (const [field, checked] of Object.entries(rest) as [keyof typeof rest, fields.Checked][]) {
    if (kept(checked)) filled[field] = kept(checked);
  }
  return filled;
}

/** Which field of the form a path of the protocol names: "$.patient.birth_place.city". */
export function fieldAt(path: string): DraftField | null {
  const last = path.split(".").pop() ?? "";
  if (path.includes("birth_place")) return last === "country" ? "birth_country" : "birth_city";
  if (last === "birth_date_unknown") return "birth_date";
  return last in BLANK ? (last as DraftField) : null;
}

/** Why the server refused a field, where the form knows the reason too. */
export function reasonOf(why: string | undefined): FieldError {
  return REASONS.find(known => known === why) ?? "refused";
}

const REASONS: readonly FieldError[] = [
  ...(["required", "too_long", "not_letters", "not_a_date", "future", "too_old", "unknown_country"] as const),
  ...(["not_five_digits", "not_a_number", "no_such_number", "service_number", "incomplete"] as const),
  ...(["wrong_length", "wrong_key", "not_an_ins"] as const),
];
