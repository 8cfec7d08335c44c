/**
 * The referral wizard: search → slots → patient → confirming. Import it from lazily loaded screens only.
 *
 * A slot is given back when another one is held for the same form, or when the person gives it up; what was typed
 * survives that a slot is lost or expires. Both are forgotten when the appointment is booked, when they are given up and
 * when the person signs out.
 */

import { effect } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { BLANK } from "../../fields/patient";
import { addDays, dayOf, later } from "../../i18n/time";
import { drop, formsLoaded, holdsOf, keep, keptForms } from "../../runtime/keptForms";
import type { Route } from "../../runtime/routes";
import { go, route } from "../../runtime/routes";
import { addListener, call, localTime, me, newId, serverNow } from "../../runtime/runtime";
import { ownerOf } from "../../wire/frame";
import type { AgendaWithReasons, Hit, HoldEnded, MemberView, ReasonView } from "../../wire/types";
import { remove as removeUpload } from "../files/state";
import { carriedPatient, isCase } from "./caseCarry";
import * as kept from "./kept";
import { type HeldReferral, heldReferrals, type KeptReferral, referralOf } from "./kept";
import { arrive } from "./patientStep";
import type { SlotItem } from "./types";
import {
  availableSlots,
  beginForm,
  current,
  enterStep,
  fresh,
  giveBack,
  ORDER,
  origin,
  ownHolds,
  PAGES,
  patch,
  remembered,
  type Step,
  second,
  show,
  withoutProblem,
  wizard,
} from "./wizard";

export {
  choosePatient,
  confirmBooking,
  editPatient,
  leaveField,
  setDocuments,
  setMessage,
  setSeenBefore,
} from "./patientStep";
export { booking, holdRemaining, ownHolds, secondsLeft, shownForm } from "./wizard";

/** Starts again at `search`. `conversation` is where the referral comes from. */
export function startBooking(conversation?: string): void {
  beginForm();
  enterStep({ step: "search", ...(conversation === undefined ? {} : { conversation }) });
  void carryOver(conversation);
}

/** The patient of the case in which this form begins, unless something has been typed meanwhile. */
async function carryOver(conversation: string | undefined): Promise<void> {
  const { id } = wizard;
  if (!isCase(conversation)) return;
  const carried = await carriedPatient(conversation);
  const now = current.peek();
  if (wizard.id !== id || now.step === "confirming" || Object.keys(carried).length === 0) return;
  const isBlank = (typed: kept.Typed) => !typed.patient && JSON.stringify(typed.draft) === JSON.stringify(BLANK);
  if (now.step === "patient") {
    if (isBlank(now)) patch("patient", carried);
  } else if (isBlank(wizard.typed)) {
    wizard.typed = { ...wizard.typed, ...carried };
    current.value = { ...now }; // to be kept
  }
}

/** Starts at the slots of somebody of a conversation. */
export function startReferral(conversation: string, to: MemberView): void {
  beginForm();
  current.value = { step: "search", conversation };
  const { person, name, profession = "", speciality, verified } = to;
  // Back leads to the conversation, not to a search that nobody asked for.
  go({ name: "referral", step: "slots" }, { replace: true });
  choosePractitioner({
    practitioner: { id: person, name, profession, ...(speciality ? { speciality } : {}) },
    places: [],
    why: [],
    person,
    verified_user: verified,
  });
  void carryOver(conversation);
}

// search → slots

export function choosePractitioner(hit: Hit): void {
  const from = current.peek();
  availableSlots.stop();
  enterStep({
    step: "slots",
    ...origin(from),
    hit,
    agendas: { state: "loading", items: [] },
    agenda: null,
    reason: null,
    slots: availableSlots.shown.peek(),
    holding: null,
  });
  void loadAgendas(hit);
}

async function loadAgendas(hit: Hit): Promise<void> {
  const outcome = await call("agenda.reasons", { practitioner: hit.practitioner.id });
  const now = current.peek();
  if (now.step !== "slots" || now.hit !== hit) return;
  if (!outcome.ok) {
    patch("slots", { agendas: { state: "failed", items: [] }, problem: outcome.problem });
    return;
  }
  const items = outcome.value.agendas;
  patch("slots", { agendas: { state: "ready", items } });
  if (items[0]) chooseAgenda(items[0].id);
}

