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
  requests: "Demandes",
  noRequests: "Aucune demande en attente.",
  accept: "Accepter",
  refuse: "Refuser",
  refuseNote: "La personne n’est pas prévenue d’un refus.",
  accepted: (name: string) => `${isolated(name)} peut vous écrire.`,
  refused: "La demande est refusée.",
  blocked: "Personnes bloquées",
  nobody: "Vous n’avez bloqué personne.",
  block: "Bloquer",
  blockTitle: (name: string) => `Bloquer ${isolated(name)} ?`,
  blockText:
    "Cette personne ne pourra plus ouvrir de discussion avec vous, ni vous ajouter à un groupe, ni réserver dans vos agendas où elle n’a aucun accès. Elle n’en est pas prévenue, et vos discussions restent. Vous pouvez la débloquer dans « Moi ».",
  isBlocked: (name: string) => `${isolated(name)} est bloqué.`,
  unblock: "Débloquer",
  unblocked: (name: string) => `${isolated(name)} est débloqué.`,
};
