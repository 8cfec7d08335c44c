/** Every field by the tables of `tests/cases`, which the server runs too: the form and the server never disagree. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COUNTRIES } from "../wire/fieldRules";
import { isBlank, json, line, wellFormed } from "../wire/text";
import * as fields from "./fields";
import { phone } from "./phone";

interface Case {
  typed?: string;
  at?: string;
  value?: unknown;
  why?: string;
  line?: string;
  well_formed?: string;
}

const TODAY = "2026-11-22";
const folder = new URL("../../../../tests/cases/", import.meta.url);
const table = (name: string): Case[] =>
  (JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as { cases: Case[] }).cases;
const expected = (one: Case): Case => ("why" in one ? { why: one.why! } : { value: one.value });

const RULES: Record<string, (one: Case) => unknown> = {
  name: one => fields.personName(one.typed!),
  first_names: one => fields.firstNames(one.typed!),
  birth_date: one => fields.birthDate(one.typed!, TODAY),
  postal_code: one => fields.postalCode(one.typed!),
  country: one => fields.country(one.typed!),
  email: one => fields.email(one.typed!),
  ins: one => fields.ins(one.typed!),
  phone: one => phone(one.typed!, one.at ?? ""),
};

for (const [name, rule] of Object.entries(RULES)) {
  // Some dates are sent by programs and typed by nobody.
  test.each(table(name).filter(one => one.typed !== undefined))(`${name} $typed`, one => {
    expect(rule(one)).toEqual(expected(one));
  });
}

test.each(table("text"))("text $typed", one => {
  expect(wellFormed(one.typed!)).toBe(one.well_formed);
  expect(JSON.parse(json({ deep: [{ text: one.typed }] }))).toEqual({ deep: [{ text: one.well_formed }] });
  if (one.line !== undefined) expect(line(one.typed!)).toBe(one.line);
  if ("why" in one) expect(isBlank(line(one.typed!))).toBe(true);
});

test("every country has a name", () => {
  const names = new Intl.DisplayNames(["fr"], { type: "region", fallback: "none" });
  expect(COUNTRIES.split(" ").filter(code => !names.of(code))).toEqual([]);
  expect(COUNTRIES.split(" ")).toHaveLength(250);
});
