/**
 * The referral wizard: search → slots → patient → confirming → done. Import it from lazily loaded screens only.
 *
 * What has been typed survives a step back, a slot lost to somebody else and an expired hold. It is forgotten when the
 * appointment is booked, when the wizard starts again and when the person signs out.
 */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import type { DraftField, PatientDraft } from "../../fields/patient";
import { BLANK, birthDateOf, check, checkField, fieldAt, form, reasonOf, tidied } from "../../fields/patient";
import { dayOf, later } from "../../i18n/time";
import type { Route } from "../../runtime/routes";
import { go, route } from "../../runtime/routes";
import type { Outcome } from "../../runtime/runtime";
import { addListener, call, localTime, newId, serverNow } from "../../runtime/runtime";
import { BOOK_REFERRAL_LENGTHS } from "../../wire/constants";
import { characters, isBlank } from "../../wire/text";
import type { AgendaWithReasons, Hit, Methods, PatientView, ReasonView } from "../../wire/types";
import { AvailableSlots } from "./availableSlots";
import type { Booking, SlotItem } from "./types";

type Step<S extends Booking["step"]> = Extract<Booking, { step: S }>;
type BookParams = Methods["referral.book"]["params"];
type Booked = Methods["referral.book"]["result"];

const ORDER = { search: 0, slots: 1, patient: 2, confirming: 2, done: 3 } as const;
const PAGES = {
  search: "search",
  slots: "slots",
  patient: "patient",
  confirming: "patient",
  done: "confirmation",
} as const;

const current = signal<Booking>({ step: "search" });
const availableSlots = new AvailableSlots();
/** What was typed, for a return to the step. */
let typed = { draft: BLANK, seenBefore: null as boolean | null, message: "" };
/** The last booking sent: the same content is sent again with the same id, so that it is never booked twice. */
let attempt: { id: string; content: string } | null = null;

export const booking: ReadonlySignal<Booking> = computed(() => {
  const now = current.value;
  return now.step === "slots" ? { ...now, slots: availableSlots.shown.value } : now;
});

const second = signal(Date.now());

/** Seconds left of the hold, each second; null when there is none. */
export const holdRemaining: ReadonlySignal<number | null> = computed(() => {
  const now = current.value;
  if (now.step !== "patient" && now.step !== "confirming") return null;
  return Math.max(0, Math.ceil((now.held.expiresAt - second.value) / 1000));
});

setInterval(() => {
  const now = current.peek();
  if (now.step !== "patient" && now.step !== "confirming") return;
  second.value = Date.now();
  if (now.step === "patient" && now.held.expiresAt <= second.value && now.problem?.reason !== "hold_expired") {
    current.value = { ...now, problem: { reason: "hold_expired" } };
  }
}, 1000);

function enterStep(next: Booking): void {
  current.value = next;
  go({ name: "referral", step: PAGES[next.step] });
}

function patch<S extends Booking["step"]>(step: S, values: Partial<Step<S>>): void {
  const now = current.peek();
  if (now.step === step) current.value = { ...now, ...values } as Booking;
}

function origin(from: Booking): { conversation?: string } {
  return from.conversation === undefined ? {} : { conversation: from.conversation };
}

function release(from: Booking): void {
  if (from.step === "patient") void giveBack(from.held.hold);
}

/** Tries until the server answers: a hold that nobody wants keeps the slot from others until it expires. */
async function giveBack(hold: string): Promise<void> {
  const outcome = await call("slot.release", { hold });
  if (!outcome.ok && outcome.problem.reason === "timeout") await giveBack(hold);
}

/** Starts again at `search` and releases a held slot. `conversation` is where the referral comes from. */
export function startBooking(conversation?: string): void {
  release(current.peek());
  typed = { draft: BLANK, seenBefore: null, message: "" };
  attempt = null;
  availableSlots.stop();
  enterStep({ step: "search", ...(conversation === undefined ? {} : { conversation }) });
}

// search → slots

