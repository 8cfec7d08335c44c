/**
 * Making an account, step by step. Declared by hand: way → form → agreements → code; then signed in: entry → install.
 *
 * What is typed is kept on the device, with the key to the sign-up that waits for its code (a phone drops the page while
 * its owner looks into their mail), and never the password.
 */

import { computed, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import {
  check,
  checkField,
  type Declaration,
  type DeclarationErrors,
  type DeclarationField,
  EMPTY,
  fieldAt,
  form,
} from "../../fields/declaration";
import { language } from "../../i18n";
import { type Answer, ask, problemIn } from "../../runtime/http";
import { drop, keep, keptForms } from "../../runtime/keptForms";
import { go } from "../../runtime/routes";
import { signedIn } from "../account/state";
import { startEntry } from "./entry";
import { invitation, leaveInvitation } from "./link";

export type Step = "way" | "activity" | "form" | "agreements" | "code" | "entry" | "install";

/** A code that was sent by mail. */
export interface Sent {
  signup: string;
  email: string;
  /** On this device's clock, in milliseconds. */
  expiresAt: number;
  resendAt: number;
}

export interface SignUp {
  step: Step;
  typed: Declaration;
  errors: DeclarationErrors;
  /** What each document's version is that was agreed to. */
  agreed: { terms: boolean; data_agreement: boolean };
  sent: Sent | null;
  /** What is wrong with the code that was typed: "wrong_code" with how many attempts are left, "expired"… */
  code: { why: string; attempts: number } | null;
  problem: Problem | null;
  busy: boolean;
}

const KEPT = "signup";
const FRESH: SignUp = {
  step: "way",
  typed: EMPTY,
  errors: {},
  agreed: { terms: false, data_agreement: false },
  sent: null,
  code: null,
  problem: null,
  busy: false,
};

export const signUp = signal<SignUp>(FRESH);
/** In memory alone. */
export const password = signal("");
/** Pro Santé Connect, or a card, has said who it is: it opens the account, and no password is asked for. */
export const byCard = signal(false);

/** What an earlier page kept, if nothing has been begun on this one. */
const kept = computed(() => keptForms.value.find(one => one.kind === "signup")?.value as Kept | undefined);

interface Kept {
  step: Step;
  typed: Declaration;
  sent: Sent | null;
  invitation: string | null;
}

/** Steps of an account that is not made yet have entries of the browser's history: its Back goes back one of them. */
const KNOWN: ReadonlySet<Step> = new Set<Step>(["way", "form", "agreements", "code"]);

interface Entry {
  step: Step;
  /** How many steps lie behind, in this history. */
  depth: number;
}

function entry(): Entry | null {
  const here = history.state as Partial<Entry> | null;
  return here?.step !== undefined && KNOWN.has(here.step) ? { step: here.step, depth: here.depth ?? 0 } : null;
}

function note(step: Step, how: "push" | "replace"): void {
  if (!KNOWN.has(step) || entry()?.step === step) return;
  const depth = entry()?.depth ?? 0;
  const made: Entry = { step, depth: how === "push" ? depth + 1 : depth };
  // The first step is where somebody arrived: it has an entry already.
  if (how === "push") {
    if (entry() === null) history.replaceState({ step: signUp.peek().step, depth: 0 }, "");
    history.pushState(made, "");
  } else history.replaceState(made, "");
}

/** The browser went back or forth: to the step of that entry, as far as it can still be taken. */
export function onHistory(): void {
  const { step, sent } = signUp.peek();
  if (!KNOWN.has(step)) return;
  const wanted = entry()?.step ?? "way";
  // A code that was not sent is not typed, and what needs the password is not sent without it.
  const isLost = wanted === "code" ? sent === null : wanted === "agreements" && !password.peek() && sent === null;
  const to = isLost ? "form" : wanted;
  signUp.value = { ...signUp.peek(), step: to, problem: null, code: null };
  keepNow();
  if (isLost) note(to, "replace");
}

/** One step back, as the browser's Back does. */
export function back(to: Step): void {
  if ((entry()?.depth ?? 0) > 0) history.back();
  else toStep(to, "replace");
}

/** Goes on where an earlier page stopped; without a password that is the form, unless a code is on its way. */
export function resume(now = Date.now()): void {
  const found = kept.value;
  if (!found || signUp.peek() !== FRESH) return;
  const waits = found.sent !== null && found.sent.expiresAt > now;
  invitation.value ??= found.invitation;
  const step = waits ? "code" : found.step === "way" || found.step === "activity" ? "way" : "form";
  signUp.value = { ...FRESH, step, typed: found.typed, sent: waits ? found.sent : null };
  note(step, "replace");
}

function patch(change: Partial<SignUp>): void {
  if (change.step !== undefined && change.step !== signUp.peek().step) note(change.step, "push");
  signUp.value = { ...signUp.peek(), ...change };
  keepNow();
}

function keepNow(): void {
  const { step, typed, sent } = signUp.peek();
  if (step === "entry" || step === "install") return;
  const value: Kept = { step, typed, sent, invitation: invitation.peek() };
  keep({ id: KEPT, kind: "signup", at: Date.now(), value });
}

export function toStep(step: Step, how: "push" | "replace" = "push"): void {
  if (how === "replace") note(step, "replace");
  patch({ step, problem: null, code: null });
}

export function edit(field: keyof Declaration, value: string): void {
  const { typed, errors } = signUp.peek();
  patch({ typed: { ...typed, [field]: value }, errors: without(errors, field) });
}

export function editPassword(value: string): void {
  password.value = value;
  signUp.value = { ...signUp.peek(), errors: without(signUp.peek().errors, "password") };
}

function without(errors: DeclarationErrors, field: DeclarationField): DeclarationErrors {
  const { [field]: _, ...rest } = errors;
  return rest;
}

/** Checks a field when it is left; one that is still empty says nothing yet. */
export function leaveField(field: DeclarationField): void {
  const { typed, errors } = signUp.peek();
  const value = field === "password" ? password.peek() : typed[field];
  if (!value.trim()) return;
  const why = checkField(field, typed, password.peek());
  signUp.value = { ...signUp.peek(), errors: why ? { ...errors, [field]: why } : without(errors, field) };
}

/** From the form to the agreements; false when something is wrong there. */
export function declare(): boolean {
  const errors = check(signUp.peek().typed, byCard.peek() ? null : password.peek());
  if (Object.keys(errors).length) {
    patch({ errors });
    return false;
  }
  patch({ errors: {}, step: "agreements", problem: null });
  return true;
}

export function agree(document: "terms" | "data_agreement", yes: boolean): void {
  patch({ agreed: { ...signUp.peek().agreed, [document]: yes } });
}

/** Sends the declaration; a code comes by mail. `versions` are those of the texts that could be read here. */
export async function send(versions: { terms: string; data_agreement: string }): Promise<void> {
  const { typed, busy } = signUp.peek();
  if (busy) return;
  patch({ busy: true, problem: null });
  const answer = await ask("POST", "/auth/signup", {
    ...form(typed),
    ...versions,
    ...(byCard.peek() ? {} : { password: password.peek() }),
    language: language.peek(),
    ...(invitation.peek() ? { invitation: invitation.peek() } : {}),
  });
  if (answer.status === 200) {
    patch({ busy: false, step: "code", sent: sentIn(answer), code: null });
    return;
  }
  const errors = wrongFields(answer);
  patch({
    busy: false,
    ...(Object.keys(errors).length ? { step: "form", errors } : { problem: problemOf(answer) }),
  });
}

/** What is wrong with which field, by the answer of the server. */
function wrongFields(answer: Answer): DeclarationErrors {
  const errors: DeclarationErrors = {};
  for (const { code, param } of answer.errors) {
    const field = fieldAt(param);
    if (answer.status === 400 && field) errors[field] ??= code;
  }
  return errors;
}

/** `outdated`: the texts that were shown here are no longer those of the server. */
function problemOf(answer: Answer): Problem {
  return answer.errors.some(({ code }) => code === "outdated") ? { reason: "conflict" } : problemIn(answer);
}

function sentIn(answer: Answer, known?: Sent): Sent {
  const { signup, email, expires_at, resend_at } = answer.data as {
    signup: string;
    email: string;
    expires_at: string;
    resend_at: string;
  };
  // Both on the server's clock: what counts here is how long it is between them, the code lasting fifteen minutes.
  const lasts = Date.parse(expires_at) - Date.parse(resend_at);
  const resendAt = Date.now() + RESEND_AFTER;
  return { signup, email: email || known?.email || "", resendAt, expiresAt: resendAt + lasts };
}

/** Between two codes, in milliseconds: as the server has it. */
const RESEND_AFTER = 60_000;

/** Another code to the same address. */
export async function resend(): Promise<boolean> {
  return another("/auth/signup/resend", {});
}

/** Another code to another address. */
export async function changeAddress(email: string): Promise<boolean> {
  return another("/auth/signup/address", { email });
}

async function another(path: string, more: object): Promise<boolean> {
  const { sent, busy } = signUp.peek();
  if (!sent || busy) return false;
  patch({ busy: true, problem: null });
  const answer = await ask("POST", path, { signup: sent.signup, ...more });
  if (answer.status === 200) {
    const now = sentIn(answer, sent);
    patch({ busy: false, sent: now, code: null, typed: { ...signUp.peek().typed, email: now.email } });
    return true;
  }
  if (answer.status === 404) over();
  else patch({ busy: false, problem: problemIn(answer) });
  return false;
}

/** The sign-up is no longer there: what was typed is, but for the password. */
function over(): void {
  patch({ busy: false, sent: null, step: "form", problem: { reason: "not_found" } });
}

/** The code of the mail. The account is made by it, and its owner signed in. */
export async function confirm(code: string): Promise<void> {
  const { sent, busy, typed } = signUp.peek();
  if (!sent || busy) return;
  patch({ busy: true, problem: null, code: null });
  const answer = await ask("POST", "/auth/signup/confirm", { signup: sent.signup, code });
  if (answer.status === 200) {
    password.value = "";
    drop(KEPT);
    leaveInvitation();
    signUp.value = { ...FRESH, step: "entry", typed };
    startEntry(typed.number);
    go({ name: "sign-up" }, { replace: true });
    signedIn();
    return;
  }
  const wrong = answer.errors[0];
  if (answer.status === 400 && wrong) {
    patch({ busy: false, code: { why: wrong.code, attempts: wrong.attempts_left ?? 0 } });
  } else if (answer.status === 404) over();
  else patch({ busy: false, problem: problemIn(answer) });
}

/** Forgets everything that was typed. */
export function giveUp(): void {
  drop(KEPT);
  password.value = "";
  signUp.value = FRESH;
}
