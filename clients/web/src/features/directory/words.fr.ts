/** The directory, in French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import { HOLD_MINUTES } from "../../wire/constants";

const forms = pluralIn(LOCALES.fr);
const numbers = new Intl.NumberFormat(LOCALES.fr, { maximumFractionDigits: 1 });

export const fr = {
  organisations: "Services et organisations",
  kinds: { practice: "Cabinet", establishment: "Établissement", cpts: "CPTS", service: "Service" },
  directoryTitle: "Annuaire",
  form: "Chercher un confrère",
  what: "Qui ou quoi",
  whatPlaceholder: "Nom, spécialité, profession…",
  where: "Où",
  wherePlaceholder: "Ville, code postal",
  aroundMe: "Autour de moi",
  here: "Autour de moi",
  hereDenied: "Votre position n’est pas accessible. Saisissez une ville ou un code postal.",
  radius: "Rayon",
  km: (n: number) => `${numbers.format(n)} km`,
  submit: "Rechercher",
  filters: "Affiner",
  bookable: "Réservable en ligne",
  onRelais: "Sur Relais",
  more: "Plus de filtres",
  fields: {
    speciality: "Spécialité",
    organisation: "Établissement",
  },
  results: (n: number, more: boolean) =>
    more ? forms(n, "Plus de # confrère", "Plus de # confrères") : forms(n, "# confrère", "# confrères"),
  order: "Les plus proches de votre demande d’abord",
  idle: "Qui cherchez-vous ?",
  idleText: "Un nom, une spécialité, une ville : « cardio Redon », « dr le goff ».",
  nothing: "Aucun confrère ne correspond.",
  nothingText: "Vérifiez l’orthographe, élargissez le rayon, ou retirez un filtre.",
  nextPage: "Afficher la suite",
  book: "Prendre rendez-vous",
  write: "Écrire",
  notBookable: "Pas de réservation en ligne.",
  notOnRelais: "Pas encore sur Relais.",
  online: "Créneaux en ligne",
  distance: (km: number) => (km < 1 ? "moins de 1 km" : `${numbers.format(km < 10 ? km : Math.round(km))} km`),
  why: {
    name_exact: "Nom exact",
    name_prefix: "Début du nom",
    name_near: "Nom proche",
    number: "Numéro",
    speciality: "Spécialité",
    profession: "Profession",
    organisation: "Établissement",
    near_place: "À proximité",
    place_widened: "Rayon élargi",
    colleague: "Même établissement",
  } as Record<string, string>,
  whyLabel: "Correspond à :",
  follow: "Suivi des adressages",
  helpTitle: "Comment ça marche",
  help: [
    "Choisissez un confrère, un motif et un créneau.",
    `Le créneau est tenu ${HOLD_MINUTES} minutes, le temps de remplir la fiche.`,
    "Le patient reçoit un SMS, le praticien est prévenu, tout d’un coup.",
  ],
};
