/** Agendas: a day beside other agendas, or a week of one. Live. */

import "./agenda.css";
import { useEffect, useState } from "preact/hooks";
import { dayAndMonth, dayOf, dayTitle, monthAndYear, shortDay, weekday, words } from "../../i18n";
import { addDays } from "../../i18n/time";
import { minute } from "../../runtime/clock";
import { go, href } from "../../runtime/routes";
import { connection, shownAsOf } from "../../runtime/runtime";
import { placeOf } from "../../ui/agenda";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { ShownAsOf, Sync } from "../../ui/Sync";
import { phone, wide } from "../../ui/screen";
import type { AgendaWithReasons, AppointmentView } from "../../wire/types";
import { session } from "../account/state";
import { newConversationOpen } from "../shell/uiState";
import { Appointment } from "./Appointment";
import { Export, mayExport } from "./Export";
import type { Column } from "./Grid";
import { Grid } from "./Grid";
import { Month } from "./Month";
import { agendas, reloadAgendas } from "./state";
import { agendaWords } from "./words";

/** The Monday of the week of a day. */
function monday(day: string): string {
  const date = new Date(`${day}T12:00:00Z`);
  return addDays(day, -((date.getUTCDay() + 6) % 7));
}

export default function Agenda({ id, day }: { id: string | null; day: string }) {
  const w = agendaWords.value;
  const { state, items, problem } = agendas.value;
  const first = items[0];
  const isGone = state === "ready" && id !== null && !items.some(item => item.id === id);
  useEffect(() => {
    if ((id === null || isGone) && first)
      go({ name: "agenda", id: first.id, day: dayOf(minute.peek(), first.time_zone) }, { replace: true });
  }, [id, isGone, first?.id]);
  const current = items.find(item => item.id === id);
  if (state === "failed" && problem)
    return (
      <section class="page">
        <header class="bar">
          <h1>{w.title}</h1>
        </header>
        <div class="scroll">
          <Failed problem={problem} onRetry={reloadAgendas} />
        </div>
      </section>
    );
  if (state === "ready" && items.length === 0)
    return (
      <section class="page">
        <header class="bar">
          <h1>{w.title}</h1>
        </header>
        <Empty icon="cal" title={w.none}>
          <NoAgenda />
        </Empty>
      </section>
    );
  if (state === "loading" || !current)
    return (
      <section class="page">
        <header class="bar">
          <h1>{w.title}</h1>
        </header>
        <Skeleton rows={6} />
      </section>
    );
  return <Calendar key={current.id} current={current} all={items} day={day} />;
}

/** Who can give one an agenda, and how to ask them. */
function NoAgenda() {
  const w = agendaWords.value;
  const here = session.value;
  const practises = here.state === "signed-in" && here.me?.function === "practitioner";
  const organisation = here.state === "signed-in" ? here.me?.organisations[0]?.name : undefined;
  return (
    <>
      <p>{practises ? w.nonePractitioner(organisation ?? "") : w.noneText}</p>
      <p>{w.noneHow}</p>
      <div class="row wrap center-row">
        <button type="button" class="btn main" onClick={() => (newConversationOpen.value = true)}>
          {w.noneAsk}
        </button>
        <a class="btn line" href={href({ name: "directory" })}>
          {w.inDirectory}
        </a>
      </div>
    </>
  );
}

