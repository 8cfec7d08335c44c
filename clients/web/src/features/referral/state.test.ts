/** The referral wizard, in a browser played by the test. */

import { beforeEach, expect, test, vi } from "vitest";
import {
  AGENDA,
  agenda,
  END,
  REASON,
  START,
  settle,
  socket,
  start,
  stubBrowser,
  welcome,
} from "../../runtime/fakeBrowser";
import type { Hit } from "../../wire/types";

let wizard: typeof import("./state");
let routes: typeof import("../../runtime/routes");
let runtime: typeof import("../../runtime/runtime");

beforeEach(async () => {
  stubBrowser();
  wizard = await import("./state");
  ({ routes, runtime } = await start());
});

const hit = {
  practitioner: { id: "practitioner", name: "Dr Yann Kerbrat", profession: "Médecin" },
  places: [],
  why: [],
} satisfies Hit;
const slot = { agenda: AGENDA, reason: REASON, start: START, end: END };

const toSlots = async (): Promise<void> => {
  await welcome();
  wizard.startBooking();
  wizard.choosePractitioner(hit);
  await socket().answer("agenda.reasons", { agendas: [agenda] });
  wizard.showDays("2026-12-01");
  await socket().answer("agenda.slots", { slots: [slot] });
};
const holdSlot = async (): Promise<void> => {
  void wizard.holdSlot({ ...slot, state: "free" });
  const hold = socket().asked("slot.hold").params["id"];
  const expires_at = new Date(Date.now() + 15 * 60_000).toISOString();
  await socket().answer("slot.hold", { hold, expires_at, agenda: AGENDA, reason: REASON, start: START, end: END });
};
const toPatient = async (): Promise<void> => {
  await toSlots();
  await holdSlot();
};
const fillIn = (): void => {
  const typed = {
    civility: "mme",
    first_names: "Odile",
    family_name: "Marchandeau",
    birth_date: "14/03/1954",
  } as const;
  const rest = { birth_city: "Quimper", phone: "06 39 98 41 07" } as const;
  for (const [field, value] of Object.entries({ ...typed, ...rest }))
    wizard.editPatient(field as keyof typeof typed, value);
  wizard.setSeenBefore(false);
};
const step = () => wizard.booking.value.step;

test("the only visit reason is chosen at once, and the days of the site are offered", async () => {
  await toSlots();
  expect(socket().asked("agenda.slots").params).toMatchObject({
    agenda: AGENDA,
    reason: REASON,
    from: "2026-12-01",
    to: "2026-12-08",
  });
  const now = wizard.booking.value;
  expect(now).toMatchObject({ step: "slots", reason: { id: REASON } });
  expect(now.step === "slots" && now.slots.days[0]).toEqual({ day: "2026-12-01", slots: [{ ...slot, state: "free" }] });
  expect(routes.route.value).toEqual({ name: "referral", step: "slots" });
});

test("an answer that holds only the first days is gone on with", async () => {
  await welcome();
  wizard.startBooking();
  wizard.choosePractitioner(hit);
  await socket().answer("agenda.reasons", { agendas: [agenda] });
  wizard.showDays("2026-12-01");
  await socket().answer("agenda.slots", { slots: [slot], next: "2026-12-02" });
  expect(socket().asked("agenda.slots").params).toMatchObject({ from: "2026-12-02", to: "2026-12-08" });
  const later = { ...slot, start: START.replace("12-01", "12-04"), end: END.replace("12-01", "12-04") };
  await socket().answer("agenda.slots", { slots: [later] });
  const now = wizard.booking.value;
  const shown = now.step === "slots" ? now.slots : null;
  expect(shown).toMatchObject({ state: "ready" });
  expect(shown?.days.flatMap(day => day.slots.map(one => one.start))).toEqual([slot.start, later.start]);
  expect(shown?.next).toBeUndefined();
});

test("a hold of somebody else marks the slot on the screen", async () => {
  await toSlots();
  await socket().answer("agenda.watch", { stream: `a:${AGENDA}`, head: 7 });
  await socket().answer("agenda.slots", { slots: [slot] });
  const data = { start: START, end: END, expires_at: "2026-12-01T10:00:00Z" };
  socket().say({ method: "event", params: { stream: `a:${AGENDA}`, seq: 8, at: START, type: "slot.held", data } });
  const now = wizard.booking.value;
  expect(now.step === "slots" && now.slots.days[0]?.slots[0]?.state).toBe("held");
});

