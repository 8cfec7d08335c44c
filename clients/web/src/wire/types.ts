// Written by `relais wire` from the declarations of the rooms: change those, then run it.

/** An id chosen by whoever creates the thing: a UUID, version 7. */
export type Id = string;
/** A moment with its offset: "2026-11-22T09:30:00.123Z". */
export type Instant = string;
/** A day of the place concerned: "2026-12-01". */
export type CalendarDay = string;

export const PROTOCOL = 1;

/** The caller accepts to be in a group, and sees it from when they were put into it. */
export interface AcceptGroup {
  conversation: Id;
}

/**
 * Takes up an invitation, with the account by which the caller is signed in. Taken up again, the answer is how
 * things stand. An account that was prepared for another address is not the caller's to take up.
 */
export interface AcceptInvitation {
  token: string;
}

/**
 * Chooses one of the caller's organisations for everything that this session does, on all its sockets and over
 * HTTP. It ends with the membership.
 */
export interface ActFor {
  organisation: Id;
}

/** The organisation for which the session acts from now on. */
export interface ActForResult {
  acting_for: Id;
}

/**
 * Closes an agenda for whole days (``until`` excluded) or between two instants. What is booked stays.
 *
 * An agenda has 400 absences at most that are not over; one more is refused with ``too_large``.
 */
export interface AddAbsence {
  id: Id;
  agenda: Id;
  first?: CalendarDay | null;
  until?: CalendarDay | null;
  start?: Instant | null;
  end?: Instant | null;
}

/**
 * Adds a verified person to a group; adding a member again changes nothing.
 *
 * They see the conversation from here on; with ``history``, as much of it as the member who adds them. Nothing of it
 * is unread. Somebody who was a member before starts anew. To whom the caller is a stranger is asked first, as when a
 * group is opened; what is written meanwhile is unread when they accept.
 */
export interface AddMember {
  conversation: Id;
  person: Id;
  history?: boolean;
}

/** Lets somebody in who came by an invitation and waits, or does not. */
export interface AdmitArrival {
  invitation: Id;
  person: Id;
  admit: boolean;
}

/** Openings, absences, visit reasons or rights changed: load again what is shown. */
export type AgendaChanged = Record<string, never>;

/** Something of the agenda changed: load again what is shown. */
export type AgendaChangedMasked = Record<string, never>;

/**
 * A part of the copy: lines of a table, one appointment each. The next parts come with the ``cursor`` and follow as
 * they are; the first has the heading. Cells that a spreadsheet would take for a formula begin with an apostrophe.
 */
export interface AgendaExport {
  text: string;
  appointments: number;
  cursor?: string;
}

export interface AgendaResult {
  agenda: AgendaWithReasons;
}

/** The level that somebody is to have on an agenda. */
export interface AgendaRight {
  agenda: Id;
  level: "none" | "book" | "busy" | "manage" | "read";
}

/**
 * An agenda at a place. ``level`` is what the caller may do with it, absent when they may only book as
 * a referrer.
 */
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
  organisation?: Id;
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
  organisation?: Id;
  reasons?: ReasonView[];
}

/** As many agendas as make one answer, at most 50; with a ``cursor`` there are more. */
export interface Agendas {
  agendas: AgendaWithReasons[];
  cursor?: string;
}

/**
 * Accepts or refuses. Whoever is refused is told when the caller says ``tell``, and not otherwise. The first
 * answer stands.
 */
export interface AnswerContact {
  request: Id;
  accept: boolean;
  tell?: boolean;
}

/** Agrees that a colleague reads or answers one's messages, or does not. Answered again, nothing happens. */
export interface AnswerProfileRequest {
  request: Id;
  agree: boolean;
}

/** Asks the moderators to look again at a refusal, once; ``note`` is for them. */
export interface AppealVerification {
  note?: string;
}

/**
 * A moderator makes a verified person an owner or administrator: of what has just been founded, or where nobody is
 * left. Where somebody looks after the organisation it is refused with ``invalid_state``.
 */
export interface AppointMember {
  organisation: Id;
  person: Id;
  owner?: boolean;
}

/** A hold became an appointment, which has its id. */
export interface AppointmentBooked {
  start: Instant;
  end: Instant;
  hold: Id;
  appointment: AppointmentDetails;
}

export interface AppointmentBookedMasked {
  start: Instant;
  end: Instant;
}

export interface AppointmentCancelled {
  start: Instant;
  end: Instant;
  appointment: AppointmentDetails;
}

export interface AppointmentCancelledMasked {
  start: Instant;
  end: Instant;
}

/**
 * An appointment as everybody who may read it sees it; ``agenda_name``, ``place`` and ``city`` say where it is.
 *
 * ``erased``: what was written about the patient is erased or can no longer be opened; ``patient`` and
 * ``cancellation`` are then absent, and the time stands.
 */
export interface AppointmentDetails {
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
  erased?: boolean;
  agenda_name?: string;
  place?: string;
  city?: string;
}

/** A message to the patient was settled: sent, dropped, or given up. Neither its words nor the address. */
export interface AppointmentNotice {
  appointment: Id;
  kind: "booked" | "cancelled" | "reminder";
  channel: "email" | "sms";
  state: "captured" | "dropped" | "failed" | "queued" | "sent";
  reason?: string;
}

/** Nothing about the times has changed. */
export type AppointmentNoticeMasked = Record<string, never>;

/** An appointment, with what the caller may do with it. For whoever is busy-only it has times alone. */
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
  erased?: boolean;
  agenda_name?: string;
  place?: string;
  city?: string;
  abilities?: string[];
}

/** Somebody who came by an invitation. ``waiting``: whoever may invite lets them in, or does not. */
export interface ArrivalView {
  person: Id;
  name: string;
  state: "accepted" | "declined" | "refused" | "waiting";
  at: Instant;
  verified_at?: Instant;
}

/** Somebody who was put into a group by a stranger and has not accepted: they read nothing of it. */
export interface AskedView {
  person: Id;
  name: string;
  by: Id;
}

/** A page of entries, the newest first. ``cursor`` when there may be more: a page may be shorter than asked for. */
export interface AuditEntries {
  entries: AuditEntryView[];
  names: Record<string, string>;
  patients?: Record<string, string>;
  checked?: ChainCheck;
  cursor?: string;
}

/**
 * Who did what to which thing, when, and from which device. What is done by Relais itself has no ``person``.
 *
 * ``subject`` and ``about`` are ids; ``names`` of the answer says those of people, organisations and agendas, and
 * ``patients`` of patients. ``refused``: it was asked for, and not carried out. ``details`` are codes.
 */
export interface AuditEntryView {
  at: Instant;
  act: string;
  subject: string;
  person?: Id;
  on_behalf_of?: Id;
  organisation?: Id;
  device?: string;
  about?: string[];
  details?: Record<string, string>;
  refused?: boolean;
}

/**
 * A part of the copy: lines of a table, or of JSON, one entry each. The next parts come with the ``cursor``, and
 * follow as they are; the first has the heading of a table. Cells that a spreadsheet would take for a formula begin
 * with an apostrophe.
 */
export interface AuditExport {
  text: string;
  entries: number;
  cursor?: string;
}

/**
 * How and when somebody's identity was verified. ``by`` is who answers for them, when they are ``vouched`` for.
 *
 * ``confirm_by``: their entry has left the register, and until then they can prove again who they are.
 */
export interface BadgeView {
  method: "command" | "cps" | "demo" | "document" | "psc" | "vouched";
  at: Instant;
  by?: string;
  confirm_by?: Instant;
}

/** Where somebody was born: in France a town (with its INSEE code where known), else the country. */
export interface BirthPlace {
  country: string;
  city?: string | null;
  insee?: string | null;
}

/**
 * From now on this person cannot open a conversation with the caller, or add them to one, and is told what they
 * would be told of somebody who is not on Relais. A conversation of the two stays, and neither writes in it
 * (``message.send`` is refused: ``blocked`` to the caller, ``unreachable`` to the other). In groups of both everybody
 * goes on reading everybody. In the caller's agendas they hold no slot, unless they were given a level there: to them
 * those are agendas that cannot be booked; what they hold or have booked stays. 1,000 at most; blocked again, nothing
 * happens. Somebody of whom the caller may not know is ``not_found``.
 */
export interface BlockPerson {
  person: Id;
}

export interface BlockedView {
  person: Id;
  name: string;
  at: Instant;
}

/**
 * Turns a hold into an appointment, with its referral and the message to the practitioner: all or
 * nothing.
 *
 * ``patient`` is the id of a patient the caller may read, or the form of a new one. The patient is told at once; when
 * that is one message too many of the caller's doing, it is refused with ``too_many_notices``.
 *
 * ``documents`` are files that the caller uploads and nothing holds yet, or that they may read elsewhere; each may
 * still be on its way through the checks. Whoever may read what is written in the referral may open them.
 */
export interface BookReferral {
  id: Id;
  hold: Id;
  patient: Id | PatientForm;
  seen_before: boolean;
  message?: string | null;
  conversation?: Id | null;
  documents?: Id[];
}

export interface BookReferralResult {
  referral: ReferralView;
  appointment: AppointmentView;
}

/** A held slot in a day's view. For whoever is busy-only it has times alone. */
export interface BusySlot {
  start: Instant;
  end: Instant;
  expires_at: Instant;
  hold?: Id;
  by?: Id;
  by_name?: string;
}

/**
 * Cancels an appointment; the patient is told, and the slot is free again. Why is a matter of health: the agenda's
 * event does not say it, and whoever sees no clinical notes is not shown it.
 */
export interface CancelAppointment {
  appointment: Id;
  reason: string;
}

export interface CancelAppointmentResult {
  appointment: AppointmentView;
}

export interface CandidateView {
  person: Id;
  name: string;
}

/** ``questions_left`` of today, this one taken off. */
export interface Candidates {
  entries: EntryView[];
  questions_left: number;
}

export interface CaseClosedEvent {
  by: Id;
  case: CaseView;
}

export interface CaseHandedOver {
  by: Id;
  case: CaseView;
  to: Id;
  note?: string;
}

/** Whom a case is about: a record that the asker may open, ``id``, or ``initials`` alone. */
export interface CasePatient {
  id?: Id | null;
  initials?: string | null;
}

/**
 * What the members of a case are shown of the patient, as it was when the case was opened: initials, or who they
 * are. ``id`` is the asker's record, which opens to nobody by standing here.
 */
export interface CasePatientView {
  id?: Id;
  initials?: string;
  civility?: string;
  family_name?: string;
  first_names?: string;
  birth_name?: string;
  birth_date?: CalendarDay;
}

export interface CaseReopened {
  by: Id;
  case: CaseView;
  reason: string;
}

/** Whose turn it is has changed: somebody answered, asked on, or said so. */
export interface CaseTurned {
  by: Id;
  case: CaseView;
}

/**
 * The question of a case and where it stands; every member sees all of it, from whenever on they see messages.
 *
 * It is ``waiting`` for an answer of those who were asked, ``open`` when one of them has answered, or ``closed``.
 * ``waiting_for`` says whose turn it is: of those asked who are members, at most 20; or the asker, and where the asker
 * is no member any more, whoever looks after the conversation. ``answered_by`` is who answered first. ``truncated``:
 * ``question`` is only the beginning, as in a summary. ``patient`` is shown where the conversation is shown in full,
 * and nowhere else: whom it is shown to is in the audit. ``erased``: its texts are erased or can no longer be opened.
 */
