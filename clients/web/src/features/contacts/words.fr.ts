/** What the screen about who may write to one says, in French. */

import { isolated } from "../../i18n/format";

export const fr = {
  title: "Qui peut m’écrire",
  ruleTitle: "Me joindre",
  rules: {
    everybody: ["Tout le monde", "Chaque professionnel vérifié peut vous écrire."],
    my_organisations: ["Mes organisations", "Les membres de vos organisations, et personne d’autre."],
    ask_first: ["Me demander d’abord", "Les autres envoient une demande. Vous acceptez, ou non."],
  } as Record<string, [string, string]>,
  goesOn: "Les discussions déjà ouvertes continuent.",
  saved: "C’est enregistré.",
  profile: {
    title: "Accès à ma messagerie",
    levels: { read: "Lire vos messages", answer: "Lire vos messages et répondre pour vous" } as Record<string, string>,
    askedBy: (by: string, where: string) =>
      where ? `Demandé par ${isolated(by)}, pour ${isolated(where)}.` : `Demandé par ${isolated(by)}.`,
    agree: "Donner l’accès",
    refuse: "Refuser",
    agreed: (name: string) => `${isolated(name)} a accès à votre messagerie.`,
    refused: (name: string) => `${isolated(name)} n’a pas accès à votre messagerie.`,
    note: "Chaque réponse porte le nom de qui l’écrit. La personne qui gère les accès peut retirer celui-ci à tout moment.",
  },
  requests: "Demandes",
  noRequests: "Aucune demande en attente.",
  sentTitle: "Mes demandes",
  noneSent: "Aucune demande envoyée ces trente derniers jours.",
  askTitle: (name: string) => `Écrire à ${isolated(name)}`,
  askText: (name: string) =>
    `${isolated(name)} veut qu’on lui demande d’abord. Votre message pourra partir quand votre demande sera acceptée.`,
  why: "Pourquoi souhaitez-vous lui écrire ?",
  whyHint: "Facultatif. Jamais un nom de patient.",
  ask: "Envoyer la demande",
  states: { sent: "Demande envoyée", accepted: "Demande acceptée", refused: "Demande refusée" },
  again: (day: string) => `Sans réponse favorable, une nouvelle demande est possible à partir du ${day}.`,
  write: "Écrire",
  accept: "Accepter",
  refuseTitle: (name: string) => `Refuser la demande de ${isolated(name)} ?`,
  tell: "Lui faire savoir que je refuse",
  refuse: "Refuser",
  refuseNote: "La personne n’est prévenue d’un refus que si vous le voulez.",
  accepted: (name: string) => `${isolated(name)} peut vous écrire.`,
  refused: "La demande est refusée.",
  blocked: "Personnes bloquées",
  nobody: "Vous n’avez bloqué personne.",
  block: "Bloquer",
  blockTitle: (name: string) => `Bloquer ${isolated(name)} ?`,
  blockText:
    "Cette personne ne pourra plus vous écrire, ni vous ajouter à un groupe. Elle n’en est pas prévenue : elle voit que vous n’êtes pas joignable. Ce qui est écrit reste. Vous pouvez la débloquer ici, ou dans « Moi ».",
  blockGroups: "Dans les groupes que vous partagez, chacun continue à lire l’autre : quittez-les si vous le voulez.",
  isBlocked: (name: string) => `${isolated(name)} est bloqué.`,
  unblock: "Débloquer",
  unblocked: (name: string) => `${isolated(name)} est débloqué.`,
};
