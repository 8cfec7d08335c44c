/**
 * The referral wizard: search → slots → patient → confirming. Import it from lazily loaded screens only.
 *
 * What is being filled in is kept on the device at each change, and its slot stays held: through a reload, Back,
 * another section, another referral. The slot is given back when another one is held for the same form, or when the
 * person gives it up; what was typed survives that a slot is lost or expires. Both are forgotten when the appointment
 * is booked, when they are given up and when the person signs out.
 */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { addDays, dayOf, later } from "../../i18n/time";
import type { DraftField, PatientDraft } from "../../replica/patient";
import { check, checkField, fieldAt, form } from "../../replica/patient";
import { drop, formsLoaded, holdsOf, keep, keptForms } from "../../runtime/keptForms";
import type { Route } from "../../runtime/routes";
import { go, route } from "../../runtime/routes";
import type { Outcome } from "../../runtime/runtime";
import { addListener, call, localTime, me, newId, serverNow } from "../../runtime/runtime";
import { ownerOf } from "../../wire/frame";
import type { AgendaWithReasons, Hit, MemberView, Methods, PatientView, ReasonView } from "../../wire/types";
import { AvailableSlots } from "./availableSlots";
import * as kept from "./kept";
import { type HeldReferral, heldReferrals, type KeptReferral, referralOf } from "./kept";
import type { Booking, HeldSlot, SlotItem } from "./types";
import { showReferral } from "./views";

type Step<S extends Booking["step"]> = Extract<Booking, { step: S }>;
type BookParams = Methods["referral.book"]["params"];
type Booked = Methods["referral.book"]["result"];

const ORDER = { search: 0, slots: 1, patient: 2, confirming: 2 } as const;
const PAGES = { search: "search", slots: "slots", patient: "patient", confirming: "patient" } as const;
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

const fresh = (): Wizard => ({ id: newId(), typed: kept.NOTHING_TYPED, held: null, attempt: null });

const current = signal<Booking>({ step: "search" });
let wizard = fresh();

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

const availableSlots = new AvailableSlots(ownHolds);

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
    const { draft, patient, seenBefore, message } = now;
    wizard.typed = { draft, patient, seenBefore, message };
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

function remembered(): string | null {
  try {
    return sessionStorage.getItem(FORM_KEY);
  } catch {
    return null;
  }
}

function enterStep(next: Booking): void {
  current.value = next;
  go({ name: "referral", step: PAGES[next.step] });
}

function patch<S extends Booking["step"]>(step: S, values: Partial<Step<S>>): void {
  const now = current.peek();
  if (now.step === step) current.value = { ...now, ...values } as Booking;
}

function origin(from: { conversation?: string }): { conversation?: string } {
  return from.conversation === undefined ? {} : { conversation: from.conversation };
}

/** Tries until the server answers: a hold that nobody wants keeps the slot from others until it expires. */
async function giveBack(hold: string): Promise<void> {
  const outcome = await call("slot.release", { hold });
  if (!outcome.ok && outcome.problem.reason === "timeout") await giveBack(hold);
}

/** Another form begins. The one before stays with its slot; without a slot there is nothing to come back to. */
function beginForm(): void {
  if (!wizard.held) drop(wizard.id);
  wizard = fresh();
  availableSlots.stop();
}

/** Starts again at `search`. `conversation` is where the referral comes from. */
export function startBooking(conversation?: string): void {
  beginForm();
  enterStep({ step: "search", ...(conversation === undefined ? {} : { conversation }) });
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
  wizard = { id, typed, held, attempt };
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
  const forms = keptForms.peek();
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
  leave(id);
}

