/**
 * What a person's details must be like, as `identity/fields.py` has it: the form refuses what the server would, for the
 * same reason, and takes what the server takes. Both are held to the tables of `tests/cases`. Pure.
 */

import { OLDEST_AGE } from "../wire/constants";
import { COUNTRIES, FIELD_LENGTHS } from "../wire/fieldRules";
import { characters, line, plain } from "../wire/text";
import { address } from "./email";

/** Why a field is refused; the catalogue says what to type. */
export type Why =
  | "required"
  | "too_long"
  | "not_letters"
  | "not_a_date"
  | "future"
  | "too_old"
  | "unknown_country"
  | "not_five_digits"
  | "not_a_number"
  | "no_such_number"
  | "service_number"
  | "incomplete"
  | "wrong_length"
  | "wrong_key"
  | "not_an_ins"
  /** The server refused it for a reason that this version does not know. */
  | "refused";

/** A field as it is sent, or why it is not. */
export type Checked<T = string> = { value: T } | { why: Why };

export type DateUnknown = "day" | "month" | "day_and_month";

export interface BirthDate {
  /** "1954-03-14" */
  date: string;
  /** What is not known of it; the date is then the one that stands for it. */
  unknown?: DateUnknown;
}

const NAME = /^'?\p{L}[\p{L}\p{M} '.-]*$/u;
const EMAIL = /^[^@\s<>"(),;:\\[\]]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+\p{L}{2,}$/u;
/** A month of 20, 30 to 42 or 50 to 99 stands for one that is not known. */
const NIR = /^[1-478]\d\d(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)(?:\d\d|2[AB])\d{6}(\d\d)$/;

/** What is copied along with a number: "INS : ", "tél. ". */
export const LABEL = /^\p{L}[\p{L} .:°º]*(?=[0-9+(])/u;

export function personName(typed: string): Checked {
  const name = plain(typed);
  if (!name) return { why: "required" };
  if (characters(name) > FIELD_LENGTHS.name) return { why: "too_long" };
  return NAME.test(name) ? { value: name } : { why: "not_letters" };
}

/** Given names with a space between them; the commas of a document between them are one too. */
export function firstNames(typed: string): Checked {
  return personName(typed.replaceAll(",", " "));
}

/** One line of an address or a town; empty when there is nothing in it. */
export function text(typed: string): Checked {
  const said = line(typed);
  return characters(said) > FIELD_LENGTHS.text ? { why: "too_long" } : { value: said };
}

export function postalCode(typed: string): Checked {
  const code = plain(typed).replaceAll(" ", "");
  return !code || /^\d{5}$/.test(code) ? { value: code } : { why: "not_five_digits" };
}

const KNOWN = new Set(COUNTRIES.split(" "));

export function country(typed: string): Checked {
  const code = plain(typed).toUpperCase();
  if (code === "FRANCE") return { value: "FR" };
  return KNOWN.has(code) ? { value: code } : { why: "unknown_country" };
}

export function email(typed: string): Checked {
  const said = address(typed);
  if (!said) return { value: "" };
  if (characters(said) > FIELD_LENGTHS.email) return { why: "too_long" };
  return EMAIL.test(said) && !/^\.|\.\.|\.@/.test(said) ? { value: said } : { why: "incomplete" };
}

/** Thirteen characters and their key, 97 − (n mod 97), with 2A read as 19 and 2B as 18 (INS identity reference). */
export function ins(typed: string): Checked {
  const number = plain(typed)
    .replace(LABEL, "")
    .replace(/[ ./-]/g, "")
    .toUpperCase();
  if (!number) return { value: "" };
  const match = NIR.exec(number);
  if (!match) return { why: /^[\dAB]+$/.test(number) && number.length !== 15 ? "wrong_length" : "not_an_ins" };
  const digits = number.slice(0, 13).replace("2A", "19").replace("2B", "18");
  return 97n - (BigInt(digits) % 97n) === BigInt(match[1]!) ? { value: number } : { why: "wrong_key" };
}

/**
 * A date of birth as it is typed: jj/mm/aaaa with any sign between, or none, or the month by its French name. What is not
 * known is left out, or typed as 00 or ??; the INS identity reference says which date stands for it. A year of two digits
 * is read where only one century is possible. `today` is the day at the site: "2026-12-01".
 */
export function birthDate(typed: string, today: string): Checked<BirthDate> {
  const said = plain(typed.normalize("NFKC"));
  if (!said) return { why: "required" };
  const parts = datePartsOf(said.replaceAll("?", "0").replace(/\s*[/.\- ]\s*/g, "/"));
  if (!parts) return { why: "not_a_date" };
  if (parts.isFull) return birthDateOf(parts, today);
  const centuries = [1800, 1900, 2000].map(century => birthDateOf({ ...parts, year: century + parts.year }, today));
  const [only, ...others] = centuries.filter(one => "value" in one);
  return only && !others.length ? only : { why: "not_a_date" };
}

function birthDateOf({ day, month, year }: DateParts, today: string): Checked<BirthDate> {
  const unknown = day ? (month ? undefined : "month") : month ? "day" : "day_and_month";
  const [standing, of] = unknown === "day_and_month" ? [31, 12] : [day || 1, month || 1];
  const date = `${year}-${String(of).padStart(2, "0")}-${String(standing).padStart(2, "0")}`;
  if (year < 1000 || !isDay(date)) return { why: "not_a_date" };
  const thisYear = Number(today.slice(0, 4));
  if (year > thisYear || (date > today && unknown !== "day_and_month")) return { why: "future" };
  if (thisYear - year > OLDEST_AGE) return { why: "too_old" };
  return { value: unknown ? { date, unknown } : { date } };
}

interface DateParts {
  /** 0 when it is not known. */
  day: number;
  month: number;
  year: number;
  /** The year was typed with its century. */
  isFull: boolean;
}

const MONTHS = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split(" ");

/** "14/mars/1954" and "1er/sept/1954" with the month's number. */
function withMonthNumber(said: string): string {
  const bare = said.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const [, day, name = "", year] = /^(\d{1,2})(?:er)?\/?([a-z]{3,})\/?(\d{4}|\d\d)$/.exec(bare) ?? [];
  const found = MONTHS.filter(month => name && month.startsWith(name));
  return found.length === 1 ? `${day}/${MONTHS.indexOf(found[0]!) + 1}/${year}` : said;
}

function datePartsOf(said: string): DateParts | null {
  const orders: [RegExp, ("day" | "month" | "year")[]][] = [
    [/^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d\d)$/, ["day", "month", "year"]],
    [/^(\d\d)(\d\d)(\d{4})$/, ["day", "month", "year"]],
    [/^(\d{4})\/(\d\d)\/(\d\d)$/, ["year", "month", "day"]],
    [/^(\d{1,2})\/(\d{4})$/, ["month", "year"]],
    [/^(\d{4})$/, ["year"]],
  ];
  for (const [pattern, order] of orders) {
    const found = pattern.exec(withMonthNumber(said));
    if (!found) continue;
    const parts: DateParts = { day: 0, month: 0, year: 0, isFull: found[order.indexOf("year") + 1]!.length === 4 };
    for (const [at, part] of order.entries()) parts[part] = Number(found[at + 1]);
    return parts;
  }
  return null;
}

function isDay(date: string): boolean {
  const read = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().slice(0, 10) === date;
}
