/** What the screens see: plain values, already in the reader's terms. Everything here is read-only for them. */

import type { Problem } from "../engine/problem";
import type { DraftField, FieldError, PatientDraft } from "../replica/patient";
import type {
  AgendaView,
  AgendaWithReasons,
  AppointmentView,
  BookReferralResult,
  BusySlot,
  Hit,
  Me,
  MemberView,
  MessageView,
  PatientView,
  ReasonView,
  ReferralView,
  SlotView,
  Window,
} from "../wire/types";

/** Who is here. `me` is null until the server has said it over the socket. */
export type Session =
  | { state: "unknown" }
  | { state: "signed-out"; why?: "ended" }
  | { state: "not-verified"; me: Me | null }
  | { state: "signed-in"; me: Me | null };

/** Whether what is on the screen is what the server has. Times are milliseconds of this device's clock. */
export interface Connection {
  state: "up-to-date" | "catching-up" | "connecting" | "offline";
  since: number;
  /** When the next attempt is due, while waiting for it. */
  retryAt?: number;
  /** Relais was opened elsewhere on this device (another tab): nothing moves here until `takeOver()`. */
  elsewhere: boolean;
  /** Messages of this device that have not reached the server. */
  waiting: number;
}

/** The answer of an action: nothing is thrown at a screen. */
export type Outcome<T = void> = { ok: true; value: T } | { ok: false; problem: Problem };

export interface ConversationItem {
  id: string;
  kind: "direct" | "group";
  /** The group's title, else the others' names. */
  title: string;
  members: MemberView[];
  /** Everybody but the reader. */
  others: MemberView[];
  head: number;
  read: number;
  unread: number;
  /** From the server: "post", "add", "remove", "leave", "update", ... */
  abilities: string[];
  last: { author: MemberView | null; mine: boolean; body: string; at: string; deleted: boolean } | null;
  /** Own messages not yet accepted, and own messages refused. */
  pending: number;
  failed: number;
}

export interface ConversationList {
  /** False until the first answer: show the skeleton. */
  loaded: boolean;
  /** Most recently active first. */
  items: ConversationItem[];
  unread: number;
}

export type ThreadItem =
  | {
      kind: "message";
      key: string;
      message: MessageView;
      mine: boolean;
      /** Null when they are no longer a member and nothing is known of them. */
      author: MemberView | null;
      /** Others who have read it (own messages only). */
      readBy: MemberView[];
      replyTo: MessageView | null;
      /** The first unread one when the thread was opened. */
      firstUnread: boolean;
    }
  | {
      /** Written here and not accepted yet. `key` stays the same when it becomes a message. */
      kind: "pending";
      key: string;
      body: string;
      at: string;
      replyTo: MessageView | null;
      state: "waiting" | "sending" | "refused";
      problem?: Problem;
    }
  | {
      kind: "note";
      key: string;
      at: string;
      note: "opened" | "added" | "removed" | "left" | "renamed";
      by: MemberView | null;
      person: MemberView | null;
      title?: string;
    };

export interface Thread {
  id: string;
  /** `absent`: not a member, or no such conversation. */
  state: "loading" | "ready" | "absent";
  conversation: ConversationItem | null;
  /** Oldest first. */
  items: ThreadItem[];
  older: "none" | "some" | "loading";
  problem?: Problem;
}

export interface DirectoryQuery {
  text?: string;
  profession?: string;
  speciality?: string;
  organisation?: string;
  cpts?: string;
  place?: { postal_code?: string; city?: string; lat?: number; lon?: number };
  radius_km?: number;
  bookable?: boolean;
  on_relais?: boolean;
}

export interface DirectoryState {
  query: DirectoryQuery;
  /** `hits` stay while the next search runs. */
  state: "idle" | "searching" | "done" | "failed";
  hits: Hit[];
  more: boolean;
  problem?: Problem;
}

/** One cell of the slot grid. `held`: somebody else is filling in a form for it, now. */
export interface SlotItem extends SlotView {
  state: "free" | "held";
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
  expiresAt: number;
}

/** What has been chosen so far; each step has what the steps before it chose. */
interface Chosen {
  hit: Hit;
  agenda: AgendaWithReasons;
  reason: ReasonView;
}

interface PatientStep extends Chosen {
  held: HeldSlot;
  draft: PatientDraft;
  errors: Partial<Record<DraftField, FieldError>>;
  /** Patients the caller already knows who look the same. */
  duplicates: PatientView[];
  /** One of them, chosen instead of the form. */
  patient: PatientView | null;
  seenBefore: boolean | null;
  message: string;
  problem?: Problem;
}

/** The referral's wizard. Only the functions named for a step do anything in it. */
export type Booking =
  | { step: "search"; conversation?: string }
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
  | ({ step: "confirming"; conversation?: string } & PatientStep)
  | ({ step: "done"; conversation?: string; booked: BookReferralResult } & Chosen);

export interface ReferralList {
  state: "loading" | "ready" | "failed";
  /** The newest first. */
  items: ReferralView[];
  more: boolean;
  problem?: Problem;
}

export interface AgendaList {
  state: "loading" | "ready" | "failed";
  /** One's own first. */
  items: AgendaWithReasons[];
  problem?: Problem;
}

export interface DayView {
  state: "loading" | "ready" | "failed";
  agenda: AgendaView | null;
  day: string;
  appointments: AppointmentView[];
  /** Where somebody is filling in a form, now. */
  holds: BusySlot[];
  openings: Window[];
  absences: Window[];
  /** Ids of appointments that arrived while the day was on the screen. */
  fresh: string[];
  problem?: Problem;
}

export type Route =
  | { name: "sign-in" }
  | { name: "conversations" }
  | { name: "conversation"; id: string }
  | { name: "referral"; step: "search" | "slots" | "patient" | "confirmation" }
  | { name: "referrals"; side: "made" | "received" }
  | { name: "directory" }
  | { name: "agendas" }
  | { name: "agenda"; id: string; day: string }
  | { name: "me" }
  | { name: "not-found" };

export type { DraftField, FieldError, PatientDraft, Problem };