/** After `failed`: the agendas or the slots once more. */
export function reloadSlots(): void {
  const now = current.peek();
  if (now.step !== "slots") return;
  patch("slots", withoutProblem(now));
  if (now.agendas.state !== "failed") return void availableSlots.load();
  patch("slots", { agendas: { state: "loading", items: [] } });
  void loadAgendas(now.hit);
}

/** slots: another agenda. The only reason, or the one of the same name, is chosen with it. */
export function chooseAgenda(id: string): void {
  const now = current.peek();
  if (now.step !== "slots") return;
  const agenda = now.agendas.items.find(one => one.id === id);
  if (!agenda) return;
  const reasons = agenda.reasons ?? [];
  const reason = (reasons.length === 1 ? reasons[0] : reasons.find(one => one.name === now.reason?.name)) ?? null;
  choose(agenda, reason);
}

export function chooseReason(id: string): void {
  const now = current.peek();
  if (now.step !== "slots" || !now.agenda) return;
  choose(now.agenda, (now.agenda.reasons ?? []).find(one => one.id === id) ?? null);
}

function choose(agenda: AgendaWithReasons, reason: ReasonView | null): void {
  const now = current.peek();
  if (now.step === "slots") patch("slots", { ...withoutProblem(now), agenda, reason });
  const today = dayOf(serverNow(), agenda.time_zone);
  availableSlots.offer(agenda, reason, later(availableSlots.shown.peek().from, today));
}

/** slots: the days from this one on. */
export function showDays(from: string): void {
  const now = current.peek();
  if (now.step !== "slots" || !now.agenda) return;
  const today = dayOf(serverNow(), now.agenda.time_zone);
  availableSlots.offer(now.agenda, now.reason, later(from, today));
}

// slots → patient

/**
 * Goes on to `patient`, and gives back the slot that was held before for the same form. One's own slot is taken up
 * again. When somebody else was first, sets `problem` and loads the slots again.
 */
export async function holdSlot(slot: SlotItem): Promise<void> {
  const now = current.peek();
  if (now.step !== "slots" || !now.agenda || !now.reason || now.holding !== null) return;
  const own = ownHolds.peek().find(one => one.agenda.id === slot.agenda && one.held.start === slot.start);
  if (own) return resume(own.id);
  const { hit, agenda, reason } = now;
  const hold = newId();
  patch("slots", { ...withoutProblem(now), holding: slot.start });
  const outcome = await call("slot.hold", { id: hold, agenda: slot.agenda, reason: slot.reason, start: slot.start });
  const then = current.peek();
  if (then.step !== "slots" || then.holding !== slot.start) {
    if (outcome.ok || outcome.problem.reason === "timeout") void giveBack(hold);
    return;
  }
  if (!outcome.ok) {
    if (outcome.problem.reason === "timeout") void giveBack(hold); // it may have been held all the same
    patch("slots", { holding: null, problem: outcome.problem });
    void availableSlots.load();
    return;
  }
  const { start, end, expires_at } = outcome.value;
  second.value = Date.now();
  const before = wizard.held;
  wizard.held = { hold: outcome.value.hold, start, end, heldAt: second.peek(), expiresAt: localTime(expires_at) };
  if (before) void giveBack(before.hold);
  enterStep(patientStep({ ...origin(then), hit, agenda, reason, held: wizard.held, typed: wizard.typed }));
}

function patientStep(one: Omit<HeldReferral, "id" | "attempt">): Step<"patient"> {
  const { hit, agenda, reason, held, typed } = one;
  const expired = held.expiresAt <= Date.now();
  return {
    step: "patient",
    ...origin(one),
    hit,
    agenda,
    reason,
    held,
    // A form that an earlier version kept has no documents.
    ...kept.NOTHING_TYPED,
    ...typed,
    errors: {},
    duplicates: [],
    ...(expired ? { problem: { reason: "hold_expired" } } : {}),
  };
}

