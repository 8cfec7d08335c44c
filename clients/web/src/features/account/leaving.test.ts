/** What is asked about before signing out, and the slots that are given back, in a browser played by the test. */

import { beforeEach, expect, test, vi } from "vitest";
import { agenda, REASON, settle, socket, start, stubBrowser, stubFetch, welcome } from "../../runtime/fakeBrowser";
import type { KeptReferral } from "../referral";
import { fr } from "./settingsWords.fr";

let leaving: typeof import("./leaving");
let forms: typeof import("../../runtime/keptForms");
let account: typeof import("./state");

const HELD = { hold: "hold", start: "2026-12-01T10:40:00+01:00", end: "2026-12-01T11:00:00+01:00", heldAt: 0 };

function form(value: Partial<KeptReferral>, left = 600_000) {
  const held = { ...HELD, expiresAt: Date.now() + left };
  return {
    id: "form",
    kind: "referral" as const,
    at: Date.now(),
    value: { agenda, reason: { id: REASON, name: "Bilan", minutes: 20 }, held, ...value },
  };
}

beforeEach(async () => {
  stubBrowser();
  leaving = await import("./leaving");
  forms = await import("../../runtime/keptForms");
  ({ account } = await start());
  await welcome();
  await settle();
});

test("a referral that is being filled in is asked about, with the slot that is held for it", () => {
  expect(leaving.unfinished()).toBeNull();
  forms.keep(form({}));
  const lost = leaving.unfinished();
  expect(lost).toEqual({ messages: 0, drafts: 0, forms: 1, held: [{ start: HELD.start, zone: agenda.time_zone }] });
  expect(lost && fr.leaveText({ ...lost, held: ["10:40"] })).toContain("1 demande en cours, 10:40 tenu.");
});

test("what was typed is asked about when the slot is lost; what nobody typed here is not", () => {
  forms.keep(form({}, -1));
  expect(leaving.unfinished()).toMatchObject({ forms: 1, held: [] });
  forms.keep(form({ elsewhere: true }));
  expect(leaving.unfinished()).toBeNull();
  forms.keep(form({ held: null }));
  expect(leaving.unfinished()).toBeNull();
});

test("a case that is being written is asked about", () => {
  forms.keep({ id: "case", kind: "case", at: Date.now(), value: {} });
  expect(leaving.unfinished()).toMatchObject({ forms: 1, held: [] });
});

test("signing out gives the slot back before the session ends", async () => {
  forms.keep(form({}));
  const told = stubFetch({ ok: false, status: 401 });
  const left = leaving.leave();
  expect(socket().asked("slot.release").params).toEqual({ hold: "hold" });
  expect(told).not.toHaveBeenCalled();
  await socket().answer("slot.release", {});
  await left;
  expect(told.mock.calls[0]?.[1]).toMatchObject({ method: "DELETE" });
  expect(account.session.value.state).toBe("signed-out");
});

test("a server that does not answer holds nobody back", async () => {
  forms.keep(form({}));
  void leaving.leave();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(account.session.value.state).toBe("signed-out");
});

test("a slot that was taken on another device stays with the form there", async () => {
  forms.keep(form({ elsewhere: true }));
  stubFetch({ ok: false, status: 401 });
  await leaving.leave();
  expect(socket().sent.map(frame => frame.method)).not.toContain("slot.release");
});
