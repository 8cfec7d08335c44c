/** What a person who signs out would lose: messages, drafts, forms that are being filled in; and the slots held for them. */

import { keptForms } from "../../runtime/keptForms";
import { call, outbox } from "../../runtime/runtime";
import { countDrafts } from "../conversations/state";
import type { HeldReferral, KeptReferral } from "../referral";
import { signOut } from "./state";

export interface Unfinished {
  messages: number;
  drafts: number;
  forms: number;
  /** The slots that are held for the forms: when each begins, and the zone of its site. */
  held: { start: string; zone: string }[];
}

/** How long a sign-out waits for the slots to be given back, in milliseconds. */
const PATIENCE = 2_000;

/** Forms with a slot that is or was held for them; without one there is nothing to come back to. */
function begun(): HeldReferral[] {
  return keptForms
    .peek()
    .filter(form => form.kind === "referral")
    .map(form => ({ id: form.id, ...(form.value as KeptReferral) }))
    .filter((one): one is HeldReferral => one.held !== null && one.agenda !== null && !one.elsewhere);
}

function holding(): HeldReferral[] {
  return begun().filter(one => one.held.expiresAt > Date.now());
}

/** Null when nothing would be lost. */
export function unfinished(): Unfinished | null {
  const messages = outbox.peek().filter(entry => entry.method === "message.send").length;
  const drafts = countDrafts();
  const forms = begun().length + keptForms.peek().filter(form => form.kind === "case").length;
  const held = holding().map(one => ({ start: one.held.start, zone: one.agenda.time_zone }));
  return messages || drafts || forms ? { messages, drafts, forms, held } : null;
}

/** Signs out. The slots are given back first, so that others can take them, unless the server does not answer. */
export async function leave(): Promise<void> {
  const holds = holding().map(one => call("slot.release", { hold: one.held.hold }));
  if (holds.length) await Promise.race([Promise.all(holds), new Promise(resolve => setTimeout(resolve, PATIENCE))]);
  await signOut();
}
