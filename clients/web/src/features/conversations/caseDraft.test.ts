/** The case that is being written, in a browser played by the test. */

import { beforeEach, expect, test } from "vitest";
import { settle, start, stubBrowser, welcome } from "../../runtime/fakeBrowser";

let drafts: typeof import("./caseDraft");
let forms: typeof import("../../runtime/keptForms");
const PICKED = [{ person: "samir", name: "Dr Samir Belkhadra" }];

beforeEach(async () => {
  stubBrowser();
  drafts = await import("./caseDraft");
  forms = await import("../../runtime/keptForms");
  await start();
  await welcome();
  await settle();
});

test("what is typed is kept until the case is opened, and nothing is kept of a blank form", () => {
  const { form } = drafts.caseDraft();
  drafts.editCase({ form: { ...form, question: "Quel délai ?" } });
  drafts.editCase({ picked: PICKED });
  expect(drafts.caseDraft()).toMatchObject({ form: { question: "Quel délai ?" }, picked: PICKED });
  expect(forms.keptForms.value.map(one => one.kind)).toEqual(["case"]);
  drafts.editCase({ form, picked: [] });
  expect(forms.keptForms.value).toEqual([]);
  drafts.editCase({ picked: PICKED });
  drafts.dropCase();
  expect(drafts.caseDraft()).toBe(drafts.NOTHING);
});

test("the same content is opened under the same id, and other content under another", () => {
  drafts.editCase({ picked: PICKED });
  const first = drafts.attempted(["one"]);
  expect(drafts.attempted(["one"])).toBe(first);
  expect(drafts.attempted(["other"])).not.toBe(first);
  const other = drafts.attempted(["other"]);
  drafts.editCase({ picked: [], form: { ...drafts.caseDraft().form, title: "Avis" } });
  expect(drafts.attempted(["other"])).not.toBe(other);
});
