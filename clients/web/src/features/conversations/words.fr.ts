/** The list of conversations and a thread, in French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

/** What came of a case, after "a clos le cas". */
const OUTCOMES: Record<string, string> = {
  advice: " : avis donné",
  booked: " : rendez-vous réservé",
  referred: " : adressage",
  hospitalised: " : hospitalisation",
  no_action: " : aucune suite nécessaire",
};

export const fr = {
  list: {
    title: "Discussions",
    detail: "Discussion",
    create: "Nouvelle discussion",
    search: "Confrère, groupe, message…",
    searchLabel: "Rechercher dans les discussions",
    all: "Tout",
    unread: "Non lus",
    cases: "Cas patients",
    colleagues: "Confrères",
    groups: "Groupes",
    yourTurn: "À votre tour",
    recent: "Récentes",
    empty: "Aucune discussion",
    emptyText: "Écrivez à un confrère, ou réunissez une équipe.",
    noMatch: "Aucune discussion ne correspond.",
    noMatchText: "Essayez un autre mot, ou cherchez dans l’annuaire.",
    inDirectory: "Chercher dans l’annuaire",
    choose: "Choisissez une discussion",
    chooseText: "Ou commencez-en une avec un confrère.",
    turns: { mine: "À votre tour", theirs: "Attend une réponse", closed: "Cas clos" },
    noMessage: "Aucun message",
    stale: "Pas à jour : ouvrez la discussion",
    more: "Afficher plus",
    decline: "Refuser ce groupe",
    mine: "Vous : ",
    by: (name: string) => `${isolated(name)} : `,
    files: (n: number) => forms(n, "# fichier", "# fichiers"),
    deleted: "Message supprimé",
    draft: "Brouillon :",
    pending: "En attente de réseau",
    failed: (n: number) => forms(n, "# message non envoyé", "# messages non envoyés"),
    newMessage: (from: string, body: string) => `Message de ${isolated(from)} : ${isolated(body)}`,
    inOther: (from: string) => `Nouveau message de ${isolated(from)}`,
  },
  thread: {
    back: "Retour aux discussions",
    messages: "Messages",
    details: "Participants et réglages",
    question: "La question et les étapes du cas",
    refer: "Adresser un patient",
    absent: "Cette discussion n’existe pas, ou vous n’y participez plus.",
    older: "Messages plus anciens…",
    notYetHere: "Les messages déjà échangés s’afficheront au retour du réseau.",
    loadOlder: "Afficher les messages plus anciens",
    beginning: "Début de la discussion",
    today: "Aujourd’hui",
    newMessages: "Nouveaux messages",
    jump: "Aller au dernier message",
    jumpNew: (n: number) => forms(n, "# nouveau message", "# nouveaux messages"),
    formerMember: "Ancien participant",
    sentAt: (time: string) => `Envoyé, ${time}`,
    waiting: "En attente de réseau",
    sending: "Envoi…",
    refused: "Non envoyé",
    retry: "Réessayer",
    discard: "Supprimer",
    readBy: (names: string[]) =>
      names.length > 2 ? forms(names.length, "Lu par #", "Lu par #") : `Lu par ${names.map(isolated).join(", ")}`,
    readByAll: "Lu par tous",
    edited: "modifié",
    deleted: "Message supprimé",
    reply: "Répondre",
    menu: "Message",
    replyTo: (name: string) => `Répondre à ${isolated(name)}`,
    replying: (name: string) => `En réponse à ${isolated(name)} :`,
    cancelReply: "Ne pas répondre à ce message",
    notes: {
      opened: (by: string) => [by, " a ouvert la discussion"],
      added: (by: string, person: string) => [by, " a ajouté ", person],
      asked: (by: string, person: string) => [by, " a invité ", person, ", qui doit d’abord accepter"],
      removed: (by: string, person: string) => [by, " a retiré ", person],
      left: (by: string) => [by, " a quitté la discussion"],
      renamed: (by: string, title: string) => [by, " a renommé la discussion : ", title],
      responsible: (person: string) => [person, " est maintenant responsable de la discussion"],
      relieved: (person: string) => [person, " n’est plus responsable de la discussion"],
      closed: (by: string, outcome: string) => [by, " a clos le cas", OUTCOMES[outcome] ?? ""],
      reopened: (by: string, why: string) => [by, " a rouvert le cas : ", why],
      handed: (by: string, person: string) => [by, " a transmis le cas à ", person],
    },
    someone: "Quelqu’un",
    typing: (names: string[]) =>
      names.length > 2
        ? "Plusieurs personnes écrivent"
        : names.length === 2
          ? `${names.map(isolated).join(" et ")} écrivent`
          : `${isolated(names[0] ?? "")} écrit`,
  },
  participants: (n: number) => forms(n, "# participant", "# participants"),
  composer: {
    label: "Votre message",
    placeholder: "Écrire un message",
    to: "À :",
    send: "Envoyer",
    left: (n: number) => forms(n, "Encore # caractère", "Encore # caractères"),
    over: (n: number) => forms(n, "# caractère de trop", "# caractères de trop"),
    closed: "Vous ne pouvez pas écrire dans cette discussion.",
  },
};
