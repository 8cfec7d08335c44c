/** What goes with a decision on a verification, and what one opinion leads to. Pure. */

import type { DecideVerification, ReviewItem } from "../../wire/types";

export type Decision = DecideVerification["decision"];
export type Reason = DecideVerification["reason"];

export const DECISIONS: readonly Decision[] = ["accept", "ask_again", "refuse"];

/** The reasons that the server takes with each decision. */
export const REASONS: Readonly<Record<Decision, readonly Reason[]>> = {
  accept: ["names_agree", "used_name_proven", "spelling", "register_late", "proven_otherwise"],
  ask_again: ["unreadable", "expired_document", "face_unclear", "proof_of_name_needed"],
  refuse: ["name_differs", "number_of_another", "not_a_professional", "forged_document", "no_answer"],
};

/** Whether this opinion decides: with those of others that say the same there are enough. */
export function decides(item: ReviewItem, decision: Decision): boolean {
  const same = (item.opinions ?? []).filter(one => !one.mine && one.decision === decision).length;
  return same + 1 >= (item.opinions_needed ?? 2);
}

/** Whether there are as many opinions as it takes, and they do not agree: yet another moderator settles it. */
export function differ(item: ReviewItem): boolean {
  return item.state === "in_review" && (item.opinions ?? []).length >= (item.opinions_needed ?? 2);
}

/** Whether somebody else thinks otherwise, and nobody else the same. */
export function isContrary(item: ReviewItem, decision: Decision): boolean {
  const others = (item.opinions ?? []).filter(one => !one.mine);
  return others.length > 0 && others.every(one => one.decision !== decision);
}

/** The points that differ, the worst first. */
export function differences(item: ReviewItem) {
  const rows = item.comparison ?? [];
  return [...rows.filter(row => row.likeness === "different"), ...rows.filter(row => row.likeness === "close")];
}
