/** What the frame of the application says, in English: the keys of the French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./words.fr";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  skip: "Skip to content",
  notFound: "There is no such page.",
  nav: {
    label: "Navigation",
    sections: {
      conversations: "Chats",
      referral: "Referral",
      agenda: "Agenda",
      directory: "Directory",
      me: "Me",
      team: "Team",
    },
  },
  bar: {
    offline: n =>
      n === 0
        ? "Offline. What you write will leave when the network is back."
        : forms(
            n,
            "Offline. # message will leave when the network is back.",
            "Offline. # messages will leave when the network is back.",
          ),
    away: n =>
      n === 0
        ? "Relais does not answer. What you write will be sent when it does."
        : forms(
            n,
            "Relais does not answer. # message will be sent when it does.",
            "Relais does not answer. # messages will be sent when it does.",
          ),
    connecting: "The connection is interrupted. Trying again.",
    now: "Try now",
    elsewhere: "Relais is open in another tab of this device. Nothing moves here any more.",
    takeOver: "Carry on here",
  },
};
