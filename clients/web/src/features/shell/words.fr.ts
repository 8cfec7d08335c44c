/** What the frame of the application says, in French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  skip: "Aller au contenu",
  notFound: "Cette page n’existe pas.",
  nav: {
    label: "Navigation",
    sections: {
      conversations: "Discussions",
      referral: "Adressage",
      agenda: "Agenda",
      directory: "Annuaire",
      me: "Moi",
      team: "Équipe",
    },
  },
  bar: {
    offline: (n: number) =>
      n === 0
        ? "Hors ligne. Ce que vous écrivez partira au retour du réseau."
        : forms(
            n,
            "Hors ligne. # message partira au retour du réseau.",
            "Hors ligne. # messages partiront au retour du réseau.",
          ),
    away: (n: number) =>
      n === 0
        ? "Relais ne répond pas. Ce que vous écrivez partira dès son retour."
        : forms(
            n,
            "Relais ne répond pas. # message partira dès son retour.",
            "Relais ne répond pas. # messages partiront dès son retour.",
          ),
    connecting: "La connexion est interrompue. Nouvel essai en cours.",
    now: "Essayer maintenant",
    elsewhere: "Relais est ouvert dans un autre onglet de cet appareil. Ici, plus rien ne bouge.",
    takeOver: "Continuer ici",
  },
};