test("a slot taken by somebody else first is reported as taken, and the slots are loaded again", async () => {
  await toSlots();
  void wizard.holdSlot({ ...slot, state: "free" });
  const before = socket().sent.length;
  await socket().refuse("slot.hold", { reason: "slot_taken" });
  expect(wizard.booking.value).toMatchObject({ step: "slots", holding: null, problem: { reason: "slot_taken" } });
  expect(
    socket()
      .sent.slice(before)
      .map(frame => frame.method),
  ).toContain("agenda.slots");
});

test("a hold whose answer was lost is released as soon as the server answers again", async () => {
  await toSlots();
  void wizard.holdSlot({ ...slot, state: "free" });
  const hold = socket().asked("slot.hold").params["id"];
  socket().onclose?.({ code: 1006 });
  await vi.advanceTimersByTimeAsync(90_000);
  expect(wizard.booking.value).toMatchObject({ step: "slots", holding: null, problem: { reason: "timeout" } });
  runtime.reconnect();
  await welcome();
  expect(
    socket()
      .requests("slot.release")
      .map(frame => frame.params),
  ).toEqual([{ hold }]);
  await socket().refuse("slot.release", { reason: "not_found" });
  await settle();
  expect(socket().requests("slot.release")).toHaveLength(1);
});

test("the hold counts down, and is reported when it expires", async () => {
  await toPatient();
  expect(wizard.holdRemaining.value).toBe(900);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wizard.holdRemaining.value).toBe(840);
  await vi.advanceTimersByTimeAsync(841_000);
  expect(wizard.holdRemaining.value).toBe(0);
  expect(wizard.booking.value).toMatchObject({ step: "patient", problem: { reason: "hold_expired" } });
});

test("what was typed survives a step back, which releases the slot", async () => {
  await toPatient();
  fillIn();
  wizard.back();
  expect(socket().asked("slot.release").params).toEqual({ hold: socket().asked("slot.hold").params["id"] });
  expect(step()).toBe("slots");
  await holdSlot();
  expect(wizard.booking.value).toMatchObject({
    step: "patient",
    draft: { family_name: "Marchandeau" },
    seenBefore: false,
  });
});

test("a wrong field is reported before anything is sent", async () => {
  await toPatient();
  fillIn();
  wizard.editPatient("phone", "112");
  await wizard.confirmBooking();
  expect(wizard.booking.value).toMatchObject({ step: "patient", errors: { phone: "service_number" } });
  expect(socket().sent.map(frame => frame.method)).not.toContain("referral.book");
});

test("a field that the server refuses is reported at that field", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  expect(step()).toBe("confirming");
  const why = "no_such_number";
  await socket().refuse("referral.book", { reason: "invalid", path: "$.patient.phone", why }, -32602);
  expect(wizard.booking.value).toMatchObject({ step: "patient", errors: { phone: why } });
});

test("a booking whose answer was lost goes again with the same id, a corrected one with another", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  const first = socket().asked("referral.book").params["id"];
  await socket().refuse("referral.book", { incident: "a1" }, -32603);
  void wizard.confirmBooking();
  expect(socket().asked("referral.book").params["id"]).toBe(first);
  await socket().refuse("referral.book", { incident: "a2" }, -32603);
  wizard.editPatient("first_names", "Odile Marie");
  void wizard.confirmBooking();
  expect(socket().asked("referral.book").params["id"]).not.toBe(first);
});

test("a confirmation without an answer is repeated until the server answers", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  const { id } = socket().asked("referral.book").params;
  socket().onclose?.({ code: 1006 });
  await vi.advanceTimersByTimeAsync(20 * 60_000);
  expect(step()).toBe("confirming");
  runtime.reconnect();
  await welcome();
  expect(socket().asked("referral.book").params["id"]).toBe(id);
  await socket().answer("referral.book", { referral: { id: "r" }, appointment: { id: "a" } });
  expect(step()).toBe("done");
});

test("booked, it shows what was done and forgets the patient", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  await socket().answer("referral.book", { referral: { id: "r" }, appointment: { id: "a" } });
  expect(wizard.booking.value).toMatchObject({ step: "done", booked: { referral: { id: "r" } } });
  expect(routes.route.value).toEqual({ name: "referral", step: "confirmation" });
  wizard.startBooking();
  wizard.choosePractitioner(hit);
  await socket().answer("agenda.reasons", { agendas: [agenda] });
  await holdSlot();
  expect(wizard.booking.value).toMatchObject({ step: "patient", draft: { family_name: "" }, seenBefore: null });
});

test("a typed address leads no further than what has been chosen", async () => {
  await welcome();
  routes.go({ name: "referral", step: "patient" });
  await settle();
  expect(routes.route.value).toEqual({ name: "referral", step: "search" });
});