// A form that was left.

/** Goes on with a form that was left, as it was. */
export function resume(id: string): void {
  const found = heldReferrals(keptForms.peek()).find(one => one.id === id);
  if (!found) return;
  adopt(found);
  enterStep(patientStep(found));
}

function adopt(one: KeptReferral & { id: string }): void {
  if (one.id !== wizard.id && !wizard.held) drop(wizard.id);
  const { id, typed, held, attempt } = one;
  show({ id, typed, held, attempt });
  availableSlots.stop();
  second.value = Date.now();
  if (attempt) void settle(one, attempt);
}

/** The answer to a booking was lost with the page that asked for it: was it booked? */
async function settle(one: { id: string }, { id }: kept.Attempt): Promise<void> {
  const outcome = await call("referral.get", { referral: id });
  if (outcome.ok && wizard.id === one.id) arrive({ referral: outcome.value.referral });
}

/** After a reload: the form that this tab showed, else the one changed last. */
function restore(step: "slots" | "patient"): boolean {
  const forms = keptForms.peek().filter(one => one.kind === "referral");
  const form = forms.find(one => one.id === remembered()) ?? forms.at(-1);
  if (!form) return false;
  const found = { id: form.id, ...referralOf(form) };
  const { agenda, reason, held } = found;
  if (step === "patient") {
    if (!agenda || !reason || !held) return false;
    adopt(found);
    current.value = patientStep({ ...found, agenda, reason, held });
    return true;
  }
  adopt(found);
  showSlots(found);
  return true;
}

/** Gives a form and its slot up: what was typed is forgotten, and others can take the slot. */
export function giveUp(id: string): void {
  const found = heldReferrals(keptForms.peek()).find(one => one.id === id);
  if (found && found.held.expiresAt > Date.now()) void giveBack(found.held.hold);
  // What something else holds, the server keeps.
  for (const file of found?.typed.documents ?? []) removeUpload(file);
  leave(id);
}

/** Forgets a form; if it is the one on the screen, the wizard begins anew, and says what was `booked` of it. */
function leave(id: string, booked?: string): void {
  drop(id);
  if (wizard.id !== id) return;
  show(fresh());
  availableSlots.stop();
  const next: Step<"search"> = { step: "search", ...(booked === undefined ? {} : { booked }) };
  if (route.peek().name === "referral") enterStep(next);
  else current.value = next;
}

/** Another slot for a form whose own was lost. */
export async function takeInstead(id: string, slot: SlotItem): Promise<void> {
  const found = heldReferrals(keptForms.peek()).find(one => one.id === id);
  if (!found) return;
  adopt(found);
  showSlots(found);
  go({ name: "referral", step: "slots" });
  await holdSlot(slot);
}

/** The free slot nearest to one that was lost; null when there is none in the next two weeks. */
export async function nearestFree({ agenda, reason, held }: HeldReferral): Promise<SlotItem | null> {
  const today = dayOf(serverNow(), agenda.time_zone);
  const from = later(today, addDays(dayOf(held.start, agenda.time_zone), -3));
  const outcome = await call("agenda.slots", { agenda: agenda.id, reason: reason.id, from, to: addDays(from, 14) });
  const found = outcome.ok ? kept.nearest(outcome.value.slots, held.start) : null;
  return found && { ...found, state: "free" };
}

// Back.

/** One step back. A slot that is held stays held: it is shown as one's own, and follows through the application. */
export function back(): void {
  const now = current.peek();
  if (now.step === "slots") {
    availableSlots.stop();
    enterStep({ step: "search", ...origin(now) });
  } else if (now.step === "patient") {
    toSlots(now);
    go({ name: "referral", step: "slots" });
  }
}

function toSlots(now: Step<"patient">): void {
  const lost = now.problem?.reason === "hold_expired" || now.problem?.reason === "slot_taken";
  showSlots(now, lost ? now.problem : undefined);
}

