/** Free slots while others hold and book: a pure fold of the agenda's stream over what `agenda.slots` answered. */

import type { AnyEvent } from "../wire/frame";
import type { SlotView, StreamEvent } from "../wire/types";
import { overlap, type Span, same } from "./span";

export interface Offer {
  slots: readonly SlotView[];
  /** Where somebody is filling in a form. */
  holds: readonly Span[];
}

/** The offer with one more event applied. A hold leaves its slot in the list, marked; an appointment removes it. */
export function applyEvent(offer: Offer, any: AnyEvent): Offer {
  if (any.erased) return offer;
  const event = any as StreamEvent;
  switch (event.type) {
    case "slot.held":
      return { ...offer, holds: [...without(offer.holds, event.data), event.data] };
    case "slot.released":
      return { ...offer, holds: without(offer.holds, event.data) };
    case "slot.booked":
    case "appointment.booked": {
      const slots = offer.slots.filter(slot => !overlap(slot, event.data));
      return { slots, holds: without(offer.holds, event.data) };
    }
    default:
      return offer;
  }
}

/** Whether the event may have freed a slot that the offer does not list: then the slots are loaded again. */
export function mayFreeSlots(offer: Offer, any: AnyEvent): boolean {
  if (any.erased) return true;
  const event = any as StreamEvent;
  switch (event.type) {
    case "slot.released":
      return !offer.slots.some(slot => overlap(slot, event.data));
    case "appointment.cancelled":
    case "agenda.changed":
      return true;
    default:
      return false;
  }
}

/** Whether somebody holds any part of the slot. */
export function state(offer: Offer, slot: SlotView): "free" | "held" {
  return offer.holds.some(held => overlap(slot, held)) ? "held" : "free";
}

function without(holds: readonly Span[], gone: Span): readonly Span[] {
  return holds.filter(held => !same(held, gone));
}
