/** What stands beside the screens outside the application, in English: the keys of the French. */

import type { fr } from "./words.fr";

export const en: typeof fr = {
  tagline: "Care carried on, in one window.",
  promise: [
    ["A question", "to a verified colleague"],
    ["An opinion", "on record, with its outcome"],
    ["An appointment", "booked in the conversation"],
    ["A reply letter", "that comes back to the same place"],
  ],
  hosted: "Hosted by your organisation. Health data encrypted.",
  step: (at, of) => `Step ${at} of ${of}`,
};
