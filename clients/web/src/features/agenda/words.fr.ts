/** The agenda, in French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { AgendaView, AppointmentView, PatientPractitionerView } from "../../wire/types";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  title: "Agenda",
  today: "Aujourd’hui",
  previous: "Jour précédent",
  next: "Jour suivant",
  previousWeek: "Semaine précédente",
  nextWeek: "Semaine suivante",
  previousMonth: "Mois précédent",
  nextMonth: "Mois suivant",
  spans: {
    day: "Jour",
    week: "Semaine",
  },
  span: "Affichage",
  shown: "Agendas affichés",
  levels: { busy: "Occupation seule", read: "Lire", book: "Réserver", manage: "Gérer" } satisfies Record<
    NonNullable<AgendaView["level"]>,
    string
  >,
  busyNote: "« Occupation seule » : vous voyez quand, jamais qui.",
  busy: "Occupé",
  heldFor: "tenu",
  heldText: "Un confrère choisit ce créneau",
  heldBar: "un confrère choisit un créneau dans votre agenda",
  absent: "Absent",
  closed: "Fermé",
  none: "Aucun agenda",
  noneText: "Personne ne vous a encore donné accès à un agenda.",
  nonePractitioner: (organisation: string) =>
    organisation
      ? `Vous n’avez pas encore d’agenda chez ${isolated(organisation)}.`
      : "Vous n’avez pas encore d’agenda.",
  noneHow:
    "Le praticien ouvre son agenda et donne l’accès à ses collègues, du niveau « Occupation » à « Gérer ». Demandez-le-lui, ou au responsable de l’établissement.",
  noneAsk: "Écrire pour demander l’accès",
  inDirectory: "Chercher dans l’annuaire",
  fresh: "Nouveau",
  arrivedLive: (time: string) => `Nouveau rendez-vous à ${time}.`,
  appointment: "Rendez-vous",
  until: (end: string) => `à ${end}`,
  states: {
    booked: "Réservé",
    cancelled: "Annulé",
    no_show: "Non venu",
    arrived: "Arrivé",
    done: "Terminé",
  } satisfies Record<AppointmentView["state"], string>,
  bookedBy: (name: string, at: string) => `Réservé par ${isolated(name)}, ${at}`,
  firstVisit: "Première visite",
  seenBefore: "Déjà vu",
  phone: "Téléphone",
  email: "E-mail",
  birth: "Naissance",
  cancel: "Annuler le rendez-vous",
  cancelTitle: "Annuler ce rendez-vous ?",
  cancelText: "Le patient sera prévenu et le créneau redeviendra libre. Cela ne se défait pas.",
  cancelReason: "Raison, pour le praticien et l’adresseur",
  cancelReasonMissing: "Dites en quelques mots pourquoi.",
  cancelConfirm: "Annuler le rendez-vous",
  cancelKeep: "Garder le rendez-vous",
  cancelled: "Rendez-vous annulé, le patient est prévenu.",
  zone: (zone: string) => `Heures du lieu (${zone})`,
  weekdays: ["L", "M", "M", "J", "V", "S", "D"],
  theirMessage: (name: string) => `Message de ${isolated(name)}`,
  notesHidden: "Ce qui est écrit sur les patients vous est masqué par les propriétaires.",
  practitioners: {
    title: "Praticiens du patient",
    roles: { primary: "Principal", supervising: "Superviseur", other: "Autre" } satisfies Record<
      PatientPractitionerView["role"],
      string
    >,
    none: "Aucun praticien de l’organisation ne suit ce patient.",
    supervising: "Praticien superviseur",
    hint: "Le dossier et les rendez-vous de ce patient lui sont ouverts tant que ce rôle est le sien.",
    nobody: "Personne",
    named: "Le praticien superviseur est enregistré.",
    ended: "Plus personne ne supervise ce patient.",
  },
  copy: {
    button: "Exporter (CSV)",
    title: "Exporter l’agenda",
    text: (name: string) =>
      `Un tableau des rendez-vous de ${isolated(name)} : quand, qui, pour quoi, et ce qu’il en est advenu.`,
    first: "Du",
    last: "Au, compris",
    wrong: "La fin vient après le début, un an plus tard au plus.",
    note: "Ce fichier contient l’identité de patients. Gardez-le comme un dossier. L’export est inscrit dans le journal.",
    submit: "Exporter",
    busy: "Export en cours…",
    done: (n: number) => forms(n, "# rendez-vous exporté.", "# rendez-vous exportés."),
  },
  openReferral: "Ouvrir l’adressage",
  ins: "Identité nationale de santé (INS)",
};
