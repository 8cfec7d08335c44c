/** The patient form before it is sent: what the server would refuse is shown at the field at once. */

import { OLDEST_AGE, PATIENT_NAME_LENGTH } from "../wire/constants";
import type { PatientForm } from "../wire/types";

/** The form as typed; empty strings where nothing is. */
export interface PatientDraft {
  civility: "mme" | "m" | "none" | "";
  first_names: string;
  family_name: string;
  birth_name: string;
  /** "1954-03-14" */
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
export type FieldError = "required" | "format" | "future" | "key" | "refused";
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

const REQUIRED: readonly DraftField[] = [
  "civility",
  "first_names",
  "family_name",
  "birth_date",
  "birth_country",
  "phone",
];
const NAME = /^\p{L}[\p{L}\p{M} .'’-]*$/u;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

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
  const typed = draft[field].trim();
  if (!typed) {
    const needed = REQUIRED.includes(field) || (field === "birth_city" && draft.birth_country === "FR");
    return needed ? "required" : null;
  }
  switch (field) {
    case "first_names":
    case "family_name":
    case "birth_name":
      return NAME.test(typed) && typed.length <= PATIENT_NAME_LENGTH ? null : "format";
    case "birth_date":
      return checkBirthDate(typed, today);
    case "birth_country":
      return /^[A-Z]{2}$/.test(typed) ? null : "format";
    case "postal_code":
      return /^\d{5}$/.test(typed.replaceAll(" ", "")) ? null : "format";
    case "phone":
      return isPhone(typed) ? null : "format";
    case "email":
      return /^[^@\s<>"(),;:\\[\]]+@[^@\s]+\.\p{L}{2,}$/u.test(typed) && !typed.includes("..") ? null : "format";
    case "ins":
      return checkIns(typed);
    default:
      return null;
  }
}

function checkBirthDate(typed: string, today: string): FieldError | null {
  const match = DAY.exec(typed);
  if (!match || Number.isNaN(Date.parse(typed)) || new Date(typed).toISOString().slice(0, 10) !== typed)
    return "format";
  if (typed > today) return "future";
  return Number(today.slice(0, 4)) - Number(match[1]) > OLDEST_AGE ? "format" : null;
}

/** Ten digits, or an international number. Short and emergency numbers are refused. */
function isPhone(typed: string): boolean {
  const digits = typed.replace(/[\s.()-]/g, "");
  return /^0[1-79]\d{8}$/.test(digits) || /^(\+|00)[1-9]\d{6,14}$/.test(digits);
}

/** Thirteen characters and their key, 97 − (n mod 97), with 2A read as 19 and 2B as 18 (INS identity reference). */
function checkIns(typed: string): FieldError | null {
  const number = typed.replace(/[\s.]/g, "").toUpperCase();
  if (!/^\d{5}(\d\d|2A|2B)\d{8}$/.test(number)) return "format";
  const digits = number.slice(0, 13).replace("2A", "19").replace("2B", "18");
  return 97n - (BigInt(digits) % 97n) === BigInt(number.slice(13)) ? null : "key";
}

/** What `referral.book` takes; nothing that was left empty. */
export function form(draft: PatientDraft): PatientForm {
  const typed = Object.fromEntries(
    Object.entries(draft).map(([field, value]) => [field, value.trim()]),
  ) as typeof draft;
  const filled: PatientForm = {
    civility: typed.civility || "none",
    first_names: typed.first_names,
    family_name: typed.family_name,
    birth_date: typed.birth_date,
    birth_place: typed.birth_city
      ? { country: typed.birth_country, city: typed.birth_city }
      : { country: typed.birth_country },
    phone: typed.phone,
  };
  for (const field of ["birth_name", "address", "postal_code", "city", "email", "ins"] as const) {
    if (typed[field]) filled[field] = typed[field];
  }
  return filled;
}

/** Which field of the form a path of the protocol names: "$.patient.birth_place.city". */
export function fieldAt(path: string): DraftField | null {
  const last = path.split(".").pop() ?? "";
  if (path.includes("birth_place")) return last === "country" ? "birth_country" : "birth_city";
  return last in BLANK ? (last as DraftField) : null;
}
