/** A referral in a thread, in French. */

import type { ReferralView } from "../../wire/types";

export const fr = {
  booking: "Adressage",
  states: {
    draft: "Brouillon",
    sent: "Envoyé",
    proposed: "Créneau proposé",
    booked: "Réservé",
    seen: "Patient vu",
    answered: "Compte rendu reçu",
    closed: "Clos",
    declined: "Refusé",
    cancelled: "Annulé",
    no_show: "Patient non venu",
  } satisfies Record<ReferralView["state"], string>,
};