/** Forgets a form; if it is the one on the screen, the wizard begins anew. */
function leave(id: string): void {
  drop(id);
  if (wizard.id !== id) return;
  wizard = fresh();
  availableSlots.stop();
  if (route.peek().name === "referral") enterStep({ step: "search" });
  else current.value = { step: "search" };
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

// patient

export function editPatient(field: DraftField, value: string): void {
  const now = current.peek();
  if (now.step !== "patient") return;
  const draft = { ...now.draft, [field]: value } as PatientDraft;
  const errors = { ...now.errors };
  delete errors[field];
  patch("patient", { draft, errors });
}

/** Checks a field when it is left; looks for duplicates when name and birth date are there. */
export function leaveField(field: DraftField): void {
  const now = current.peek();
  if (now.step !== "patient") return;
  const error = now.draft[field].trim() ? checkField(field, now.draft, today(now)) : null;
  const errors = { ...now.errors };
  if (error) errors[field] = error;
  patch("patient", { errors });
  if (field === "family_name" || field === "birth_date" || field === "birth_name") void findDuplicates();
}

async function findDuplicates(): Promise<void> {
  const now = current.peek();
  if (now.step !== "patient") return;
  const { family_name, birth_date } = now.draft;
  const usable = !checkField("family_name", now.draft, today(now)) && !checkField("birth_date", now.draft, today(now));
  if (!usable) {
    patch("patient", { duplicates: [] });
    return;
  }
  const outcome = await call("patient.search", { family_name: family_name.trim(), birth_date });
  const then = current.peek();
  if (then.step !== "patient" || then.draft.family_name !== family_name || then.draft.birth_date !== birth_date) return;
  if (outcome.ok) patch("patient", { duplicates: outcome.value.patients });
}

/** A patient already known, instead of the form; null to go back to the form. */
export function choosePatient(patient: PatientView | null): void {
  patch("patient", { patient });
}

export function setSeenBefore(seen: boolean): void {
  patch("patient", { seenBefore: seen });
}

export function setMessage(text: string): void {
  patch("patient", { message: text });
}

function today(now: Step<"patient">): string {
  return dayOf(serverNow(), now.agenda.time_zone);
}

// patient → confirming → the referral's own page

/** Books, or goes back to `patient` with `errors` or `problem`. */
export async function confirmBooking(): Promise<void> {
  const now = current.peek();
  if (now.step !== "patient") return;
  const errors = now.patient ? {} : check(now.draft, today(now));
  patch("patient", { errors });
  if (Object.keys(errors).length || now.seenBefore === null) return;
  const params = bookParams(now, now.seenBefore);
  current.value = { ...withoutProblem(now), step: "confirming" } as Step<"confirming">;
  const outcome = await book(params);
  const then = current.peek();
  if (then.step !== "confirming" || then.held.hold !== now.held.hold) {
    if (outcome.ok) forget(params.hold);
    return;
  }
  if (outcome.ok) arrive(outcome.value);
  else refused(then, outcome.problem);
}

/** Booked after all while another form was on the screen. */
function forget(hold: string): void {
  const found = heldReferrals(keptForms.peek()).find(one => one.held.hold === hold);
  if (found) drop(found.id);
}

function arrive({ referral }: Pick<Booked, "referral">): void {
  const here = route.peek().name === "referral";
  drop(wizard.id);
  wizard = fresh();
  availableSlots.stop();
  current.value = { step: "search" };
  showReferral(referral);
  // Back leads to where the person was before the wizard's last step, not to a form that is gone.
  if (here) go({ name: "one-referral", id: referral.id }, { replace: true });
}

/** Without an answer it may be booked or not: the same request, with the same id, is sent until there is one. */
async function book(params: BookParams): Promise<Outcome<Booked>> {
  const outcome = await call("referral.book", params);
  return !outcome.ok && outcome.problem.reason === "timeout" ? book(params) : outcome;
}

function bookParams(now: Step<"patient">, seen_before: boolean): BookParams {
  const message = now.message.trim();
  const content = {
    hold: now.held.hold,
    patient: now.patient ? now.patient.id : form(now.draft),
    seen_before,
    ...(message ? { message } : {}),
    ...origin(now),
  };
  const written = JSON.stringify(content);
  if (wizard.attempt?.content !== written) wizard.attempt = { id: newId(), content: written };
  return { id: wizard.attempt.id, ...content };
}

function refused(from: Step<"confirming">, problem: Problem): void {
  const field = problem.reason === "invalid" ? fieldAt(problem.path ?? "") : null;
  const errors = field ? { ...from.errors, [field]: "refused" as const } : from.errors;
  current.value = { ...from, step: "patient", errors, problem };
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

function withoutProblem<T extends { problem?: Problem }>(now: T): T {
  const rest = { ...now };
  delete rest.problem;
  return rest;
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

/** The hold is over before its time: given back on another device, or booked there. */
function end(hold: string, why: "booked" | "over"): void {
  const found = heldReferrals(keptForms.peek()).find(one => one.held.hold === hold);
  if (!found || current.peek().step === "confirming") return;
  if (why === "booked") {
    leave(found.id);
    return;
  }
  const { id, ...rest } = found;
  const held = { ...found.held, expiresAt: Math.min(found.held.expiresAt, Date.now()) };
  keep(kept.formOf(id, Date.now(), { ...rest, held }));
  const now = current.peek();
  if (wizard.id !== found.id) return;
  wizard.held = held;
  if (now.step === "patient") current.value = { ...now, held, problem: { reason: "hold_expired" } };
}

addListener({
  onEvent(event) {
    if (ownerOf("i", event.stream) === null) return;
    const { hold, appointment } = event.data as { hold?: string; appointment?: string };
    if ((event.type as string) === "hold.ended" && hold) end(hold, "over");
    if (event.type === "referral.booked" && appointment) end(appointment, "booked");
  },
  onClear() {
    wizard = fresh();
    availableSlots.stop();
    current.value = { step: "search" };
  },
});
