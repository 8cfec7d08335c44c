/** Hours against columns: openings, absences, appointments, holds, and now. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { clock, dayOf, weekday } from "../../i18n";
import { countdown } from "../../i18n/time";
import { minute } from "../../runtime/clock";
import { serverNow } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { arrowsInGrid } from "../../ui/keyboard";
import { Avatar } from "../../ui/members";
import { patientShortName } from "../../ui/patient";
import { explain } from "../../ui/problem";
import { OCCUPYING_STATES } from "../../wire/constants";
import type { AgendaWithReasons, AppointmentView } from "../../wire/types";
import { hoursShown, placeOverlaps } from "./layout";
import { day as dayOfAgenda } from "./state";
import type { DayView } from "./types";
import { agendaWords } from "./words";

const OCCUPYING: readonly AppointmentView["state"][] = OCCUPYING_STATES;

export interface Column {
  agenda: AgendaWithReasons;
  day: string;
}

interface GridProps {
  columns: Column[];
  /** Columns are days of one agenda; else agendas on one day. */
  byDay: boolean;
  onOpen: (appointment: AppointmentView, agenda: AgendaWithReasons) => void;
}

interface Span {
  from: number;
  to: number;
}

/** Hours since midnight at the site, at most 24: an appointment past midnight ends with the day. */
function hours(at: string, zone: string, day: string): number {
  const on = dayOf(at, zone);
  if (on !== day) return on < day ? 0 : 24;
  const [hour = 0, minutes = 0] = clock(at, zone).split(":").map(Number);
  return hour + minutes / 60;
}

function spanOf(window: { start: string; end: string }, { agenda, day }: Column): Span {
  return { from: hours(window.start, agenda.time_zone, day), to: hours(window.end, agenda.time_zone, day) };
}

export function Grid({ columns, byDay, onOpen }: GridProps) {
  const views = columns.map(({ agenda, day }) => dayOfAgenda(agenda.id, day).value);
  const spans = views.flatMap((view, at) =>
    [...view.openings, ...view.appointments, ...view.holds].map(window => spanOf(window, columns[at]!)),
  );
  const { first, last } = hoursShown(spans);
  const head = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    for (const element of [head.current, box.current]) {
      element?.style.setProperty("--n", String(columns.length));
      element?.style.setProperty("--rows", String(last - first));
    }
  });
  const failed = views.find(view => view.state === "failed");
  return (
    <>
      <Live columns={columns} views={views} />
      {failed?.problem && (
        <div class="note urgent" role="alert">
          {explain(failed.problem)}
        </div>
      )}
      <div class="ghead" ref={head}>
        <div />
        {columns.map(column =>
          byDay ? (
            <DayHead key={column.day} column={column} />
          ) : (
            <AgendaHead key={column.agenda.id} agenda={column.agenda} />
          ),
        )}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset neither scrolls nor lays out in a grid */}
      <div
        class="grid scroll"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="group"
        aria-label={agendaWords.value.title}
        onKeyDown={arrowsInGrid("button.ev")}
      >
        <div class="hours" aria-hidden="true">
          {Array.from({ length: last - first }, (_, at) => (
            <span key={at}>{`${String(first + at).padStart(2, "0")}:00`}</span>
          ))}
        </div>
        {columns.map((column, at) => (
          <DayColumn
            key={`${column.agenda.id} ${column.day}`}
            column={column}
            view={views[at]!}
            first={first}
            onOpen={onOpen}
          />
        ))}
      </div>
    </>
  );
}

function DayHead({ column }: { column: Column }) {
  const today = column.day === dayOf(minute.value, column.agenda.time_zone);
  return (
    <div class={today ? "now" : ""}>
      {weekday(column.day)}
      <b class="big">{Number(column.day.slice(8))}</b>
    </div>
  );
}

function AgendaHead({ agenda }: { agenda: AgendaWithReasons }) {
  return (
    <div class="ah">
      <Avatar id={agenda.practitioner} name={agenda.practitioner_name} size="s" />
      <div class="grow">
        <b class="whole">
          <bdi>{agenda.practitioner_name}</bdi>
        </b>
        <div class="whole">
          {[agenda.place || agenda.name, agenda.city, agenda.level && agendaWords.value.levels[agenda.level]]
            .filter(Boolean)
            .join(", ")}
        </div>
      </div>
    </div>
  );
}

/** Somebody is choosing a slot here, now. */
function Live({ columns, views }: { columns: Column[]; views: DayView[] }) {
  const w = agendaWords.value;
  const all = views.flatMap((view, at) => view.holds.map(hold => ({ hold, zone: columns[at]!.agenda.time_zone })));
  const next = all.sort((one, two) => one.hold.start.localeCompare(two.hold.start))[0];
  if (!next) return null;
  return (
    <div class="live" role="status">
      <Icon name="clock" size="s" />
      <span class="grow cut">
        <b>{clock(next.hold.start, next.zone)}</b>, {w.heldBar}
      </span>
      {next.hold.expires_at && <Left until={next.hold.expires_at} />}
    </div>
  );
}

