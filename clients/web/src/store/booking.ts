/** The referral's wizard: import it from lazily loaded screens only. */

import type { ReadonlySignal } from "@preact/signals";
import type { Hit, PatientView } from "../wire/types";
import type { Booking, DraftField, SlotItem } from "./types";

export declare const booking: ReadonlySignal<Booking>;
/** Seconds left of the hold, each second; null when there is none. */
export declare const holdRemaining: ReadonlySignal<number | null>;

/** Begins again at `search`; `conversation` is where the referral comes from. Releases what was held. */
export declare function startBooking(conversation?: string): void;
/** search → slots */
export declare function choosePractitioner(hit: Hit): void;
/** slots: another agenda or reason. */
export declare function chooseAgenda(agenda: string): void;
export declare function chooseReason(reason: string): void;
/** slots: the days from this one on (a week on the desktop). */
export declare function showDays(from: string): void;
/** slots → patient, when nobody was quicker. */
export declare function holdSlot(slot: SlotItem): Promise<void>;
/** patient */
export declare function editPatient(field: DraftField, value: string): void;
/** patient: checks a field when it is left; looks for duplicates when name and birth date are there. */
export declare function leaveField(field: DraftField): void;
export declare function choosePatient(patient: PatientView | null): void;
export declare function setSeenBefore(seen: boolean): void;
export declare function setMessage(text: string): void;
/** patient → confirming → done, or back to patient with `errors` or `problem`. */
export declare function confirmBooking(): Promise<void>;
/** One step back; from patient it releases the hold. */
export declare function back(): void;
