/** A day of an agenda as a pure fold of its stream over what `agenda.day` answered. */

import type { AnyEvent } from "../wire/frame";
import type { AppointmentView, BusySlot, Day, StreamEvent } from "../wire/types";
import { type Span, same } from "./span";

/**
 * The day with one more event applied, or `stale` when the event says too little (a reader who sees times alone,
 * changed openings) and the day has to be loaded again. Events that the day already includes change nothing.
 */
export function applyEvent(day: Day, any: AnyEvent): Day | "stale" {
  const event = any as StreamEvent;
  if (event.seq <= day.head) return day;
  const next = { ...day, head: event.seq };
  switch (event.type) {
    case "slot.held":
      return { ...next, holds: [...without(day, event.data), event.data] };
    case "slot.released":
      return { ...next, holds: without(day, event.data) };
    case "appointment.booked": {
      const { appointment } = event.data;
      return appointment ? { ...next, holds: without(day, event.data), appointments: put(day, appointment) } : "stale";
    }
    case "appointment.cancelled":
      return event.data.appointment ? { ...next, appointments: put(day, event.data.appointment) } : "stale";
    case "agenda.changed":
      return "stale";
    default:
      return next;
  }
}

/** Without the holds that have expired by the clock: their events may still be on the way. */
export function withoutExpiredHolds(day: Day, now: number): Day {
  const holds = day.holds.filter(hold => Date.parse(hold.expires_at) > now);
  return holds.length === day.holds.length ? day : { ...day, holds };
}

function without(day: Day, gone: Span): BusySlot[] {
  return day.holds.filter(held => !same(held, gone));
}

function put(day: Day, appointment: AppointmentView): AppointmentView[] {
  const others = day.appointments.filter(known => known.id !== appointment.id);
  return [...others, appointment].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}
