/** Organisations that ask for somebody, and those that a moderator founds: import it from lazily loaded screens only. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { addListener, call, type Outcome } from "../../runtime/runtime";
import type { AppointMember, ClaimView, CreateOrganisation } from "../../wire/types";

interface ClaimsShown {
  state: "loading" | "ready" | "failed";
  items: readonly ClaimView[];
  problem?: Problem;
}

const NOTHING: ClaimsShown = { state: "loading", items: [] };
const shown = signal<ClaimsShown>(NOTHING);

export const claims: ReadonlySignal<ClaimsShown> = shown;

export async function showClaims(): Promise<void> {
  shown.value = { ...shown.peek(), state: "loading" };
  const outcome = await call("organisation.claims", {});
  shown.value = outcome.ok
    ? { state: "ready", items: outcome.value.claims }
    : { state: "failed", items: [], problem: outcome.problem };
}

/** The organisation no longer asks. */
export async function appoint(params: AppointMember): Promise<Outcome> {
  const outcome = await call("organisation.appoint", params);
  if (!outcome.ok) return outcome;
  const { items } = shown.peek();
  shown.value = { ...shown.peek(), items: items.filter(one => one.organisation !== params.organisation) };
  return { ok: true, value: undefined };
}

/** An establishment or a CPTS, which nobody looks after yet. */
export async function foundByModerator(params: CreateOrganisation): Promise<Outcome<{ id: string; name: string }>> {
  const outcome = await call("organisation.create", params);
  return outcome.ok ? { ok: true, value: outcome.value.organisation } : outcome;
}

addListener({
  onClear() {
    shown.value = NOTHING;
  },
});
