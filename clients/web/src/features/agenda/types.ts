/** Agendas and their days as the screens see them: plain values, read-only. */

import type { Problem } from "../../engine/problem";
import type { AgendaView, AgendaWithReasons, AppointmentView, BusySlot, Window } from "../../wire/types";

export interface AgendaList {
  state: "loading" | "ready" | "failed";
  /** One's own first. */
  items: AgendaWithReasons[];
  problem?: Problem;
}

export interface DayView {
  state: "loading" | "ready" | "failed";
  agenda: AgendaView | null;
  day: string;
  appointments: AppointmentView[];
  /** Where somebody is filling in a form, now. */
  holds: BusySlot[];
  openings: Window[];
  absences: Window[];
  /** Ids of appointments that arrived while the day was on the screen. */
  fresh: string[];
  problem?: Problem;
}
