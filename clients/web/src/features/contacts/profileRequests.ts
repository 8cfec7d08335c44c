/** Who waits for one's consent to read or answer one's messages. Live. */

import { kept } from "../../runtime/loaded";
import { call, me, type Outcome } from "../../runtime/runtime";
import { ownerOf } from "../../wire/frame";
import type { ProfileRequests } from "../../wire/types";

const MINE = "mine";
const waiting = kept<ProfileRequests>(
  () => call("profile.requests", {}),
  event => event.type === "profile.requested" && ownerOf("i", event.stream) !== null,
);

export const profileRequests = waiting.of(MINE);
export const reloadProfileRequests = (): Promise<void> => waiting.reload(MINE);

export async function answerProfile(request: string, agree: boolean): Promise<Outcome> {
  const outcome = await call("profile.answer", { request, agree });
  if (outcome.ok) await waiting.reload(MINE);
  return outcome.ok ? { ok: true, value: undefined } : outcome;
}

/** Where they would read them; the request is of an organisation of one's own. */
export const organisationName = (id: string): string => me.value?.organisations.find(one => one.id === id)?.name ?? "";
