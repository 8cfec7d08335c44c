/** The wire of protocol 1, from the server's declarations. Written by `relais wire`: do not edit. */

/** A UUID. */
export type Id = string;
/** A moment with its offset, as RFC 3339 writes it. */
export type Instant = string;
/** A day of the site: "2026-12-01". */
export type CalendarDay = string;

/** A professional with an account, as colleagues see them. */
export interface PersonView {
  id: Id;
  name: string;
  first_name: string;
  last_name: string;
  function: string;
  verified: boolean;
  profession?: string;
  speciality?: string;
  rpps?: string;
  title?: string;
}

/** An organisation that the person belongs to. */
export interface OrganisationView {
  id: Id;
  name: string;
  kind: string;
  function: string;
  administrator?: boolean;
  owner?: boolean;
}

/** The signed-in person and what they may do; ``abilities`` holds ``clinical`` once they are verified. */
export interface Me {
  id: Id;
  name: string;
  first_name: string;
  last_name: string;
  email: string;
  function: string;
  verified: boolean;
  abilities: string[];
  organisations: OrganisationView[];
  language?: string;
  profession?: string;
  speciality?: string;
  rpps?: string;
}

/** One signed-in device. */
export interface SessionView {
  id: Id;
  kind: string;
  label: string;
  created_at: Instant;
  last_seen_at: Instant;
  current?: boolean;
}

export interface Sessions {
  sessions: SessionView[];
}

/** The devices on which the caller is signed in, the most recent first. */
export interface ListSessions {
}

/** Carried out; there is nothing to show. */
export interface Done {
}

/** Ends one session of the caller; its sockets close with 4401 at once. Ending it twice is harmless. */
export interface EndSession {
  session: Id;
}

/** Ends every session of the caller but this one. */
export interface EndOtherSessions {
}

/** Around what: a postal code, a town, or a point in degrees (both ``lat`` and ``lon``). */
export interface NearPlace {
  postal_code?: string;
  city?: string;
  lat?: number;
  lon?: number;
}

/** A professional of the directory. ``id`` names them in every other request, on Relais or not. */
export interface PractitionerView {
  id: Id;
  name: string;
  profession: string;
  first_name?: string;
  last_name?: string;
  speciality?: string;
  rpps?: string;
}

/** A place of practice; the distance is from the place searched, as the crow flies. */
export interface PlaceView {
  address: string;
  postal_code: string;
  city: string;
  name?: string;
  distance_km?: number;
}

/** One professional found; ``why`` says which parts of the question they answer. */
export interface Hit {
  practitioner: PractitionerView;
  places: PlaceView[];
  why: string[];
  person?: Id;
  distance_km?: number;
  bookable?: boolean;
  verified_user?: boolean;
  favourite?: boolean;
}

/** A page of the directory, the best first; ``cursor`` when there is more. */
export interface Hits {
  hits: Hit[];
  cursor?: string;
}

/** Professionals by words, profession, speciality, organisation and place; at least one of them is needed. */
export interface SearchDirectory {
  text?: string;
  profession?: string;
  speciality?: string;
  organisation?: string;
  cpts?: string;
  place?: NearPlace;
  radius_km?: number;
  bookable?: boolean;
  on_relais?: boolean;
  limit?: number;
  cursor?: string;
}

/** One professional in full. */
export interface DirectoryEntry {
  practitioner: PractitionerView;
  places: PlaceView[];
  person?: Id;
  bookable?: boolean;
  verified_user?: boolean;
}

/** One professional of the directory, by the id of a hit or of a person on Relais. */
export interface GetEntry {
  practitioner: Id;
}

/** The person now takes part in a conversation: its stream is theirs to follow. */
export interface InboxConversationAdded {
  conversation: Id;
}

/** The person takes part no longer: clients erase what they hold of the conversation. */
export interface InboxConversationRemoved {
  conversation: Id;
}

/** Somebody who takes part; ``read`` is how far they have read, when the reader may know it. */
export interface Member {
  person: Id;
  role: "member" | "owner";
  name: string;
  verified: boolean;
  function: string;
  profession?: string;
  speciality?: string;
  read?: number;
}

/** A message as it is now. A deleted one keeps its place and loses its body. */
export interface MessageView {
  id: Id;
  conversation: Id;
  seq: number;
  author: Id;
  body: string;
  at: Instant;
  attachments?: Id[];
  reply_to?: Id;
  referral?: Id;
  edited_at?: Instant;
  deleted_at?: Instant;
}

