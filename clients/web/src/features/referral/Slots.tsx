/** Visit reason, place and slot. Slots are live: what somebody else takes goes away at once, and is said. */

import { useEffect, useRef, useState } from "preact/hooks";
import { clock, dayAndMonth, dayOf, dayTitle, longDay, shortDay, weekday, words } from "../../i18n";
import { addDays, later } from "../../i18n/time";
import { minute } from "../../runtime/clock";
import { href } from "../../runtime/routes";
import { placeOf } from "../../ui/agenda";
import { announce } from "../../ui/announcer";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { arrowsInGrid } from "../../ui/keyboard";
import { Avatar, Badge } from "../../ui/members";
import { explain } from "../../ui/problem";
import { phone } from "../../ui/screen";
import type { Hit } from "../../wire/types";
import { Write } from "../directory";
import { StepHeader } from "./Steps";
import { Chosen } from "./Summary";
import { chooseAgenda, chooseReason, holdSlot, reloadSlots, showDays } from "./state";
import type { Booking, SlotItem } from "./types";
import { referralWords } from "./words";

type SlotsBooking = Extract<Booking, { step: "slots" }>;

export function Slots({ booking }: { booking: SlotsBooking }) {
  const w = referralWords.value.slots;
  const { hit, agendas, agenda } = booking;
  return (
    <section class="page">
      <StepHeader title={w.title} now={1} />
      <div class="scroll">
        <div class="cols">
          <div class="stack gap-l">
            <section class="card who-card">
              <Avatar id={hit.practitioner.id} name={hit.practitioner.name} size="l" />
              <div class="grow">
                <h2>
                  <bdi>{hit.practitioner.name}</bdi>
                  {"\u00a0"}
                  <Badge badge={hit.badge} shown={hit.verified_user ?? false} />
                </h2>
                <div class="t14 soft">{hit.practitioner.speciality || hit.practitioner.profession}</div>
              </div>
              {hit.person && <Write person={hit.person} name={hit.practitioner.name} class="only-desk" />}
            </section>
            {agendas.state === "loading" && <Skeleton rows={3} />}
            {agendas.state === "failed" && (
              <Failed problem={booking.problem ?? { reason: "unknown" }} onRetry={reloadSlots} />
            )}
            {agendas.state === "ready" && agendas.items.length === 0 && <NoAgenda hit={hit} />}
            {agendas.items.length > 0 && <Reason booking={booking} />}
            {agenda && booking.reason && <Week booking={booking} zone={agenda.time_zone} />}
          </div>
          <aside class="side">
            <Chosen booking={booking} />
            <div class="note">
              <Icon name="clock" size="s" />
              <span>{w.instruction}</span>
            </div>
          </aside>
        </div>
      </div>
    </section>
  );
}

/** They cannot be booked online: what one can do instead. */
function NoAgenda({ hit }: { hit: Hit }) {
  const w = referralWords.value.slots;
  return (
    <Empty icon="cal" title={w.noAgenda(hit.practitioner.name)}>
      <span>{w.noAgendaText}</span>
      <div class="row wrap center-row">
        {hit.person && <Write person={hit.person} name={hit.practitioner.name} />}
        <a class="btn line" href={href({ name: "referral", step: "search" })}>
          {w.another}
        </a>
      </div>
    </Empty>
  );
}

function Reason({ booking }: { booking: SlotsBooking }) {
  const w = referralWords.value.slots;
  const { agendas, agenda, reason } = booking;
  return (
    <section class="card form">
      <div class="g">
        <Field label={w.reason} class="c6">
          {parts => (
            <>
              <select
                {...parts}
                value={reason?.id ?? ""}
                onChange={event => event.currentTarget.value && chooseReason(event.currentTarget.value)}
              >
                {!reason && <option value="">{w.chooseReason}</option>}
                {(agenda?.reasons ?? []).map(each => (
                  <option key={each.id} value={each.id}>
                    {each.name} ({w.minutes(each.minutes)})
                  </option>
                ))}
              </select>
              <Icon name="down" size="s" />
            </>
          )}
        </Field>
        <Field label={w.place} class="c6">
          {parts => (
            <>
              <select {...parts} value={agenda?.id ?? ""} onChange={event => chooseAgenda(event.currentTarget.value)}>
                {agendas.items.map(each => (
                  <option key={each.id} value={each.id}>
                    {placeOf(each, agendas.items)}
                  </option>
                ))}
              </select>
              <Icon name="down" size="s" />
            </>
          )}
        </Field>
      </div>
      {reason?.instructions && (
        <div class="note accent">
          <Icon name="info" size="s" />
          <span>
            <bdi>{reason.instructions}</bdi>
          </span>
        </div>
      )}
    </section>
  );
}

