/** The slots that are held for one, wherever one is: how long still, back to the form, or give it up. */

import "./pill.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { clock, dayOf, shortDay } from "../../i18n";
import { countdown } from "../../i18n/time";
import { minute } from "../../runtime/clock";
import { formsLoaded, keptForms } from "../../runtime/keptForms";
import { route } from "../../runtime/routes";
import { connection } from "../../runtime/runtime";
import { announce } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { type HeldReferral, heldReferrals } from "./kept";
import { booking, giveUp, nearestFree, resume, secondsLeft, shownForm, takeInstead } from "./state";
import type { SlotItem } from "./types";
import { referralWords } from "./words";

/** Until a slot that was given up is really given back, in milliseconds: a slip of the finger is undone. */
const SECOND_THOUGHT = 10_000;

export default function HeldPills() {
  const w = referralWords.value.hold;
  const [all, showAll] = useState(false);
  const forms = heldReferrals(keptForms.value);
  const { step } = booking.value;
  const filling = route.value.name === "referral" && (step === "patient" || step === "confirming");
  const shown = forms.filter(one => !(filling && one.id === shownForm()));
  if (!formsLoaded.value || shown.length === 0) return null;
  const first = shown.find(one => secondsLeft(one.held) > 0) ?? shown[0];
  return (
    <section class="pills" aria-label={w.region}>
      {(all ? shown : shown.filter(one => one === first)).map(one => (
        <Pill key={one.held.hold} one={one} />
      ))}
      {shown.length > 1 && (
        <button type="button" class="btn bare small" aria-expanded={all} onClick={() => showAll(!all)}>
          {all ? w.fewer : w.others(shown.length - 1)}
        </button>
      )}
    </section>
  );
}

function Pill({ one }: { one: HeldReferral }) {
  const w = referralWords.value.hold;
  const left = secondsLeft(one.held);
  const [leaving, leave] = useState(false);
  useEffect(() => {
    if (!leaving) return;
    const timer = setTimeout(() => giveUp(one.id), SECOND_THOUGHT);
    return () => clearTimeout(timer);
  }, [leaving]);
  useSpoken(one, left);
  const time = timeOf(one);
  const name = one.hit.practitioner.name;
  if (leaving)
    return (
      <div class="pill" role="status">
        <Icon name="clock" />
        <b class="grow">{w.leaving(time)}</b>
        <button type="button" class="btn line" onClick={() => leave(false)}>
          {w.undo}
        </button>
      </div>
    );
  if (left <= 0) return <Expired one={one} onLeave={() => leave(true)} />;
  const offline = connection.value.state === "offline";
  return (
    <div class={`pill held ${offline ? "off" : ""} ${left <= 120 ? "soon" : ""}`}>
      <Ring share={(left * 1000) / (one.held.expiresAt - one.held.heldAt)} />
      <div class="grow">
        <b>
          {w.held(time)} <span class="num">{countdown(left)}</span>
        </b>
        <span class="who">
          {offline ? w.offline(clock(one.held.expiresAt)) : left <= 120 ? w.almost : w.with(name)}
        </span>
      </div>
      <button type="button" class="btn resume" aria-label={w.resumeLabel(time, name)} onClick={() => resume(one.id)}>
        {w.resume}
      </button>
      <GiveUp label={w.giveUp(time)} onClick={() => leave(true)} />
    </div>
  );
}

/** The time is over: the form is kept, and the nearest free slot is one tap away. */
function Expired({ one, onLeave }: { one: HeldReferral; onLeave: () => void }) {
  const w = referralWords.value.hold;
  const free = useNearest(one);
  const time = timeOf(one);
  return (
    <div class="pill">
      <Icon name="clock" />
      <div class="grow">
        <b>{w.freed(time)}</b>
        <span class="who">{w.kept}</span>
      </div>
      {free && (
        <button type="button" class="btn main" onClick={() => void takeInstead(one.id, free)}>
          {w.take(slotName(free, one))}
        </button>
      )}
      <button type="button" class="btn line" onClick={() => resume(one.id)}>
        {w.resume}
      </button>
      <GiveUp label={w.giveUp(time)} onClick={onLeave} />
    </div>
  );
}

function GiveUp({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" class="icon-btn" aria-label={label} title={label} onClick={onClick}>
      <Icon name="x" size="s" />
    </button>
  );
}

function Ring({ share }: { share: number }) {
  const ring = useRef<HTMLSpanElement>(null);
  useEffect(() => ring.current?.style.setProperty("--p", String(Math.min(1, share) * 100)), [share]);
  return <span class="pill-ring" ref={ring} aria-hidden="true" />;
}

/** "10:40", with the day when it is not today. */
function timeOf({ held, agenda }: HeldReferral): string {
  return whenAt(held.start, agenda.time_zone);
}

function whenAt(start: string, zone: string): string {
  const day = dayOf(start, zone);
  return day === dayOf(minute.value, zone) ? clock(start, zone) : `${shortDay(day)} ${clock(start, zone)}`;
}

/** The time alone when it is the day of the slot that was lost. */
export function slotName(slot: SlotItem, { held, agenda }: Pick<HeldReferral, "held" | "agenda">): string {
  const zone = agenda.time_zone;
  const day = dayOf(slot.start, zone);
  return day === dayOf(held.start, zone) ? clock(slot.start, zone) : `${shortDay(day)} ${clock(slot.start, zone)}`;
}

/** The free slot nearest to one that was lost; null while it is looked for, and when there is none. */
export function useNearest(one: HeldReferral | null): SlotItem | null {
  const [free, find] = useState<SlotItem | null>(null);
  const hold = one?.held.hold;
  useEffect(() => {
    let wanted = true;
    find(null);
    if (one) void nearestFree(one).then(found => wanted && find(found));
    return () => {
      wanted = false;
    };
  }, [hold]);
  return free;
}

/** Says at two minutes and at thirty seconds that the time is running out, and when it is over. Once each. */
function useSpoken(one: HeldReferral, left: number): void {
  const before = useRef(left);
  useEffect(() => {
    const w = referralWords.value.hold;
    const passed = (limit: number): boolean => before.current > limit && left <= limit;
    if (passed(0)) announce(w.freedSpoken(timeOf(one), one.hit.practitioner.name), "now");
    else if (passed(30)) announce(w.warnings.verySoon, "now");
    else if (passed(120)) announce(w.soonSpoken(timeOf(one), one.hit.practitioner.name), "now");
    before.current = left;
  }, [left]);
}
