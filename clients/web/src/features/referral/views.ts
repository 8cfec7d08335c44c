/** Single referrals as they are now: loaded when first shown, and again when something happens to them. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { addListener, call } from "../../runtime/runtime";
import { ownerOf } from "../../wire/frame";
import type { ReferralView } from "../../wire/types";

export interface ShownReferral {
  state: "loading" | "ready" | "failed";
  view?: ReferralView;
  problem?: Problem;
}

/** Waits for events that come together, in milliseconds, before loading again. */
const RELOAD_AFTER = 150;

const shown = new Map<string, Signal<ShownReferral>>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Live from the first reading on. */
export function referral(id: string): ReadonlySignal<ShownReferral> {
  let known = shown.get(id);
  if (!known) {
    known = signal<ShownReferral>({ state: "loading" });
    shown.set(id, known);
    queueMicrotask(() => void load(id));
  }
  return known;
}

/** What an answer just said of one; what became of its messages is asked for at once. */
export function showReferral(view: ReferralView): void {
  const known = shown.get(view.id) ?? signal<ShownReferral>({ state: "loading" });
  known.value = { state: "ready", view };
  shown.set(view.id, known);
  void load(view.id);
}

/** After `failed`. */
export function reloadReferral(id: string): void {
  const known = shown.get(id);
  if (known && !known.peek().view) known.value = { state: "loading" };
  void load(id);
}

async function load(id: string): Promise<void> {
  const outcome = await call("referral.get", { referral: id });
  const known = shown.get(id);
  if (!known) return;
  const { view } = known.peek();
  const gone = !outcome.ok && outcome.problem.reason === "not_found";
  if (outcome.ok) known.value = { state: "ready", view: outcome.value.referral };
  // What was loaded stays on the screen while the server cannot be asked, and not once access is lost.
  else known.value = { state: "failed", problem: outcome.problem, ...(view && !gone ? { view } : {}) };
}

addListener({
  onWelcome() {
    for (const id of shown.keys()) void load(id);
  },
  onEvent(event) {
    if (ownerOf("i", event.stream) === null || !event.type.startsWith("referral.")) return;
    const id = (event.data as { referral?: string }).referral;
    if (id === undefined || !shown.has(id)) return;
    clearTimeout(timers.get(id));
    timers.set(
      id,
      setTimeout(() => void load(id), RELOAD_AFTER),
    );
  },
  onClear() {
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
    shown.clear();
  },
});