function Week({ booking, zone }: { booking: SlotsBooking; zone: string }) {
  const w = referralWords.value.slots;
  const { slots, problem, holding } = booking;
  const tried = useRef("");
  const note = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem) note.current?.scrollIntoView({ block: "nearest" });
  }, [problem]);
  const lost = useLost(booking, zone);
  const today = dayOf(minute.value, zone);
  const take = (slot: SlotItem) => {
    tried.current = slot.start;
    void holdSlot(slot);
  };
  const length = phone.value ? 7 : daysBetween(slots.from, slots.to);
  const free = slots.days.some(each => each.slots.length > 0);
  return (
    <section class="card" aria-label={w.grid}>
      <div class="week-head">
        <h2 class="grow">{words.value.days(dayAndMonth(slots.from), dayAndMonth(addDays(slots.to, -1)))}</h2>
        {slots.next && (
          <button type="button" class="btn bare small" onClick={() => slots.next && showDays(slots.next)}>
            {w.nextFree(shortDay(slots.next))}
          </button>
        )}
        <button
          type="button"
          class="icon-btn line"
          aria-label={w.previous}
          disabled={slots.from <= today}
          onClick={() => showDays(later(today, addDays(slots.from, -length)))}
        >
          <Icon name="left" size="s" />
        </button>
        <button type="button" class="icon-btn line" aria-label={w.next} onClick={() => showDays(slots.to)}>
          <Icon name="right" size="s" />
        </button>
      </div>
      <div class="week-note" ref={note}>
        {problem && problem.reason !== "slot_taken" && (
          <div class="note clock" role="alert">
            <Icon name="alert" size="s" />
            <span>{explain(problem)}</span>
          </div>
        )}
        {problem?.reason === "slot_taken" && (
          <Taken booking={booking} after={tried.current} zone={zone} onTake={take} />
        )}
        {lost && problem?.reason !== "slot_taken" && (
          <div class="note clock">
            <Icon name="info" size="s" />
            <span>{lost}</span>
          </div>
        )}
        {holding && (
          <p class="hint" role="status">
            {w.holding}
          </p>
        )}
      </div>
      {slots.state === "loading" && !free && <Skeleton rows={3} />}
      {slots.state === "failed" && !problem && <Failed problem={{ reason: "unknown" }} onRetry={reloadSlots} />}
      {slots.state === "ready" && !free && (
        <Empty icon="cal" title={slots.next ? w.none : w.noneAtAll}>
          {!slots.next && booking.hit.person && (
            <Write person={booking.hit.person} name={booking.hit.practitioner.name} />
          )}
          {slots.next && (
            <button type="button" class="btn line" onClick={() => slots.next && showDays(slots.next)}>
              {w.nextFree(shortDay(slots.next))}
            </button>
          )}
        </Empty>
      )}
      {free && <Grid booking={booking} zone={zone} today={today} onTake={take} />}
      <p class="hint week-foot">{w.zone(zone)}</p>
    </section>
  );
}

interface GridProps {
  booking: SlotsBooking;
  zone: string;
  today: string;
  onTake: (slot: SlotItem) => void;
}

/** Days are columns on the desktop, morning above afternoon; sections on the phone. */
function Grid({ booking, zone, today, onTake }: GridProps) {
  const w = referralWords.value.slots;
  const { slots, holding } = booking;
  const count = daysBetween(slots.from, slots.to);
  const days = Array.from({ length: count }, (_, at) => addDays(slots.from, at));
  const of = (day: string): SlotItem[] => slots.days.find(each => each.day === day)?.slots ?? [];
  const morning = (slot: SlotItem): boolean => clock(slot.start, zone) < "13:00";
  // Among hundreds of slots Tab stops at one, the last in focus or else the first; arrow keys move from there.
  const [reached, reach] = useState("");
  const free = days.flatMap(of).filter(slot => slot.state !== "held");
  const first = (!phone.value && free.find(morning)) || free[0];
  const stop = (free.find(slot => slot.start === reached) ?? first)?.start;
  const column = (day: string, shown: SlotItem[]) => (
    <fieldset class={`dcol ${day === today ? "today" : ""}`} key={day} aria-label={longDay(day)}>
      <h3>
        {weekday(day)} <span>{dayAndMonth(day)}</span>
      </h3>
      {shown.length === 0 && <span class="slot none">{w.empty}</span>}
      {shown.map(slot => (
        <Slot
          key={slot.start}
          slot={slot}
          day={day}
          zone={zone}
          holding={holding}
          stop={slot.start === stop}
          onReach={reach}
          onTake={onTake}
        />
      ))}
    </fieldset>
  );
  const parts: [string, (slot: SlotItem) => boolean][] = [
    [w.morning, morning],
    [w.afternoon, slot => !morning(slot)],
  ];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys go through the slots inside, which take the focus
    <div
      class={`week ${slots.state === "loading" ? "busy" : ""}`}
      ref={box => void box?.style.setProperty("--days", String(count))}
      onKeyDown={arrowsInGrid("button.slot")}
    >
      {phone.value
        ? days.filter(day => of(day).length > 0).map(day => column(day, of(day)))
        : parts
            .filter(([, keeps]) => days.some(day => of(day).some(keeps)))
            .map(([name, keeps]) => [
              <div class="half" key={name}>
                {name}
              </div>,
              days.map(day => column(day, of(day).filter(keeps))),
            ])}
    </div>
  );
}