/** The slots of what was chosen, from the day of the slot that is or was held. */
function showSlots(
  chosen: Pick<KeptReferral, "conversation" | "hit" | "agenda" | "reason" | "held">,
  problem?: Problem,
): void {
  const { hit, agenda, reason, held } = chosen;
  current.value = {
    step: "slots",
    ...origin(chosen),
    hit,
    agendas: { state: "loading", items: agenda ? [agenda] : [] },
    agenda,
    reason,
    slots: availableSlots.shown.peek(),
    holding: null,
    ...(problem ? { problem } : {}),
  };
  if (!agenda) return void loadAgendas(hit);
  void call("agenda.reasons", { practitioner: hit.practitioner.id }).then(outcome => {
    const items = outcome.ok ? outcome.value.agendas : [agenda];
    patch("slots", { agendas: { state: "ready", items } });
  });
  const today = dayOf(serverNow(), agenda.time_zone);
  const shown = availableSlots.shown.peek().from || (held ? dayOf(held.start, agenda.time_zone) : today);
  availableSlots.offer(agenda, reason, later(shown, today));
}

/** The back button and typed addresses lead no further than what has been chosen, here or before a reload. */
effect(() => {
  const to = route.value;
  const loaded = formsLoaded.value;
  if (to.name === "referral") queueMicrotask(() => follow(to, loaded));
});

function follow(to: Extract<Route, { name: "referral" }>, loaded: boolean): void {
  const now = current.peek();
  if (route.peek() !== to || PAGES[now.step] === to.step || now.step === "confirming") return;
  if (to.step === "search") {
    availableSlots.stop();
    current.value = { step: "search", ...origin(now) };
  } else if (to.step === "slots" && now.step === "patient") toSlots(now);
  else if (to.step === "patient" && wizard.held && ORDER[now.step] > 0) resume(wizard.id);
  else if (loaded && !restore(to.step)) go({ name: "referral", step: PAGES[now.step] }, { replace: true });
}

/** What the server says is held and no form here knows of: taken on another device, or before the device lost it. */
effect(() => {
  const held = holdsOf(me.value);
  if (!formsLoaded.value) return;
  const known = new Set(heldReferrals(keptForms.peek()).map(one => one.held.hold));
  for (const one of held)
    if (!known.has(one.hold) && localTime(one.expires_at) > Date.now())
      keep(kept.formOf(newId(), Date.now(), kept.ofServer(one, localTime)));
});

/** The hold was booked on another device or in another tab, which may have dropped the form already. */
function booked(hold: string, referral: string): void {
  if (current.peek().step === "confirming") return;
  const found = heldReferrals(keptForms.peek()).find(one => one.held.hold === hold);
  const id = wizard.held?.hold === hold ? wizard.id : found?.id;
  if (id !== undefined) leave(id, referral);
}

/** The hold is over before its time: given back on another device. */
function end(hold: string, why: HoldEnded["why"]): void {
  const found = heldReferrals(keptForms.peek()).find(one => one.held.hold === hold);
  if (!found || current.peek().step === "confirming") return;
  const { id, ...rest } = found;
  const expiresAt = Math.min(found.held.expiresAt, Date.now());
  const held = { ...found.held, expiresAt, ...(why === "released" ? { released: true as const } : {}) };
  keep(kept.formOf(id, Date.now(), { ...rest, held }));
  const now = current.peek();
  if (wizard.id !== found.id) return;
  wizard.held = held;
  if (now.step === "patient") current.value = { ...now, held, problem: { reason: "hold_expired" } };
}

addListener({
  onEvent(event) {
    if (ownerOf("i", event.stream) === null) return;
    const { hold, why, appointment, referral } = event.data as Partial<HoldEnded> & {
      appointment?: string;
      referral?: string;
    };
    if (event.type === "hold.ended" && hold && why) end(hold, why);
    if (event.type === "referral.booked" && appointment && referral) booked(appointment, referral);
  },
  onClear() {
    show(fresh());
    availableSlots.stop();
    current.value = { step: "search" };
  },
});
