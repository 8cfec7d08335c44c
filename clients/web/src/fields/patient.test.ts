import { describe, expect, test } from "vitest";
import { BLANK, check, checkField, fieldAt, form, type PatientDraft, reachedBy, reasonOf, tidied } from "./patient";

describe("the patient form", () => {
  const TODAY = "2026-11-22";
  const good: PatientDraft = {
    ...BLANK,
    civility: "mme",
    first_names: "Odile Marie",
    family_name: "Marchandeau",
    birth_date: "14/03/1954",
    birth_city: "Quimper",
    phone: "06 39 98 41 07",
  };

  test("that is complete has no errors", () => {
    expect(check(good, TODAY)).toEqual({});
  });

  test("that is blank says what is needed", () => {
    expect(check(BLANK, TODAY)).toEqual({
      civility: "required",
      first_names: "required",
      family_name: "required",
      birth_date: "required",
      birth_city: "required",
      phone: "required",
    });
  });

  test("needs no town outside France", () => {
    expect(check({ ...good, birth_country: "BE", birth_city: "" }, TODAY)).toEqual({});
  });

  test.each([
    ["birth_date", "31/02/1954", "not_a_date"],
    ["birth_date", "1954", null],
    ["phone", "112", "service_number"],
    ["phone", "", "required"],
    ["email", "odile@exemple", "incomplete"],
    ["birth_name", "\u200b", null],
    ["birth_name", "12345", "not_letters"],
    ["birth_city", "\u00a0", "required"],
    ["address", "x".repeat(201), "too_long"],
    ["birth_country", "ZZ", "unknown_country"],
    ["civility", "", "required"],
  ] as const)("%s %j: %s", (field, value, error) => {
    expect(checkField(field, { ...good, [field]: value }, TODAY)).toBe(error);
  });

  test("needs an address when only a landline is given, as the server does", () => {
    const landline = { ...good, phone: "02 99 12 34 56" };
    expect(check(landline, TODAY)).toEqual({ email: "required" });
    expect(check({ ...landline, email: "odile@exemple.fr" }, TODAY)).toEqual({});
    expect([reachedBy(good), reachedBy(landline), reachedBy({ ...good, phone: "06" })]).toEqual([
      "mobile",
      "landline",
      null,
    ]);
  });

  test("shows a complete date of birth as one reads it", () => {
    expect(tidied("birth_date", { ...good, birth_date: "14031954" }, TODAY)).toEqual(good);
    for (const birth_date of ["00/03/1954", "14/03", "31021954"]) {
      expect(tidied("birth_date", { ...good, birth_date }, TODAY).birth_date).toBe(birth_date);
    }
  });

  test("reads a phone as it is dialled at the postal code", () => {
    const nouméa = { ...good, phone: "75.12.34", postal_code: "98 800" };
    expect(check(nouméa, TODAY)).toEqual({});
    expect(form(nouméa, TODAY)).toMatchObject({ phone: "+687751234", postal_code: "98800" });
    expect(check({ ...nouméa, postal_code: "" }, TODAY)).toEqual({ phone: "no_such_number" });
  });

  test("sends what the server keeps, and says what is not known of the date of birth", () => {
    const pasted = { ...good, family_name: "\u2019t\u00a0Hooft", first_names: "Marie, Anne", birth_date: "00/03/1954" };
    expect(form(pasted, TODAY)).toMatchObject({
      family_name: "'t Hooft",
      first_names: "Marie Anne",
      birth_date: "1954-03-01",
      birth_date_unknown: "day",
    });
  });

  test("sends nothing that was left empty", () => {
    expect(form({ ...good, email: "  " }, TODAY)).toEqual({
      civility: "mme",
      first_names: "Odile Marie",
      family_name: "Marchandeau",
      birth_date: "1954-03-14",
      birth_place: { country: "FR", city: "Quimper" },
      phone: "+33639984107",
    });
  });

  test("finds the field that a refusal is about", () => {
    expect(fieldAt("$.params.patient.phone")).toBe("phone");
    expect(fieldAt("$.patient.birth_place.city")).toBe("birth_city");
    expect(fieldAt("$.patient.birth_place.country")).toBe("birth_country");
    expect(fieldAt("$.hold")).toBeNull();
    expect([reasonOf("wrong_key"), reasonOf("newer"), reasonOf(undefined)]).toEqual([
      "wrong_key",
      "refused",
      "refused",
    ]);
  });
});
