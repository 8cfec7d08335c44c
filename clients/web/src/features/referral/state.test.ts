/** The referral wizard, in a browser played by the test. */

import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { beforeEach, expect, test, vi } from "vitest";
import {
  AGENDA,
  agenda,
  END,
  LIMITS,
  ME,
  REASON,
  START,
  settle,
  socket,
  start,
  stubBrowser,
  welcome,
} from "../../runtime/fakeBrowser";
import type { Hit, MemberView } from "../../wire/types";

let wizard: typeof import("./state");
let routes: typeof import("../../runtime/routes");
let runtime: typeof import("../../runtime/runtime");
let forms: typeof import("../../runtime/keptForms");
let views: typeof import("./views");

beforeEach(async () => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  const session = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => session.get(key) ?? null,
    setItem: (key: string, value: string) => session.set(key, value),
  });
  await openPage();
});

/** A page of this tab; again, it is a reload. */
async function openPage(): Promise<void> {
  const kept = indexedDB;
  const tab = sessionStorage;
  stubBrowser();
  vi.stubGlobal("indexedDB", kept);
  vi.stubGlobal("sessionStorage", tab);
  wizard = await import("./state");
  forms = await import("../../runtime/keptForms");
  views = await import("./views");
  ({ routes, runtime } = await start());
}

/** The storage answers by timers, a few for each of its steps. */
async function stored(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await vi.advanceTimersByTimeAsync(1);
}

async function reload(step: "slots" | "patient"): Promise<void> {
  await stored();
  const now = Date.now();
  await openPage();
  vi.setSystemTime(now);
  routes.go({ name: "referral", step });
  await welcome();
  await stored();
}

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

test("a step back keeps the slot and what was typed; one's own slot is shown as such, and taken up again", async () => {
  await toPatient();
  fillIn();
  wizard.back();
  expect(step()).toBe("slots");
  expect(socket().requests("slot.release")).toEqual([]);
  await socket().answer("agenda.slots", { slots: [] });
  const now = wizard.booking.value;
  expect(now.step === "slots" && now.slots.days[0]?.slots).toEqual([{ ...slot, state: "mine" }]);
  await wizard.holdSlot({ ...slot, state: "mine" });
  expect(socket().requests("slot.hold")).toHaveLength(1);
  expect(wizard.booking.value).toMatchObject({
    step: "patient",
    draft: { family_name: "Marchandeau" },
    seenBefore: false,
  });
});

test("another slot held for the same form gives the one before back", async () => {
  await toPatient();
  const first = socket().asked("slot.hold").params["id"];
  fillIn();
  wizard.back();
  const later = { ...slot, start: END, end: "2026-12-01T10:00:00+01:00" };
  void wizard.holdSlot({ ...later, state: "free" });
  expect(socket().requests("slot.release")).toEqual([]);
  const hold = socket().asked("slot.hold").params["id"];
  const expires_at = new Date(Date.now() + 15 * 60_000).toISOString();
  await socket().answer("slot.hold", { ...later, hold, expires_at });
  expect(socket().asked("slot.release").params).toEqual({ hold: first });
  expect(wizard.booking.value).toMatchObject({
    step: "patient",
    held: { hold },
    draft: { family_name: "Marchandeau" },
  });
});

test("another section and a new referral leave form and slot as they are, to be taken up again", async () => {
  await toPatient();
  fillIn();
  const left = wizard.shownForm();
  routes.go({ name: "agendas" });
  wizard.startBooking();
  expect(step()).toBe("search");
  expect(socket().requests("slot.release")).toEqual([]);
  wizard.choosePractitioner(hit);
  await socket().answer("agenda.reasons", { agendas: [agenda] });
  expect(forms.keptForms.value.map(form => form.id)).toContain(left);
  wizard.resume(left);
  expect(wizard.booking.value).toMatchObject({ step: "patient", draft: { family_name: "Marchandeau" } });
  expect(routes.route.value).toEqual({ name: "referral", step: "patient" });
});

