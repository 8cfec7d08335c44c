/** A referral in a thread, in English: the keys of the French. */

import type { fr } from "./cardWords.fr";

export const en: typeof fr = {
  booking: "Referral",
  states: {
    draft: "Draft",
    sent: "Sent",
    proposed: "Slot proposed",
    booked: "Booked",
    seen: "Patient seen",
    answered: "Letter received",
    closed: "Closed",
    declined: "Declined",
    cancelled: "Cancelled",
    no_show: "Patient did not come",
  },
};
