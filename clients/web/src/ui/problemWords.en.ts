/** Why something was not carried out, and what to do, in English. */

import type { fr } from "./problemWords.fr";

export const en: typeof fr = {
  problems: {
    not_found: "This does not exist, or you no longer have access to it.",
    forbidden: "You may not do this. Ask whoever manages this space.",
    not_verified: "Your identity must be verified before you go further.",
    second_factor_required: "Add a second factor in “Me”, or sign in with it, to go further.",
    reauthentication_required: "Confirm first that it is you.",
    conflict: "Someone has just changed the same thing. Read it again, then retry.",
    id_taken: "This request has already been used for something else. Try again.",
    slot_taken: "This slot has just been taken. Choose another.",
    too_many_holds: "You hold as many slots as one may. Book one, or give it back first.",
    too_many_bookings:
      "You have as many appointments in this agenda as one may. Ask the practice to book further ones.",
    too_many_notices:
      "You have caused as many messages to patients as one may in an hour. Wait, or have a colleague book.",
    hold_paused: "You have held this slot for a quarter of an hour: others may take it now. Choose another.",
    hold_expired: "The slot is no longer held for you. Choose it again: what you typed is kept.",
    invalid_state: "No longer possible: things have changed in the meantime.",
    rate_limited: "Too many requests in a row. Wait a little, then try again.",
    too_large: "This is too long to be sent. Shorten it, then try again.",
    declined: "One of these people does not want to be added to your groups. Write to them directly.",
    last_responsible: "Nobody else looks after this group. Let another member do so first.",
    asks_here: "This case is yours and still open. Close it or hand it over, then leave.",
    case_closed: "This case is closed. Reopen it first.",
    too_many_groups: "You have opened many groups today. Write in one of them, or wait until tomorrow.",
    too_many_patients:
      "You have written down as many patients as one may in a day. Search for the one you need, or wait.",
    already_there: "This person is a member already, or has been invited already.",
    invitation_over: "This invitation is over. Ask whoever invites you for another one.",
    last_owner: "This is the last owner. Make somebody else an owner first.",
    last_administrator: "Nobody else looks after this organisation. Make somebody else an administrator first.",
    more_than_held: "Nobody gives more than they hold. Choose a lower level, or ask an owner.",
    withheld: "The owners of the organisation keep this from you. Ask one of them.",
    vouched_only: "An identity that the organisation vouches for is not enough here. It must be verified first.",
    finess_taken: "This establishment is on Relais already. Ask whoever looks after it for an invitation.",
    asks_first: "This person wants to be asked first. Send a request, and write when they have accepted.",
    blocked: "You have blocked this person. Unblock them first.",
    unreachable: "This person cannot be reached on Relais. Nothing was sent: reach them in another way.",
    file_refused: "This file is refused. Remove it, or send another one.",
    too_many_files: "You have sent as many files as is possible in a day. Wait until tomorrow.",
    wrong_offset: "Sending the file was interrupted. Try again.",
    too_many_contacts: "There are as many of these as one person may have. Remove one, or wait.",
    file_gone: "A file is not there any more. Choose it again.",
    too_late: "It is too late to change this message. Write another one that puts it right.",
    too_many_edits: "This message was edited as often as it can be. Write another one.",
    upload_unfinished: "A file has not arrived yet. Wait, or remove it.",
    invalid: "Something is not valid. Correct it, then try again.",
    credentials: "Wrong e-mail or password. Check both.",
    wrong_code: "This is not the right code. Wait for the next one, or use a recovery code.",
    unknown_passkey: "This passkey opens no account here. Sign in with your password.",
    cancelled: "The passkey did not answer. Try again, or choose another way.",
    suspended: "This account is suspended. Ask whoever runs Relais why.",
  },
  bounds: {
    new_device_waits:
      "Many wrong passwords were tried on this account: a new device must wait. To come in now, use Pro Santé Connect, a passkey, or “Forgotten password”.",
    sms_to_number:
      "You have caused as many SMS to this number as one may in an hour. Check the number, have a colleague book, or wait.",
    sms_by_person: "You have caused as many SMS as one may in an hour. Have a colleague book, or wait.",
    mail_to_address:
      "You have caused as many e-mails to this address as one may in an hour. Check the address, have a colleague book, or wait.",
    mail_by_person:
      "You have caused as many e-mails to patients as one may in an hour. Have a colleague book, or wait.",
    ahead: "You have as many appointments ahead in this agenda as one may. Ask the practice to book further ones.",
    day: "You have made as many appointments in this agenda as one may in a day. Ask the practice, or go on tomorrow.",
  },
};
