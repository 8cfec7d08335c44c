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
  phone: {
    asking: "Asking your phone…",
    text: "Open the e-CPS application on your phone and approve.",
    code: (digits: string) => `Code to compare: ${digits}`,
    compare: "The phone must show the same code. If it is another one, decline.",
    left: (seconds: number) => `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s left`,
    again: "Ask the phone again",
    refused: {
      late: "The phone did not answer in time. Ask again when you have it in hand.",
      declined: "Declined on the phone, or this number has no e-CPS. Check it and ask again.",
      begin_again: "The question has expired. Ask again when you have the phone in hand.",
      another_person: "This account is not tied to an e-CPS. Choose another way.",
      provider_unavailable: "Pro Santé Connect does not answer at the moment. Choose another way, or try again.",
      not_offered: "This Relais does not offer the e-CPS. Choose another way.",
      not_proven: "The phone’s answer does not prove who you are. Ask again.",
      level_too_low: "The phone’s answer is not of the level required. Use the card, or another way.",
      not_practising: "The register knows no present practice of yours: ask your order.",
      suspended: "This account is suspended. Ask whoever runs this Relais why.",
      identity_conflict: "Several accounts bear your numbers. Write to whoever runs this Relais.",
      invalid: "This is neither an RPPS nor an ADELI number. Check it.",
    } as Record<string, string>,
  },
};
