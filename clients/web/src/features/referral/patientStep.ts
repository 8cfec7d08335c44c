/** The wizard's step about the patient, until the appointment is booked: patient → confirming → the referral's page. */

import type { Problem } from "../../engine/problem";
import type { DraftField, PatientDraft } from "../../fields/patient";
import { birthDateOf, check, checkField, fieldAt, form, reasonOf, tidied } from "../../fields/patient";
import { dayOf } from "../../i18n/time";
import { drop, keptForms } from "../../runtime/keptForms";
import { go, route } from "../../runtime/routes";
import type { Outcome } from "../../runtime/runtime";
import { call, newId, serverNow } from "../../runtime/runtime";
import { BOOK_REFERRAL_LENGTHS } from "../../wire/constants";
import { characters, isBlank } from "../../wire/text";
import type { Methods, PatientView } from "../../wire/types";
import { uploadOf } from "../files/state";
import { heldReferrals } from "./kept";
import { showReferral } from "./views";
import { availableSlots, current, fresh, origin, patch, type Step, show, withoutProblem, wizard } from "./wizard";

type BookParams = Methods["referral.book"]["params"];
type Booked = Methods["referral.book"]["result"];

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
  patch("patient", { draft: tidied(field, now.draft, today(now)), errors });
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
  patch("patient", { seenBefore: seen });
}

export function setMessage(text: string): void {
  patch("patient", { message: text });
}

export function setDocuments(documents: string[]): void {
  patch("patient", { documents });
}

/** How many documents keep the referral from going: on their way, or refused. */
export function unsent(documents: readonly string[]): { underway: number; refused: number } {
  const files = documents.map(uploadOf);
  const refused = files.filter(file => file?.state === "refused" || file?.state === "lost").length;
  const arrived = files.filter(file => file?.state === "checking" || file?.state === "ready").length;
  return { underway: files.length - refused - arrived, refused };
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
  const isTooLong = characters(now.message) > BOOK_REFERRAL_LENGTHS.message;
  const { underway, refused: kept } = unsent(now.documents);
  if (Object.keys(errors).length || now.seenBefore === null || isTooLong || underway || kept) return;
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

/** Booked: to the referral's own page. */
export function arrive({ referral }: Pick<Booked, "referral">): void {
  const here = route.peek().name === "referral";
  drop(wizard.id);
  show(fresh());
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
  const message = isBlank(now.message) ? "" : now.message.trim();
  const content = {
    hold: now.held.hold,
    patient: now.patient ? now.patient.id : form(now.draft, today(now)),
    seen_before,
    ...(message ? { message } : {}),
    ...(now.documents.length ? { documents: now.documents } : {}),
    ...origin(now),
  };
  const written = JSON.stringify(content);
  if (wizard.attempt?.content !== written) wizard.attempt = { id: newId(), content: written };
  return { id: wizard.attempt.id, ...content };
}

function refused(from: Step<"confirming">, problem: Problem): void {
  const field = problem.reason === "invalid" ? fieldAt(problem.path ?? "") : null;
  const errors = field ? { ...from.errors, [field]: reasonOf(problem.why) } : from.errors;
  current.value = { ...from, step: "patient", errors, problem };
}
