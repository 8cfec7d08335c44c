/** The referral wizard and the lists of referrals as the screens see them: plain values, read-only. */

import type { Problem } from "../../engine/problem";
import type { DraftField, FieldError, PatientDraft } from "../../fields/patient";
import type { AgendaWithReasons, Hit, PatientView, ReasonView, ReferralView, SlotView } from "../../wire/types";

/** One cell of the slot grid. `held`: somebody else is filling in a form for it, now; `mine`: the reader is. */
export interface SlotItem extends SlotView {
  state: "free" | "held" | "mine";
}

export interface SlotDay {
  /** "2026-12-01", at the site. */
  day: string;
  slots: SlotItem[];
}

export interface HeldSlot {
  hold: string;
  start: string;
  end: string;
  /** Milliseconds of this device's clock, corrected by the server's time. */
  heldAt: number;
  expiresAt: number;
  /** It was given back before its time, on another device. */
  released?: true;
}

/** What the steps before have chosen. */
interface Chosen {
  hit: Hit;
  agenda: AgendaWithReasons;
  reason: ReasonView;
}

interface PatientStep extends Chosen {
  held: HeldSlot;
  draft: PatientDraft;
  errors: Partial<Record<DraftField, FieldError>>;
  /** Patients already known to the caller who may be the same person. */
  duplicates: PatientView[];
  /** One of them, chosen instead of the form. */
  patient: PatientView | null;
  seenBefore: boolean | null;
  message: string;
  documents: string[];
  /** How the case in which it begins names its patient, when it does so by initials alone. */
  initials?: string;
  problem?: Problem;
}

/** The referral wizard. Each function of the state acts in the step it is named for, and does nothing in others. */
export type Booking =
  /** `booked`: the referral that another tab, or another device, made of the form that was on the screen. */
  | { step: "search"; conversation?: string; booked?: string }
  | {
      step: "slots";
      conversation?: string;
      hit: Hit;
      agendas: { state: "loading" | "ready" | "failed"; items: AgendaWithReasons[] };
      agenda: AgendaWithReasons | null;
      reason: ReasonView | null;
      slots: {
        state: "none" | "loading" | "ready" | "failed";
        /** First day shown, and the first one not shown. */
        from: string;
        to: string;
        days: SlotDay[];
        /** The next day with a free slot, when these have none. */
        next?: string;
      };
      /** Being held, until the answer. */
      holding: string | null;
      problem?: Problem;
    }
  | ({ step: "patient"; conversation?: string } & PatientStep)
  | ({ step: "confirming"; conversation?: string } & PatientStep);

export type PatientBooking = Extract<Booking, { step: "patient" | "confirming" }>;

export interface ReferralList {
  state: "loading" | "ready" | "failed";
  /** The newest first. */
  items: ReferralView[];
  more: boolean;
  problem?: Problem;
}
