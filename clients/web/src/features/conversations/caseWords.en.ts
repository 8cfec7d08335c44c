/** Cases, in English. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./caseWords.fr";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  fields: {
    title: "Title of the case",
    titleHint: "Everybody in it sees it. Never a patient’s name.",
    titleMissing: "Give the case a title, without a patient's name.",
    question: "Your question",
    questionHint: "It stays at the head of the case, with whose turn it is.",
    questionMissing: "Write the question that you ask.",
    urgency: "Answer expected",
    urgencies: { routine: "No hurry", soon: "Soon", urgent: "Urgently" },
    naming: "How is the patient named?",
    namings: { record: "By their record", initials: "By initials", nobody: "Not at all" },
    nobodyNamed: "A general question: nobody is named.",
    familyName: "Family or birth name",
    familyNameMissing: "Enter the patient’s name.",
    birthDate: "Date of birth",
    birthDateHint: "dd/mm/yyyy",
    birthDateWrong: "Enter the date of birth: dd/mm/yyyy, for example 14/03/1954.",
    search: "Search for the patient",
    found: n => forms(n, "# patient found", "# patients found"),
    noneFound: "No record open to you has this name and date. Check them, or use initials.",
    choose: "Choose",
    changePatient: "Change",
    patientShown: "All participants will see this name and date, and nothing else of the record.",
    patientMissing: "Choose the patient, or name them otherwise.",
    later: "Later",
    giveUp: "Discard this draft",
    resume: title => (title ? `Case being written: ${isolated(title)}` : "Case being written"),
    initials: "The patient's initials",
    initialsHint: "Ten characters at most. Without them nobody is named.",
    informed: "Has the patient been told of this exchange?",
    informs: { informed: "Yes", no: "Not yet", objects: "They object" },
    objects: "The patient objects: the case does not name them, not even by initials.",
    open: "Create the case and ask",
    asked: "Whom do you ask?",
  },
  panel: {
    patient: "Patient",
    birth: "Born",
    birthName: {
      mme: name => `Née ${isolated(name)}`,
      m: name => `Né ${isolated(name)}`,
      none: name => `Birth name ${isolated(name)}`,
    },
    informed: "The patient was told of this exchange",
    objects: "The patient objects to this exchange",
    question: "The question",
    steps: "Steps of the case",
    asked: "Question asked",
    answered: "Advice given",
    notAnswered: "Advice awaited",
    waitsFor: names => `Waits for ${names.map(isolated).join(", ")}`,
    yourTurn: "Your turn",
    within: minutes =>
      minutes < 60
        ? `within ${forms(minutes, "# minute", "# minutes")}`
        : minutes < 60 * 48
          ? `within ${forms(Math.round(minutes / 60), "# hour", "# hours")}`
          : `within ${forms(Math.round(minutes / (60 * 24)), "# day", "# days")}`,
    closed: "Closed",
    notClosed: "To be closed with an outcome",
    erased: "The question was erased.",
    close: "Close the case",
    reopen: "Reopen the case",
    handOver: "Hand over to a colleague",
    toAsker: "The advice is given",
    toAsked: "An answer is still awaited",
  },
  close: {
    title: "Close the case",
    outcome: "What came of it?",
    outcomes: {
      advice: "Advice given",
      booked: "Appointment booked",
      referred: "Referred",
      hospitalised: "Hospitalised",
      no_action: "Nothing more needed",
    },
    outcomeMissing: "Choose the outcome.",
    summary: "Summary for the record",
    summaryHint: "Everybody in the case reads it.",
    summaryMissing: "Write the summary.",
    submit: "Close the case",
    done: "The case is closed.",
  },
  reopen: {
    title: "Reopen the case?",
    reason: "Why?",
    reasonMissing: "Say why the case is reopened.",
    submit: "Reopen",
  },
  handOver: {
    title: "Hand the case over",
    text: "Your place becomes this colleague's. They see what you see; you stay in the case.",
    done: name => `The case is handed over to ${isolated(name)}.`,
  },
};
