/** The queue of verifications: import it from lazily loaded screens only. Reading it is an entry of the audit. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { addListener, call, type Outcome } from "../../runtime/runtime";
import type { DecideVerification, ReviewItem } from "../../wire/types";

interface QueueShown {
  state: "loading" | "ready" | "failed";
  decided: boolean;
  items: readonly ReviewItem[];
  more: boolean;
  problem?: Problem;
}

const NOTHING: QueueShown = { state: "loading", decided: false, items: [], more: false };
const shown = signal<QueueShown>(NOTHING);
let cursor: string | undefined;
let asked = 0;

export const queue: ReadonlySignal<QueueShown> = shown;

export async function showQueue(decided: boolean, from?: string): Promise<void> {
  const mine = ++asked;
  const before = shown.peek().decided === decided ? shown.peek().items : [];
  shown.value = { state: "loading", decided, items: before, more: false };
  const outcome = await call("verification.queue", { decided, ...(from === undefined ? {} : { cursor: from }) });
  if (mine !== asked) return;
  if (!outcome.ok) {
    shown.value = { state: "failed", decided, items: [], more: false, problem: outcome.problem };
    return;
  }
  cursor = outcome.value.cursor;
  const items = from === undefined ? outcome.value.items : [...before, ...outcome.value.items];
  shown.value = { state: "ready", decided, items, more: cursor !== undefined };
}

export const moreOfQueue = (): Promise<void> => showQueue(shown.peek().decided, cursor);

/** What it stands at afterwards; decided ones leave the queue. */
export async function decide(params: DecideVerification): Promise<Outcome<ReviewItem>> {
  const outcome = await call("verification.decide", params);
  if (!outcome.ok) return outcome;
  const { item } = outcome.value;
  const { items } = shown.peek();
  const next =
    item.state === "in_review"
      ? items.map(one => (one.verification === item.verification ? item : one))
      : items.filter(one => one.verification !== item.verification);
  shown.value = { ...shown.peek(), items: next };
  return { ok: true, value: item };
}

addListener({
  onClear() {
    shown.value = NOTHING;
    cursor = undefined;
  },
});