/** A conversation for one of its members. ``abilities`` says what they may do: clients never work it out again. */
export interface ConversationView {
  id: Id;
  kind: "direct" | "group";
  members: Member[];
  head: number;
  read: number;
  unread: number;
  abilities: string[];
  title?: string;
  last?: MessageView;
}

export interface Opened {
  conversation: ConversationView;
}

/** Opens a conversation. Of the same two people there is one direct conversation: it is the answer, if it exists. */
export interface OpenConversation {
  id: Id;
  kind: "direct" | "group";
  members: Id[];
  title?: string;
}

export interface GetConversation {
  conversation: Id;
}

/** A page, the most recently active first. */
export interface Conversations {
  conversations: ConversationView[];
  cursor?: string;
}

export interface ListConversations {
  limit?: number;
  cursor?: string;
}

/** Adds a verified person to a group; adding a member again changes nothing. */
export interface AddMember {
  conversation: Id;
  person: Id;
}

/** Removes somebody from a group, at once on all their devices. Removing them again changes nothing. */
export interface RemoveMember {
  conversation: Id;
  person: Id;
}

export interface Left {
  conversation: Id;
}

/** The caller leaves a group; what they wrote stays. */
export interface LeaveConversation {
  conversation: Id;
}

/** Gives a group another title. */
export interface UpdateConversation {
  conversation: Id;
  title: string;
}

export interface Sent {
  message: MessageView;
}

/** Adds a message to the end of the conversation. The answer comes after it is durable. */
export interface SendMessage {
  id: Id;
  conversation: Id;
  body: string;
  reply_to?: Id;
}

/** Where the caller's read pointer stands now, and what is unread after it. */
export interface ReadUpTo {
  conversation: Id;
  read: number;
  unread: number;
}

/** Moves the caller's read pointer forward, never back, and never past the head. */
export interface ReadMessages {
  conversation: Id;
  seq: number;
}

/** Messages, the newest first; ``more`` when older ones exist. */
export interface History {
  messages: MessageView[];
  more?: boolean;
}

/** Messages before a number (the newest when it is left out). */
export interface GetHistory {
  conversation: Id;
  before?: number;
  limit?: number;
}

/** Told to whoever is connected; there is nothing to keep. */
export interface TypingNoted {
}

/** Tells the others that the caller is writing. Sent again every few seconds; it lapses by itself after six. */
export interface Typing {
  conversation: Id;
}

export interface MessageSent {
  message: MessageView;
}

export interface ConversationOpened {
  by: Id;
  members: Id[];
  title?: string;
}

export interface MemberAdded {
  person: Id;
  by: Id;
}

/** Somebody was removed, or left (then ``by`` is themselves). */
export interface MemberRemoved {
  person: Id;
  by: Id;
}

export interface ConversationUpdated {
  title: string;
  by: Id;
}

export interface TypingSignal {
  person: Id;
}

/** Somebody read up to ``seq``: a live receipt. It is kept in the members' ``read``, so losing one loses nothing. */
export interface ReadSignal {
  person: Id;
  seq: number;
}

/** Why a patient comes, and how long it takes. */
export interface ReasonView {
  id: Id;
  name: string;
  minutes: number;
  instructions?: string;
}

/** An agenda at a place. ``level`` is what the caller may do with it, absent when they may only book as a referrer. */
export interface AgendaView {
  id: Id;
  practitioner: Id;
  practitioner_name: string;
  name: string;
  time_zone: string;
  abilities: string[];
  place?: string;
  address?: string;
  postal_code?: string;
  city?: string;
  level?: "book" | "busy" | "manage" | "read";
}

export interface AgendaWithReasons {
  id: Id;
  practitioner: Id;
  practitioner_name: string;
  name: string;
  time_zone: string;
  abilities: string[];
  place?: string;
  address?: string;
  postal_code?: string;
  city?: string;
  level?: "book" | "busy" | "manage" | "read";
  reasons?: ReasonView[];
}

export interface Agendas {
  agendas: AgendaWithReasons[];
}

/** The agendas on which the caller has a level of access: their own first. */
export interface ListAgendas {
}

/** What can be booked with a practitioner (the id of a directory hit or of a person), or in one agenda. */
export interface GetReasons {
  practitioner?: Id;
  agenda?: Id;
}

