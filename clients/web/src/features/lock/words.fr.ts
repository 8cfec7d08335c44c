/** The locked device, in French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  title: "Relais est verrouillé",
  code: "Code de cet appareil, six chiffres",
  wrong: (left: number) => `Code faux. ${forms(left, "Encore # essai.", "Encore # essais.")}`,
  noCode:
    "Cet appareil n’a plus de code sur Relais. Appuyez sur « Code oublié ? » pour vous déconnecter, puis connectez-vous de nouveau.",
  noCodeFace: "Cet appareil n’a plus de code sur Relais. Ouvrez-le par l’empreinte ou le visage.",
  offline: "Sans réseau, le code ne peut pas être vérifié. Réessayez dès que le réseau revient.",
  offlineFace: "Sans réseau, le code ne peut pas être vérifié. Utilisez l’empreinte ou le visage.",
  givenUp: "L’appareil ne vous a pas reconnu. Saisissez le code.",
  busy: "Vérification…",
  face: "Ouvrir par l’empreinte, le visage ou le code de l’appareil",
  back: "Effacer le dernier chiffre",
  forgotten: "Code oublié ?",
  other: "Changer de compte",
  foot: "Rien n’est lisible tant que l’écran est verrouillé.",
  leaveTitle: "Se déconnecter de cet appareil ?",
  leaveText:
    "Les brouillons et les messages qui n’étaient pas encore partis d’ici sont effacés. Connectez-vous ensuite de nouveau, et choisissez un autre code.",
  stay: "Revenir au code",
  leave: "Se déconnecter",
  propose: {
    title: "Un code pour cet appareil",
    text: "Cet appareil s’ouvre sans code de Relais.",
    choose: "Choisir un code",
    later: "Pas maintenant",
  },
};
