/** The locked device, in English: the keys of the French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./words.fr";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  title: "Relais is locked",
  code: "Code of this device, six digits",
  wrong: (left: number) => `Wrong code. ${forms(left, "# attempt left.", "# attempts left.")}`,
  noCode: "Relais knows no code of this device any more. Press “Forgotten the code?” to sign out, then sign in again.",
  noCodeFace: "Relais knows no code of this device any more. Open it with your fingerprint or face.",
  offline: "Without a network the code cannot be checked. Try again as soon as there is one.",
  offlineFace: "Without a network the code cannot be checked. Use your fingerprint or face.",
  givenUp: "The device did not recognise you. Type the code.",
  busy: "Checking…",
  face: "Open by fingerprint, face or the device’s own code",
  back: "Delete the last digit",
  forgotten: "Forgotten the code?",
  other: "Change account",
  foot: "Nothing can be read while the screen is locked.",
  leaveTitle: "Sign out of this device?",
  leaveText:
    "Drafts, and messages that had not left yet, are erased here. Then sign in again, and choose another code.",
  stay: "Back to the code",
  leave: "Sign out",
  propose: {
    title: "A code for this device",
    text: "Relais opens on this device without a code.",
    choose: "Choose a code",
    later: "Not now",
  },
};