/** Minutes and seconds until a moment, ticking. */
function Left({ until }: { until: string }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const show = () => {
      if (box.current) box.current.textContent = countdown((Date.parse(until) - serverNow()) / 1000);
    };
    show();
    const ticking = setInterval(show, 1000);
    return () => clearInterval(ticking);
  }, [until]);
  return <b class="num" ref={box} aria-hidden="true" />;
}

interface DayColumnProps {
  column: Column;
  view: DayView;
  first: number;
  onOpen: GridProps["onOpen"];
}

function DayColumn({ column, view, first, onOpen }: DayColumnProps) {
  const { agenda, day } = column;
  const zone = agenda.time_zone;
  const shown = view.appointments.filter(appointment => OCCUPYING.includes(appointment.state));
  const placed = placeOverlaps([...shown, ...view.holds].map(window => spanOf(window, column)));
  useArrivalAnnouncements(view, zone);
  return (
    <div
      class={`gcol ${view.state === "loading" ? "wait" : ""}`}
      aria-busy={view.state === "loading"}
      data-agenda={agenda.id}
      data-day={day}
    >
      {view.openings.map(opening => (
        <Block key={`o${opening.start}`} class="open" span={spanOf(opening, column)} first={first} />
      ))}
      {view.state === "ready" && view.openings.length === 0 && <p class="closed">{agendaWords.value.closed}</p>}
      {view.absences.map(absence => (
        <Block key={`a${absence.start}`} class="ev away" span={spanOf(absence, column)} first={first}>
          <span>{agendaWords.value.absent}</span>
        </Block>
      ))}
      {shown.map((appointment, at) => (
        <Event
          key={appointment.id}
          appointment={appointment}
          column={column}
          first={first}
          place={placed[at]!}
          fresh={view.fresh.includes(appointment.id)}
          onOpen={onOpen}
        />
      ))}
      {view.holds.map((hold, at) => (
        <Block
          key={hold.hold}
          class="ev held"
          span={spanOf(hold, column)}
          first={first}
          place={placed[shown.length + at]!}
        >
          <b>
            {clock(hold.start, zone)}, {agendaWords.value.heldFor} {hold.expires_at && <Left until={hold.expires_at} />}
          </b>
          <span>{agendaWords.value.heldText}</span>
        </Block>
      ))}
      {day === dayOf(minute.value, zone) && (
        <Block
          class="nowl"
          span={{ from: hours(new Date(minute.value).toISOString(), zone, day), to: 24 }}
          first={first}
        />
      )}
    </div>
  );
}

/** Announces a new appointment: it may be outside the visible part. */
function useArrivalAnnouncements(view: DayView, zone: string): void {
  const said = useRef(new Set<string>());
  useEffect(() => {
    for (const id of view.fresh) {
      const appointment = view.appointments.find(known => known.id === id);
      if (!appointment || said.current.has(id)) continue;
      said.current.add(id);
      toast(agendaWords.value.arrivedLive(clock(appointment.start, zone)));
    }
  }, [view.fresh]);
}

interface BlockProps {
  class: string;
  span: Span;
  first: number;
  place?: { column: number; of: number };
  children?: ComponentChildren;
}

/** Places an element at its hours, through its style object: the content policy forbids style attributes. */
function set(element: HTMLElement | null, { span, first, place }: Pick<BlockProps, "span" | "first" | "place">): void {
  if (!element) return;
  element.style.setProperty("--a", String(span.from - first));
  element.style.setProperty("--d", String(span.to - span.from));
  element.style.setProperty("--lane", String(place?.column ?? 0));
  element.style.setProperty("--of", String(place?.of ?? 1));
}

function Block({ class: look, span, first, place, children }: BlockProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => set(box.current, { span, first, ...(place && { place }) }));
  return (
    <div class={look} ref={box}>
      {children}
    </div>
  );
}

interface EventProps {
  appointment: AppointmentView;
  column: Column;
  first: number;
  place: { column: number; of: number };
  fresh: boolean;
  onOpen: GridProps["onOpen"];
}

function Event({ appointment, column, first, place, fresh, onOpen }: EventProps) {
  const w = agendaWords.value;
  const { agenda } = column;
  const span = spanOf(appointment, column);
  const box = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => set(box.current, { span, first, place }));
  const { patient } = appointment;
  if (!patient)
    return (
      <Block class={`ev busy ${fresh ? "fresh" : ""}`} span={span} first={first} place={place}>
        <span>{w.busy}</span>
      </Block>
    );
  const short = span.to - span.from < 0.45;
  const past = appointment.state === "done" || Date.parse(appointment.end) < minute.value;
  const name = patientShortName(patient);
  const times: [string, string] = [
    clock(appointment.start, agenda.time_zone),
    clock(appointment.end, agenda.time_zone),
  ];
  return (
    <button
      type="button"
      ref={box}
      class={`ev ${short ? "one" : ""} ${past ? "past" : ""} ${fresh ? "fresh" : ""}`}
      data-appointment={appointment.id}
      onClick={() => onOpen(appointment, agenda)}
    >
      <b>
        <bdi>{name}</bdi>
      </b>{" "}
      <span>
        {times[0]}
        <span class="sr"> {w.until(times[1])}</span>
        {appointment.reason_name && `, ${appointment.reason_name}`}
        {fresh && <i class="tag rdv">{w.fresh}</i>}
      </span>
    </button>
  );
}
