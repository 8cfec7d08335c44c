/** The page of one’s own account, in English: the keys of the French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./settingsWords.fr";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  elsewhere: "My places",
  contacts: "Who may write to me",
  title: "Me",
  confirm: "Confirm my identity",
  email: "E-mail",
  functionLabel: "Function",
  profession: "Profession",
  speciality: "Speciality",
  organisations: "Organisations",
  rpps: "RPPS",
  profile: "Profile: languages, places, contact",
  security: "Security and devices",
  display: "Display",
  theme: "Theme",
  themes: { auto: "System", light: "Light", dark: "Dark" },
  signOut: "Sign out",
  leaveTitle: "Not everything is sent",
  leaveText: lost =>
    [
      lost.messages && forms(lost.messages, "# message has still to leave.", "# messages have still to leave."),
      lost.drafts && forms(lost.drafts, "# draft is not sent.", "# drafts are not sent."),
      lost.forms &&
        `${forms(lost.forms, "# referral", "# referrals")} being filled in${lost.held.map(at => `, ${at} held`).join("")}.`,
      "If you sign out, all of this is erased from this device.",
    ]
      .filter(Boolean)
      .join(" "),
  leaveConfirm: "Sign out all the same",
  keyboard: "Keyboard shortcuts",
};
