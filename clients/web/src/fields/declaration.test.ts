import { expect, test } from "vitest";
import { check, checkField, type Declaration, EMPTY, fieldAt, form, registerNumber } from "./declaration";

const PASSWORD = "quatre mots au hasard";
const good: Declaration = {
  ...EMPTY,
  first_name: "Rozenn",
  last_name: "Tadvilliers",
  email: "Rozenn <r.tadvilliers@cabinet.example.fr>",
  postal_code: "56 380",
  city: "Guer",
  speciality: "SM04",
  practice_mode: "liberal",
  number: "RPPS : 10 999 138 240",
};

test("a blank form says each thing that is needed, and nothing of what may be left out", () => {
  expect(check(EMPTY, "")).toEqual({
    first_name: "required",
    last_name: "required",
    email: "required",
    speciality: "required",
    practice_mode: "required",
    postal_code: "required",
    city: "required",
    password: "required",
  });
});

test("what is right is sent as the server keeps it", () => {
  expect(check(good, PASSWORD)).toEqual({});
  expect(form(good)).toEqual({
    first_name: "Rozenn",
    last_name: "Tadvilliers",
    email: "r.tadvilliers@cabinet.example.fr",
    postal_code: "56380",
    city: "Guer",
    speciality: "SM04",
    practice_mode: "liberal",
    rpps: "10999138240",
  });
});

test.each([
  ["", {}],
  ["10999138240", { rpps: "10999138240" }],
  ["29 2A 12345", { why: "wrong_length" }],
  ["292012345", { adeli: "292012345" }],
  ["2A2012345", { adeli: "2A2012345" }],
  ["10999138249", { why: "wrong_key" }],
  ["1099913824", { why: "wrong_length" }],
])("%j as a number of the register: %j", (typed, expected) => {
  const checked = registerNumber(typed);
  expect("why" in checked ? checked : checked.value).toEqual(expected);
});

test("a password has twelve characters, counted as people count", () => {
  expect(checkField("password", good, "onze lettre")).toBe("password_too_short");
  expect(checkField("password", good, "😀".repeat(11))).toBe("password_too_short");
  expect(checkField("password", good, "😀".repeat(12))).toBeNull();
});

test("a refusal of either number is at the field of both", () => {
  expect([fieldAt("rpps"), fieldAt("adeli"), fieldAt("city"), fieldAt("terms"), fieldAt(undefined)]).toEqual([
    "number",
    "number",
    "city",
    null,
    null,
  ]);
});
