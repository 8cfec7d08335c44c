/** What became of a message to the patient, in words that promise only what is so. */

import { clock, dayAndClock, dayOf } from "../../i18n";
import type { ReferralView } from "../../wire/types";
import { referralWords } from "./words";

export type Notice = NonNullable<ReferralView["notices"]>[number];

/** Whether it left, or is kept in its place: nothing more will happen to it. */
export function noticeDone({ state }: Notice): boolean {
  return state === "sent" || state === "captured";
}

/** "Rappel par SMS, au 06 •• •• 41 07" */
export function noticeText({ kind, channel }: Notice, to: string | undefined): string {
  const w = referralWords.value.notices;
  return to === undefined ? w.kinds[kind][channel] : w.to(w.kinds[kind][channel], to, channel);
}

/** "remis à l’opérateur, 08:52"; "prévu mar. 24 nov. 18:00"; why it did not leave. */
export function noticeState({ state, at, reason, channel }: Notice, now = Date.now()): string {
  const w = referralWords.value.notices;
  const soon = Date.parse(at) <= now + 60_000;
  switch (state) {
    case "queued":
      if (reason !== undefined) return w.again(clock(at));
      return soon ? w.leaving : w.due(dayAndClock(at));
    case "sent":
      return w.sent[channel](timeOf(at, now));
    case "captured":
      return w.captured(timeOf(at, now));
    case "dropped":
      return w.dropped[reason ?? ""] ?? w.droppedOther;
    case "failed":
      return w.failed(w.failures[reason ?? ""] ?? w.failedOther);
  }
}

function timeOf(at: string, now: number): string {
  return dayOf(at) === dayOf(now) ? clock(at) : dayAndClock(at);
}
