/** The two texts that everybody agrees to, in English: the keys of the French. */

import type { fr } from "./documents.fr";

export const en: typeof fr = {
  versions: { terms: "2026-11", data_agreement: "2026-11" },
  version: version => `Version ${version}`,
  texts: {
    terms: {
      title: "Terms of use",
      parts: [
        [
          "For whom",
          "Relais is for health professionals and their teams. An account is personal: it is neither lent nor shared. Every identity is verified before the first exchange.",
        ],
        [
          "What for",
          "To talk about patients whom you treat or about whom you are asked for an opinion, to refer a patient, to book, to hand on documents. You remain bound by professional secrecy, and open only what the care needs.",
        ],
        [
          "What Relais is not",
          "Relais replaces neither 15 nor 112, nor the patient’s record. A vital emergency goes by telephone. What must stay on record is entered there by you.",
        ],
        [
          "What you write",
          "You answer for your opinions and your messages. Every reading and every act is recorded, with its author and its time, and can be looked at by those who have the right to.",
        ],
        [
          "Your security",
          "You keep your means of signing in to yourself, lock your devices, and report a lost device or a suspicious access at once.",
        ],
        [
          "End of an account",
          "You can close your account at any time. An account is suspended when identity or right to practise is no longer established, or when these terms are not kept; you are told the reason and how to appeal.",
        ],
      ],
    },
    data_agreement: {
      title: "Data-protection agreement",
      parts: [
        [
          "Who answers for your data",
          "The organisation that runs this Relais is responsible for it. The data is kept with a certified host of health data, encrypted.",
        ],
        [
          "Which, and why",
          "Your identity, your professional number, your places of practice and the ways to reach you, to identify you and so that colleagues find you. Your messages, documents and appointments, for the care of patients. The records of sign-ins and accesses, because the law asks for them.",
        ],
        [
          "The verification of your identity",
          "By e-CPS or CPS card, we are given your professional identity alone. By the form, a provider compares your identity document with a photo of your face; Relais keeps no picture, only the result and its reference. You can withdraw this agreement: what the provider keeps is then erased.",
        ],
        [
          "For how long",
          "A sign-up without its code is erased after a day. The account lasts as long as you use it. Records are kept for as long as the law says, then erased.",
        ],
        [
          "Who else",
          "Nobody but those with whom you talk, those who run your organisation within their rights, and moderators for your verification alone. Nothing is sold, nothing serves advertising.",
        ],
        [
          "Your rights",
          "Access, correction, erasure, restriction, objection, portability: ask whoever administers this Relais. You can turn to the CNIL.",
        ],
      ],
    },
  },
};
