/** The e-CPS on somebody's phone: a question there, and its answer here (Pro Santé Connect, CIBA). */

import type { Problem } from "../engine/problem";
import { type Answer, ask, problemIn } from "./http";

/** What was asked; `code` stands on both screens. Times in milliseconds. */
export interface Question {
  code: string;
  interval: number;
  /** On this device's clock. */
  until: number;
}

/** Why nothing came of it: a code of the server's, beside the problem that it is. */
export interface PhoneRefusal {
  why: string;
  problem: Problem;
}

export type PhonePurpose = "sign_in" | "confirm";

/** `unknown`: it is them, and they have no account yet. */
export type PhoneState = "pending" | "signed_in" | "confirmed" | "unknown";

/** Asks on the phone of the account that is open, or of whoever has this number of the register. */
export async function askPhone(purpose: PhonePurpose, identifier = ""): Promise<Question | PhoneRefusal> {
  const answer = await ask("POST", "/auth/psc/push", { purpose, identifier });
  if (answer.status !== 200) return refused(answer);
  const { code = "", interval = 5, expires_in = 120 } = answer.data as Record<string, never>;
  return { code, interval: interval * 1000, until: Date.now() + expires_in * 1000 };
}

export async function phoneAnswer(): Promise<PhoneState | PhoneRefusal> {
  const answer = await ask("POST", "/auth/psc/push/poll", {});
  if (answer.status !== 200) return refused(answer);
  return (answer.data as { state: PhoneState }).state;
}

function refused(answer: Answer): PhoneRefusal {
  return { why: answer.errors[0]?.code ?? "", problem: problemIn(answer) };
}
