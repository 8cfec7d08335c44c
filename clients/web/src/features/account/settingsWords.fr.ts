/** The page of one’s own account, in French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  elsewhere: "Mes espaces",
  contacts: "Qui peut m’écrire",
  title: "Moi",
  confirm: "Confirmer mon identité",
  email: "E-mail",
  functionLabel: "Fonction",
  profession: "Profession",
  speciality: "Spécialité",
  organisations: "Établissements",
  rpps: "RPPS",
  profile: "Profil : langues, lieux, contact",
  security: "Sécurité et appareils",
  display: "Affichage",
  theme: "Thème",
  themes: { auto: "Système", light: "Clair", dark: "Sombre" },
  signOut: "Se déconnecter",
  leaveTitle: "Tout n’est pas envoyé",
  leaveText: (lost: { messages: number; drafts: number; forms: number; held: string[] }) =>
    [
      lost.messages && forms(lost.messages, "# message attend de partir.", "# messages attendent de partir."),
      lost.drafts && forms(lost.drafts, "# brouillon n’est pas envoyé.", "# brouillons ne sont pas envoyés."),
      lost.forms &&
        `${forms(lost.forms, "# demande", "# demandes")} en cours${lost.held.map(at => `, ${at} tenu`).join("")}.`,
      "Si vous vous déconnectez, tout cela est effacé de cet appareil.",
    ]
      .filter(Boolean)
      .join(" "),
  leaveConfirm: "Se déconnecter quand même",
  keyboard: "Raccourcis clavier",
};