export interface CaseView {
  state: "closed" | "open" | "waiting";
  question: string;
  urgency: "routine" | "soon" | "urgent";
  asker: Id;
  patient?: CasePatientView;
  informed?: "informed" | "objects";
  waiting_for?: Id[];
  answered_by?: Id;
  answered_at?: Instant;
  outcome?: "advice" | "booked" | "hospitalised" | "no_action" | "referred";
  summary?: string;
  closed_by?: Id;
  closed_at?: Instant;
  truncated?: boolean;
  erased?: boolean;
}

/**
 * That whoever runs Relais had every link of the audit looked at (``relais audit verify``): when, how many there
 * were, and whether all were as they had been written.
 */
export interface ChainCheck {
  at: Instant;
  links: number;
  sound: boolean;
}

/**
 * Says which entry of the register is the caller's, or with none that no entry is. It counts once their identity is
 * proven, and if it is nobody else's by then.
 */
export interface ClaimEntry {
  entry?: Id | null;
}

/** A member asks the moderators for somebody to look after an organisation in which nobody is left who can. */
export interface ClaimOrganisation {
  organisation: Id;
}

/** A member whom a moderator may appoint: verified by themselves, and able to act. */
export interface ClaimPerson {
  id: Id;
  name: string;
  function: string;
  profession?: string;
  speciality?: string;
  badge?: BadgeView;
}

/** The entry that the caller says is theirs, if any. */
export interface ClaimResult {
  entry?: EntryView;
}

/** A wish that waits for a moderator. ``people`` are members who may be appointed, 20 at most. */
export interface ClaimView {
  organisation: Id;
  name: string;
  since: Instant;
  members?: number;
  people?: ClaimPerson[];
}

export interface Claims {
  claims: ClaimView[];
}

/** Which program speaks, and for which device: a second socket of the same device closes the first. */
export interface Client {
  name: string;
  version?: string;
  device?: Id | null;
}

/**
 * Closes a case with what came of it. Closing it again in the same words changes nothing; in others it is
 * ``case_closed``: reopen it first.
 */
export interface CloseCase {
  conversation: Id;
  outcome: "advice" | "booked" | "hospitalised" | "no_action" | "referred";
  summary: string;
}

/**
 * One line of a table: what was declared, what the document says, what the register says, and how alike these are.
 * ``absent``: there is nothing to compare with.
 */
export interface ComparisonRow {
  trait: "first_names" | "last_name" | "number" | "profession";
  likeness: "absent" | "close" | "different" | "identical";
  declared?: string;
  document?: string;
  register?: string;
}

/** The code of the SMS. */
export interface ConfirmMobile {
  code: string;
}

/** What came of a code; a wrong one is no refusal, since it counts. */
export interface ConfirmMobileResult {
  state: "confirmed" | "expired" | "too_many_attempts" | "wrong_code";
  attempts_left?: number;
}

/** A document that was agreed to. */
export interface ConsentView {
  document: "data_agreement" | "terms";
  version: string;
  at: Instant;
}

/** In somebody's inbox: they may now write to this person. */
export interface ContactAccepted {
  person: Id;
}

/** In somebody's inbox: they block this person, or no longer do. */
export interface ContactBlocked {
  person: Id;
  blocked: boolean;
}

/** In somebody's inbox: this person does not wish to be written to, and lets them know. */
export interface ContactRefused {
  person: Id;
}

/** Somebody asks to be allowed to write to the caller. */
export interface ContactRequestView {
  id: Id;
  person: Id;
  name: string;
  at: Instant;
  profession?: string;
  speciality?: string;
  reason?: string;
}

/** In somebody's inbox: a professional asks to be allowed to write to them. */
export interface ContactRequested {
  request: Id;
}

/**
 * The caller's own rule, whom they block (the last 200), who asks to write to them (the last 100), and whom they
 * asked themselves in the last 30 days.
 */
export interface ContactSettings {
  rule: "ask_first" | "everybody" | "my_organisations";
  blocked: BlockedView[];
  requests: ContactRequestView[];
  sent?: SentRequestView[];
}

export interface ConversationOpened {
  by: Id;
  members: Id[];
  title?: string;
}

export interface ConversationResult {
  conversation: ConversationView;
}

export interface ConversationUpdated {
  title: string;
  by: Id;
}

/**
 * A conversation for one of its members. ``abilities`` says what they may do: clients never work it out again.
 *
 * ``from`` is the first number that the reader may see; absent, they may see everything. It belongs to the membership
 * that they have now: what they saw in an earlier one, before they left or were removed, is not shown again. What lies
 * before it is neither a gap nor unread. ``organisation`` is the one its opener acted for. ``erased``: its title is
 * erased or can no longer be opened.
 *
 * A summary, as ``hello`` and ``conversation.list`` give it, shows at most four ``members`` of ``member_count`` (the
 * author of the last message among them) and at most 200 bytes of the ``last`` message. ``added_by`` is who made the
 * reader a member of a group, unless they did so themselves. In full it shows all members, or as many as fit into
 * 256 KiB.
 *
 * ``hidden``: the reader put the conversation away when this was its last number; clients list it again once ``head``
 * is beyond. ``blocked``: the reader blocks the other person of a conversation of two, and unblocks them to write.
 * ``asked``, where it is shown in full: at most 100 people who were asked into the group and have not accepted.
 */
export interface ConversationView {
  id: Id;
  kind: "case" | "direct" | "group";
  members: MemberView[];
  head: number;
  read: number;
  unread: number;
  abilities: string[];
  from?: number;
  title?: string;
  last?: MessageView;
  organisation?: Id;
  erased?: boolean;
  member_count?: number;
  added_by?: Id;
  hidden?: number;
  blocked?: boolean;
  asked?: AskedView[];
  case?: CaseView;
}

/** A page of summaries, the latest activity first: as many as fit into 256 KiB. ``cursor`` when there are more. */
export interface Conversations {
  conversations: ConversationView[];
  cursor?: string;
}

/** Sends an invitation that did not arrive to another address; the link of the mail before opens nothing. */
export interface CorrectInvitation {
  invitation: Id;
  email: string;
}

/**
 * Opens an agenda of the caller at a site of their organisation.
 *
 * A step and a visit take five minutes at least. ``too_large`` names what there may not be more of: 50 open agendas of
 * one practitioner, 24 openings of one weekday or day that are not over, 96 hours of them together, 20,000 characters
 * of instructions.
 */
export interface CreateAgenda {
  id: Id;
  site: Id;
  name: string;
  reasons: ReasonForm[];
  openings: OpeningForm[];
  step?: number | null;
  notice?: number;
  horizon?: number;
}

/**
 * Invites somebody by mail (``email``), or makes a link for several.
 *
 * Without an ``organisation`` a verified professional invites to Relais alone. An invitation lasts for two weeks
 * unless ``expires_at`` says otherwise, for 90 days at most. ``staff_too``: the link is not for professionals alone.
 * ``confirmed_each``: whoever comes waits until somebody lets them in.
 */
export interface CreateInvitation {
  id: Id;
  organisation?: Id | null;
  email?: string | null;
  first_name?: string;
  last_name?: string;
  function?: "administrative" | "assistant" | "dispatcher" | "operations_manager" | "practitioner" | "secretary";
  uses?: number;
  expires_at?: Instant | null;
  staff_too?: boolean;
  confirmed_each?: boolean;
  note?: string;
}

/**
 * Prepares an account for a member of staff, who opens it by the link of a mail, and chooses the password there.
 *
 * ``id`` is the invitation's. Levels are cloned from ``clone_from`` as they are now, and ``agendas`` go before them;
 * profiles and limits are not cloned. Without an ``rpps`` whoever owns or administers the organisation vouches for the
 * person; a practitioner, and whoever has a number, proves it by themselves. The answer is the same whether or not the
 * address has an account: its owner is asked to join then. The mail goes out once a day at most.
 */
export interface CreateMember {
  id: Id;
  organisation: Id;
  email: string;
  first_name: string;
  last_name: string;
  function: "administrative" | "assistant" | "dispatcher" | "operations_manager" | "practitioner" | "secretary";
  administrator?: boolean;
  rpps?: string | null;
  clone_from?: Id | null;
  agendas?: AgendaRight[];
  profiles?: ProfileRight[];
}

/**
 * Founds an organisation. A verified practitioner founds a practice, and owns it; an establishment or a CPTS is
 * founded by a moderator, who names an owner or administrator by ``organisation.appoint``.
 *
 * One person founds 5 practices in 24 hours, at most.
 */
export interface CreateOrganisation {
  id: Id;
  name: string;
  kind: "cpts" | "establishment" | "practice";
  finess?: string | null;
  site?: SiteForm | null;
  phone?: string;
  email?: string;
  website?: string;
  hours?: HoursForm[];
  specialities?: string[];
}

/**
 * Writes a patient down for the organisation that the caller acts for.
 *
 * Search first: possible duplicates are shown before anybody is created.
 */
export interface CreatePatient {
  id: Id;
  patient: PatientForm;
}

export interface CreatePatientResult {
  patient: PatientView;
}

/**
 * Adds a service to an establishment; 200 at most. It has members, a messaging profile and a place in the
 * directory; whoever runs the establishment runs it too, and the caller becomes its first administrator.
 */
export interface CreateService {
  id: Id;
  organisation: Id;
  name: string;
  specialities?: string[];
}

/** Adds a place where the organisation receives patients; 50 at most. */
export interface CreateSite {
  id: Id;
  organisation: Id;
  name: string;
  address?: string;
  postal_code?: string;
  city?: string;
  time_zone?: string;
}

/**
 * Days of an agenda: ``head`` is the stream's number up to which this is complete.
 *
 * Appointments and holds in the order in which they begin, as many as fit into 256 KiB. With a ``cursor`` there are
 * more: ask again with it. ``openings`` and ``absences`` stand on the first page.
 */
export interface Day {
  agenda: AgendaView;
  head: number;
  appointments: AppointmentView[];
  holds: BusySlot[];
  openings: Window[];
  absences: Window[];
  cursor?: string;
}

/** The verification as it stands after this opinion; it is decided once enough moderators agree. */
export interface DecideResult {
  item: ReviewItem;
}

/**
 * Says what the caller thinks of a verification. Two moderators must agree before anything opens or closes; nobody
 * decides on themselves. ``note`` is for the other moderator.
 */
export interface DecideVerification {
  verification: Id;
  decision: "accept" | "ask_again" | "refuse";
  reason: "expired_document" | "face_unclear" | "forged_document" | "name_differs" | "names_agree" | "no_answer" | "not_a_professional" | "number_of_another" | "proof_of_name_needed" | "proven_otherwise" | "register_late" | "spelling" | "unreadable" | "used_name_proven";
  note?: string;
}

/**
 * The caller does not want to be in a group: it stays silent for them. Its members are not told; whoever put them
 * into it cannot put them into a group again, until they open a conversation with that person themselves.
 */
export interface DeclineGroup {
  conversation: Id;
}

/** Says no to an invitation: nobody is reminded of it any more. */
export interface DeclineInvitation {
  token: string;
}

/**
 * Deletes a message of the caller's for everybody: its text, what it said before and its files are erased, and its
 * place says so. Deleting it again changes nothing.
 *
 * It may be done for ``delete_seconds`` of the limits in ``hello`` (``too_late`` after that). A message that stands
 * for a referral is not deleted (``invalid_state``): the appointment is cancelled instead.
 *
 * With ``undo``, within seconds after it was sent, nothing of it is shown (``undone``), unless somebody has read it:
 * then its place says that it was deleted.
 */
export interface DeleteMessage {
  message: Id;
  undo?: boolean;
}

/** One professional in full. */
export interface DirectoryEntry {
  practitioner: PractitionerView;
  places: PlaceView[];
  person?: Id;
  bookable?: boolean;
  verified_user?: boolean;
  badge?: BadgeView;
}

