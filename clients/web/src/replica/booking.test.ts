import { describe, expect, test } from "vitest";
import type { AnyEvent } from "../wire/frame";
import type { AgendaView, AppointmentView, Day, SlotView } from "../wire/types";
import * as days from "./day";
import { BLANK, check, checkField, fieldAt, form, type PatientDraft } from "./patient";
import * as offers from "./slots";

const AGENDA = "agenda";
const at = (clock: string) => `2026-12-01T${clock}:00+01:00`;
const span = (start: string, end: string) => ({ start: at(start), end: at(end) });
const event = (seq: number, type: string, data: unknown): AnyEvent => ({
  stream: `a:${AGENDA}`,
  seq,
  at: at("08:00"),
  type,
  data,
});

describe("a day", () => {
  const day: Day = {
    agenda: { id: AGENDA, time_zone: "Europe/Paris" } as AgendaView,
    head: 4,
    appointments: [],
    holds: [],
    openings: [span("09:00", "12:00")],
    absences: [],
  };
  const held = event(5, "slot.held", { ...span("09:20", "09:40"), expires_at: at("09:00") });
  const appointment: AppointmentView = { id: "rdv", agenda: AGENDA, ...span("09:20", "09:40"), state: "booked" };

  test("shows a hold, and the appointment in its place", () => {
    const after = days.applyEvent(day, held) as Day;
    expect(after.holds).toHaveLength(1);
    const booked = days.applyEvent(
      after,
      event(6, "appointment.booked", { ...span("09:20", "09:40"), appointment }),
    ) as Day;
    expect(booked).toMatchObject({ head: 6, holds: [], appointments: [{ id: "rdv" }] });
  });

  test("is not changed by what it already holds", () => {
    expect(days.applyEvent({ ...day, head: 5 }, held)).toEqual({ ...day, head: 5 });
  });

  test("recognises a hold by its time when it is not told whose it is, whatever the offset", () => {
    const after = days.applyEvent(day, held) as Day;
    const released = event(6, "slot.released", { start: "2026-12-01T08:20:00Z", end: "2026-12-01T08:40:00Z" });
    expect((days.applyEvent(after, released) as Day).holds).toEqual([]);
  });

  test("is loaded again when an event gives times alone, or the agenda changed", () => {
    expect(days.applyEvent(day, event(5, "appointment.booked", span("09:20", "09:40")))).toBe("stale");
    expect(days.applyEvent(day, event(5, "agenda.changed", {}))).toBe("stale");
  });

  test("shows a cancellation on the appointment", () => {
    const before = { ...day, appointments: [appointment] };
    const cancelled = { ...appointment, state: "cancelled" };
    const after = days.applyEvent(
      before,
      event(5, "appointment.cancelled", { ...span("09:20", "09:40"), appointment: cancelled }),
    );
    expect((after as Day).appointments).toEqual([cancelled]);
  });

  test("forgets a hold whose time is over", () => {
    const after = days.applyEvent(day, held) as Day;
    expect(days.withoutExpiredHolds(after, Date.parse(at("08:59"))).holds).toHaveLength(1);
    expect(days.withoutExpiredHolds(after, Date.parse(at("09:00"))).holds).toEqual([]);
  });
});

describe("an offer", () => {
  const slot = (start: string, end: string): SlotView => ({ agenda: AGENDA, reason: "reason", ...span(start, end) });
  const offer: offers.Offer = {
    slots: [slot("09:00", "09:20"), slot("09:20", "09:40"), slot("09:40", "10:00")],
    holds: [],
  };
  const offerAfter = (...events: AnyEvent[]) => events.reduce(offers.applyEvent, offer);
  const states = (known: offers.Offer) => known.slots.map(one => offers.state(known, one));

  test("marks what somebody else holds, and only that", () => {
    const held = event(1, "slot.held", { ...span("09:20", "09:40"), expires_at: at("10:00") });
    expect(states(offerAfter(held))).toEqual(["free", "held", "free"]);
    expect(states(offerAfter(held, event(2, "slot.released", span("09:20", "09:40"))))).toEqual([
      "free",
      "free",
      "free",
    ]);
  });

  test("a longer hold marks every slot it touches", () => {
    expect(states(offerAfter(event(1, "slot.held", { ...span("09:10", "09:50"), expires_at: at("10:00") })))).toEqual([
      "held",
      "held",
      "held",
    ]);
  });

  test("what is booked is no longer offered", () => {
    expect(states(offerAfter(event(1, "appointment.booked", span("09:20", "09:40"))))).toEqual(["free", "free"]);
  });

  test("is asked for again when something may have become free that is not listed", () => {
    expect(offers.mayFreeSlots(offer, event(1, "slot.released", span("11:00", "11:20")))).toBe(true);
    expect(offers.mayFreeSlots(offer, event(1, "slot.released", span("09:00", "09:20")))).toBe(false);
    expect(offers.mayFreeSlots(offer, event(1, "appointment.cancelled", span("09:00", "09:20")))).toBe(true);
  });

  test("knows a slot to be free again that was not listed when its hold was given back", () => {
    const unlisted = { ...offerAfter(event(1, "slot.held", span("09:20", "09:40"))), slots: [offer.slots[0]!] };
    const released = offers.applyEvent(unlisted, event(2, "slot.released", span("09:20", "09:40")));
    expect(states({ ...released, slots: offer.slots })).toEqual(["free", "free", "free"]);
  });
});

describe("the patient form", () => {
  const TODAY = "2026-11-22";
  const good: PatientDraft = {
    ...BLANK,
    civility: "mme",
    first_names: "Odile Marie",
    family_name: "Marchandeau",
    birth_date: "1954-03-14",
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
    ["birth_date", "2027-01-01", "future"],
    ["birth_date", "1954-02-30", "format"],
    ["birth_date", "1850-01-01", "format"],
    ["birth_date", "2026-11-22", null],
    ["phone", "112", "format"],
    ["phone", "+33 6 39 98 41 07", null],
    ["phone", "0692 12 34 56", null],
    ["phone", "0836656565", "format"],
    ["email", "odile@exemple", "format"],
    ["email", "odile@exemple.fr", null],
    ["postal_code", "2900", "format"],
    ["family_name", "Le Brizec-d'Oust", null],
    ["family_name", "<b>", "format"],
    ["ins", "2 54 03 29 232 001 21", "key"],
    ["ins", "2 54 03 29 232 001 34", null],
    ["ins", "2 54 03 2A 232 001 13", null],
    ["ins", "254", "format"],
  ] as const)("%s %j: %s", (field, value, error) => {
    expect(checkField(field, { ...good, [field]: value }, TODAY)).toBe(error);
  });

  test("sends nothing that was left empty", () => {
    expect(form({ ...good, email: "  " })).toEqual({
      civility: "mme",
      first_names: "Odile Marie",
      family_name: "Marchandeau",
      birth_date: "1954-03-14",
      birth_place: { country: "FR", city: "Quimper" },
      phone: "06 39 98 41 07",
    });
  });

  test("finds the field that a refusal is about", () => {
    expect(fieldAt("$.params.patient.phone")).toBe("phone");
    expect(fieldAt("$.patient.birth_place.city")).toBe("birth_city");
    expect(fieldAt("$.patient.birth_place.country")).toBe("birth_country");
    expect(fieldAt("$.hold")).toBeNull();
  });
});
