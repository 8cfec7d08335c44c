// Written by `relais wire` from the declarations of the rooms: change those, then run it.

/** How long a slot is held, in minutes. */
export const HOLD_MINUTES = 15;

/** How long a `typing` signal counts, in seconds. */
export const TYPING_SECONDS = 6;

/** For how long a message that was sent can be undone, in seconds. */
export const UNDO_SECONDS = 10;

/** Years that the birth of a patient may lie back, at most. */
export const OLDEST_AGE = 130;

/** The states of an appointment in which its time is taken. */
export const OCCUPYING_STATES = [
  "arrived",
  "booked",
  "done",
  "no_show",
] as const;

/** Why a request is refused by the domain (-32000). */
export const REFUSALS = [
  "not_found",
  "forbidden",
  "conflict",
  "id_taken",
  "invalid_state",
  "rate_limited",
  "too_large",
  "unavailable",
  "not_verified",
  "second_factor_required",
  "reauthentication_required",
  "slot_taken",
  "hold_expired",
  "too_many_holds",
  "hold_paused",
  "too_many_bookings",
  "too_many_notices",
  "declined",
  "asks_here",
  "last_responsible",
  "case_closed",
  "too_many_groups",
  "last_owner",
  "last_administrator",
  "more_than_held",
  "vouched_only",
  "withheld",
  "finess_taken",
  "already_there",
  "invitation_over",
  "asks_first",
  "blocked",
  "unreachable",
  "too_many_contacts",
  "too_many_patients",
  "wrong_offset",
  "too_many_files",
  "file_refused",
  "file_gone",
  "upload_unfinished",
  "too_late",
  "too_many_edits",
] as const;

/** What a member of an organisation does. */
export const MEMBER_FUNCTIONS = [
  "practitioner",
  "secretary",
  "assistant",
  "administrative",
  "operations_manager",
  "dispatcher",
] as const;

export type MemberFunction = (typeof MEMBER_FUNCTIONS)[number];

/** Characters in the fields of `AcceptInvitation`, at most. */
export const ACCEPT_INVITATION_LENGTHS = {
  token: 100,
} as const;

/** Characters in the fields of `AppealVerification`, at most. */
export const APPEAL_VERIFICATION_LENGTHS = {
  note: 2000,
} as const;

/** Characters in the fields of `BirthPlace`, at most. */
export const BIRTH_PLACE_LENGTHS = {
  city: 1000,
} as const;

/** Characters in the fields of `BookReferral`, at most. */
export const BOOK_REFERRAL_LENGTHS = {
  message: 4000,
} as const;

/** Characters in the fields of `CancelAppointment`, at most. */
export const CANCEL_APPOINTMENT_LENGTHS = {
  reason: 200,
} as const;

/** Characters in the fields of `CasePatient`, at most. */
export const CASE_PATIENT_LENGTHS = {
  initials: 10,
} as const;

/** Characters in the fields of `Client`, at most. */
export const CLIENT_LENGTHS = {
  name: 60,
  version: 60,
} as const;

/** Characters in the fields of `CloseCase`, at most. */
export const CLOSE_CASE_LENGTHS = {
  summary: 4000,
} as const;

/** Characters in the fields of `ConfirmMobile`, at most. */
export const CONFIRM_MOBILE_LENGTHS = {
  code: 200,
} as const;

/** Characters in the fields of `CorrectInvitation`, at most. */
export const CORRECT_INVITATION_LENGTHS = {
  email: 200,
} as const;

/** Characters in the fields of `CreateAgenda`, at most. */
export const CREATE_AGENDA_LENGTHS = {
  name: 200,
} as const;

/** Characters in the fields of `CreateInvitation`, at most. */
export const CREATE_INVITATION_LENGTHS = {
  email: 200,
  first_name: 200,
  last_name: 200,
  note: 1000,
} as const;

/** Characters in the fields of `CreateMember`, at most. */
export const CREATE_MEMBER_LENGTHS = {
  email: 200,
  first_name: 200,
  last_name: 200,
  rpps: 200,
} as const;

/** Characters in the fields of `CreateOrganisation`, at most. */
export const CREATE_ORGANISATION_LENGTHS = {
  name: 200,
  finess: 200,
  phone: 200,
  email: 200,
  website: 200,
} as const;

/** Characters in the fields of `CreateService`, at most. */
export const CREATE_SERVICE_LENGTHS = {
  name: 200,
} as const;

/** Characters in the fields of `CreateSite`, at most. */
export const CREATE_SITE_LENGTHS = {
  name: 200,
  address: 200,
  postal_code: 200,
  city: 200,
  time_zone: 40,
} as const;

/** Characters in the fields of `DecideVerification`, at most. */
export const DECIDE_VERIFICATION_LENGTHS = {
  note: 2000,
} as const;

/** Characters in the fields of `DeclineInvitation`, at most. */
export const DECLINE_INVITATION_LENGTHS = {
  token: 100,
} as const;

/** Characters in the fields of `EditMessage`, at most. */
export const EDIT_MESSAGE_LENGTHS = {
  body: 20000,
} as const;

/** Characters in the fields of `ExportAgenda`, at most. */
export const EXPORT_AGENDA_LENGTHS = {
  cursor: 600,
} as const;

/** Characters in the fields of `ExportAudit`, at most. */
export const EXPORT_AUDIT_LENGTHS = {
  act: 60,
  cursor: 600,
} as const;

/** Characters in the fields of `FindCandidates`, at most. */
export const FIND_CANDIDATES_LENGTHS = {
  number: 200,
} as const;