/** Throws away a file of the caller's that nothing holds, or its unfinished upload. Again, it changes nothing. */
export interface DiscardFile {
  file: Id;
}

/** Carried out; there is nothing to show. */
export type Done = Record<string, never>;

/**
 * Changes the text of a message of the caller's. Everybody sees that it was edited, and in ``message.versions``
 * what it said before. The text that it has already changes nothing.
 *
 * It may be done for ``edit_seconds`` of the limits in ``hello`` (``too_late`` after that), and 20 times. ``base`` is
 * the ``edited_at`` that the caller has seen, or ``at`` when there was none: when the message was edited since, it is
 * a ``conflict``. A message that is deleted, or stands for a referral, is not edited (``invalid_state``).
 */
export interface EditMessage {
  message: Id;
  body: string;
  base?: Instant | null;
}

/**
 * Ends a membership, one's own included. Access ends at once, on every socket; what the person wrote, booked and
 * shared stays. Whose identity was vouched for here is no longer verified. Removed again, nothing happens.
 */
export interface EndMembership {
  organisation: Id;
  person: Id;
}

/** Ends every session of the caller but this one. */
export type EndOtherSessions = Record<string, never>;

/** Ends one session of the caller; its sockets close with 4401 at once. Ending it twice is harmless. */
export interface EndSession {
  session: Id;
}

/** Where somebody practises, as the register says. */
export interface EntryPlace {
  name?: string;
  address?: string;
  postal_code?: string;
  city?: string;
}

/** An entry of the register of professionals. Nothing says whether somebody has it already. */
export interface EntryView {
  id: Id;
  name: string;
  profession: string;
  speciality?: string;
  rpps?: string;
  adeli?: string;
  places?: EntryPlace[];
}

/** Where the provider keeps a piece of evidence; nothing of it is copied here. */
export interface EvidenceView {
  kind: "document" | "face" | "run";
  reference: string;
  result?: string;
  detail?: string;
}

/**
 * The appointments of an agenda from one day of the site to another, ``to`` excluded, at most 366 days, as a table
 * (CSV) to keep elsewhere: when, whose, for what, and what became of it. Neither messages nor why a visit was
 * cancelled are in it. For those who may read the agenda, and whom its organisation lets take data out (the ability
 * ``export``).
 */
export interface ExportAgenda {
  agenda: Id;
  from: CalendarDay;
  to: CalendarDay;
  cursor?: string | null;
}

/**
 * The same entries as text to keep elsewhere, 1,000 in one part. The copy is an entry of the audit itself. Whom an
 * owner keeps from the dashboard takes one where they let them export.
 */
export interface ExportAudit {
  format: "csv" | "json";
  organisation?: Id | null;
  person?: Id | null;
  patient?: Id | null;
  act?: string;
  after?: Instant | null;
  before?: Instant | null;
  cursor?: string | null;
}

/** A file that the person uploads was checked: it is ready, or refused. It is shown as it is when this is read. */
export interface FileChanged {
  file: FileView;
}

export interface FileResult {
  file: FileView;
}

/**
 * A file as it is now. Only a ``ready`` one can be opened, and only by whoever may read what holds it.
 *
 * ``type`` is what its content was found to be, ``size`` is in bytes, ``previews`` counts the pages that
 * ``/files/<id>/preview`` shows; ``seconds`` is how long a recording lasts. ``unscanned``: no antivirus has looked at
 * it. ``offset`` is how much of an unfinished upload is durable. ``erased``: it is gone, and only its place is left.
 */
export interface FileView {
  id: Id;
  name: string;
  size: number;
  state: "checking" | "ready" | "refused" | "uploading";
  type?: string;
  refusal?: "damaged" | "encrypted" | "infected" | "too_large" | "type";
  unscanned?: boolean;
  thumbnail?: boolean;
  previews?: number;
  pages?: number;
  width?: number;
  height?: number;
  seconds?: number;
  offset?: number;
  erased?: boolean;
}

/**
 * Entries of the register that may be the caller: by the number given, or else by the name and town of their
 * account. Five times in 24 hours.
 */
export interface FindCandidates {
  number?: string | null;
}

/** The device was found before it was wiped: what it keeps stays. Its session has ended all the same. */
export interface FindSession {
  session: Id;
}

/**
 * Free slots from one day of the site to another, ``to`` excluded; at most 62 days, of at most 50 agendas.
 *
 * One answer looks at 1,000 days at most, counted for each agenda: ``next`` then says where to go on.
 */
export interface FindSlots {
  from: CalendarDay;
  to: CalendarDay;
  practitioner?: Id | null;
  agenda?: Id | null;
  reason?: Id | null;
  place?: string | null;
}

/** The caller's own settings; nobody else's can be read. */
export type GetContacts = Record<string, never>;

export interface GetConversation {
  conversation: Id;
}

/** What an agenda holds from one day of the site to another, ``to`` excluded; at most 31 days. */
export interface GetDay {
  agenda: Id;
  from: CalendarDay;
  to: CalendarDay;
  cursor?: string | null;
}

/** One professional of the directory, by the id of a hit or of a person on Relais. */
export interface GetEntry {
  practitioner: Id;
}

/** A file that the caller uploads, or that something holds which they may read. */
export interface GetFile {
  file: Id;
}

/** Messages before a number (the newest when it is left out), none from before the reader's ``from``. */
export interface GetHistory {
  conversation: Id;
  before?: number | null;
  limit?: number;
}

/** How the caller's devices lock. */
export type GetLock = Record<string, never>;

/**
 * Who has read a message and when, for whoever may read it; of a deleted one too.
 *
 * Somebody who was added later and may see it has read it once they have read on from there.
 */
export interface GetMessageReceipts {
  message: Id;
}

/**
 * What a message said before it was edited, for whoever may read it; of the versions before a number, if one is
 * named.
 */
export interface GetMessageVersions {
  message: Id;
  before?: number | null;
}

/** An organisation, open to every professional: whom to call, where, and when. */
export interface GetOrganisation {
  organisation: Id;
}

/** The caller's own profile. */
export type GetProfile = Record<string, never>;

/**
 * What can be booked with a practitioner (the id of a directory hit or of a person), or in one agenda.
 *
 * Two agendas of one practitioner differ by ``name``, ``place`` or address.
 */
export interface GetReasons {
  practitioner?: Id | null;
  agenda?: Id | null;
  cursor?: string | null;
}

export interface GetReferral {
  referral: Id;
}

export interface GetReferralResult {
  referral: ReferralView;
}

/** What a member may do: to themselves, and to those who decide it. */
export interface GetRights {
  organisation: Id;
  person: Id;
}

/** Where the caller's verification stands. */
export type GetVerification = Record<string, never>;

/**
 * Gives a colleague a level on an agenda, or takes it away with ``none``. 200 people have one at most; one more is
 * refused with ``too_large``.
 */
export interface GrantAccess {
  agenda: Id;
  person: Id;
  level: "book" | "busy" | "manage" | "read" | "none";
}

/** A group that waits for the caller's consent: nothing that was written in it is shown before. */
export interface GroupRequestView {
  conversation: Id;
  at: Instant;
  by: Id;
  by_name: string;
  member_count: number;
  title?: string;
  profession?: string;
  speciality?: string;
  badge?: BadgeView;
}

/** The last 100, the newest first. */
export interface GroupRequests {
  requests: GroupRequestView[];
}

/**
 * Hands the caller's part in cases over to a colleague, all of them or none: who asked becomes ``to``, or ``to`` is
 * asked in the caller's place. The colleague sees as much of each as the caller, who stays a member.
 *
 * ``forbidden`` where the caller neither asks nor is asked. Handed over already, nothing changes. ``to`` is somebody
 * of an organisation of the caller's, a contact, or a member of each of these cases.
 */
export interface HandOverCases {
  conversations: Id[];
  to: Id;
  note?: string | null;
}

export interface HandOverResult {
  conversations: Id[];
}

/**
 * A slot that the caller holds, with all that it takes to go on with the booking, on another device or after a
 * reload: ``referral.book`` takes ``hold`` until ``expires_at``.
 */
export interface HeldSlot {
  hold: Id;
  agenda: Id;
  agenda_name: string;
  practitioner: Id;
  practitioner_name: string;
  time_zone: string;
  reason: Id;
  reason_name: string;
  start: Instant;
  end: Instant;
  expires_at: Instant;
  place?: string;
  city?: string;
}

/**
 * The first request of every socket.
 *
 * ``acting_for`` chooses the organisation that the session acts for, as ``session.act_for`` does; without it the
 * choice made before stands, or the first of the caller's organisations by name, a CPTS last.
 */
export interface Hello {
  protocol: 1;
  client: Client;
  cursors?: Record<string, number> | null;
  acting_for?: Id | null;
}

/**
 * Puts a conversation away: it is not listed until something new happens in it. Nobody else is told, and nothing
 * of it is lost; it can be found and opened.
 */
export interface HideConversation {
  conversation: Id;
}

/** Messages, the newest first, as many as fit into 256 KiB; ``more`` when older ones exist. */
export interface History {
  messages: MessageView[];
  more?: boolean;
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
  badge?: BadgeView;
  favourite?: boolean;
}

/**
 * A page of the directory, the best first: as many as fit into 256 KiB. ``cursor`` when there are more.
 *
 * ``organisations`` are the services, establishments and other organisations on Relais whose name is in the text: five
 * at most, services first, on the first page.
 */
export interface Hits {
  hits: Hit[];
  organisations?: OrganisationHit[];
  cursor?: string;
}

/** In the inbox of whoever held the slot: it was given back, or its time is over. What is booked is not told so. */
export interface HoldEnded {
  hold: Id;
  agenda: Id;
  start: Instant;
  end: Instant;
  why: "expired" | "released";
}

/**
 * Keeps a slot for fifteen minutes while the form is filled in.
 *
 * One person holds five slots at a time, and three in one agenda: one more is refused with ``too_many_holds``. Whoever
 * takes a time again that they have given back holds it until it would have ended at first, and no longer; when less
 * than a minute of that is left, it is refused with ``hold_paused`` until others have had five minutes to take it.
 * A slot that the caller holds already is ``slot_taken`` with the id of that hold in ``data.hold``.
 * Who has not the level ``book`` on the agenda has twenty appointments ahead in it, and makes thirty a day: one more
 * is refused with ``too_many_bookings``.
 */
export interface HoldSlot {
  id: Id;
  agenda: Id;
  reason: Id;
  start: Instant;
}

/** ``hold`` is the id the client chose; until ``expires_at`` nobody else can take the slot. */
export interface HoldSlotResult {
  hold: Id;
  expires_at: Instant;
  agenda: Id;
  reason: Id;
  start: Instant;
  end: Instant;
}

export interface Holds {
  holds: HeldSlot[];
}

/** When somebody answers, on a weekday (Monday is 0), by the clock of the first site. */
export interface HoursForm {
  weekday: number;
  opens: string;
  closes: string;
}

/**
 * Invites a list of people by mail, 200 rows in one request; a longer list goes in several.
 *
 * With ``preview`` nothing is sent, and the answer says what would be. A cell that a spreadsheet would take for a
 * formula is refused. One person invites 1,000 people in 24 hours, at most.
 */
export interface ImportInvitations {
  id: Id;
  organisation: Id;
  rows: InvitationRow[];
  preview?: boolean;
  expires_at?: Instant | null;
  note?: string;
}

/** ``ready`` rows were invited, or would be; the others say why not. */
export interface Imported {
  ready: number;
  refused: RefusedRow[];
  expires_at: Instant;
}

/** The person is now a member of a conversation: its stream is theirs to follow. */
export interface InboxConversationAdded {
  conversation: Id;
}

