/** Referrals made and received: import it from lazily loaded screens only. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { addListener, call } from "../../runtime/runtime";
import { ownerOf } from "../../wire/frame";
import type { ReferralList } from "./types";

type Side = "made" | "received";

const PAGE = 20;

const NOTHING: ReferralList = { state: "loading", items: [], more: false };
const lists: Record<Side, Signal<ReferralList>> = { made: signal(NOTHING), received: signal(NOTHING) };
const cursors: Partial<Record<Side, string>> = {};
const asked = new Set<Side>();

const shown: Record<Side, ReadonlySignal<ReferralList>> = {
  made: computed(() => reading("made")),
  received: computed(() => reading("received")),
};

/** Loaded when it is first read, and again after each `referral.*` event of the inbox. */
export function referrals(side: Side): ReadonlySignal<ReferralList> {
  return shown[side];
}

function reading(side: Side): ReferralList {
  if (!asked.has(side)) queueMicrotask(() => asked.has(side) || void load(side));
  return lists[side].value;
}

async function load(side: Side): Promise<void> {
  asked.add(side);
  const outcome = await call("referral.list", { side, limit: PAGE });
  if (!outcome.ok) {
    lists[side].value = { ...lists[side].value, state: "failed", problem: outcome.problem };
    return;
  }
  const { referrals: items, cursor } = outcome.value;
  keep(side, cursor);
  lists[side].value = { state: "ready", items, more: cursor !== undefined };
}

/** After `failed`. */
export function reloadReferrals(side: Side): void {
  lists[side].value = { ...lists[side].value, state: "loading" };
  void load(side);
}

export function moreReferrals(side: Side): void {
  const cursor = cursors[side];
  const list = lists[side].value;
  if (list.state === "loading" || cursor === undefined) return;
  lists[side].value = { ...list, state: "loading" };
  void call("referral.list", { side, limit: PAGE, cursor }).then(outcome => {
    if (!outcome.ok) {
      lists[side].value = { ...list, state: "failed", problem: outcome.problem };
      return;
    }
    keep(side, outcome.value.cursor);
    const items = [...list.items, ...outcome.value.referrals];
    lists[side].value = { state: "ready", items, more: outcome.value.cursor !== undefined };
  });
}

function keep(side: Side, cursor: string | undefined): void {
  if (cursor === undefined) delete cursors[side];
  else cursors[side] = cursor;
}

addListener({
  onWelcome() {
    for (const side of asked) void load(side);
  },
  onEvent(event) {
    if (ownerOf("i", event.stream) === null || !event.type.startsWith("referral.")) return;
    // What became of a message to the patient is not in the lists.
    if (event.type === "referral.notice") return;
    for (const side of asked) void load(side);
  },
  onClear() {
    asked.clear();
    lists.made.value = lists.received.value = NOTHING;
  },
});
