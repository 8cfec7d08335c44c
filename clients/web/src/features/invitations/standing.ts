/** Where an invitation stands, in words: what can be done about it comes first. */

import type { IconName } from "../../ui/icons";
import type { InvitationView } from "../../wire/types";
import { invitationWords } from "./words";

const SOON = 2 * 86_400_000;

/** Look, icon, words. */
export function standing(one: InvitationView, now: number): [string, IconName, string] {
  const w = invitationWords.value.states;
  const arrival = one.arrivals?.[0];
  if (arrival?.state === "waiting") return ["accent", "hand", w.waiting];
  if (arrival?.state === "declined" || arrival?.state === "refused") return ["", "x", w.declined];
  if (arrival?.verified_at) return ["done", "check", w.verified];
  if (arrival) return ["clock", "clock", w.checking];
  if (one.failure) return ["urgent", "alert", w.refusedAddress];
  if (one.state === "revoked") return ["", "x", w.revoked];
  if (one.state === "expired") return ["urgent", "mail", w.expired];
  const left = Date.parse(one.expires_at) - now;
  return [left < SOON ? "urgent" : "clock", "mail", w.expires(inDays(left))];
}

/** "demain", "dans 3 jours". */
function inDays(milliseconds: number): string {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang || "fr", { numeric: "auto" });
  return format.format(Math.max(0, Math.round(milliseconds / 86_400_000)), "day");
}