/** The person put a conversation away on one of their devices, when this was its last number. */
export interface InboxConversationHidden {
  conversation: Id;
  upto: number;
}

/** The person is no longer a member: clients erase what they hold of the conversation. */
export interface InboxConversationRemoved {
  conversation: Id;
}

/** Somebody whom the person hardly knows put them into a group: they accept or decline, and are no member yet. */
export interface InboxConversationRequested {
  conversation: Id;
}

export interface InvitationResult {
  invitation: InvitationView;
}

/** A row of a list, as it was typed. */
export interface InvitationRow {
  email: string;
  first_name?: string;
  last_name?: string;
  function?: string;
}

/**
 * An invitation, for whoever may see it. ``url`` is shown of a link, to those who may pass it on.
 *
 * ``step`` is how far the invited person has come; ``failure`` why the mail did not reach them.
 */
export interface InvitationView {
  id: Id;
  kind: "account" | "link" | "mail";
  state: "expired" | "open" | "revoked" | "used";
  step: "invited" | "joined" | "opened" | "verified";
  function: "administrative" | "assistant" | "dispatcher" | "operations_manager" | "practitioner" | "secretary";
  invited_at: Instant;
  invited_by_name: string;
  expires_at: Instant;
  uses: number;
  used: number;
  organisation?: Id;
  url?: string;
  email?: string;
  first_name?: string;
  last_name?: string;
  administrator?: boolean;
  staff_too?: boolean;
  confirmed_each?: boolean;
  opened_at?: Instant;
  reminded_at?: Instant;
  reminders?: number;
  may_remind?: boolean;
  failure?: string;
  arrivals?: ArrivalView[];
}

/**
 * A page of those who were invited by name, the newest first, and all ``links`` that are open (20 at most). The
 * counts are of all who were invited by name.
 */
export interface Invitations {
  invitations: InvitationView[];
  links: InvitationView[];
  invited: number;
  opened: number;
  joined: number;
  verified: number;
  to_remind: number;
  cursor?: string;
}

/** ``waiting``: somebody of the organisation lets the caller in; ``nothing``: the invitation was to Relais alone. */
export interface Joined {
  state: "joined" | "nothing" | "waiting";
  organisation?: Id;
  organisation_name?: string;
}

/**
 * The caller leaves a group or a case; what they wrote stays. Whoever asks in a case that is not closed hands it
 * over first (``asks_here``).
 *
 * With ``decline``, whoever added them (``added_by``) cannot add them to a group again, until they open a conversation
 * with that person themselves.
 */
export interface LeaveConversation {
  conversation: Id;
  decline?: boolean;
}

export interface LeaveConversationResult {
  conversation: Id;
}

/** What this server accepts of one socket. */
export interface Limits {
  frame_bytes: number;
  in_flight: number;
  requests_per_second: number;
  sync_limit: number;
  body_characters: number;
  body_bytes?: number;
  group_members?: number;
  edit_seconds?: number;
  delete_seconds?: number;
}

/**
 * What a member of the office does not see: what was written about patients, the dashboard; whether they export
 * data all the same. Set by owners.
 */
export interface LimitsForm {
  notes_hidden?: boolean;
  dashboard_hidden?: boolean;
  may_export?: boolean;
}

/** The agendas on which the caller has a level of access: their own first. */
export interface ListAgendas {
  cursor?: string | null;
}

/** Organisations whose members ask for somebody to look after them, to moderators; 100 at most, the oldest first. */
export type ListClaims = Record<string, never>;

export interface ListConversations {
  limit?: number;
  cursor?: string | null;
}

/** The groups into which strangers put the caller, and which wait for their answer. */
export type ListGroupRequests = Record<string, never>;

/**
 * The slots that the caller holds now, on whichever device, the first to expire first.
 *
 * ``me.holds`` of ``hello`` says the same. One that ends without a booking is told to all devices of the caller by
 * ``hold.ended`` in their inbox, one that is booked by ``referral.booked``, whose ``appointment`` is the hold's id.
 */
export type ListHolds = Record<string, never>;

/** What became of the invitations of an organisation, to those who may invite; without one, of one's own. */
export interface ListInvitations {
  organisation?: Id | null;
  only?: "to_remind" | "under_way" | "verified" | null;
  limit?: number;
  cursor?: string | null;
}

/**
 * The members of an organisation, to its members. ``text`` looks in names and, for those who run the organisation,
 * in e-mail addresses.
 */
export interface ListMembers {
  organisation: Id;
  text?: string;
  only?: "administrators" | "invited" | "members" | null;
  limit?: number;
  cursor?: string | null;
}

/** Who looks after a patient whose record the caller may open. */
export interface ListPractitioners {
  patient: Id;
}

/** Who is to have access to the caller's own messages, and waits for them. */
export type ListProfileRequests = Record<string, never>;

/** What waits for moderators, or with ``decided`` what they decided. */
export interface ListQueue {
  decided?: boolean;
  limit?: number;
  cursor?: string | null;
}

/**
 * Referrals, the newest first: those that the caller made, or those that they or an agenda that they may read
 * received.
 */
export interface ListReferrals {
  side?: "made" | "received";
  limit?: number;
  cursor?: string | null;
}

/** The devices on which the caller is signed in, the most recent first. */
export type ListSessions = Record<string, never>;

/** ``ended``: too many wrong codes; the session is over and the device forgets what it kept. */
export interface LockOpened {
  state: "ended" | "opened" | "wrong_code";
  secret?: string;
  attempts_left?: number;
}

/** 32 bytes in base64url, which the device needs beside the code to open what it keeps. */
export interface LockSecret {
  secret: string;
}

/**
 * How the caller's devices lock. ``at_most``: the longest that an organisation of theirs allows, in minutes; the
 * minutes shown keep to it.
 */
export interface LockView {
  desk: number;
  phone: number;
  has_code: boolean;
  at_most?: number;
}

/**
 * The signed-in person and what they may do; ``abilities`` holds ``clinical`` once they are verified, and their
 * session was opened by two factors. ``second_factor_missing``: that is all that is missing.
 *
 * ``acting_for`` is the one of ``organisations`` for which this session acts, if any.
 */
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
  acting_for?: Id;
  profession?: string;
  speciality?: string;
  rpps?: string;
  badge?: BadgeView;
  second_factor_missing?: boolean;
  language?: string;
  holds?: HeldSlot[];
}

export interface MemberAdded {
  person: Id;
  by: Id;
}

/** Somebody was put into the group by a stranger: they are no member until they accept (``member.added``). */
export interface MemberAsked {
  person: Id;
  by: Id;
}

/** Somebody was removed, or left (then ``by`` is themselves). */
export interface MemberRemoved {
  person: Id;
  by: Id;
}

export interface MemberResult {
  member: OrganisationMember;
}

/**
 * All that a member may do. ``may_limit``: the caller sets the limits. ``more``: the organisation has more agendas
 * than are listed (500).
 */
export interface MemberRights {
  member: OrganisationMember;
  resources: ResourceRight[];
  profiles: ProfileRightView[];
  limits: LimitsForm;
  may_limit?: boolean;
  more?: boolean;
}

/**
 * Somebody looks after the conversation now, or no longer; ``by`` may be one who left, and was the last to do so.
 *
 * What the reader may do has changed when it is they: ``conversation.get`` says it.
 */
export interface MemberRoleChanged {
  person: Id;
  role: "member" | "owner";
  by: Id;
}

/** A member of a conversation; ``read`` is how far they have read. It never lies before the reader's ``from``. */
export interface MemberView {
  person: Id;
  role: "member" | "owner";
  name: string;
  verified: boolean;
  function: string;
  profession?: string;
  speciality?: string;
  read?: number;
  badge?: BadgeView;
}

/**
 * In somebody's inbox: their function or marks in an organisation changed, or they joined it. ``hello`` and
 * ``organisation.get`` say what they may do now.
 */
export interface MembershipChanged {
  organisation: Id;
}

/**
 * In somebody's inbox: they are no longer a member. Clients erase what they hold of the organisation's agendas and
 * profiles; its groups are told of one by one. ``by`` is who ended it, themselves perhaps.
 */
export interface MembershipEnded {
  organisation: Id;
  by: Id;
}

/** Its author deleted it: clients erase what they hold of it. */
export interface MessageDeleted {
  message: MessageView;
}

/** Its author changed its text. */
export interface MessageEdited {
  message: MessageView;
}

/** A file of the message was checked: it can be opened now, or was refused. */
export interface MessageFilesChecked {
  message: MessageView;
}

/** Somebody reacted to it, or takes a reaction back. */
export interface MessageReacted {
  message: MessageView;
}

/**
 * Who has read a message, the first of them first, and which members have not, by name; ``more`` when not all fit
 * into 256 KiB. Its author is in neither list, nor is whoever may not see it.
 */
export interface MessageReceipts {
  read: ReaderView[];
  unread: ReaderView[];
  more?: boolean;
}

/** The message as it is now. */
export interface MessageResult {
  message: MessageView;
}

export interface MessageSent {
  message: MessageView;
}

/** The newest first, as many as fit into 256 KiB; ``more`` when older ones exist. */
export interface MessageVersions {
  versions: VersionView[];
  more?: boolean;
}

/**
 * A message as it is now. A deleted one keeps its place and loses its body.
 *
 * ``reply_to`` and its number, ``reply_seq``, are left out when they lie before the reader's ``from``. ``erased``: the
 * text is erased or can no longer be opened; ``body`` is then empty. ``truncated``: ``body`` is only the beginning of
 * the text, as in the ``last`` message of a summary. ``attached`` counts the files; ``attachments`` shows them as they
 * are now, in the order in which they were sent, everywhere but in a summary. A deleted or erased message has none.
 * ``undone``: its author took it back before anybody had read it; it is ``deleted_at`` too, and clients show nothing
 * in its place. ``reactions``, the first kind first, stand everywhere but in a summary.
 */
export interface MessageView {
  id: Id;
  conversation: Id;
  seq: number;
  author: Id;
  body: string;
  at: Instant;
  attachments?: FileView[];
  attached?: number;
  reply_to?: Id;
  reply_seq?: number;
  referral?: Id;
  edited_at?: Instant;
  deleted_at?: Instant;
  erased?: boolean;
  truncated?: boolean;
  undone?: boolean;
  reactions?: ReactionView[];
}

/** A code that was sent by SMS. */
export interface MobileStarted {
  mobile: string;
  expires_at: Instant;
  resend_at: Instant;
  attempts_left: number;
}

/**
 * Names the practitioner who supervises a patient's care, in place of whoever did; without a ``practitioner``
 * nobody does any more. The record, and the patient's appointments where practitioners see their own patients alone,
 * are open to them until then, or until they leave. For whom the patient is theirs, or who manages an agenda of the
 * patient's; the practitioner is one of the organisation that keeps the record.
 */
export interface NameSupervisor {
  patient: Id;
  practitioner?: Id | null;
}

/** Around what: a postal code, a town, or a point in degrees (both ``lat`` and ``lon``). */
export interface NearPlace {
  postal_code?: string | null;
  city?: string | null;
  lat?: number | null;
  lon?: number | null;
}

/** The question that a case is opened with. Without ``patient`` nobody is named. */
export interface NewCase {
  question: string;
  urgency?: "routine" | "soon" | "urgent";
  patient?: CasePatient | null;
  informed?: "informed" | "objects" | null;
}

export interface NotReminded {
  invitation: Id;
  why: "joined" | "link" | "not_found" | "over" | "today" | "too_often";
}

/**
 * One message to the patient: neither its words nor the address.
 *
 * ``at`` is when it was settled; while it is ``queued``, when it is due. ``reason`` is the code of the last failure,
 * or of why it was dropped.
 */
