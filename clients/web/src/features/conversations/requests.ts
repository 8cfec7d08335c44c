/** Groups of strangers that wait, and what one does with a conversation for oneself: for screens that are loaded lazily. */

import type { ReadonlySignal } from "@preact/signals";
import { kept, type Loaded } from "../../runtime/loaded";
import { call, change, type Outcome } from "../../runtime/runtime";
import type { GroupRequestView } from "../../wire/types";

const nothing = (outcome: Outcome<unknown>): Outcome => (outcome.ok ? { ok: true, value: undefined } : outcome);

const waiting = kept<GroupRequestView[]>(
  async () => {
    const outcome = await call("conversation.requests", {});
    return outcome.ok ? { ok: true, value: outcome.value.requests } : outcome;
  },
  event => ["conversation.requested", "conversation.added", "conversation.removed"].includes(event.type),
);

/** The groups of strangers that wait for the person's answer; live. */
export const groupRequests = (): ReadonlySignal<Loaded<GroupRequestView[]>> => waiting.of("mine");

export async function acceptGroup(conversation: string): Promise<Outcome> {
  const outcome = await change("conversation.accept", { conversation });
  waiting.reloadAll();
  return nothing(outcome);
}

export async function declineGroup(conversation: string): Promise<Outcome> {
  const outcome = await call("conversation.decline", { conversation });
  waiting.reloadAll();
  return nothing(outcome);
}

/** Puts a conversation away until something happens in it. */
export async function hide(conversation: string): Promise<Outcome> {
  return nothing(await change("conversation.hide", { conversation }));
}

/** Writes again with the other person of a conversation. */
export async function unblock(person: string): Promise<Outcome> {
  return nothing(await call("contact.unblock", { person }));
}
