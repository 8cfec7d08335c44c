import { describe, expect, test } from "vitest";
import type { AnyEvent } from "../wire/frame";
import type { AgendaView, AppointmentView, Day, SlotView } from "../wire/types";
import * as days from "./day";
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

  test.each(["appointment.booked", "slot.booked"])("what is booked is no longer offered: %s", type => {
    expect(states(offerAfter(event(1, type, span("09:20", "09:40"))))).toEqual(["free", "free"]);
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