export interface NoticeView {
  kind: "booked" | "cancelled" | "reminder";
  channel: "email" | "sms";
  state: "captured" | "dropped" | "failed" | "queued" | "sent";
  at: Instant;
  reason?: string;
}

/**
 * Opens a conversation. Of the same two people there is one direct conversation: it is the answer, if it exists.
 *
 * One person may open 50 groups and cases in 24 hours. To be in a group opened by a stranger (of no organisation of
 * theirs, to whom they never wrote and whose request they did not accept) somebody accepts it first: until then they
 * are ``asked``, and no member. 100 people are asked in 24 hours.
 *
 * A ``case`` has a title and its question, which is put to the members named; it may name a patient whose record the
 * caller may open. One that is put to a single person reaches them as a direct conversation does.
 */
export interface OpenConversation {
  id: Id;
  kind: "case" | "direct" | "group";
  members: Id[];
  title?: string | null;
  case?: NewCase | null;
}

/**
 * Opens this device with what its code proves. After five wrong ones in a row the session ends. A device that has
 * no code is refused (``invalid_state``, ``state: no_code``) and stays signed in.
 */
export interface OpenLock {
  proof: string;
}

/**
 * When an agenda is open, by the site's clocks: on a ``weekday`` (Monday is 0) or on one ``day``.
 *
 * A weekly opening holds from ``since`` until just before ``until``; with ``every`` = 2 the week of
 * ``since`` is open and the next is not. ``closes`` at or before ``opens`` is a time of the next day.
 */
export interface OpeningForm {
  opens: string;
  closes: string;
  weekday?: number | null;
  since?: CalendarDay | null;
  until?: CalendarDay | null;
  every?: number;
  day?: CalendarDay | null;
}

/** What a moderator said. */
export interface OpinionView {
  by: string;
  at: Instant;
  decision: "accept" | "ask_again" | "refuse";
  reason: "expired_document" | "face_unclear" | "forged_document" | "name_differs" | "names_agree" | "no_answer" | "not_a_professional" | "number_of_another" | "proof_of_name_needed" | "proven_otherwise" | "register_late" | "spelling" | "unreadable" | "used_name_proven";
  note?: string;
  mine?: boolean;
}

/**
 * An organisation or a service that was found. The address is that of its first site, of a service without one
 * that of its establishment: by it two of one name are told apart.
 */
export interface OrganisationHit {
  id: Id;
  name: string;
  kind: "cpts" | "establishment" | "practice" | "service";
  parent?: Id;
  parent_name?: string;
  address?: string;
  postal_code?: string;
  city?: string;
  phone?: string;
  specialities?: string[];
}

/**
 * A member, or somebody who was invited and has not come yet.
 *
 * ``person`` for a member, ``invitation`` for whoever was invited. ``email``, ``last_seen_at`` and ``expires_at`` are
 * shown to those who run the organisation.
 */
export interface OrganisationMember {
  name: string;
  first_name: string;
  last_name: string;
  function: "administrative" | "assistant" | "dispatcher" | "operations_manager" | "practitioner" | "secretary";
  state: "active" | "expired" | "invited" | "suspended";
  person?: Id;
  invitation?: Id;
  email?: string;
  title?: string;
  profession?: string;
  speciality?: string;
  verified?: boolean;
  badge?: BadgeView;
  owner?: boolean;
  administrator?: boolean;
  coordinator?: boolean;
  joined_at?: Instant;
  expires_at?: Instant;
  last_seen_at?: Instant;
  abilities?: ("edit" | "remind" | "remove" | "revoke" | "rights")[];
}

/**
 * A page of members, by name; those who were invited last, after the members. The counts are of all, whatever was
 * asked for; ``cursor`` when there are more.
 */
export interface OrganisationMembers {
  members: OrganisationMember[];
  total: number;
  invited: number;
  administrators: number;
  cursor?: string;
}

/**
 * An organisation as every professional sees it; ``settings`` and ``abilities`` for its members.
 *
 * ``profile`` is the resource of its messaging profile, of a service.
 */
export interface OrganisationProfile {
  id: Id;
  name: string;
  kind: "cpts" | "establishment" | "practice" | "service";
  parent?: Id;
  parent_name?: string;
  finess?: string;
  phone?: string;
  email?: string;
  website?: string;
  hours?: HoursForm[];
  specialities?: string[];
  sites?: SiteView[];
  services?: ServiceView[];
  profile?: Id;
  settings?: SettingsView;
  abilities?: ("audit" | "create_members" | "export" | "export_audit" | "invite" | "manage_access" | "manage_members" | "manage_own_agendas" | "manage_owners" | "rules" | "see_invitations" | "see_members" | "settings" | "vouch")[];
}

export interface OrganisationResult {
  organisation: OrganisationProfile;
}

/**
 * An organisation that the person belongs to. ``abilities`` says what they may do there, and the limits what they
 * do not see. ``city`` and, of a service, ``parent_name`` tell two of one name apart.
 */
export interface OrganisationView {
  id: Id;
  name: string;
  kind: string;
  function: string;
  city?: string;
  parent_name?: string;
  administrator?: boolean;
  owner?: boolean;
  coordinator?: boolean;
  vouched?: boolean;
  notes_hidden?: boolean;
  dashboard_hidden?: boolean;
  may_export?: boolean;
  abilities?: ("audit" | "create_members" | "export" | "export_audit" | "invite" | "manage_access" | "manage_members" | "manage_own_agendas" | "manage_owners" | "rules" | "see_invitations" | "see_members" | "settings" | "vouch")[];
}

export interface Organisations {
  organisations: OrganisationHit[];
  more?: boolean;
}

/**
 * A patient as a referrer writes them down. The phone is how the patient hears of changes.
 *
 * A refused field is named by ``path``, and ``why`` is a code for the reason. Of an incomplete date of birth
 * ``birth_date_unknown`` says what is not known; the date is then the one that the INS reference puts in its place:
 * the first of the month, January, or 31 December for both.
 */
export interface PatientForm {
  civility: "m" | "mme" | "none";
  first_names: string;
  family_name: string;
  birth_date: CalendarDay;
  birth_place: BirthPlace;
  phone: string;
  birth_name?: string | null;
  address?: string | null;
  postal_code?: string | null;
  city?: string | null;
  email?: string | null;
  ins?: string | null;
  birth_date_unknown?: "day" | "day_and_month" | "month" | null;
}

/**
 * A practitioner who looks after a patient. ``primary``: the patient was referred to them; ``supervising``: they
 * were named for it; ``other``: the record is open to them for another reason.
 */
export interface PatientPractitionerView {
  person: Id;
  name: string;
  role: "other" | "primary" | "supervising";
}

/**
 * Who looks after a patient, of those who practise in the organisation that keeps the record; somebody with two
 * roles stands there twice. With the ability ``supervise`` the caller names who supervises, one of ``candidates``
 * (200 at most).
 */
export interface PatientPractitioners {
  patient: Id;
  practitioners: PatientPractitionerView[];
  abilities?: "supervise"[];
  candidates?: CandidateView[];
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
  birth_date_unknown?: string;
}

/**
 * Patients found, at most 20; ``erased`` are those whose details are erased or can no longer be opened. ``more``:
 * there are others, and the first name narrows them down.
 */
export interface Patients {
  patients: PatientView[];
  erased?: Id[];
  more?: boolean;
}

