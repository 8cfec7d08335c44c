/** How a member stands, in words. */

import { ago, dayOf, monthAndYear, words } from "../../i18n";
import type { IconName } from "../../ui/icons";
import type { OrganisationMember } from "../../wire/types";
import { teamWords } from "./words";

/** "Secrétaire, administration". */
export function functionOf(member: OrganisationMember): string {
  const w = teamWords.value.marks;
  const { owner, administrator, coordinator } = member;
  const marks = [owner && w.owner, administrator && !owner && w.administrator, coordinator && w.coordinator];
  return [words.value.functions[member.function], ...marks].filter(Boolean).join(", ");
}

/** The state of a member: look, icon, words. */
export function stateOf(member: OrganisationMember, now: number): [string, IconName, string] {
  const w = teamWords.value.states;
  if (member.state === "suspended") return ["urgent", "lock", w.suspended];
  if (member.state === "expired") return ["urgent", "mail", w.expired];
  if (member.state === "invited")
    return ["clock", "mail", member.expires_at ? w.expiresIn(until(member.expires_at, now)) : w.invited];
  if (!member.verified) return ["clock", "clock", w.unverified];
  if (member.badge?.confirm_by) return ["clock", "shield", w.confirm];
  return member.badge?.method === "vouched" ? ["accent", "users", w.vouched] : ["accent", "shield", w.verified];
}

/** "demain", "dans 3 jours": when something that is ahead is due. */
export function until(at: string, now: number): string {
  const days = Math.round((Date.parse(`${dayOf(at)}T12:00:00Z`) - Date.parse(`${dayOf(now)}T12:00:00Z`)) / 86_400_000);
  return new Intl.RelativeTimeFormat(document.documentElement.lang || "fr", { numeric: "auto" }).format(days, "day");
}

export const lastSeen = (member: OrganisationMember, now: number): string =>
  member.last_seen_at ? ago(member.last_seen_at, now) : teamWords.value.members.never;

/** "mars 2025". */
export const monthOf = (at: string): string => monthAndYear(dayOf(at)).toLocaleLowerCase();