interface SlotProps {
  slot: SlotItem;
  day: string;
  zone: string;
  /** The one that is being held for the reader. */
  holding: string | null;
  /** Whether Tab stops here. */
  stop: boolean;
  onReach: (start: string) => void;
  onTake: (slot: SlotItem) => void;
}

function Slot({ slot, day, zone, holding, stop, onReach, onTake }: SlotProps) {
  const w = referralWords.value.slots;
  const time = clock(slot.start, zone);
  const mine = slot.start === holding;
  const own = slot.state === "mine";
  if (slot.state === "held" && !mine)
    return (
      <span class="slot held" role="img" aria-label={w.heldLabel(time)} data-start={slot.start}>
        {time}
        <small>{w.held}</small>
      </span>
    );
  return (
    <button
      type="button"
      class={`slot ${mine ? "sel" : ""} ${own ? "mine" : ""}`}
      aria-label={own ? w.mineLabel(dayTitle(day), time) : w.slotLabel(dayTitle(day), time)}
      data-start={slot.start}
      disabled={holding !== null}
      tabIndex={stop ? 0 : -1}
      onFocus={() => onReach(slot.start)}
      onClick={() => onTake(slot)}
    >
      {time} {own && <small>{w.mine}</small>}
    </button>
  );
}

/** Somebody else took the slot first: offers the next three. */
function Taken({
  booking,
  after,
  zone,
  onTake,
}: {
  booking: SlotsBooking;
  after: string;
  zone: string;
  onTake: (slot: SlotItem) => void;
}) {
  const w = referralWords.value.slots;
  const free = booking.slots.days
    .flatMap(each => each.slots)
    .filter(slot => slot.state === "free" && Date.parse(slot.start) > Date.parse(after));
  return (
    <div class="note urgent" role="alert">
      <Icon name="alert" size="s" />
      <div class="grow">
        <b>{w.taken}</b> {free.length > 0 && w.nextThree}
        <div class="next-three">
          {free.slice(0, 3).map(slot => (
            <button type="button" class="slot" key={slot.start} onClick={() => onTake(slot)}>
              {clock(slot.start, zone)}
              <small>{shortDay(dayOf(slot.start, zone))}</small>
            </button>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Says which slot somebody else has taken, or is taking, while the slots are on the screen. */
function useLost(booking: SlotsBooking, zone: string): string {
  const { slots, agenda, reason, holding } = booking;
  const shown = [agenda?.id, reason?.id, slots.from].join(" ");
  const before = useRef<{ shown: string; states: Map<string, SlotItem["state"]> } | null>(null);
  const [said, say] = useState("");
  useEffect(() => {
    if (slots.state !== "ready") return;
    const w = referralWords.value.slots;
    const states = new Map(slots.days.flatMap(each => each.slots).map(slot => [slot.start, slot.state]));
    const was = before.current;
    before.current = { shown, states };
    if (was?.shown !== shown) return say("");
    for (const [start, state] of was.states) {
      const now = states.get(start);
      if (start === holding || now === state || Date.parse(start) < Date.now() + 60_000) continue;
      const text =
        now === undefined && state !== "mine"
          ? w.gone(clock(start, zone))
          : now === "held"
            ? w.beingBooked(clock(start, zone))
            : "";
      if (!text) continue;
      say(text);
      announce(text);
    }
  }, [slots.days, slots.state, shown]);
  return said;
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / 86_400_000);
}
