import { expect, test } from "vitest";
import { stubBrowser } from "../../runtime/fakeBrowser";

stubBrowser();
const { caseOf, NO_CASE, wrongs } = await import("./caseForm");
const FORM = { ...NO_CASE, title: "Avis", question: " Quel délai ? ", initials: " O. M. " };

test("a case names its patient by initials, unless they object", () => {
  expect(caseOf(FORM)).toEqual({ question: "Quel délai ?", urgency: "routine", patient: { initials: "O. M." } });
  expect(caseOf({ ...FORM, informed: "objects" })).toEqual({
    question: "Quel délai ?",
    urgency: "routine",
    informed: "objects",
  });
});

test("a record is named by its id alone, and only when that is how the patient is named", () => {
  const patient = { id: "p", civility: "mme", family_name: "Pellan", first_names: "Jaouen", birth_date: "1992-05-30" };
  const chosen = { ...FORM, naming: "record" as const, patient };
  expect(caseOf(chosen).patient).toEqual({ id: "p" });
  expect(caseOf({ ...chosen, informed: "objects" }).patient).toBeUndefined();
  expect(caseOf({ ...chosen, naming: "nobody" }).patient).toBeUndefined();
  expect(caseOf({ ...chosen, naming: "initials" }).patient).toEqual({ initials: "O. M." });
});

test.each([
  [{ title: "\u200b " }, ["title"]],
  [{ question: "\u00a0" }, ["question"]],
  [{ initials: "x".repeat(11) }, ["initials"]],
  [{ question: "é".repeat(4001) }, ["question"]],
  [{ naming: "nobody" as const, initials: "x".repeat(11) }, []],
  [{ naming: "record" as const }, ["patient"]],
  [{ naming: "record" as const, informed: "objects" as const }, []],
  [{}, []],
])("what cannot be sent is named: %j", (change, fields) => {
  expect(Object.keys(wrongs({ ...FORM, ...change }))).toEqual(fields);
});