/** A free slot; ``start`` and ``end`` carry the site's offset. */
export interface SlotView {
  agenda: Id;
  reason: Id;
  start: Instant;
  end: Instant;
}

export interface Slots {
  slots: SlotView[];
  next?: CalendarDay;
}

/** Free slots from one day of the site to another, ``to`` excluded; at most 62 days. */
export interface FindSlots {
  from: CalendarDay;
  to: CalendarDay;
  practitioner?: Id;
  agenda?: Id;
  reason?: Id;
  place?: string;
}

export interface WatchResult {
  stream: string;
  head: number;
}

/** From now on the socket receives the agenda's events: in full, or times alone, as the caller's level allows. */
export interface WatchAgenda {
  agenda: Id;
}

export interface UnwatchAgenda {
  agenda: Id;
}

/** Where somebody was born: in France a town (with its INSEE code where known), else the country. */
export interface BirthPlace {
  country: string;
  city?: string;
  insee?: string;
}

/** A patient as a referrer writes them down. The phone is how the patient hears of changes. */
export interface PatientForm {
  civility: "m" | "mme" | "none";
  first_names: string;
  family_name: string;
  birth_date: CalendarDay;
  birth_place: BirthPlace;
  phone: string;
  birth_name?: string;
  address?: string;
  postal_code?: string;
  city?: string;
  email?: string;
  ins?: string;
}

/** A patient whom the caller may read. */
export interface PatientView {
  id: Id;
  civility: string;
  first_names: string;
  family_name: string;
  birth_date: CalendarDay;
  birth_place: BirthPlace;
  phone: string;
  birth_name?: string;
  address?: string;
  postal_code?: string;
  city?: string;
  email?: string;
  ins?: string;
}

export interface Patients {
  patients: PatientView[];
}

/** Patients whom the caller may read with this family name (or birth name) and birth date: possible duplicates. */
export interface SearchPatients {
  family_name: string;
  birth_date: CalendarDay;
  first_names?: string;
}

/** ``hold`` is the id the client chose; until ``expires_at`` nobody else can take the slot. */
export interface Held {
  hold: Id;
  expires_at: Instant;
  agenda: Id;
  reason: Id;
  start: Instant;
  end: Instant;
}

/** Keeps a slot for fifteen minutes while the form is filled in. */
export interface HoldSlot {
  id: Id;
  agenda: Id;
  reason: Id;
  start: Instant;
}

export interface Released {
  hold: Id;
}

/** Gives a held slot back; releasing again changes nothing. */
export interface ReleaseSlot {
  hold: Id;
}

/** An appointment. For whoever is busy-only it has times alone. */
export interface AppointmentView {
  id: Id;
  agenda: Id;
  start: Instant;
  end: Instant;
  state: "arrived" | "booked" | "cancelled" | "done" | "no_show";
  reason?: Id;
  reason_name?: string;
  patient?: PatientView;
  referral?: Id;
  seen_before?: boolean;
  booked_by?: Id;
  booked_by_name?: string;
  booked_at?: Instant;
  cancelled_at?: Instant;
  cancellation?: string;
  abilities?: string[];
}

/** A patient handed on, as both sides see it. */
export interface ReferralView {
  id: Id;
  state: "answered" | "booked" | "cancelled" | "closed" | "declined" | "draft" | "no_show" | "proposed" | "seen" | "sent";
  referrer: Id;
  referrer_name: string;
  practitioner: Id;
  practitioner_name: string;
  patient: PatientView;
  created_at: Instant;
  seen_before: boolean;
  conversation?: Id;
  message?: string;
  appointment?: AppointmentView;
  abilities?: string[];
}

export interface Booked {
  referral: ReferralView;
  appointment: AppointmentView;
}

/** Turns a hold into an appointment, with its referral and the message to the practitioner: all or nothing. ``patient`` is the id of a patient the caller may read, or the form of a new one. */
export interface BookReferral {
  id: Id;
  hold: Id;
  patient: Id | PatientForm;
  seen_before: boolean;
  message?: string;
  conversation?: Id;
}

export interface GotReferral {
  referral: ReferralView;
}

export interface GetReferral {
  referral: Id;
}

export interface Referrals {
  referrals: ReferralView[];
  cursor?: string;
}

/** Referrals the caller made or received, the newest first. */
export interface ListReferrals {
  side?: "made" | "received";
  limit?: number;
  cursor?: string;
}

/** A held slot in a day's view. */
export interface BusySlot {
  hold: Id;
  start: Instant;
  end: Instant;
  expires_at: Instant;
}

