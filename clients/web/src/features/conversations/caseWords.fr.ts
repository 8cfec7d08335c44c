/** Cases, in French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  fields: {
    title: "Titre du cas",
    titleHint: "Visible par tous les participants. Jamais un nom de patient.",
    titleMissing: "Donnez un titre au cas, sans nom de patient.",
    question: "Question posée",
    questionHint: "Elle reste en tête du cas, avec celui dont c’est le tour.",
    questionMissing: "Écrivez la question que vous posez.",
    urgency: "Réponse attendue",
    urgencies: { routine: "Sans urgence", soon: "Rapidement", urgent: "En urgence" },
    naming: "Comment nommer le patient ?",
    namings: { record: "Son dossier", initials: "Ses initiales", nobody: "Pas du tout" },
    nobodyNamed: "Une question générale : personne n’est nommé.",
    familyName: "Nom de famille ou de naissance",
    familyNameMissing: "Saisissez le nom du patient.",
    birthDate: "Date de naissance",
    birthDateHint: "jj/mm/aaaa",
    birthDateWrong: "Saisissez la date de naissance : jj/mm/aaaa, par exemple 14/03/1954.",
    search: "Chercher le patient",
    found: (n: number) => forms(n, "# patient trouvé", "# patients trouvés"),
    noneFound: "Aucun dossier ouvert à vous ne porte ce nom et cette date. Vérifiez-les, ou nommez par les initiales.",
    choose: "Choisir",
    changePatient: "Changer",
    patientShown: "Tous les participants du cas verront ce nom et cette date, pas le reste du dossier.",
    patientMissing: "Choisissez le patient, ou nommez-le autrement.",
    later: "Plus tard",
    giveUp: "Effacer ce brouillon",
    resume: (title: string) => (title ? `Cas en cours d’écriture : ${isolated(title)}` : "Cas en cours d’écriture"),
    initials: "Initiales du patient",
    initialsHint: "Dix caractères au plus. Sans elles, personne n’est nommé.",
    informed: "Le patient est-il informé de cet échange ?",
    informs: { informed: "Oui", no: "Pas encore", objects: "Il s’y oppose" },
    objects: "Le patient s’y oppose : le cas ne le nomme pas, ni par ses initiales.",
    open: "Créer le cas et demander l’avis",
    asked: "À qui posez-vous la question ?",
  },
  panel: {
    patient: "Patient",
    birth: "Naissance",
    birthName: {
      mme: (name: string) => `Née ${isolated(name)}`,
      m: (name: string) => `Né ${isolated(name)}`,
      none: (name: string) => `Nom de naissance ${isolated(name)}`,
    },
    informed: "Patient informé de cet échange",
    objects: "Le patient s’oppose à cet échange",
    question: "La question",
    steps: "Étapes du cas",
    asked: "Question posée",
    answered: "Avis donné",
    notAnswered: "Avis attendu",
    waitsFor: (names: string[]) => `Attend ${names.map(isolated).join(", ")}`,
    yourTurn: "À votre tour",
    within: (minutes: number) =>
      minutes < 60
        ? `en ${forms(minutes, "# minute", "# minutes")}`
        : minutes < 60 * 48
          ? `en ${forms(Math.round(minutes / 60), "# heure", "# heures")}`
          : `en ${forms(Math.round(minutes / (60 * 24)), "# jour", "# jours")}`,
    closed: "Clôture",
    notClosed: "À clore avec une issue",
    erased: "La question a été effacée.",
    close: "Clore le cas",
    reopen: "Rouvrir le cas",
    handOver: "Transmettre à un confrère",
    toAsker: "L’avis est donné",
    toAsked: "Une réponse est encore attendue",
  },
  close: {
    title: "Clore le cas",
    outcome: "Quelle issue ?",
    outcomes: {
      advice: "Avis donné",
      booked: "Rendez-vous réservé",
      referred: "Adressé",
      hospitalised: "Hospitalisé",
      no_action: "Aucune suite nécessaire",
    },
    outcomeMissing: "Choisissez l’issue.",
    summary: "Synthèse pour le dossier",
    summaryHint: "Relue par les participants.",
    summaryMissing: "Écrivez la synthèse.",
    submit: "Clore le cas",
    done: "Le cas est clos.",
  },
  reopen: {
    title: "Rouvrir le cas ?",
    reason: "Pourquoi ?",
    reasonMissing: "Dites pourquoi le cas est rouvert.",
    submit: "Rouvrir",
  },
  handOver: {
    title: "Transmettre le cas",
    text: "Votre place revient à ce confrère. Il voit ce que vous voyez ; vous restez participant.",
    done: (name: string) => `Le cas est transmis à ${isolated(name)}.`,
  },
};
