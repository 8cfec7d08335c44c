/** What is said of a message to the patient: no more than what is so. */

import { beforeAll, expect, test, vi } from "vitest";
import type { Notice } from "./notices";

let notices: typeof import("./notices");
const NOW = Date.parse("2026-11-26T08:00:00Z");

beforeAll(async () => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal("document", { documentElement: { dataset: {} } });
  notices = await import("./notices");
});

const said = (over: Partial<Notice>): string => {
  const notice: Notice = { kind: "booked", channel: "sms", state: "queued", at: "2026-11-26T07:59:30Z", ...over };
  return notices.noticeState(notice, NOW);
};

test("what is due now is on its way, and what is due later says when", () => {
  expect(said({})).toBe("envoi en cours");
  expect(said({ at: "2026-11-28T08:00:00Z" })).toMatch(/^prévu sam\. 28 nov\. \d\d:00$/);
});

test("a failed attempt is not called sent, nor given up", () => {
  expect(said({ reason: "http_503", at: "2026-11-26T08:05:00Z" })).toMatch(
    /^pas encore parti, nouvel essai à \d\d:05$/,
  );
  expect(notices.noticeDone({ kind: "booked", channel: "sms", state: "queued", at: "", reason: "timeout" })).toBe(
    false,
  );
});

test("what the carrier took is said to be with the carrier, not with the patient", () => {
  expect(said({ state: "sent" })).toMatch(/^remis à l’opérateur, \d\d:59$/);
  expect(said({ state: "sent", channel: "email" })).toMatch(/^remis au serveur de courrier, /);
});

test("where nothing leaves, that is said", () => {
  expect(said({ state: "captured" })).toContain("rien n’est parti");
});

test("what did not leave says why; a code that is not known here says so much", () => {
  expect(said({ state: "failed", reason: "http_422" })).toBe("non remis : numéro refusé par l’opérateur");
  expect(said({ state: "failed", reason: "smtp_550" })).toBe("non remis : refusé par le destinataire");
  expect(said({ state: "dropped", reason: "too_late" })).toBe("non envoyé : la visite a commencé");
  expect(said({ state: "dropped", reason: "later_invented" })).toBe("non envoyé : n’était plus vrai");
});