test("after a reload the form is as it was, and its slot still counts down", async () => {
  await toPatient();
  fillIn();
  wizard.setMessage("Merci.");
  const hold = socket().asked("slot.hold").params["id"];
  await vi.advanceTimersByTimeAsync(60_000);
  await reload("patient");
  expect(wizard.booking.value).toMatchObject({
    step: "patient",
    hit: { practitioner: { name: "Dr Yann Kerbrat" } },
    draft: { family_name: "Marchandeau", phone: "06 39 98 41 07" },
    message: "Merci.",
    held: { hold },
  });
  expect(wizard.holdRemaining.value).toBeGreaterThan(800);
  expect(wizard.holdRemaining.value).toBeLessThan(842);
  expect(routes.route.value).toEqual({ name: "referral", step: "patient" });
});

test("after a reload at the slots, what was chosen is chosen", async () => {
  await toSlots();
  await reload("slots");
  expect(wizard.booking.value).toMatchObject({ step: "slots", agenda: { id: AGENDA }, reason: { id: REASON } });
});

test("a hold made before a reload is shown as one's own among the slots", async () => {
  await toPatient();
  await reload("slots");
  await socket().answer("agenda.slots", { slots: [] });
  const now = wizard.booking.value;
  expect(now.step === "slots" && now.slots.days[0]?.slots).toEqual([{ ...slot, state: "mine" }]);
});

test("somebody else who signs in on the device finds nothing", async () => {
  await toPatient();
  fillIn();
  await stored();
  await openPage();
  routes.go({ name: "referral", step: "patient" });
  await welcome("0193a000-0000-7000-8000-0000000000b2");
  await stored();
  expect(forms.keptForms.value).toEqual([]);
  expect(routes.route.value).toEqual({ name: "referral", step: "search" });
});

test("signing out forgets what was being filled in, on the device too", async () => {
  await toPatient();
  fillIn();
  void runtime.clear();
  await reload("patient");
  expect(forms.keptForms.value).toEqual([]);
  expect(step()).toBe("search");
});

test("a slot that is given up is given back, and its form forgotten", async () => {
  await toPatient();
  fillIn();
  wizard.giveUp(wizard.shownForm());
  expect(socket().asked("slot.release").params).toEqual({ hold: socket().asked("slot.hold").params["id"] });
  expect(forms.keptForms.value).toEqual([]);
  expect(step()).toBe("search");
});

const hold = (): string => socket().asked("slot.hold").params["id"] as string;
const inbox = async (seq: number, type: string, data: object): Promise<void> => {
  socket().say({ method: "event", params: { stream: `i:${ME}`, seq, at: START, type, data } });
  await settle();
};

test("a slot that is given back on another device is over here, and what was typed is kept", async () => {
  await toPatient();
  fillIn();
  await inbox(1, "hold.ended", { hold: hold(), agenda: AGENDA, start: START, end: END, why: "released" });
  expect(wizard.booking.value).toMatchObject({
    step: "patient",
    problem: { reason: "hold_expired" },
    draft: { family_name: "Marchandeau" },
    held: { released: true },
  });
  expect(wizard.ownHolds.value).toEqual([]);
});

test("a slot whose time ran out was given back by nobody", async () => {
  await toPatient();
  await inbox(1, "hold.ended", { hold: hold(), agenda: AGENDA, start: START, end: END, why: "expired" });
  const now = wizard.booking.value;
  expect(now).toMatchObject({ step: "patient", problem: { reason: "hold_expired" } });
  expect(now.step === "patient" && now.held.released).toBeUndefined();
});

test("what is booked on another device is no longer offered here", async () => {
  await toPatient();
  routes.go({ name: "agendas" });
  const data = { referral: "r", appointment: hold(), agenda: AGENDA, start: START };
  await inbox(1, "referral.booked", data);
  expect(forms.keptForms.value).toEqual([]);
  expect(routes.route.value).toEqual({ name: "agendas" });
});

test("booked in another tab, the form on the screen says so and where the referral is, also when it was dropped first", async () => {
  for (const isDropped of [false, true]) {
    await toPatient();
    if (isDropped) forms.drop(wizard.shownForm());
    const data = { referral: "r", appointment: hold(), agenda: AGENDA, start: START };
    await inbox(isDropped ? 2 : 1, "referral.booked", data);
    expect(wizard.booking.value).toEqual({ step: "search", booked: "r" });
    expect(forms.keptForms.value).toEqual([]);
  }
});

