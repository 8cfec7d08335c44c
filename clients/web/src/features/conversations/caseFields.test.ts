import { expect, test } from "vitest";
import { stubBrowser } from "../../runtime/fakeBrowser";

stubBrowser();
const { caseOf, NO_CASE, wrongs } = await import("./CaseFields");
const FORM = { ...NO_CASE, title: "Avis", question: " Quel délai ? ", initials: " O. M. " };

test("a case names its patient by initials, unless they object", () => {
  expect(caseOf(FORM)).toEqual({ question: "Quel délai ?", urgency: "routine", patient: { initials: "O. M." } });
  expect(caseOf({ ...FORM, informed: "objects" })).toEqual({
    question: "Quel délai ?",
    urgency: "routine",
    informed: "objects",
  });
});

test.each([
  [{ title: "\u200b " }, ["title"]],
  [{ question: "\u00a0" }, ["question"]],
  [{ initials: "x".repeat(11) }, ["initials"]],
  [{ question: "é".repeat(4001) }, ["question"]],
  [{}, []],
])("what cannot be sent is named: %j", (change, fields) => {
  expect(Object.keys(wrongs({ ...FORM, ...change }))).toEqual(fields);
});