function Calendar({ current, all, day }: { current: AgendaWithReasons; all: AgendaWithReasons[]; day: string }) {
  const w = agendaWords.value;
  const [span, setSpan] = useState<"day" | "week">("day");
  const [beside, setBeside] = useState<string[]>([]);
  const [open, setOpen] = useState<{ appointment: AppointmentView; agenda: AgendaWithReasons } | null>(null);
  const to = (other: string) => go({ name: "agenda", id: current.id, day: other }, { replace: true });
  const step = span === "week" ? 7 : 1;
  const week = Array.from({ length: 7 }, (_, at) => addDays(monday(day), at));
  const columns: Column[] =
    span === "week"
      ? week.map(each => ({ agenda: current, day: each }))
      : [current, ...all.filter(item => beside.includes(item.id))].map(agenda => ({ agenda, day }));
  return (
    <section class="agenda">
      <aside class="pane agside" aria-label={w.shown}>
        <div class="bar">
          <h2 class="grow">{w.title}</h2>
          <Sync state={connection.value.state} />
        </div>
        <div class="scroll">
          <Month day={day} today={dayOf(minute.value, current.time_zone)} onDay={to} />
          <Shown current={current} all={all} beside={beside} onBeside={setBeside} day={day} />
          {all.some(item => item.level === "busy") && (
            <div class="note t13">
              <Icon name="lock" size="s" />
              <span>{w.busyNote}</span>
            </div>
          )}
          <p class="hint">{w.zone(current.time_zone)}</p>
          {mayExport(current) && <Export agenda={current} day={day} />}
        </div>
      </aside>
      <div class="cal">
        <header class="bar">
          <h1 class="grow">
            {phone.value
              ? shortDay(day)
              : span === "day"
                ? dayTitle(day)
                : words.value.days(dayAndMonth(week[0] ?? day), dayAndMonth(week[6] ?? day))}
          </h1>
          <div class="turn">
            <button type="button" class="btn line small" onClick={() => to(dayOf(minute.value, current.time_zone))}>
              {w.today}
            </button>
            <button
              type="button"
              class="icon-btn line"
              aria-label={span === "day" ? w.previous : w.previousWeek}
              onClick={() => to(addDays(day, -step))}
            >
              <Icon name="left" size="s" />
            </button>
            <button
              type="button"
              class="icon-btn line"
              aria-label={span === "day" ? w.next : w.nextWeek}
              onClick={() => to(addDays(day, step))}
            >
              <Icon name="right" size="s" />
            </button>
            {!wide.value && mayExport(current) && <Export agenda={current} day={day} small />}
          </div>
          <fieldset class="seg only-desk" aria-label={w.span}>
            {(["day", "week"] as const).map(each => (
              <button type="button" key={each} aria-pressed={span === each} onClick={() => setSpan(each)}>
                {w.spans[each]}
              </button>
            ))}
          </fieldset>
        </header>
        <ShownAsOf since={shownAsOf()} state={connection.value.state} />
        {all.length > 1 && !wide.value && <Which current={current} all={all} day={day} />}
        <Strip days={week} day={day} onDay={to} />
        <Grid
          columns={phone.value ? [{ agenda: current, day }] : columns}
          byDay={span === "week"}
          onOpen={(appointment, agenda) => setOpen({ appointment, agenda })}
        />
      </div>
      {open && <Appointment appointment={open.appointment} agenda={open.agenda} onClose={() => setOpen(null)} />}
    </section>
  );
}

function Strip({ days, day, onDay }: { days: string[]; day: string; onDay: (day: string) => void }) {
  return (
    <fieldset class="strip" aria-label={agendaWords.value.spans.week}>
      {days.map(each => (
        <button type="button" key={each} aria-current={each === day ? "date" : undefined} onClick={() => onDay(each)}>
          {weekday(each)}
          <b>{Number(each.slice(8))}</b>
          <span class="sr">{monthAndYear(each)}</span>
        </button>
      ))}
    </fieldset>
  );
}

function Which({ current, all, day }: { current: AgendaWithReasons; all: AgendaWithReasons[]; day: string }) {
  return (
    <div class="which">
      <Field label={agendaWords.value.title}>
        {parts => (
          <>
            <select
              {...parts}
              value={current.id}
              onChange={event => go({ name: "agenda", id: event.currentTarget.value, day })}
            >
              {all.map(item => (
                <option key={item.id} value={item.id}>
                  {title(item, all)}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      {/* A closed choice cuts what is long: where one is stands below it in full. */}
      <p class="where">
        <Icon name="pin" size="xs" />
        {placeOf(current, sameOwner(current, all))}
      </p>
    </div>
  );
}

const title = (agenda: AgendaWithReasons, all: AgendaWithReasons[]): string =>
  [agenda.practitioner_name, placeOf(agenda, sameOwner(agenda, all))].filter(Boolean).join(", ");

const sameOwner = (agenda: AgendaWithReasons, all: AgendaWithReasons[]): AgendaWithReasons[] =>
  all.filter(other => other.practitioner === agenda.practitioner);

interface ShownProps {
  current: AgendaWithReasons;
  all: AgendaWithReasons[];
  beside: string[];
  onBeside: (ids: string[]) => void;
  day: string;
}

/** Which agendas are shown side by side, the current one first. */
function Shown({ current, all, beside, onBeside, day }: ShownProps) {
  const w = agendaWords.value;
  return (
    <section>
      <h2>{w.shown}</h2>
      <ul class="ags">
        {all.map(item => (
          <li key={item.id}>
            <label>
              <input
                type="checkbox"
                checked={item.id === current.id || beside.includes(item.id)}
                onChange={event => {
                  if (event.currentTarget.checked) return onBeside([...beside, item.id]);
                  const rest = beside.filter(id => id !== item.id);
                  if (item.id !== current.id) return onBeside(rest);
                  if (rest[0]) go({ name: "agenda", id: rest[0], day }, { replace: true });
                  else event.currentTarget.checked = true;
                }}
              />
              <span>
                <span class="name">
                  <bdi>{item.practitioner_name}</bdi>
                </span>
                <br />
                <span class="sub">
                  {[placeOf(item, sameOwner(item, all)), item.level && w.levels[item.level]].filter(Boolean).join(", ")}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}