test("a slot held on another device is shown here, and can be taken up", async () => {
  await stored();
  const expires_at = new Date(Date.now() + 10 * 60_000).toISOString();
  const elsewhere = {
    ...{ hold: "h", agenda: AGENDA, agenda_name: "Cabinet", reason: REASON, reason_name: "Consultation" },
    ...{ practitioner: "p", practitioner_name: "Dr Yann Kerbrat", time_zone: "Europe/Paris" },
    ...{ start: START, end: END, expires_at },
  };
  socket().onopen?.();
  await socket().answer("hello", {
    me: { id: ME, verified: true, holds: [elsewhere] },
    limits: LIMITS,
    server_time: new Date().toISOString(),
    streams: [{ stream: `i:${ME}`, head: 0 }],
  });
  await stored();
  expect(wizard.ownHolds.value.map(one => one.held.hold)).toEqual(["h"]);
  wizard.resume(wizard.ownHolds.value[0]!.id);
  expect(wizard.booking.value).toMatchObject({ step: "patient", held: { hold: "h" }, agenda: { id: AGENDA } });
});

test("an expired slot keeps its form, and the nearest free slot takes its place", async () => {
  await toPatient();
  fillIn();
  const left = wizard.shownForm();
  await vi.advanceTimersByTimeAsync(901_000);
  expect(wizard.ownHolds.value).toEqual([]);
  runtime.reconnect();
  await welcome();
  const found = wizard.nearestFree(wizardForm(left));
  const at = (clock: string) => ({
    ...slot,
    start: `2026-12-01T${clock}:00+01:00`,
    end: `2026-12-01T${clock}:20+01:00`,
  });
  await socket().answer("agenda.slots", { slots: [at("08:00"), at("09:40"), at("11:00")] });
  expect((await found)?.start).toBe(at("09:40").start);
  void wizard.takeInstead(left, { ...at("09:40"), state: "free" });
  expect(socket().asked("slot.hold").params).toMatchObject({ agenda: AGENDA, start: at("09:40").start });
  const hold = socket().asked("slot.hold").params["id"];
  const expires_at = new Date(Date.now() + 15 * 60_000).toISOString();
  await socket().answer("slot.hold", { ...at("09:40"), hold, expires_at });
  expect(wizard.booking.value).toMatchObject({
    step: "patient",
    draft: { family_name: "Marchandeau" },
    held: { hold },
  });
});

const wizardForm = (id: string) => {
  const form = forms.keptForms.value.find(one => one.id === id);
  return { id, ...(form?.value as object) } as Parameters<typeof wizard.nearestFree>[0];
};

test("a booking whose answer was lost with the page is found after the reload", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  const { id } = socket().asked("referral.book").params;
  await reload("patient");
  expect(socket().asked("referral.get").params).toEqual({ referral: id });
  await socket().answer("referral.get", { referral: { id } });
  expect(routes.route.value).toEqual({ name: "one-referral", id });
  expect(forms.keptForms.value).toEqual([]);
});

test("from a conversation it begins at the slots of the person in it", async () => {
  await welcome();
  const member = { person: "p", role: "member", name: "Dr Yann Kerbrat", verified: true, function: "practitioner" };
  wizard.startReferral("c", member as MemberView);
  expect(socket().asked("agenda.reasons").params).toEqual({ practitioner: "p" });
  expect(wizard.booking.value).toMatchObject({ step: "slots", conversation: "c", hit: { person: "p" } });
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
  expect(routes.route.value).toEqual({ name: "one-referral", id: "r" });
});

test("booked, it leads to the referral's own page and forgets the patient", async () => {
  await toPatient();
  fillIn();
  void wizard.confirmBooking();
  await socket().answer("referral.book", { referral: { id: "r" }, appointment: { id: "a" } });
  expect(routes.route.value).toEqual({ name: "one-referral", id: "r" });
  expect(views.referral("r").value).toMatchObject({ state: "ready", view: { id: "r" } });
  expect(forms.keptForms.value).toEqual([]);
  wizard.startBooking();
  wizard.choosePractitioner(hit);
  await socket().answer("agenda.reasons", { agendas: [agenda] });
  await holdSlot();
  expect(wizard.booking.value).toMatchObject({ step: "patient", draft: { family_name: "" }, seenBefore: null });
});

