/**
 * Sizes and sets that the server declares and does not send in `Welcome.limits`. They stand here alone, until they are
 * generated with `wire/types.ts`; no other module repeats them.
 */

import type { AppointmentView } from "./wire/types";

/** Characters of one line: titles, names, reasons (`Line`). */
export const LINE_LENGTH = 200;
/** Characters of a text such as the message to a practitioner (`Note`). */
export const NOTE_LENGTH = 4_000;
/** Characters in a field of the directory's search (`Words`). */
export const WORDS_LENGTH = 200;
/** Characters in the fields of `PatientForm` that are not a `Line`. */
export const PATIENT_LENGTHS = { phone: 30, email: 254, postal_code: 10, ins: 22 };
/** Characters of a name of a patient. */
export const PATIENT_NAME_LENGTH = 100;
/** Years that the birth of a patient may lie back, at most. */
export const OLDEST_AGE = 130;
/** How long a slot is held, in minutes. */
export const HOLD_MINUTES = 15;
/** How long a `typing` signal counts, in milliseconds. */
export const TYPING_EXPIRES_AFTER = 6_000;
/** The states of an appointment in which its time is taken. */
export const OCCUPYING: readonly AppointmentView["state"][] = ["booked", "arrived", "done", "no_show"];