/** A place of practice; the distance is from the place searched, as the crow flies. */
export interface PlaceView {
  address: string;
  postal_code: string;
  city: string;
  name?: string;
  distance_km?: number;
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

/** The caller's own profile, with what only they see of it. */
export interface Profile {
  id: Id;
  email: string;
  first_name: string;
  last_name: string;
  function: string;
  language: "en" | "fr";
  title?: string;
  profession?: string;
  speciality?: string;
  rpps?: string;
  claimed?: string;
  practice_mode?: "liberal" | "salaried";
  fee_sector?: "1" | "2" | "2_optam" | "none";
  address?: string;
  postal_code?: string;
  city?: string;
  places?: ProfilePlace[];
  languages?: string[];
  phone?: string;
  mobile?: string;
  mobile_confirmed?: boolean;
  mobile_shown?: boolean;
  mssante?: string;
  badge?: BadgeView;
  consents?: ConsentView[];
}

/** A place of practice in the person's own words, beside what the register says. */
export interface ProfilePlace {
  name: string;
  address?: string;
  postal_code?: string;
  city?: string;
  phone?: string;
}

/** Somebody is to read or answer the caller's messages, if the caller agrees. */
export interface ProfileRequestView {
  id: Id;
  organisation: Id;
  person: Id;
  person_name: string;
  level: "answer" | "read";
  asked_by: Id;
  asked_by_name: string;
  asked_at: Instant;
}

/** In somebody's inbox: a colleague is to read or answer their messages, and waits for their consent. */
export interface ProfileRequested {
  request: Id;
  organisation: Id;
}

export interface ProfileRequests {
  requests: ProfileRequestView[];
}

/**
 * The level that somebody is to have on the messaging profile of a colleague, or of a service (``person`` is then
 * the service).
 */
export interface ProfileRight {
  person: Id;
  level: "none" | "answer" | "read";
}

/**
 * What a member may do with a messaging profile. ``pending`` waits for the person whose profile it is, since
 * ``asked_at``.
 */
export interface ProfileRightView {
  person: Id;
  person_name: string;
  level: "none" | "answer" | "read";
  pending?: "answer" | "read";
  asked_at?: Instant;
  givable?: ("none" | "answer" | "read")[];
}

/** A page of what waits for a decision, the oldest first, or of what was decided, the newest first. */
export interface Queue {
  items: ReviewItem[];
  cursor?: string;
}

/**
 * Says what the caller thinks of a message, in one sign; several kinds may stand beside each other, each once. The
 * same one again changes nothing. There is no reaction to a deleted message (``invalid_state``).
 */
export interface ReactToMessage {
  message: Id;
  emoji: "✅" | "❓" | "❤️" | "👀" | "👍";
}

/** Everybody who reacted to a message in this way: how many, and the first 50 of them. */
export interface ReactionView {
  emoji: "✅" | "❓" | "❤️" | "👀" | "👍";
  count: number;
  people: Id[];
}

/** Moves the caller's read pointer forward, never back, and never past the head. */
export interface ReadMessages {
  conversation: Id;
  seq: number;
}

/** Where the caller's read pointer stands now, and what is unread after it. */
export interface ReadMessagesResult {
  conversation: Id;
  read: number;
  unread: number;
}

/** Somebody read up to ``seq``: a live receipt. The members' ``read`` says the same, so a lost one does no harm. */
export interface ReadSignal {
  person: Id;
  seq: number;
}

/**
 * Somebody who may read a message. ``at`` is when they did: left out of what was read before Relais kept that, and
 * of whoever has not read it. ``former``: they are a member no more.
 */
export interface ReaderView {
  person: Id;
  name: string;
  function: string;
  at?: Instant;
  profession?: string;
  speciality?: string;
  badge?: BadgeView;
  former?: boolean;
}

/** A visit reason as whoever manages the agenda writes it; the buffers stay free of other visits. */
export interface ReasonForm {
  id: Id;
  name: string;
  minutes: number;
  before?: number;
  after?: number;
  instructions?: string | null;
  for_referrers?: boolean;
}

/** Why a patient comes, and how long it takes. */
export interface ReasonView {
  id: Id;
  name: string;
  minutes: number;
  instructions?: string;
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

/**
 * A document of the referral that was still being checked can be opened, or was refused; in the inboxes of both
 * sides, without a word about the patient.
 */
export interface ReferralFilesChecked {
  referral: Id;
}

/** A message to the patient was settled; in the inboxes of both sides, without a word about the patient. */
export interface ReferralNotice {
  referral: Id;
  appointment: Id;
  kind: "booked" | "cancelled" | "reminder";
  channel: "email" | "sms";
  state: "captured" | "dropped" | "failed" | "queued" | "sent";
  reason?: string;
}

/**
 * A referral as both sides see it.
 *
 * ``erased``: what was written about the patient is erased or can no longer be opened; ``patient`` and ``message``
 * are then absent. ``notes_hidden``: an owner of the organisation keeps what was written about patients from the
 * caller; ``message``, ``documents``, and why the visit was cancelled, are then absent. ``documents`` are the files
 * that went with it, as they are now: whoever is shown them here may open them. ``notices`` are the messages to the
 * patient about its appointment, as they stand when a referral is read; the answer to a booking has none. ``place``
 * and ``address`` are those of the visit.
 */
export interface ReferralView {
  id: Id;
  state: "answered" | "booked" | "cancelled" | "closed" | "declined" | "draft" | "no_show" | "proposed" | "seen" | "sent";
  referrer: Id;
  referrer_name: string;
  practitioner: Id;
  practitioner_name: string;
  created_at: Instant;
  seen_before: boolean;
  patient?: PatientView;
  conversation?: Id;
  message?: string;
  documents?: FileView[];
  appointment?: AppointmentView;
  speciality?: string;
  place?: string;
  address?: string;
  time_zone?: string;
  notices?: NoticeView[];
  erased?: boolean;
  notes_hidden?: boolean;
  abilities?: string[];
}

/** A page, the newest first: as many as fit into 256 KiB. ``cursor`` when there are more. */
export interface Referrals {
  referrals: ReferralView[];
  cursor?: string;
}

/** A row that nobody is invited by; ``row`` counts from 0 in this request. */
export interface RefusedRow {
  row: number;
  why: "already_invited" | "already_member" | "formula" | "incomplete_email" | "not_a_name" | "twice_in_the_list" | "unknown_function";
}

/** Gives a held slot back; releasing again changes nothing. */
export interface ReleaseSlot {
  hold: Id;
}

export interface ReleaseSlotResult {
  hold: Id;
}

/**
 * Sends the mail again to those who have not come: once a day and five times to each, at most. What has expired
 * holds for another week.
 */
export interface RemindInvitations {
  invitations: Id[];
}

/** How many mails go out, and which do not, and why. */
export interface Reminded {
  reminded: number;
  left_out: NotReminded[];
}

/** Opens again what an absence closed; removing it again changes nothing. */
export interface RemoveAbsence {
  agenda: Id;
  absence: Id;
}

/** This device locks no more. */
export type RemoveLockCode = Record<string, never>;

/**
 * Removes somebody from a group, at once on all their devices; whoever was asked is not asked any more. Removing
 * them again changes nothing.
 */
export interface RemoveMember {
  conversation: Id;
  person: Id;
}

/**
 * Opens a closed case again: it waits for those who were asked. The outcome stays in the history. One that is not
 * closed is left as it is.
 */
export interface ReopenCase {
  conversation: Id;
  reason: string;
}

/**
 * Asks somebody who wants to be asked first; they accept, or the request stays unanswered. One request to one
 * person in 30 days, 20 in 24 hours.
 */
export interface RequestContact {
  id: Id;
  person: Id;
  reason?: string;
}

/**
 * What a member may do with an agenda, a room or a device of the organisation.
 *
 * ``givable`` are the levels that the caller may give there, ``none`` among them; empty: it is not theirs to change.
 */
export interface ResourceRight {
  resource: Id;
  kind: "agenda" | "device" | "room";
  name: string;
  level: "none" | "book" | "busy" | "manage" | "read";
  site?: Id;
  site_name?: string;
  person?: Id;
  person_name?: string;
  givable?: ("none" | "book" | "busy" | "manage" | "read")[];
}

/** A verification that moderators decide on. ``reason`` is the code of why it came to them. */
export interface ReviewItem {
  verification: Id;
  person: Id;
  name: string;
  since: Instant;
  due: Instant;
  reason: string;
  attempt: number;
  state: "awaiting_person" | "in_review" | "none" | "pending" | "refused" | "verified";
  email: string;
  profession?: string;
  speciality?: string;
  city?: string;
  decided_at?: Instant;
  appeal?: string;
  statement?: string;
  comparison?: ComparisonRow[];
  evidence?: EvidenceView[];
  opinions?: OpinionView[];
  opinions_needed?: number;
  abilities?: string[];
}

/**
 * Ends an invitation: its link opens nothing any more, and whoever came by it and waits does not get in. Who has
 * joined stays. Revoked again, nothing happens.
 */
export interface RevokeInvitation {
  invitation: Id;
}

/** In somebody's inbox: what they may do with these agendas, rooms, devices and profiles changed. */
export interface RightsChanged {
  organisation: Id;
  resources: Id[];
}

/**
 * The entries of an organisation, to its owners and administrators; to moderators, of all when none is named.
 * Whom an owner keeps from the dashboard is refused with ``withheld``.
 *
 * An entry is an organisation's when whoever did it acted for it, or when it concerns the organisation itself. By
 * ``person`` (who did it, or for whom), ``patient`` or any other id it is about, ``act``, and time: without ``after``
 * the last 31 days, and never more than 366 at once.
 */
export interface SearchAudit {
  organisation?: Id | null;
  person?: Id | null;
  patient?: Id | null;
  act?: string;
  after?: Instant | null;
  before?: Instant | null;
  limit?: number;
  cursor?: string | null;
}

/** Professionals by words, profession, speciality, organisation and place; at least one of them is needed. */
export interface SearchDirectory {
  text?: string | null;
  profession?: string | null;
  speciality?: string | null;
  organisation?: string | null;
  cpts?: string | null;
  place?: NearPlace | null;
  radius_km?: number | null;
  bookable?: boolean | null;
  on_relais?: boolean | null;
  limit?: number;
  cursor?: string | null;
}

/**
 * Organisations and services on Relais by their names, without regard to accents, case and hyphens. A service is
 * found by its own name, and by words of its establishment's beside that.
 */
export interface SearchOrganisations {
  text: string;
  kind?: "cpts" | "establishment" | "practice" | "service" | null;
  limit?: number;
}

/**
 * Patients whose record the caller may open, born on this day, whose family or birth name is this one in any
 * spelling: possible duplicates. With ``first_names`` also those for whom the two were exchanged.
 */
export interface SearchPatients {
  family_name: string;
  birth_date: CalendarDay;
  first_names?: string | null;
  birth_name?: string | null;
}

/** What made a refusal: the name of the document beside that of the register. */
export interface SeenNames {
  document?: string;
  register?: string;
}

/**
 * Adds a message to the end of the conversation. The answer comes after it is durable.
 *
 * ``reply_to`` names a message of the same conversation that the author may see. In a conversation of two it is
 * ``blocked`` for whom the author blocks, and ``unreachable`` when the other is not on Relais for them.
 *
 * ``attachments`` are files that the author uploads and nothing holds yet, or that they may read elsewhere; each may
 * still be on its way through the checks. With files the text may be left out.
 */
export interface SendMessage {
  id: Id;
  conversation: Id;
  body?: string;
  reply_to?: Id | null;
  attachments?: Id[];
}

export interface SendMessageResult {
  message: MessageView;
}

/**
 * The caller asked somebody. ``sent`` until they are told something: also when it was refused without a word.
 *
 * ``again_at`` is when this person can be asked again.
 */
export interface SentRequestView {
  id: Id;
  person: Id;
  name: string;
  at: Instant;
  state: "accepted" | "refused" | "sent";
  again_at: Instant;
  profession?: string;
  speciality?: string;
  reason?: string;
}

/** A part of an establishment: an organisation with members and a messaging profile of its own. */
export interface ServiceView {
  id: Id;
  name: string;
}

/** One signed-in device. */
export interface SessionView {
  id: Id;
  kind: string;
  label: string;
  created_at: Instant;
  last_seen_at: Instant;
  current?: boolean;
  opened_by?: string;
  strong?: boolean;
  has_code?: boolean;
  wipe?: "asked" | "done";
  wipe_asked_at?: Instant;
  wiped_at?: Instant;
}

/** ``more``: there are others, seen longer ago; end some, or all others by ``session.end_others``. */
export interface Sessions {
  sessions: SessionView[];
  more?: boolean;
}

/** Says who reaches the caller. Conversations that there are go on. */
export interface SetContactRule {
  rule: "ask_first" | "everybody" | "my_organisations";
}

/** After how many minutes without a touch devices with a code lock. More than an organisation allows is refused. */
export interface SetLock {
  desk: number;
  phone: number;
}

/** Gives this device a code, in place of the one before. The server keeps a digest of what the code proves. */
export interface SetLockCode {
  proof: string;
}

/**
 * Sends a code to a mobile of the caller's, which takes the place of the one before once it is confirmed. Five
 * codes in 24 hours, one a minute.
 */
export interface SetMobile {
  mobile: string;
}

/**
 * Gives and takes levels on several agendas and profiles at once, all or none; what is not named stays.
 *
 * Nobody gives more than they hold. Somebody's own agenda is theirs. Reading or answering a colleague's messages waits
 * for that colleague's consent (``profile.answer``). The person's open screens change at once.
 */
export interface SetRights {
  organisation: Id;
  person: Id;
  agendas?: AgendaRight[];
  profiles?: ProfileRight[];
  limits?: LimitsForm | null;
}

/**
 * Lets a member look after a group or a case too, or no longer. The same role again changes nothing.
 *
 * Somebody always looks after it: the last one first names another (``last_responsible``). When they leave, the eldest
 * member does.
 */
export interface SetRole {
  conversation: Id;
  person: Id;
  role: "member" | "owner";
}

/** How an organisation is run; shown to its members alone. */
export interface SettingsView {
  access_rule: "agenda_managers" | "owners" | "owners_and_administrators";
  own_patients_only?: boolean;
  schedules_shown?: boolean;
  demands_document?: boolean;
  lock_at_most?: number;
  members?: number;
  looked_after?: boolean;
}

/** A place where patients are received. ``time_zone`` is a name of the IANA database. */
export interface SiteForm {
  id: Id;
  name: string;
  address?: string;
  postal_code?: string;
  city?: string;
  time_zone?: string;
}

/** A place where an organisation receives patients; its zone is the clock of its agendas. */
export interface SiteView {
  id: Id;
  name: string;
  address?: string;
  postal_code?: string;
  city?: string;
  time_zone?: string;
}

/** The slot is booked. This is how ``appointment.booked`` is told to those who watch without a level. */
export interface SlotBooked {
  start: Instant;
  end: Instant;
}

export interface SlotBookedMasked {
  start: Instant;
  end: Instant;
}

export interface SlotHeld {
  start: Instant;
  end: Instant;
  expires_at: Instant;
  hold: Id;
  by: Id;
  by_name: string;
}

export interface SlotHeldMasked {
  start: Instant;
  end: Instant;
  expires_at: Instant;
}

/** The slot is free again: given back, or the fifteen minutes are over. */
export interface SlotReleased {
  start: Instant;
  end: Instant;
  hold: Id;
}

export interface SlotReleasedMasked {
  start: Instant;
  end: Instant;
}

/** A free slot; ``start`` and ``end`` carry the site's offset. */
export interface SlotView {
  agenda: Id;
  reason: Id;
  start: Instant;
  end: Instant;
}

/**
 * Free slots, earliest first, of whole days. An answer has 1,000 of them at most, unless one single day has more.
 *
 * ``next`` is the day from which to ask again. Beside slots: the days asked for go on there, and those before it are
 * complete. Without any: nothing is free before it; it is the next day that has a slot or, when many agendas were
 * asked for, the first that was not looked at. Without ``next`` the answer is complete; if it is also empty, nothing
 * is free in the 62 days after ``to`` either.
 */
export interface Slots {
  slots: SlotView[];
  next?: CalendarDay;
}

/** The page to go on with, which leads to the provider's as soon as that is ready. */
export interface StartResult {
  url: string;
  verification: VerificationView;
}

/**
 * Begins a verification by an identity document and a photo of the face, at the provider's. ``invalid_state`` when
 * one is under way, when there is nothing more to prove, or when this Relais does not offer it (``not_offered``).
 */
export interface StartVerification {
  id: Id;
  method: "document";
}

/**
 * Records that somebody is struck off or suspended by their order: their verification ends at once, with every
 * session of theirs, and they are told why and how to appeal. Moderators only; one is enough to close.
 */
export interface StateStatement {
  person: Id;
  statement: "struck_off" | "suspended";
}

/**
 * One numbered change, live and in the answer to ``sync``.
 *
 * ``masked``: ``data`` is the masked form of its type, since the reader may know no more. ``erased``: what it told
 * of is erased or can no longer be opened; ``data`` is empty, and the number is taken all the same.
 */
export interface StreamEventView {
  stream: string;
  seq: number;
  at: Instant;
  type: string;
  data: unknown;
  masked?: boolean;
  erased?: boolean;
}

/**
 * One stream of the person, with the view of what it belongs to, if there is one to show.
 *
 * ``from`` is the first number that the person may see: ``sync`` from further back begins there, and nothing before it
 * is a gap or unread. Absent, they may see everything.
 */
export interface StreamState {
  stream: string;
  head: number;
  from?: number;
  read?: number;
  unread?: number;
  conversation?: ConversationView;
}

/**
 * What happened in a stream after a number. Access is checked now, not as it was then.
 *
 * Events that the caller may not see, because their membership shows the stream from a later number, are left out:
 * the answer then begins at that number.
 */
export interface Sync {
  stream: string;
  after: number;
  limit?: number;
}

/**
 * Events after the number asked for, in order, as many as fit into 256 KiB; ``more`` when there are further ones.
 *
 * A single event that is larger is sent alone.
 */
export interface Synced {
  events: StreamEventView[];
  head: number;
  more?: boolean;
}

/** Takes a reaction of the caller's back. One that there is not, changes nothing. */
export interface TakeReactionBack {
  message: Id;
  emoji: "✅" | "❓" | "❤️" | "👀" | "👍";
}

/** Says whose turn it is in a case, where who wrote last does not tell: a thank-you is no question. */
export interface TurnCase {
  conversation: Id;
  to: "asked" | "asker";
}

/** Tells the others that the caller is writing. Clients repeat it every few seconds; it expires after six. */
export interface Typing {
  conversation: Id;
}

/** Sent to the members who are connected; nothing is kept. */
export type TypingResult = Record<string, never>;

export interface TypingSignal {
  person: Id;
}

export interface UnblockPerson {
  person: Id;
}

/** The socket no longer follows the agenda; ``head`` says nothing. */
export interface UnwatchAgenda {
  agenda: Id;
}

/**
 * Changes what is given and leaves the rest. Lists take the place of what was there.
 *
 * A visit reason that is left out can no longer be booked; what is booked stays. The bounds are those of
 * ``agenda.create``.
 */
export interface UpdateAgenda {
  agenda: Id;
  name?: string | null;
  reasons?: ReasonForm[] | null;
  openings?: OpeningForm[] | null;
  step?: number | null;
  notice?: number | null;
  horizon?: number | null;
}

/** Gives a group another title. */
export interface UpdateConversation {
  conversation: Id;
  title: string;
}

/** Changes what is given. Who owns or administers is changed by owners alone; somebody always remains who does. */
export interface UpdateMembership {
  organisation: Id;
  person: Id;
  function?: "administrative" | "assistant" | "dispatcher" | "operations_manager" | "practitioner" | "secretary" | null;
  administrator?: boolean | null;
  owner?: boolean | null;
  coordinator?: boolean | null;
}

/**
 * Changes what is given. Who manages access, and what practitioners see of each other, is for owners.
 *
 * With ``own_patients_only`` what practitioners have been given on agendas that are not theirs falls to ``busy``.
 */
export interface UpdateOrganisation {
  organisation: Id;
  name?: string | null;
  finess?: string | null;
  phone?: string | null;
  email?: string | null;
  website?: string | null;
  hours?: HoursForm[] | null;
  specialities?: string[] | null;
  access_rule?: "agenda_managers" | "owners" | "owners_and_administrators" | null;
  own_patients_only?: boolean | null;
  schedules_shown?: boolean | null;
  demands_document?: boolean | null;
  lock_at_most?: number | null;
}

/**
 * Changes what is given of the caller's profile; an empty text or list empties it. A name can be changed until it
 * is proven (``invalid_state`` from then on).
 */
export interface UpdateProfile {
  first_name?: string | null;
  last_name?: string | null;
  practice_mode?: "liberal" | "salaried" | null;
  fee_sector?: "1" | "2" | "2_optam" | "none" | null;
  address?: string | null;
  postal_code?: string | null;
  city?: string | null;
  places?: ProfilePlace[] | null;
  language?: "en" | "fr" | null;
  languages?: string[] | null;
  phone?: string | null;
  mobile_shown?: boolean | null;
  mssante?: string | null;
}

/** Changes what is given of a site. Its clock stays as it is: agendas are kept by it. */
export interface UpdateSite {
  site: Id;
  name?: string | null;
  address?: string | null;
  postal_code?: string | null;
  city?: string | null;
}

/** The caller's verification. */
export interface VerificationResult {
  verification: VerificationView;
}

/** One step on the way, and whether it is done, waits for others, is the person's to do, or is not reached yet. */
export interface VerificationStep {
  step: "access" | "document" | "profile" | "register";
  state: "action" | "done" | "none" | "waiting";
  at?: Instant;
}

/**
 * Where the caller's verification stands. ``reason`` is a code; ``may_retry``: ``verification.start`` may be asked.
 *
 * ``url`` is the page to go on with, on any device, while they are awaited there. ``answer_by`` is when moderators
 * answer at the latest, ``act_by`` when the person has to have gone on, ``erased_at`` when the images are erased.
 */
export interface VerificationView {
  state: "awaiting_person" | "in_review" | "none" | "pending" | "refused" | "verified";
  may_retry: boolean;
  id?: Id;
  method?: string;
  reason?: string;
  may_appeal?: boolean;
  attempt?: number;
  attempts?: number;
  url?: string;
  decided_at?: Instant;
  answer_by?: Instant;
  act_by?: Instant;
  erased_at?: Instant;
  confirm_by?: Instant;
  names?: SeenNames;
  steps?: VerificationStep[];
}

/** What a message said until ``until``; versions are numbered from 0. ``erased``: it can no longer be opened. */
export interface VersionView {
  number: number;
  body: string;
  until: Instant;
  erased?: boolean;
}

/**
 * From now on the socket receives the agenda's events: in full for who may read it, and masked, as times alone, for
 * who may see that it is busy.
 *
 * Without a level the socket receives ``slot.held``, ``slot.released`` and ``slot.booked``, masked, and nothing else:
 * a booking comes as ``slot.booked``, and a cancellation as ``slot.released``. ``sync`` of the stream is refused,
 * ``head`` is 0, and the numbers are the socket's own: they grow, and say nothing of what else happens in the agenda.
 * Load the slots again when the screen is shown again, and after a reconnection. While the agenda cannot be booked
 * nothing comes.
 *
 * The level counts as it is at each event: one that is given or taken while watching changes what comes next. A socket
 * watches 100 agendas at most; one more is refused with ``too_large``.
 */
export interface WatchAgenda {
  agenda: Id;
}

/**
 * ``head`` is the number up to which the stream can be read with ``sync``. It is 0 for who has no level on the
 * agenda, and gets nothing of its stream but which slots are taken and freed from now on.
 */
export interface WatchResult {
  stream: string;
  head: number;
}

/**
 * From this answer on nothing newer than each ``head`` is missing: it comes as an event, or ``sync`` has it.
 *
 * It has at most 64 KiB, whatever the person has: of what moved last, at most 50 streams with the view of what they
 * belong to, as many as fit into 40 KiB, and at most 300 without one. With the ``cursors`` of ``hello`` only what
 * differs from them is listed: a stream that stands elsewhere, or of which something is unread. What has a cursor and
 * is not listed has not moved, and nothing in it is unread, unless there are ``more``: then it may have.
 *
 * ``more``: the person has streams that differ and are not listed. ``conversation.list`` has them, by activity.
 * ``unread`` is the number of unread messages in all of their conversations.
 *
 * A person whose identity is not verified has no streams, and is sent no events. When it becomes verified the socket
 * closes with 1012, and ``hello`` on the next one says so.
 */
export interface Welcome {
  me: Me;
  limits: Limits;
  server_time: Instant;
  streams: StreamState[];
  more?: boolean;
  unread?: number;
}

/** A stretch in which an agenda is open, or its practitioner absent (then ``id`` names the absence). */
export interface Window {
  start: Instant;
  end: Instant;
  id?: Id;
}

/**
 * For a device that is lost: ends its session, closes its sockets with 4410, and has what it keeps destroyed as
 * soon as it asks for anything. The caller is told by mail, now and when it is done.
 */
export interface WipeSession {
  session: Id;
}

/**
 * Takes back the consent to the check of one's document: what the provider keeps of the caller is erased there.
 * What was decided stays, and so does the trace of it.
 */
export type WithdrawVerification = Record<string, never>;

export interface Methods {
  "hello": { params: Hello; result: Welcome };
  "sync": { params: Sync; result: Synced };
  "organisation.create": { params: CreateOrganisation; result: OrganisationResult };
  "organisation.get": { params: GetOrganisation; result: OrganisationResult };
  "organisation.search": { params: SearchOrganisations; result: Organisations };
  "organisation.update": { params: UpdateOrganisation; result: OrganisationResult };
  "site.create": { params: CreateSite; result: OrganisationResult };
  "site.update": { params: UpdateSite; result: OrganisationResult };
  "service.create": { params: CreateService; result: OrganisationResult };
  "organisation.claim": { params: ClaimOrganisation; result: OrganisationResult };
  "organisation.appoint": { params: AppointMember; result: OrganisationResult };
  "organisation.claims": { params: ListClaims; result: Claims };
  "organisation.members": { params: ListMembers; result: OrganisationMembers };
  "member.update": { params: UpdateMembership; result: MemberResult };
  "member.remove": { params: EndMembership; result: Done };
  "member.rights": { params: GetRights; result: MemberRights };
  "rights.set": { params: SetRights; result: MemberRights };
  "profile.requests": { params: ListProfileRequests; result: ProfileRequests };
  "profile.answer": { params: AnswerProfileRequest; result: Done };
  "member.create": { params: CreateMember; result: MemberResult };
  "invitation.create": { params: CreateInvitation; result: InvitationResult };
  "invitation.list": { params: ListInvitations; result: Invitations };
  "invitation.revoke": { params: RevokeInvitation; result: InvitationResult };
  "invitation.correct": { params: CorrectInvitation; result: InvitationResult };
  "invitation.remind": { params: RemindInvitations; result: Reminded };
  "invitation.import": { params: ImportInvitations; result: Imported };
  "invitation.accept": { params: AcceptInvitation; result: Joined };
  "invitation.decline": { params: DeclineInvitation; result: Done };
  "invitation.admit": { params: AdmitArrival; result: InvitationResult };
  "contact.settings": { params: GetContacts; result: ContactSettings };
  "contact.rule": { params: SetContactRule; result: ContactSettings };
  "contact.block": { params: BlockPerson; result: ContactSettings };
  "contact.unblock": { params: UnblockPerson; result: ContactSettings };
  "contact.request": { params: RequestContact; result: Done };
  "contact.answer": { params: AnswerContact; result: ContactSettings };
  "audit.search": { params: SearchAudit; result: AuditEntries };
  "audit.export": { params: ExportAudit; result: AuditExport };
  "session.list": { params: ListSessions; result: Sessions };
  "session.end": { params: EndSession; result: Done };
  "session.end_others": { params: EndOtherSessions; result: Done };
  "session.wipe": { params: WipeSession; result: Done };
  "session.found": { params: FindSession; result: Done };
  "lock.get": { params: GetLock; result: LockView };
  "lock.set": { params: SetLock; result: LockView };
  "lock.code": { params: SetLockCode; result: LockSecret };
  "lock.remove": { params: RemoveLockCode; result: Done };
  "lock.open": { params: OpenLock; result: LockOpened };
  "session.act_for": { params: ActFor; result: ActForResult };
  "directory.search": { params: SearchDirectory; result: Hits };
  "directory.get": { params: GetEntry; result: DirectoryEntry };
  "verification.candidates": { params: FindCandidates; result: Candidates };
  "verification.claim": { params: ClaimEntry; result: ClaimResult };
  "profile.get": { params: GetProfile; result: Profile };
  "profile.update": { params: UpdateProfile; result: Profile };
  "profile.mobile": { params: SetMobile; result: MobileStarted };
  "profile.confirm_mobile": { params: ConfirmMobile; result: ConfirmMobileResult };
  "verification.get": { params: GetVerification; result: VerificationResult };
  "verification.start": { params: StartVerification; result: StartResult };
  "verification.withdraw": { params: WithdrawVerification; result: VerificationResult };
  "verification.appeal": { params: AppealVerification; result: VerificationResult };
  "verification.queue": { params: ListQueue; result: Queue };
  "verification.decide": { params: DecideVerification; result: DecideResult };
  "verification.statement": { params: StateStatement; result: Done };
  "file.get": { params: GetFile; result: FileResult };
  "file.discard": { params: DiscardFile; result: Done };
  "conversation.open": { params: OpenConversation; result: ConversationResult };
  "conversation.get": { params: GetConversation; result: ConversationResult };
  "conversation.list": { params: ListConversations; result: Conversations };
  "conversation.add": { params: AddMember; result: ConversationResult };
  "conversation.remove": { params: RemoveMember; result: ConversationResult };
  "conversation.role": { params: SetRole; result: ConversationResult };
  "conversation.requests": { params: ListGroupRequests; result: GroupRequests };
  "conversation.accept": { params: AcceptGroup; result: ConversationResult };
  "conversation.decline": { params: DeclineGroup; result: Done };
  "conversation.hide": { params: HideConversation; result: ConversationResult };
  "conversation.leave": { params: LeaveConversation; result: LeaveConversationResult };
  "conversation.update": { params: UpdateConversation; result: ConversationResult };
  "case.close": { params: CloseCase; result: ConversationResult };
  "case.reopen": { params: ReopenCase; result: ConversationResult };
  "case.turn": { params: TurnCase; result: ConversationResult };
  "case.handover": { params: HandOverCases; result: HandOverResult };
  "message.send": { params: SendMessage; result: SendMessageResult };
  "message.edit": { params: EditMessage; result: MessageResult };
  "message.delete": { params: DeleteMessage; result: MessageResult };
  "message.react": { params: ReactToMessage; result: MessageResult };
  "message.unreact": { params: TakeReactionBack; result: MessageResult };
  "message.versions": { params: GetMessageVersions; result: MessageVersions };
  "message.receipts": { params: GetMessageReceipts; result: MessageReceipts };
  "message.read": { params: ReadMessages; result: ReadMessagesResult };
  "message.history": { params: GetHistory; result: History };
  "typing": { params: Typing; result: TypingResult };
  "agenda.list": { params: ListAgendas; result: Agendas };
  "agenda.reasons": { params: GetReasons; result: Agendas };
  "agenda.create": { params: CreateAgenda; result: AgendaResult };
  "agenda.update": { params: UpdateAgenda; result: AgendaResult };
  "absence.add": { params: AddAbsence; result: AgendaResult };
  "absence.remove": { params: RemoveAbsence; result: AgendaResult };
  "agenda.grant": { params: GrantAccess; result: AgendaResult };
  "agenda.export": { params: ExportAgenda; result: AgendaExport };
  "agenda.slots": { params: FindSlots; result: Slots };
  "agenda.watch": { params: WatchAgenda; result: WatchResult };
  "agenda.unwatch": { params: UnwatchAgenda; result: WatchResult };
  "hold.list": { params: ListHolds; result: Holds };
  "slot.hold": { params: HoldSlot; result: HoldSlotResult };
  "slot.release": { params: ReleaseSlot; result: ReleaseSlotResult };
  "agenda.day": { params: GetDay; result: Day };
  "appointment.cancel": { params: CancelAppointment; result: CancelAppointmentResult };
  "patient.search": { params: SearchPatients; result: Patients };
  "patient.create": { params: CreatePatient; result: CreatePatientResult };
  "patient.practitioners": { params: ListPractitioners; result: PatientPractitioners };
  "patient.supervise": { params: NameSupervisor; result: PatientPractitioners };
  "referral.book": { params: BookReferral; result: BookReferralResult };
  "referral.get": { params: GetReferral; result: GetReferralResult };
  "referral.list": { params: ListReferrals; result: Referrals };
}

export interface Events {
  "membership.changed": MembershipChanged;
  "membership.ended": MembershipEnded;
  "rights.changed": RightsChanged;
  "profile.requested": ProfileRequested;
  "contact.requested": ContactRequested;
  "contact.blocked": ContactBlocked;
  "contact.refused": ContactRefused;
  "contact.accepted": ContactAccepted;
  "file.changed": FileChanged;
  "conversation.added": InboxConversationAdded;
  "conversation.removed": InboxConversationRemoved;
  "conversation.requested": InboxConversationRequested;
  "conversation.hidden": InboxConversationHidden;
  "message.sent": MessageSent;
  "message.edited": MessageEdited;
  "message.deleted": MessageDeleted;
  "message.reacted": MessageReacted;
  "message.files_checked": MessageFilesChecked;
  "conversation.opened": ConversationOpened;
  "member.added": MemberAdded;
  "member.asked": MemberAsked;
  "member.removed": MemberRemoved;
  "member.role_changed": MemberRoleChanged;
  "conversation.updated": ConversationUpdated;
  "case.turned": CaseTurned;
  "case.closed": CaseClosedEvent;
  "case.reopened": CaseReopened;
  "case.handed_over": CaseHandedOver;
  "hold.ended": HoldEnded;
  "slot.held": SlotHeld;
  "slot.released": SlotReleased;
  "slot.booked": SlotBooked;
  "appointment.booked": AppointmentBooked;
  "appointment.cancelled": AppointmentCancelled;
  "appointment.notice": AppointmentNotice;
  "agenda.changed": AgendaChanged;
  "referral.booked": ReferralBooked;
  "referral.cancelled": ReferralCancelled;
  "referral.notice": ReferralNotice;
  "referral.files_checked": ReferralFilesChecked;
}

export interface MaskedEvents {
  "slot.held": SlotHeldMasked;
  "slot.released": SlotReleasedMasked;
  "slot.booked": SlotBookedMasked;
  "appointment.booked": AppointmentBookedMasked;
  "appointment.cancelled": AppointmentCancelledMasked;
  "appointment.notice": AppointmentNoticeMasked;
  "agenda.changed": AgendaChangedMasked;
}

export interface Signals {
  "typing": TypingSignal;
  "message.read": ReadSignal;
}

/** Why a request was not carried out: what people are told follows from it. */
export type Reason =
  | "not_found"
  | "forbidden"
  | "conflict"
  | "id_taken"
  | "invalid_state"
  | "rate_limited"
  | "too_large"
  | "unavailable"
  | "not_verified"
  | "second_factor_required"
  | "reauthentication_required"
  | "slot_taken"
  | "hold_expired"
  | "too_many_holds"
  | "hold_paused"
  | "too_many_bookings"
  | "too_many_notices"
  | "declined"
  | "asks_here"
  | "last_responsible"
  | "case_closed"
  | "too_many_groups"
  | "last_owner"
  | "last_administrator"
  | "more_than_held"
  | "vouched_only"
  | "withheld"
  | "finess_taken"
  | "already_there"
  | "invitation_over"
  | "asks_first"
  | "blocked"
  | "unreachable"
  | "too_many_contacts"
  | "too_many_patients"
  | "wrong_offset"
  | "too_many_files"
  | "file_refused"
  | "file_gone"
  | "upload_unfinished"
  | "too_late"
  | "too_many_edits"
  | "invalid"
  | "parse_error"
  | "invalid_request"
  | "method_not_found";

export type MethodName = keyof Methods;
export type Params<M extends MethodName> = Methods[M]["params"];
export type Result<M extends MethodName> = Methods[M]["result"];
export type EventType = keyof Events;
export type SignalType = keyof Signals;

export interface Request<M extends MethodName = MethodName> {
  jsonrpc: "2.0";
  id: number | string;
  method: M;
  params: Params<M>;
}

export interface Refused {
  code: number;
  message: string;
  data?: { reason?: Reason; path?: string; retry_after?: number; incident?: string; [more: string]: unknown };
}

export interface Answer {
  jsonrpc: "2.0";
  id: number | string | null;
  result?: unknown;
  error?: Refused;
}

/** What an event carries: masked, when the reader may only know that it happened, and when. */
export type EventData<K extends EventType> = K extends keyof MaskedEvents ? Events[K] | MaskedEvents[K] : Events[K];

/** A lasting change, numbered from 1 without gaps in its stream. Types not in `Events` are ignored. */
export type StreamEvent<T extends EventType = EventType> = {
  [K in T]: { stream: string; seq: number; at: Instant; type: K; data: EventData<K>; masked?: boolean };
}[T];

/** Something momentary: not numbered, not stored, may be dropped. */
export type StreamSignal<T extends SignalType = SignalType> = {
  [K in T]: { stream: string; type: K; data: Signals[K] };
}[T];

export type Notification =
  | { jsonrpc: "2.0"; method: "event"; params: StreamEvent }
  | { jsonrpc: "2.0"; method: "signal"; params: StreamSignal };

/** Streams of which one `hello` may say how far they are known. */
export const HELLO_CURSORS = 500;

export const CLOSE = {
  /** A frame of more than 64 KiB. */
  too_big: 1009,
  /** Connect again, with jitter: the server restarts, or what this person may do has changed. */
  restarting: 1012,
  /** Frames that are not text, or again and again not JSON-RPC. */
  protocol_error: 4400,
  /** Not signed in, or the session has ended: sign in again. */
  not_signed_in: 4401,
  /** Known and not allowed in: suspended, or the page of another site. */
  not_allowed: 4403,
  /** No `hello` within 10 seconds, or no pong: connect again. */
  silent: 4408,
  /** This device connected again elsewhere: leave it there. */
  connected_elsewhere: 4409,
  /** Declared lost: destroy what the device keeps, then `POST /auth/browser/v1/auth/wiped`. */
  wiped: 4410,
  /** `rate_limited` was answered and not heeded: wait, then connect again. */
  too_many_requests: 4429,
  /** The client reads too slowly: connect again and `sync`. */
  too_slow: 4430,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];