test("a typed address leads no further than what has been chosen", async () => {
  await welcome();
  routes.go({ name: "referral", step: "patient" });
  await stored();
  expect(routes.route.value).toEqual({ name: "referral", step: "search" });
});

const FILE = "0193a000-0000-7000-8000-0000000000f1";
const CASE = "0193a000-0000-7000-8000-0000000000c9";

test("documents go with the booking, once they have all arrived", async () => {
  await toPatient();
  fillIn();
  wizard.setDocuments([FILE]);
  void wizard.confirmBooking();
  await settle();
  expect(step()).toBe("patient");
  await socket().answer("file.get", { file: { id: FILE, name: "ECG.pdf", size: 9, state: "checking" } });
  await vi.advanceTimersByTimeAsync(2_000); // what an earlier page left is looked for first
  void wizard.confirmBooking();
  expect(socket().asked("referral.book").params).toMatchObject({ documents: [FILE] });
});

/** A case whose patient is shown so, and the wizard begun in it. */
async function fromCase(patient: object): Promise<void> {
  const conversation = { id: CASE, kind: "case", members: [], head: 0, read: 0, unread: 0, abilities: [] };
  await welcome(ME, [{ stream: `c:${CASE}`, head: 0, conversation }]);
  wizard.startBooking(CASE);
  await settle();
  const shown = { state: "open", question: "?", urgency: "routine", asker: ME, patient };
  await socket().answer("conversation.get", { conversation: { ...conversation, case: shown } });
}

const goOn = async (): Promise<void> => {
  wizard.choosePractitioner(hit);
  await socket().answer("agenda.reasons", { agendas: [agenda] });
  wizard.showDays("2026-12-01");
  await socket().answer("agenda.slots", { slots: [slot] });
  await holdSlot();
};

const IN_CASE = {
  id: "record",
  civility: "mme",
  family_name: "Pellan",
  first_names: "Jaouen",
  birth_date: "1992-05-30",
};

test("the record of a case is the patient where it is open to the referrer", async () => {
  await fromCase(IN_CASE);
  expect(socket().asked("patient.search").params).toEqual({
    family_name: "Pellan",
    birth_date: "1992-05-30",
    first_names: "Jaouen",
  });
  const record = { ...IN_CASE, phone: "+33639982014" };
  await socket().answer("patient.search", { patients: [{ ...record, id: "namesake" }, record] });
  await goOn();
  expect(wizard.booking.value).toMatchObject({ step: "patient", conversation: CASE, patient: { id: "record" } });
});

test("where it is not, the form has what the case shows, and nothing more", async () => {
  await fromCase(IN_CASE);
  await socket().answer("patient.search", { patients: [{ ...IN_CASE, id: "namesake" }] });
  await goOn();
  const draft = { family_name: "Pellan", first_names: "Jaouen", birth_date: "30/05/1992", phone: "" };
  expect(wizard.booking.value).toMatchObject({ step: "patient", patient: null, draft });
});

test("of a patient named by initials these are said, and what is typed first is not overwritten", async () => {
  await fromCase({ initials: "O. M." });
  await goOn();
  expect(wizard.booking.value).toMatchObject({ step: "patient", initials: "O. M.", patient: null });
  fillIn();
  const typed = wizard.booking.value;
  expect(typed.step === "patient" && typed.draft.family_name).toBe("Marchandeau");
});

test("a case offers those of its files that can be opened, from all of its pages", async () => {
  const { filesOf } = await import("./caseCarry");
  await welcome();
  const file = (id: string, state: string) => ({ id, name: id, size: 1, state });
  const message = (seq: number, ...attachments: object[]) => ({ id: `m${seq}`, seq, attachments });
  const found = filesOf(CASE);
  await settle();
  const newest = [message(9, file("scan", "ready"), file("new", "checking")), message(5, file("virus", "refused"))];
  await socket().answer("message.history", { messages: newest });
  expect(socket().asked("message.history").params).toEqual({ conversation: CASE, limit: 50, before: 5 });
  await socket().answer("message.history", { messages: [message(2, file("ecg", "ready"), file("scan", "ready"))] });
  await socket().answer("message.history", { messages: [] });
  expect((await found)?.map(({ id }) => id)).toEqual(["scan", "ecg"]);
});