/** A stretch in which an agenda is open, or its practitioner absent. */
export interface Window {
  start: Instant;
  end: Instant;
}

/** Days of an agenda: ``head`` is the stream's number up to which this is complete. */
export interface Day {
  agenda: AgendaView;
  head: number;
  appointments: AppointmentView[];
  holds: BusySlot[];
  openings: Window[];
  absences: Window[];
}

/** What an agenda holds from one day of the site to another, ``to`` excluded; at most 31 days. */
export interface GetDay {
  agenda: Id;
  from: CalendarDay;
  to: CalendarDay;
}

export interface Cancelled {
  appointment: AppointmentView;
}

/** Cancels an appointment; the patient is told, and the slot is free again. */
export interface CancelAppointment {
  appointment: Id;
  reason: string;
}

export interface SlotHeld {
  hold: Id;
  start: Instant;
  end: Instant;
  expires_at?: Instant;
}

/** The slot is free again: given back, or the fifteen minutes are over. */
export interface SlotReleased {
  hold: Id;
  start: Instant;
  end: Instant;
}

/** For whoever is busy-only: ``start`` and ``end`` alone. */
export interface AppointmentBooked {
  start: Instant;
  end: Instant;
  hold?: Id;
  appointment?: AppointmentView;
}

export interface AppointmentCancelled {
  start: Instant;
  end: Instant;
  appointment?: AppointmentView;
}

/** Openings, absences, visit reasons or rights changed: load again what is shown. */
export interface AgendaChanged {
}

/** In the inbox of the practitioner and of the referrer. */
export interface ReferralBooked {
  referral: Id;
  appointment: Id;
  agenda: Id;
  start: Instant;
}

export interface ReferralCancelled {
  referral: Id;
  appointment: Id;
}

export interface Methods {
  "agenda.day": { params: GetDay; result: Day };
  "agenda.list": { params: ListAgendas; result: Agendas };
  "agenda.reasons": { params: GetReasons; result: Agendas };
  "agenda.slots": { params: FindSlots; result: Slots };
  "agenda.unwatch": { params: UnwatchAgenda; result: WatchResult };
  "agenda.watch": { params: WatchAgenda; result: WatchResult };
  "appointment.cancel": { params: CancelAppointment; result: Cancelled };
  "conversation.add": { params: AddMember; result: Opened };
  "conversation.get": { params: GetConversation; result: Opened };
  "conversation.leave": { params: LeaveConversation; result: Left };
  "conversation.list": { params: ListConversations; result: Conversations };
  "conversation.open": { params: OpenConversation; result: Opened };
  "conversation.remove": { params: RemoveMember; result: Opened };
  "conversation.update": { params: UpdateConversation; result: Opened };
  "directory.get": { params: GetEntry; result: DirectoryEntry };
  "directory.search": { params: SearchDirectory; result: Hits };
  "message.history": { params: GetHistory; result: History };
  "message.read": { params: ReadMessages; result: ReadUpTo };
  "message.send": { params: SendMessage; result: Sent };
  "patient.search": { params: SearchPatients; result: Patients };
  "referral.book": { params: BookReferral; result: Booked };
  "referral.get": { params: GetReferral; result: GotReferral };
  "referral.list": { params: ListReferrals; result: Referrals };
  "session.end": { params: EndSession; result: Done };
  "session.end_others": { params: EndOtherSessions; result: Done };
  "session.list": { params: ListSessions; result: Sessions };
  "slot.hold": { params: HoldSlot; result: Held };
  "slot.release": { params: ReleaseSlot; result: Released };
  "typing": { params: Typing; result: TypingNoted };
}

export interface Events {
  "agenda.changed": AgendaChanged;
  "appointment.booked": AppointmentBooked;
  "appointment.cancelled": AppointmentCancelled;
  "conversation.added": InboxConversationAdded;
  "conversation.opened": ConversationOpened;
  "conversation.removed": InboxConversationRemoved;
  "conversation.updated": ConversationUpdated;
  "member.added": MemberAdded;
  "member.removed": MemberRemoved;
  "message.sent": MessageSent;
  "referral.booked": ReferralBooked;
  "referral.cancelled": ReferralCancelled;
  "slot.held": SlotHeld;
  "slot.released": SlotReleased;
}

export interface Signals {
  "message.read": ReadSignal;
  "typing": TypingSignal;
}
