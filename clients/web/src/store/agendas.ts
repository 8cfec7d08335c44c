/** Agendas and their days: import it from lazily loaded screens only. */

import type { ReadonlySignal } from "@preact/signals";
import type { AgendaList, DayView, Outcome } from "./types";

/** Reading it makes the store load it. */
export declare const agendas: ReadonlySignal<AgendaList>;
/** A day of an agenda, live while somebody reads it. `day` is the site's: "2026-12-01". */
export declare function day(agenda: string, day: string): ReadonlySignal<DayView>;
export declare function cancelAppointment(appointment: string, reason: string): Promise<Outcome>;