export function choosePractitioner(hit: Hit): void {
  const from = current.peek();
  release(from);
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

/** Goes on to `patient`; when somebody else was first, sets `problem` and loads the slots again. */
export async function holdSlot(slot: SlotItem): Promise<void> {
  const now = current.peek();
  if (now.step !== "slots" || !now.agenda || !now.reason || now.holding !== null) return;
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
  const held = { hold: outcome.value.hold, start, end, heldAt: second.peek(), expiresAt: localTime(expires_at) };
  enterStep({
    step: "patient",
    ...origin(then),
    hit,
    agenda,
    reason,
    held,
    ...typed,
    errors: {},
    duplicates: [],
    patient: null,
  });
}

// patient

export function editPatient(field: DraftField, value: string): void {
  const now = current.peek();
  if (now.step !== "patient") return;
  const draft = { ...now.draft, [field]: value } as PatientDraft;
  const errors = { ...now.errors };
  delete errors[field];
  typed = { ...typed, draft };
  patch("patient", { draft, errors });
}

/** Checks a field when it is left; looks for duplicates when name and birth date are there. */
export function leaveField(field: DraftField): void {
  const now = current.peek();
  if (now.step !== "patient") return;
  const error = now.draft[field].trim() ? checkField(field, now.draft, today(now)) : null;
  const errors = { ...now.errors };
  if (error) errors[field] = error;
  const draft = tidied(field, now.draft, today(now));
  typed = { ...typed, draft };
  patch("patient", { draft, errors });
  if (NAMES_AND_BIRTH.has(field)) void findDuplicates();
}

const NAMES_AND_BIRTH: ReadonlySet<DraftField> = new Set(["family_name", "birth_date", "birth_name", "first_names"]);

async function findDuplicates(): Promise<void> {
  const now = current.peek();
  if (now.step !== "patient") return;
  const { draft } = now;
  const right = (field: DraftField) => draft[field] !== "" && !checkField(field, draft, today(now));
  const born = birthDateOf(draft, today(now));
  if (!born || !right("family_name")) {
    patch("patient", { duplicates: [] });
    return;
  }
  const outcome = await call("patient.search", {
    family_name: draft.family_name,
    birth_date: born.date,
    ...(right("first_names") ? { first_names: draft.first_names } : {}),
    ...(right("birth_name") ? { birth_name: draft.birth_name } : {}),
  });
  const then = current.peek();
  if (then.step !== "patient" || [...NAMES_AND_BIRTH].some(field => then.draft[field] !== draft[field])) return;
  if (outcome.ok) patch("patient", { duplicates: outcome.value.patients });
}

/** A patient already known, instead of the form; null to go back to the form. */
export function choosePatient(patient: PatientView | null): void {
  patch("patient", { patient });
}

export function setSeenBefore(seen: boolean): void {
  typed = { ...typed, seenBefore: seen };
  patch("patient", { seenBefore: seen });
}

export function setMessage(text: string): void {
  typed = { ...typed, message: text };
  patch("patient", { message: text });
}

function today(now: Step<"patient">): string {
  return dayOf(serverNow(), now.agenda.time_zone);
}

// patient → confirming → done

/** Books, or goes back to `patient` with `errors` or `problem`. */
export async function confirmBooking(): Promise<void> {
  const now = current.peek();
  if (now.step !== "patient") return;
  const errors = now.patient ? {} : check(now.draft, today(now));
  patch("patient", { errors });
  const isTooLong = characters(now.message) > BOOK_REFERRAL_LENGTHS.message;
  if (Object.keys(errors).length || now.seenBefore === null || isTooLong) return;
  const params = bookParams(now, now.seenBefore);
  current.value = { ...withoutProblem(now), step: "confirming" } as Step<"confirming">;
  const outcome = await book(params);
  const then = current.peek();
  if (then.step !== "confirming" || then.held.hold !== now.held.hold) return;
  if (!outcome.ok) {
    refused(then, outcome.problem);
    return;
  }
  const { hit, agenda, reason } = then;
  typed = { draft: BLANK, seenBefore: null, message: "" };
  attempt = null;
  availableSlots.stop();
  enterStep({ step: "done", ...origin(then), hit, agenda, reason, booked: outcome.value });
}

/** Without an answer it may be booked or not: the same request, with the same id, is sent until there is one. */
async function book(params: BookParams): Promise<Outcome<Booked>> {
  const outcome = await call("referral.book", params);
  return !outcome.ok && outcome.problem.reason === "timeout" ? book(params) : outcome;
}

function bookParams(now: Step<"patient">, seen_before: boolean): BookParams {
  const message = isBlank(now.message) ? "" : now.message.trim();
  const content = {
    hold: now.held.hold,
    patient: now.patient ? now.patient.id : form(now.draft, today(now)),
    seen_before,
    ...(message ? { message } : {}),
    ...origin(now),
  };
  const written = JSON.stringify(content);
  if (attempt?.content !== written) attempt = { id: newId(), content: written };
  return { id: attempt.id, ...content };
}

function refused(from: Step<"confirming">, problem: Problem): void {
  const field = problem.reason === "invalid" ? fieldAt(problem.path ?? "") : null;
  const errors = field ? { ...from.errors, [field]: reasonOf(problem.why) } : from.errors;
  current.value = { ...from, step: "patient", errors, problem };
}

// Back.

/** One step back; from patient it releases the hold. */
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
  release(now);
  const { hit, agenda, reason } = now;
  const slots = availableSlots.shown.peek();
  current.value = {
    step: "slots",
    ...origin(now),
    hit,
    agendas: { state: "loading", items: [agenda] },
    agenda,
    reason,
    slots,
    holding: null,
    ...(now.problem?.reason === "hold_expired" || now.problem?.reason === "slot_taken" ? { problem: now.problem } : {}),
  };
  void call("agenda.reasons", { practitioner: hit.practitioner.id }).then(outcome => {
    const items = outcome.ok ? outcome.value.agendas : [agenda];
    patch("slots", { agendas: { state: "ready", items } });
  });
  availableSlots.offer(agenda, reason, slots.from || dayOf(serverNow(), agenda.time_zone));
}

function withoutProblem<T extends { problem?: Problem }>(now: T): T {
  const rest = { ...now };
  delete rest.problem;
  return rest;
}

/** The back button and typed addresses lead no further than what has been chosen. */
effect(() => {
  const to = route.value;
  if (to.name !== "referral") return;
  queueMicrotask(() => follow(to));
});

function follow(to: Extract<Route, { name: "referral" }>): void {
  const now = current.peek();
  if (route.peek() !== to || PAGES[now.step] === to.step || now.step === "confirming") return;
  if (now.step === "done" && to.step === "search") {
    startBooking();
    return;
  }
  if (to.step === "slots" && now.step === "patient") {
    toSlots(now);
    return;
  }
  if (to.step === "search" && ORDER[now.step] > 0) {
    release(now);
    availableSlots.stop();
    current.value = { step: "search", ...origin(now) };
    return;
  }
  correct(now);
}

function correct(now: Booking): void {
  go({ name: "referral", step: PAGES[now.step] }, { replace: true });
}

addListener({
  onClear() {
    typed = { draft: BLANK, seenBefore: null, message: "" };
    attempt = null;
    availableSlots.stop();
    current.value = { step: "search" };
  },
});
