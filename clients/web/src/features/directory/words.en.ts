/** The directory, in English: the keys of the French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import { HOLD_MINUTES } from "../../wire/constants";
import type { fr } from "./words.fr";

const forms = pluralIn(LOCALES.en);
const numbers = new Intl.NumberFormat(LOCALES.en, { maximumFractionDigits: 1 });

export const en: typeof fr = {
  organisations: "Services and organisations",
  kinds: { practice: "Practice", establishment: "Establishment", cpts: "CPTS", service: "Service" },
  directoryTitle: "Directory",
  form: "Look for a colleague",
  what: "Who or what",
  whatPlaceholder: "Name, speciality, profession…",
  where: "Where",
  wherePlaceholder: "Town, postal code",
  aroundMe: "Around me",
  here: "Around me",
  hereDenied: "Your position is not available. Type a town or a postal code.",
  radius: "Radius",
  km: n => `${numbers.format(n)} km`,
  submit: "Search",
  filters: "Refine",
  bookable: "Bookable online",
  onRelais: "On Relais",
  more: "More filters",
  fields: {
    speciality: "Speciality",
    organisation: "Organisation",
  },
  results: (n, more) =>
    more ? forms(n, "More than # colleague", "More than # colleagues") : forms(n, "# colleague", "# colleagues"),
  order: "Closest to your question first",
  idle: "Whom are you looking for?",
  idleText: "A name, a speciality, a town: “cardio Redon”, “dr le goff”.",
  nothing: "No colleague matches.",
  nothingText: "Check the spelling, widen the radius, or remove a filter.",
  nextPage: "Show more",
  book: "Book",
  write: "Write",
  notBookable: "No online booking.",
  notOnRelais: "Not on Relais yet.",
  online: "Slots online",
  distance: km => (km < 1 ? "less than 1 km" : `${numbers.format(km < 10 ? km : Math.round(km))} km`),
  why: {
    name_exact: "Exact name",
    name_prefix: "Beginning of the name",
    name_near: "Similar name",
    number: "Number",
    speciality: "Speciality",
    profession: "Profession",
    organisation: "Organisation",
    near_place: "Nearby",
    place_widened: "Wider radius",
    colleague: "Same organisation",
  },
  whyLabel: "Matches:",
  follow: "Follow referrals",
  helpTitle: "How it works",
  help: [
    "Choose a colleague, a reason and a slot.",
    `The slot is held for ${HOLD_MINUTES} minutes while you fill in the form.`,
    "The patient gets an SMS and the practitioner is told, all at once.",
  ],
};
