/** Participants, and a new conversation, in French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  you: "vous",
  closed: {
    text: (name: string) => `Vous avez bloqué ${isolated(name)} : vous ne vous écrivez plus ici.`,
    unblock: "Débloquer",
  },
  groups: {
    title: "Groupes en attente",
    by: (name: string) => `Vous y êtes invité par ${isolated(name)}`,
    note: (n: number) =>
      `${forms(n, "# participant", "# participants")}. Vous n’en recevez rien tant que vous n’avez pas accepté.`,
    accept: "Accepter",
    decline: "Refuser",
    declined: "Le groupe est refusé : il reste silencieux pour vous. Personne n’en est prévenu.",
    untitled: "Groupe sans nom",
  },
  asked: (n: number) => forms(n, "# personne demande à vous écrire", "# personnes demandent à vous écrire"),
  members: {
    title: "Participants",
    group: "Le groupe",
    case: "Le cas",
    direct: "Correspondant",
    owner: "Responsable",
    role: (name: string) => `Rôle de ${isolated(name)}`,
    appoint: "Nommer responsable",
    appointTitle: "Nommer responsable ?",
    appointText: (name: string) =>
      `${isolated(name)} pourra renommer la discussion, ajouter et retirer des participants, et nommer d’autres responsables.`,
    relieveTitle: "Retirer la responsabilité ?",
    relieveText: (name: string) =>
      `${isolated(name)} reste participant, mais ne pourra plus renommer la discussion ni retirer quelqu’un.`,
    relieveConfirm: "Retirer",
    add: "Ajouter",
    addTitle: "Ajouter un participant",
    remove: (name: string) => `Retirer ${isolated(name)}`,
    removeTitle: "Retirer ce participant ?",
    removeText: (name: string) =>
      `${isolated(name)} n’aura plus accès à la discussion, aussitôt, sur tous ses appareils. Ses messages restent.`,
    removeConfirm: "Retirer",
    leave: "Quitter la discussion",
    leaveTitle: "Quitter la discussion ?",
    leaveText: "Vous ne recevrez plus ses messages. Ce que vous avez écrit reste.",
    leaveConfirm: "Quitter",
    asked: "Invités",
    askedNote: "Ils ne lisent rien du groupe tant qu’ils n’ont pas accepté.",
    hide: "Retirer de la liste",
    hidden: "Retirée de la liste. Elle y revient au prochain message ; vous la retrouvez en la cherchant.",
    rename: "Renommer",
    renameTitle: "Renommer le groupe",
    name: "Nom du groupe",
    save: "Enregistrer",
    added: (name: string) => `${isolated(name)} participe maintenant.`,
    removed: (name: string) => `${isolated(name)} ne participe plus.`,
  },
  create: {
    title: "Nouvelle discussion",
    one: "Un confrère",
    many: "Un groupe",
    case: "Un cas",
    search: "Nom, spécialité, ville…",
    searchLabel: "Chercher une personne",
    hint: "Deux lettres au moins. Seules les personnes présentes sur Relais apparaissent.",
    nobody: "Personne de ce nom sur Relais.",
    chosen: "Participants choisis",
    unpick: (name: string) => `Retirer ${isolated(name)}`,
    groupName: "Nom du groupe",
    groupNameMissing: "Donnez un nom au groupe, sans nom de patient.",
    groupNameHint: "Visible par tous les participants. Jamais un nom de patient.",
    noneChosen: "Choisissez au moins une personne.",
    open: "Ouvrir la discussion",
    opening: "Ouverture…",
    already: "Participe déjà",
    results: (n: number) => forms(n, "# personne trouvée", "# personnes trouvées"),
  },
  decline: {
    title: "Refuser ce groupe ?",
    text: (title: string, by: string) =>
      `Vous quittez « ${isolated(title)} ». ${isolated(by)} ne pourra plus vous ajouter à un groupe tant que vous ne lui aurez pas écrit.`,
  },
  referTo: {
    title: "Adresser un patient",
    text: "Chez qui ? Voici les participants qui ont des créneaux en ligne.",
    none: "Aucun participant n’a de créneaux en ligne.",
    somebodyElse: "Chercher un autre confrère",
  },
};