/** Characters in the fields of `FindSlots`, at most. */
export const FIND_SLOTS_LENGTHS = {
  place: 200,
} as const;

/** Characters in the fields of `GetDay`, at most. */
export const GET_DAY_LENGTHS = {
  cursor: 600,
} as const;

/** Characters in the fields of `GetReasons`, at most. */
export const GET_REASONS_LENGTHS = {
  cursor: 600,
} as const;

/** Characters in the fields of `HandOverCases`, at most. */
export const HAND_OVER_CASES_LENGTHS = {
  note: 4000,
} as const;

/** Characters in the fields of `ImportInvitations`, at most. */
export const IMPORT_INVITATIONS_LENGTHS = {
  note: 1000,
} as const;

/** Characters in the fields of `InvitationRow`, at most. */
export const INVITATION_ROW_LENGTHS = {
  email: 300,
  first_name: 300,
  last_name: 300,
  function: 300,
} as const;

/** Characters in the fields of `ListAgendas`, at most. */
export const LIST_AGENDAS_LENGTHS = {
  cursor: 600,
} as const;

/** Characters in the fields of `ListConversations`, at most. */
export const LIST_CONVERSATIONS_LENGTHS = {
  cursor: 600,
} as const;

/** Characters in the fields of `ListInvitations`, at most. */
export const LIST_INVITATIONS_LENGTHS = {
  cursor: 600,
} as const;

/** Characters in the fields of `ListMembers`, at most. */
export const LIST_MEMBERS_LENGTHS = {
  text: 200,
  cursor: 600,
} as const;

/** Characters in the fields of `ListQueue`, at most. */
export const LIST_QUEUE_LENGTHS = {
  cursor: 600,
} as const;

/** Characters in the fields of `ListReferrals`, at most. */
export const LIST_REFERRALS_LENGTHS = {
  cursor: 600,
} as const;

/** Characters in the fields of `NearPlace`, at most. */
export const NEAR_PLACE_LENGTHS = {
  city: 200,
} as const;

/** Characters in the fields of `NewCase`, at most. */
export const NEW_CASE_LENGTHS = {
  question: 4000,
} as const;

/** Characters in the fields of `OpenConversation`, at most. */
export const OPEN_CONVERSATION_LENGTHS = {
  title: 200,
} as const;

/** Characters in the fields of `PatientForm`, at most. */
export const PATIENT_FORM_LENGTHS = {
  first_names: 1000,
  family_name: 1000,
  phone: 1000,
  birth_name: 1000,
  address: 1000,
  postal_code: 1000,
  city: 1000,
  email: 1000,
  ins: 1000,
} as const;

/** Characters in the fields of `ProfilePlace`, at most. */
export const PROFILE_PLACE_LENGTHS = {
  name: 200,
  address: 200,
  postal_code: 200,
  city: 200,
  phone: 200,
} as const;

/** Characters in the fields of `ReasonForm`, at most. */
export const REASON_FORM_LENGTHS = {
  name: 200,
  instructions: 4000,
} as const;

/** Characters in the fields of `ReopenCase`, at most. */
export const REOPEN_CASE_LENGTHS = {
  reason: 4000,
} as const;

/** Characters in the fields of `RequestContact`, at most. */
export const REQUEST_CONTACT_LENGTHS = {
  reason: 300,
} as const;

/** Characters in the fields of `SearchAudit`, at most. */
export const SEARCH_AUDIT_LENGTHS = {
  act: 60,
  cursor: 600,
} as const;

/** Characters in the fields of `SearchDirectory`, at most. */
export const SEARCH_DIRECTORY_LENGTHS = {
  text: 200,
  profession: 200,
  speciality: 200,
  organisation: 200,
  cpts: 200,
  cursor: 600,
} as const;

/** Characters in the fields of `SearchOrganisations`, at most. */
export const SEARCH_ORGANISATIONS_LENGTHS = {
  text: 200,
} as const;

/** Characters in the fields of `SearchPatients`, at most. */
export const SEARCH_PATIENTS_LENGTHS = {
  family_name: 1000,
  first_names: 1000,
  birth_name: 1000,
} as const;

/** Characters in the fields of `SendMessage`, at most. */
export const SEND_MESSAGE_LENGTHS = {
  body: 20000,
} as const;

/** Characters in the fields of `SetMobile`, at most. */
export const SET_MOBILE_LENGTHS = {
  mobile: 200,
} as const;

/** Characters in the fields of `SiteForm`, at most. */
export const SITE_FORM_LENGTHS = {
  name: 200,
  address: 200,
  postal_code: 200,
  city: 200,
  time_zone: 40,
} as const;

/** Characters in the fields of `UpdateAgenda`, at most. */
export const UPDATE_AGENDA_LENGTHS = {
  name: 200,
} as const;

/** Characters in the fields of `UpdateConversation`, at most. */
export const UPDATE_CONVERSATION_LENGTHS = {
  title: 200,
} as const;

/** Characters in the fields of `UpdateOrganisation`, at most. */
export const UPDATE_ORGANISATION_LENGTHS = {
  name: 200,
  finess: 200,
  phone: 200,
  email: 200,
  website: 200,
} as const;

/** Characters in the fields of `UpdateProfile`, at most. */
export const UPDATE_PROFILE_LENGTHS = {
  first_name: 200,
  last_name: 200,
  address: 200,
  postal_code: 200,
  city: 200,
  phone: 200,
  mssante: 200,
} as const;

/** Characters in the fields of `UpdateSite`, at most. */
export const UPDATE_SITE_LENGTHS = {
  name: 200,
  address: 200,
  postal_code: 200,
  city: 200,
} as const;
