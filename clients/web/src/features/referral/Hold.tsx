/** How long the slot is still held. Announced at two minutes and at thirty seconds. */

import { useEffect, useRef } from "preact/hooks";
import { clock, dayOf, shortDay } from "../../i18n";
import { countdown } from "../../i18n/time";
import { announce } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { holdRemaining } from "./state";
import type { PatientBooking } from "./types";
import { referralWords } from "./words";

/** Said once each, when the time that is left first falls below. */
const WARNINGS: [number, "soon" | "verySoon"][] = [
  [120, "soon"],
  [30, "verySoon"],
];

function useWarnings(hold: string): void {
  const said = useRef(new Set<string>());
  const left = holdRemaining.value;
  useEffect(() => {
    if (left === null || left <= 0) return;
    const due = WARNINGS.filter(([seconds]) => left <= seconds && !said.current.has(`${hold} ${seconds}`));
    for (const [seconds] of due) said.current.add(`${hold} ${seconds}`);
    const last = due.at(-1);
    if (last) announce(referralWords.value.hold.warnings[last[1]], "now");
  }, [left, hold]);
}

function remaining(left: number): string {
  return referralWords.value.hold.remaining(Math.floor(left / 60), Math.floor(left % 60));
}

/** The card beside the form. */
export function Hold({ booking }: { booking: PatientBooking }) {
  const w = referralWords.value.hold;
  const left = holdRemaining.value ?? 0;
  const ring = useRef<HTMLSpanElement>(null);
  useWarnings(booking.held.hold);
  const { heldAt, expiresAt } = booking.held;
  const share = Math.min(1, (left * 1000) / (expiresAt - heldAt));
  useEffect(() => ring.current?.style.setProperty("--p", String(share * 100)), [share]);
  if (left <= 0) return null;
  return (
    <div class={`card hold ${left <= 120 ? "soon" : ""}`} role="timer" aria-label={remaining(left)}>
      <span class="ring" ref={ring} aria-hidden="true">
        {countdown(left)}
      </span>
      <div>
        <b>{w.title}</b>
        <div class="t13">{left <= 120 ? w.warnings.soon : w.text(clock(booking.held.expiresAt))}</div>
      </div>
    </div>
  );
}

/** The same in one line, at the top of the phone. */
export function HoldBar({ booking }: { booking: PatientBooking }) {
  const zone = booking.agenda.time_zone;
  const left = holdRemaining.value ?? 0;
  if (left <= 0) return null;
  const day = dayOf(booking.held.start, zone);
  return (
    <div class="holdbar" role="timer" aria-label={remaining(left)}>
      <Icon name="clock" size="s" />
      <span class="grow cut">
        {referralWords.value.hold.phone(`${shortDay(day)} ${clock(booking.held.start, zone)}`)}
      </span>
      <b class="num">{countdown(left)}</b>
    </div>
  );
}
