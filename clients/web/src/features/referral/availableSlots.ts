/** The slots on the screen: loaded for some days, and updated by the agenda's stream while they are shown. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { addDays, dayOf } from "../../i18n/time";
import { applyEvent, mayFreeSlots, type Offer, state } from "../../replica/slots";
import { overlap } from "../../replica/span";
import { type Subscriber, subscribe } from "../../runtime/agendaSubscriptions";
import { route } from "../../runtime/routes";
import type { Outcome } from "../../runtime/runtime";
import { call } from "../../runtime/runtime";
import type { AnyEvent } from "../../wire/frame";
import type { AgendaView, ReasonView, Slots, SlotView } from "../../wire/types";
import type { HeldReferral } from "./kept";
import type { Booking, SlotDay, SlotItem } from "./types";

type ShownSlots = Extract<Booking, { step: "slots" }>["slots"];

const DAYS = 7;
/** Waits for events that come together, in milliseconds, before loading again. */
const RELOAD_AFTER = 300;

interface Asked {
  agenda: AgendaView;
  reason: ReasonView;
}

export class AvailableSlots implements Subscriber {
  private readonly asked = signal<Asked | null>(null);
  private readonly days = signal({ from: "", to: "" });
  private readonly state = signal<ShownSlots["state"]>("none");
  private readonly offered = signal<Offer>({ slots: [], holds: [] });
  private next: string | undefined;
  private question = 0;
  private timer = 0;

  readonly shown: ReadonlySignal<ShownSlots> = computed(() => ({
    state: this.state.value,
    ...this.days.value,
    days: this.byDay(this.offered.value),
    ...(this.next === undefined ? {} : { next: this.next }),
  }));

  /** `own`: what the reader holds now, in any agenda. */
  constructor(private readonly own: ReadonlySignal<readonly HeldReferral[]>) {
    const watched = computed(() => (route.value.name === "referral" ? (this.asked.value?.agenda.id ?? null) : null));
    effect(() => {
      const agenda = watched.value;
      return agenda === null ? undefined : subscribe(agenda, this);
    });
  }

  /** Shows a week from `from` on. Nothing is loaded until a visit reason is chosen. */
  offer(agenda: AgendaView, reason: ReasonView | null, from: string): void {
    this.days.value = { from, to: addDays(from, DAYS) };
    const before = this.asked.peek();
    if (!reason) {
      this.clear("none");
      return;
    }
    if (before?.agenda.id !== agenda.id || before.reason.id !== reason.id)
      this.offered.value = { slots: [], holds: [] };
    this.asked.value = { agenda, reason };
    void this.load();
  }

  stop(): void {
    this.clear("none");
    this.days.value = { from: "", to: "" };
  }

  async load(): Promise<void> {
    const asked = this.asked.peek();
    if (!asked) return;
    this.question += 1;
    const mine = this.question;
    clearTimeout(this.timer);
    this.state.value = "loading";
    const found = await this.find(asked, this.days.peek());
    if (mine !== this.question) return;
    if (found) {
      this.next = found.slots.length ? undefined : found.next;
      this.offered.value = { ...this.offered.peek(), slots: found.slots };
    }
    this.state.value = found ? "ready" : "failed";
  }

  /** All slots of these days: an answer holds so many of them, and says from which day on to ask for more. */
  private async find({ agenda, reason }: Asked, { from, to }: { from: string; to: string }): Promise<Slots | null> {
    const slots: SlotView[] = [];
    for (let first = from; ; ) {
      const outcome: Outcome<Slots> = await call("agenda.slots", {
        agenda: agenda.id,
        reason: reason.id,
        from: first,
        to,
      });
      if (!outcome.ok) return null;
      slots.push(...outcome.value.slots);
      const next: string | undefined = outcome.value.next;
      if (next === undefined || next <= first || next >= to) return { ...outcome.value, slots };
      first = next;
    }
  }

  onSubscribed(): void {
    this.offered.value = { ...this.offered.peek(), holds: [] };
    void this.load();
  }

  onEvent(event: AnyEvent): void {
    const before = this.offered.peek();
    this.offered.value = applyEvent(before, event);
    // An answer on its way may be older than this event.
    if (!mayFreeSlots(before, event) && this.state.peek() !== "loading") return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), RELOAD_AFTER) as unknown as number;
  }

  private clear(state: ShownSlots["state"]): void {
    this.question += 1;
    clearTimeout(this.timer);
    this.asked.value = null;
    this.offered.value = { slots: [], holds: [] };
    this.next = undefined;
    this.state.value = state;
  }

  private byDay(offer: Offer): SlotDay[] {
    const { from, to } = this.days.value;
    const zone = this.asked.value?.agenda.time_zone;
    const days: SlotDay[] = [];
    if (!zone) return days;
    for (let day = from; day < to; day = addDays(day, 1)) days.push({ day, slots: [] });
    const own = this.ownSlots();
    const free = offer.slots.filter(slot => !own.some(one => overlap(one, slot)));
    const all: SlotItem[] = [...free.map(slot => ({ ...slot, state: state(offer, slot) })), ...own];
    all.sort((one, other) => Date.parse(one.start) - Date.parse(other.start));
    for (const slot of all) days.find(one => one.day === dayOf(slot.start, zone))?.slots.push(slot);
    return days;
  }

  /** The reader's own holds in this agenda: the server no longer lists their slots. */
  private ownSlots(): SlotItem[] {
    const id = this.asked.value?.agenda.id;
    return this.own.value
      .filter(one => one.agenda.id === id)
      .map(({ agenda, reason, held: { start, end } }) => ({
        ...{ agenda: agenda.id, reason: reason.id, start, end },
        state: "mine",
      }));
  }
}
