/**
 * What all steps of the referral wizard share: where it is, the form on the screen, and what is held for it.
 *
 * What is being filled in is kept on the device at each change, and its slot stays held: through a reload, Back,
 * another section, another referral.
 */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { drop, keep, keptForms } from "../../runtime/keptForms";
import { go } from "../../runtime/routes";
import { call, newId } from "../../runtime/runtime";
import { AvailableSlots } from "./availableSlots";
import * as kept from "./kept";
import { type HeldReferral, heldReferrals, type KeptReferral } from "./kept";
import type { Booking, HeldSlot } from "./types";

export type Step<S extends Booking["step"]> = Extract<Booking, { step: S }>;
export const ORDER = { search: 0, slots: 1, patient: 2, confirming: 2 } as const;
export const PAGES = { search: "search", slots: "slots", patient: "patient", confirming: "patient" } as const;
/** Which form this tab shows; it says nothing about anybody. */
const FORM_KEY = "relais.referral";

/** What belongs to the form on the screen, whichever step it is at. */
interface Wizard {
  /** The form's id on the device. */
  id: string;
  typed: kept.Typed;
  held: HeldSlot | null;
  attempt: kept.Attempt | null;
}

export const fresh = (): Wizard => ({ id: newId(), typed: kept.NOTHING_TYPED, held: null, attempt: null });

export const current = signal<Booking>({ step: "search" });
/** The form on the screen. Its parts are replaced, it is not. */
export const wizard = fresh();

/** Another form takes the place of the one on the screen. */
export function show(one: Wizard): void {
  Object.assign(wizard, one);
}

/** This device's clock, each second while a slot is held. */
export const second = signal(Date.now());

export function secondsLeft(held: HeldSlot): number {
  return Math.max(0, Math.ceil((held.expiresAt - second.value) / 1000));
}

const liveKey = computed(() =>
  heldReferrals(keptForms.value)
    .filter(one => one.held.expiresAt > second.value)
    .map(one => one.held.hold)
    .join(" "),
);
/** The reader's own slots that are held now, whether they were held here, before a reload or in another tab. */
export const ownHolds: ReadonlySignal<readonly HeldReferral[]> = computed(() => {
  const live = liveKey.value.split(" ");
  return heldReferrals(keptForms.peek()).filter(one => live.includes(one.held.hold));
});

export const availableSlots = new AvailableSlots(ownHolds);

export const booking: ReadonlySignal<Booking> = computed(() => {
  const now = current.value;
  return now.step === "slots" ? { ...now, slots: availableSlots.shown.value } : now;
});

/** The form on the screen. */
export function shownForm(): string {
  return wizard.id;
}

/** Seconds left of the hold on the screen, each second; null when there is none. */
export const holdRemaining: ReadonlySignal<number | null> = computed(() => {
  const now = current.value;
  return now.step === "patient" || now.step === "confirming" ? secondsLeft(now.held) : null;
});

setInterval(() => {
  const now = current.peek();
  if (now.step !== "patient" && now.step !== "confirming" && !keptForms.peek().some(one => one.until)) return;
  second.value = Date.now();
  if (now.step === "patient" && now.held.expiresAt <= second.value && now.problem?.reason !== "hold_expired") {
    current.value = { ...now, problem: { reason: "hold_expired" } };
  }
}, 1000);

effect(() => save(current.value));

/** A form without a slot describes what is chosen; one with a slot, the slot and what was typed for it. */
function save(now: Booking): void {
  if (now.step === "search" || (now.step === "slots" && wizard.held)) return;
  if (now.step !== "slots") {
    const { draft, patient, seenBefore, message, documents, initials } = now;
    wizard.typed = { draft, patient, seenBefore, message, documents, ...(initials ? { initials } : {}) };
  }
  const { hit, agenda, reason } = now;
  const { id, typed, held, attempt } = wizard;
  const value: KeptReferral = { ...origin(now), hit, agenda, reason, held, typed, attempt };
  keep(kept.formOf(id, Date.now(), value));
  remember(id);
}

function remember(id: string): void {
  try {
    sessionStorage.setItem(FORM_KEY, id);
  } catch {
    return; // storage is blocked: after a reload it is the form changed last
  }
}

export function remembered(): string | null {
  try {
    return sessionStorage.getItem(FORM_KEY);
  } catch {
    return null;
  }
}

export function enterStep(next: Booking): void {
  current.value = next;
  go({ name: "referral", step: PAGES[next.step] });
}

export function patch<S extends Booking["step"]>(step: S, values: Partial<Step<S>>): void {
  const now = current.peek();
  if (now.step === step) current.value = { ...now, ...values } as Booking;
}

export function origin(from: { conversation?: string }): { conversation?: string } {
  return from.conversation === undefined ? {} : { conversation: from.conversation };
}

/** Tries until the server answers: a hold that nobody wants keeps the slot from others until it expires. */
export async function giveBack(hold: string): Promise<void> {
  const outcome = await call("slot.release", { hold });
  if (!outcome.ok && outcome.problem.reason === "timeout") await giveBack(hold);
}

/** Another form begins. The one before stays with its slot; without a slot there is nothing to come back to. */
export function beginForm(): void {
  if (!wizard.held) drop(wizard.id);
  show(fresh());
  availableSlots.stop();
}

export function withoutProblem<T extends { problem?: Problem }>(now: T): T {
  const rest = { ...now };
  delete rest.problem;
  return rest;
}
