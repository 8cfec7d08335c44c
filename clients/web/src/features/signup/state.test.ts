/** The steps of making an account, against a server played by the test. */

import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";
import { EMPTY } from "../../fields/declaration";
import { stubBrowser } from "../../runtime/fakeBrowser";
import { fr } from "./documents.fr";

let state: typeof import("./state");
const TYPED = {
  ...EMPTY,
  first_name: "Rozenn",
  last_name: "Tadvilliers",
  email: "r.tadvilliers@cabinet.example.fr",
  postal_code: "56380",
  city: "Guer",
  speciality: "50",
  practice_mode: "liberal" as const,
};
const SENT = {
  signup: "key",
  email: TYPED.email,
  expires_at: "2026-11-22T09:45:00Z",
  resend_at: "2026-11-22T09:31:00Z",
  attempts_left: 5,
};

function answers(...said: { status: number; data?: object; errors?: object[] }[]) {
  const asked = vi.fn((_: string, __: { method: string; body: string }) => {
    const { status, ...body } = said.shift()!;
    return Promise.resolve({ status, ok: status === 200, json: () => Promise.resolve(body) });
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

beforeEach(async () => {
  stubBrowser();
  state = await import("./state");
  state.signUp.value = { ...state.signUp.value, step: "form", typed: TYPED };
  state.password.value = "quatre mots au hasard";
});

test("the declaration is sent with the versions of the texts, and a code is waited for", async () => {
  const asked = answers({ status: 200, data: SENT });
  expect(state.declare()).toBe(true);
  await state.send(fr.versions);
  const body = JSON.parse(asked.mock.calls[0]![1].body) as object;
  expect(body).toMatchObject({ email: TYPED.email, password: "quatre mots au hasard", ...fr.versions });
  expect(state.signUp.value).toMatchObject({ step: "code", sent: { signup: "key" } });
  expect(state.signUp.value.sent!.resendAt - Date.now()).toBe(60_000);
});

test("a field that the server refuses leads back to the form, with every refusal at its field", async () => {
  const errors = [
    { code: "unknown_town", param: "city" },
    { code: "password_too_common", param: "password" },
  ];
  answers({ status: 400, errors });
  state.declare();
  await state.send(fr.versions);
  expect(state.signUp.value).toMatchObject({
    step: "form",
    errors: { city: "unknown_town", password: "password_too_common" },
  });
});

test("agreements that are out of date are said to be, and nothing typed is lost", async () => {
  answers({ status: 400, errors: [{ code: "outdated", param: "terms" }] });
  state.declare();
  await state.send(fr.versions);
  expect(state.signUp.value).toMatchObject({ step: "agreements", problem: { reason: "conflict" }, typed: TYPED });
});

test("a wrong code says how many attempts are left; a sign-up that is over leads back without the password's form", async () => {
  answers(
    { status: 200, data: SENT },
    { status: 400, errors: [{ code: "wrong_code", param: "code", attempts_left: 4 }] },
    { status: 404, errors: [{ code: "not_found" }] },
  );
  state.declare();
  await state.send(fr.versions);
  await state.confirm("000000");
  expect(state.signUp.value.code).toEqual({ why: "wrong_code", attempts: 4 });
  await state.confirm("111111");
  expect(state.signUp.value).toMatchObject({ step: "form", sent: null, typed: TYPED });
});

test("the password is never part of what is kept on the device", async () => {
  const { keptForms } = await import("../../runtime/keptForms");
  state.edit("city", "Ploërmel");
  expect(keptForms.value).toHaveLength(1);
  expect(JSON.stringify(keptForms.value)).toContain("Ploërmel");
  expect(JSON.stringify(keptForms.value)).not.toContain("hasard");
});

test("the texts are of the versions that the server asks for", () => {
  const path = new URL("../../../../../identity/accounts/consents.py", import.meta.url);
  const [, terms, data] = /"terms": "([^"]+)", "data_agreement": "([^"]+)"/.exec(readFileSync(path, "utf8"))!;
  expect(fr.versions).toEqual({ terms, data_agreement: data });
});

test("each step has an entry of the browser's history, and Back finds what was typed", () => {
  state.toStep("way", "replace");
  state.toStep("form");
  expect(state.declare()).toBe(true);
  expect(history.state).toEqual({ step: "agreements", depth: 2 });
  state.back("form");
  // The browser says so a moment later, with the entry that it went back to.
  expect(history.back).toHaveBeenCalled();
  history.replaceState({ step: "form", depth: 1 }, "");
  state.onHistory();
  expect(state.signUp.value).toMatchObject({ step: "form", typed: TYPED });
  history.replaceState({ step: "way", depth: 0 }, "");
  state.onHistory();
  expect(state.signUp.value.step).toBe("way");
  state.back("way");
  expect(history.back).toHaveBeenCalledTimes(1);
});

test("forth again, nothing is sent without its password, and no code is typed that was not sent", () => {
  state.declare();
  state.password.value = "";
  for (const step of ["agreements", "code"]) {
    history.replaceState({ step, depth: 2 }, "");
    state.onHistory();
    expect(state.signUp.value.step).toBe("form");
    expect(history.state).toMatchObject({ step: "form" });
  }
});

test("an account that is made is not gone back behind", async () => {
  answers({ status: 200, data: SENT }, { status: 200, data: {} });
  state.declare();
  await state.send(fr.versions);
  await state.confirm("123456");
  history.replaceState({ step: "form", depth: 1 }, "");
  state.onHistory();
  expect(state.signUp.value.step).toBe("entry");
});
