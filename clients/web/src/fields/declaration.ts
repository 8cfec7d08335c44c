/** What somebody says of themselves when they sign up, before it is sent: as `identity/onboarding/declaration.py` has it. Pure. */

import { characters, plain } from "../wire/text";
import * as fields from "./fields";

/** The form as typed; empty strings where nothing is. The password is never part of what is kept. */
export interface Declaration {
  first_name: string;
  last_name: string;
  email: string;
  address: string;
  postal_code: string;
  city: string;
  /** A key of the list of professions and specialities. */
  speciality: string;
  practice_mode: "liberal" | "salaried" | "";
  /** RPPS or ADELI, as it stands on the card. */
  number: string;
}

export type DeclarationField = keyof Declaration | "password";
export type DeclarationErrors = Partial<Record<DeclarationField, string>>;

export const EMPTY: Declaration = {
  first_name: "",
  last_name: "",
  email: "",
  address: "",
  postal_code: "",
  city: "",
  speciality: "",
  practice_mode: "",
  number: "",
};

/** In the order in which they stand on the screen. */
export const ORDER: readonly DeclarationField[] = [
  ...(["first_name", "last_name", "email", "speciality", "practice_mode"] as const),
  ...(["postal_code", "city", "address", "number", "password"] as const),
];

/** Characters of a password, at least. */
export const PASSWORD_LENGTH = 12;

/** The code of what is wrong with a field; null when it will do. */
export function checkField(field: DeclarationField, typed: Declaration, password: string): string | null {
  switch (field) {
    case "first_name":
    case "last_name":
      return whyOf(fields.personName(typed[field]));
    case "email":
      return whyOf(required(fields.email(typed.email)));
    case "postal_code":
      return whyOf(required(fields.postalCode(typed.postal_code)));
    case "city":
      return whyOf(required(fields.text(typed.city)));
    case "address":
      return whyOf(fields.text(typed.address));
    case "number":
      return whyOf(registerNumber(typed.number));
    case "password":
      if (!password) return "required";
      return characters(password) < PASSWORD_LENGTH ? "password_too_short" : null;
    default:
      return typed[field] ? null : "required";
  }
}

/** `password` null: a card opens the account, and there is none. */
export function check(typed: Declaration, password: string | null): DeclarationErrors {
  const errors: DeclarationErrors = {};
  for (const field of ORDER) {
    if (field === "password" && password === null) continue;
    const why = checkField(field, typed, password ?? "");
    if (why) errors[field] = why;
  }
  return errors;
}

/** RPPS: eleven digits, the last by Luhn. ADELI: nine, of which the key held only sometimes. Empty when there is none. */
export function registerNumber(typed: string): fields.Checked<{ rpps?: string; adeli?: string }> {
  const number = plain(typed).replace(fields.LABEL, "").replace(/[ .-]/g, "").toUpperCase();
  if (!number) return { value: {} };
  if (/^\d{11}$/.test(number)) return hasLuhn(number) ? { value: { rpps: number } } : { why: "wrong_key" };
  return /^\d[\dAB]\d{7}$/.test(number) ? { value: { adeli: number } } : { why: "wrong_length" };
}

function hasLuhn(number: string): boolean {
  let sum = 0;
  for (const [at, digit] of [...number].reverse().entries()) {
    const twice = Number(digit) * (at % 2 ? 2 : 1);
    sum += twice > 9 ? twice - 9 : twice;
  }
  return sum % 10 === 0;
}

/** What `signup` takes of it; for a declaration without errors. */
export function form(typed: Declaration): Record<string, string> {
  const value = (checked: fields.Checked) => ("value" in checked ? checked.value : "");
  const number = registerNumber(typed.number);
  const address = value(fields.text(typed.address));
  return {
    first_name: value(fields.personName(typed.first_name)),
    last_name: value(fields.personName(typed.last_name)),
    email: value(fields.email(typed.email)),
    postal_code: value(fields.postalCode(typed.postal_code)),
    city: value(fields.text(typed.city)),
    speciality: typed.speciality,
    practice_mode: typed.practice_mode,
    ...(address ? { address } : {}),
    ...("value" in number ? number.value : {}),
  };
}

/** Which field of the form a refusal names. */
export function fieldAt(param: string | undefined): DeclarationField | null {
  if (param === "rpps" || param === "adeli") return "number";
  return ORDER.find(field => field === param) ?? null;
}

function required(checked: fields.Checked): fields.Checked {
  return "value" in checked && !checked.value ? { why: "required" } : checked;
}

function whyOf(checked: fields.Checked<unknown>): string | null {
  return "why" in checked ? checked.why : null;
}
