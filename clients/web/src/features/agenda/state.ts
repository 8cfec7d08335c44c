/** Agendas and their days: import it from lazily loaded screens only. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { addDays, dayOf } from "../../i18n/time";
import * as days from "../../replica/day";
import { type Subscriber, subscribe } from "../../runtime/agendaSubscriptions";
import type { Outcome } from "../../runtime/runtime";
import { addListener, call, serverNow } from "../../runtime/runtime";
import { type AnyEvent, ownerOf } from "../../wire/frame";
import type { Day, StreamEvent } from "../../wire/types";
import type { AgendaList, DayView } from "./types";

const list = signal<AgendaList>({ state: "loading", items: [] });
let asked = false;

/** The agendas on which the person has a level of access; reading it loads them. */
export const agendas: ReadonlySignal<AgendaList> = computed(() => {
  if (!asked) queueMicrotask(loadAgendas);
  return list.value;
});

async function loadAgendas(): Promise<void> {
  if (asked) return;
  asked = true;
  const outcome = await call("agenda.list", {});
  if (outcome.ok) list.value = { state: "ready", items: outcome.value.agendas };
  else list.value = { state: "failed", items: list.value.items, problem: outcome.problem };
  asked = outcome.ok;
}

/** After `failed`. */
export function reloadAgendas(): void {
  asked = false;
  list.value = { ...list.value, state: "loading" };
  void loadAgendas();
}

interface Shown {
  state: DayView["state"];
  data: Day | null;
  fresh: string[];
  problem?: Problem;
}

/** Events of the inbox after which the agendas and the levels on them may be others. */
const CHANGES_LEVELS: ReadonlySet<string> = new Set(["rights.changed", "membership.changed", "membership.ended"]);
const CHANGES_ABILITIES: ReadonlySet<string> = new Set(["appointment.booked", "appointment.cancelled"]);

/** One day of one agenda: loaded and followed while a screen reads it. */
class LiveDay implements Subscriber {
  private readonly shown = signal<Shown>(
    { state: "loading", data: null, fresh: [] },
    {
      watched: () => queueMicrotask(() => this.attend()),
      unwatched: () => this.leave?.(),
    },
  );
  private leave: (() => void) | null = null;
  /** Events received while the day is loading: the answer may not include them. */
  private meanwhile: AnyEvent[] = [];
  private loads = 0;

  constructor(
    private readonly agenda: string,
    private readonly day: string,
  ) {}

  readonly view: ReadonlySignal<DayView> = computed(() => {
    const { state, data, fresh, problem } = this.shown.value;
    return {
      state,
      agenda: data?.agenda ?? null,
      day: this.day,
      appointments: data?.appointments ?? [],
      holds: data?.holds ?? [],
      openings: data?.openings ?? [],
      absences: data?.absences ?? [],
      fresh,
      ...(problem ? { problem } : {}),
    };
  });

  private attend(): void {
    this.leave?.();
    this.leave = subscribe(this.agenda, this);
  }

  onSubscribed(): void {
    void this.load();
  }

  onEvent(event: AnyEvent): void {
    if (this.loads) this.meanwhile.push(event);
    this.apply(event);
  }

  private apply(event: AnyEvent): void {
    const { data } = this.shown.value;
    if (!data) return;
    const next = days.applyEvent(data, event);
    if (next === "stale") void this.load();
    else this.show(next, event);
    // What one may do with an appointment comes with an answer only: an event is the same for everybody.
    if (next !== "stale" && next !== data && CHANGES_ABILITIES.has(event.type)) void this.load();
  }

  private async load(): Promise<void> {
    this.loads += 1;
    const outcome = await wholeDay(this.agenda, this.day);
    this.loads -= 1;
    const meanwhile = [...this.meanwhile];
    // Another answer, on its way still, may be as old as this one.
    if (!this.loads) this.meanwhile = [];
    if (!outcome.ok) {
      // What was loaded stays on the screen while the server cannot be asked, and not once access is lost.
      const isLost = outcome.problem.reason === "not_found" || outcome.problem.reason === "forbidden";
      const kept = isLost ? { data: null, fresh: [] } : this.shown.value;
      this.shown.value = { ...kept, state: "failed", problem: outcome.problem };
      return;
    }
    const { fresh } = this.shown.value;
    this.shown.value = { state: "ready", data: days.withoutExpiredHolds(outcome.value, serverNow()), fresh };
    for (const event of meanwhile) this.apply(event);
  }

  /** The stream is of the whole agenda: what begins on another day is left out. */
  private show(next: Day, any: AnyEvent): void {
    const zone = next.agenda.time_zone;
    const here = ({ start }: { start: string }): boolean => dayOf(start, zone) === this.day;
    const data = { ...next, appointments: next.appointments.filter(here), holds: next.holds.filter(here) };
    const event = any as StreamEvent;
    const booked =
      event.type === "appointment.booked" && "appointment" in event.data ? event.data.appointment : undefined;
    const fresh = booked && here(booked) ? [...this.shown.value.fresh, booked.id] : this.shown.value.fresh;
    this.shown.value = { state: "ready", data: days.withoutExpiredHolds(data, serverNow()), fresh };
  }
}

const shownDays = new Map<string, LiveDay>();

/** A day of an agenda, live while somebody reads it. `day` is the site's: "2026-12-01". The same signal for the same day. */
export function day(agenda: string, day: string): ReadonlySignal<DayView> {
  const key = `${agenda}/${day}`;
  let known = shownDays.get(key);
  if (!known) {
    known = new LiveDay(agenda, day);
    shownDays.set(key, known);
  }
  return known.view;
}

export async function cancelAppointment(appointment: string, reason: string): Promise<Outcome> {
  const outcome = await call("appointment.cancel", { appointment, reason });
  return outcome.ok ? { ok: true, value: undefined } : outcome;
}

addListener({
  onWelcome() {
    if (list.peek().state === "failed") reloadAgendas();
  },
  onEvent(event) {
    if (ownerOf("i", event.stream) === null || !CHANGES_LEVELS.has(event.type)) return;
    asked = false;
    void loadAgendas();
  },
  onClear() {
    shownDays.clear();
    list.value = { state: "loading", items: [] };
    asked = false;
  },
});

/** A day in all its pages. It is complete up to the head of the first: what happened since comes as events. */
async function wholeDay(agenda: string, day: string): Promise<Outcome<Day>> {
  const question = { agenda, from: day, to: addDays(day, 1) };
  const first = await call("agenda.day", question);
  if (!first.ok) return first;
  const { cursor, ...whole } = first.value;
  for (let next = cursor; next !== undefined; ) {
    const page = await call("agenda.day", { ...question, cursor: next });
    if (!page.ok) return page;
    whole.appointments = [...whole.appointments, ...page.value.appointments];
    whole.holds = [...whole.holds, ...page.value.holds];
    next = page.value.cursor;
  }
  return { ok: true, value: whole };
}
