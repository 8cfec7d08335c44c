/** A referral as it is kept on the device while it is being filled in. */

import { BLANK, type PatientDraft } from "../../fields/patient";
import type { KeptForm } from "../../runtime/keptForms";
import { HOLD_MINUTES } from "../../wire/constants";
import type { AgendaWithReasons, Hit, PatientView, ReasonView, HeldSlot as ServerSlot } from "../../wire/types";
import type { HeldSlot } from "./types";

export interface Typed {
  draft: PatientDraft;
  /** Somebody known already, instead of the form. */
  patient: PatientView | null;
  seenBefore: boolean | null;
  message: string;
  /** Files that go with it: uploads of this form, and files of the case. */
  documents: string[];
  /** How the case in which it begins names its patient, when it does so by initials alone. */
  initials?: string;
}

/** The last booking sent: the same content is sent again with the same id, so that it is never booked twice. */
export interface Attempt {
  id: string;
  content: string;
}

export interface KeptReferral {
  conversation?: string;
  hit: Hit;
  agenda: AgendaWithReasons | null;
  reason: ReasonView | null;
  held: HeldSlot | null;
  typed: Typed;
  attempt: Attempt | null;
  /** The slot was taken on another device, or before this one lost the form, and nothing has been typed here. */
  elsewhere?: true;
}

/** A referral with a slot that is or was held for it. */
export interface HeldReferral extends KeptReferral {
  id: string;
  agenda: AgendaWithReasons;
  reason: ReasonView;
  held: HeldSlot;
}

export const NOTHING_TYPED: Typed = { draft: BLANK, patient: null, seenBefore: null, message: "", documents: [] };

export function formOf(id: string, at: number, value: KeptReferral): KeptForm {
  const form: KeptForm = { id, kind: "referral", at, value };
  return value.held ? { ...form, until: value.held.expiresAt } : form;
}

export function referralOf(form: KeptForm): KeptReferral {
  return form.value as KeptReferral;
}

/** A slot that was taken on another device, or whose form this one has lost: with nothing typed yet. */
export function ofServer(one: ServerSlot, localTime: (at: string) => number): KeptReferral {
  const { practitioner, practitioner_name: name, place, city } = one;
  const minutes = (Date.parse(one.end) - Date.parse(one.start)) / 60_000;
  const reason: ReasonView = { id: one.reason, name: one.reason_name, minutes };
  const agenda: AgendaWithReasons = {
    id: one.agenda,
    practitioner,
    practitioner_name: name,
    name: one.agenda_name,
    time_zone: one.time_zone,
    abilities: [],
    ...(place ? { place } : {}),
    ...(city ? { city } : {}),
    reasons: [reason],
  };
  const expiresAt = localTime(one.expires_at);
  return {
    hit: { practitioner: { id: practitioner, name, profession: "" }, places: [], why: [], person: practitioner },
    agenda,
    reason,
    held: { hold: one.hold, start: one.start, end: one.end, heldAt: expiresAt - HOLD_MINUTES * 60_000, expiresAt },
    typed: NOTHING_TYPED,
    attempt: null,
    elsewhere: true,
  };
}

/** Those with a slot, the first to fall first. */
export function heldReferrals(forms: readonly KeptForm[]): HeldReferral[] {
  return forms
    .filter(form => form.kind === "referral")
    .map(form => ({ id: form.id, ...referralOf(form) }))
    .filter((one): one is HeldReferral => one.held !== null && one.agenda !== null && one.reason !== null)
    .sort((one, other) => one.held.expiresAt - other.held.expiresAt);
}

/** The slot nearest to a moment; of two as near, the later one. */
export function nearest<T extends { start: string }>(slots: readonly T[], to: string): T | null {
  const away = (slot: T): number => Math.abs(Date.parse(slot.start) - Date.parse(to));
  return slots.reduce<T | null>((best, slot) => (best === null || away(slot) <= away(best) ? slot : best), null);
}
