/** Telephone numbers at which a person can be reached, as `identity/fields.py` reads them. Pure; a large module. */

import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { FICTION_NUMBERS, PHONE_REGIONS, TEN_DIGIT_REGIONS } from "../wire/fieldRules";
import { plain } from "../wire/text";
import { type Checked, LABEL } from "./fields";

export interface Phone {
  /** In international form: "+33639984107". */
  number: string;
  /** It receives an SMS. */
  mobile: boolean;
}

const REACHABLE: ReadonlySet<string> = new Set(["MOBILE", "FIXED_LINE", "FIXED_LINE_OR_MOBILE", "VOIP"]);
/** Kept free by the regulator for works of fiction: the mobiles, and the lines. */
const FICTION = new RegExp(FICTION_NUMBERS);
const REGIONS: Readonly<Record<string, CountryCode>> = PHONE_REGIONS;

/** The region of the numbering plan for a postal code; metropolitan France when it is empty. */
function region(code: string): CountryCode {
  return REGIONS[code.slice(0, 5)] ?? REGIONS[code.slice(0, 3)] ?? "FR";
}

/** A number read as it is dialled at the postal code. Service numbers are refused: nobody answers there. */
export function phone(typed: string, postalCode: string): Checked<Phone> {
  const said = plain(typed)
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .trim()
    .replace(LABEL, "");
  if (!said) return { why: "required" };
  if (!/^\+?[0-9 ()./-]+$/.test(said)) return { why: "not_a_number" };
  const dialled = said.replaceAll("(0)", "").replace(/[ ()./-]/g, "");
  for (const found of readings(dialled, region(postalCode))) {
    const fiction = FICTION.exec(found.number);
    if (fiction) return { value: { number: found.number, mobile: fiction[1] !== undefined } };
    const type = found.getType();
    if (type && REACHABLE.has(type)) return { value: { number: found.number, mobile: type === "MOBILE" } };
    if (found.isValid()) return { why: "service_number" };
  }
  return { why: /^\d{2,4}$/.test(dialled) ? "service_number" : "no_such_number" };
}

/** What the digits may be, the likeliest first: at home, then in the other regions of the same plan. */
function readings(dialled: string, home: CountryCode): PhoneNumber[] {
  const french = /^(?:\+|00)33/.exec(dialled);
  // What the mainland's code stands before is dialled from anywhere in France with a 0.
  const local = french ? `0${dialled.slice(french[0].length).replace(/^0+/, "")}` : dialled;
  const regions = new Set<CountryCode>([french ? "FR" : home, ...TEN_DIGIT_REGIONS]);
  return [...regions].flatMap(
    defaultCountry => parsePhoneNumberFromString(local, { defaultCountry, extract: false }) ?? [],
  );
}
