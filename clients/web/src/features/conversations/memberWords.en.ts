/** Participants, and a new conversation, in English: the keys of the French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./memberWords.fr";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  you: "you",
  closed: {
    text: name => `You have blocked ${isolated(name)}: you no longer write to each other here.`,
    unblock: "Unblock",
  },
  groups: {
    title: "Groups that wait",
    by: name => `You are invited by ${isolated(name)}`,
    note: n => `${forms(n, "# member", "# members")}. Nothing of it reaches you before you accept.`,
    accept: "Accept",
    decline: "Decline",
    declined: "The group is declined: it stays silent for you. Nobody is told.",
    untitled: "Group without a name",
  },
  asked: n => forms(n, "# person asks to write to you", "# people ask to write to you"),
  members: {
    title: "Participants",
    case: "The case",
    group: "The group",
    direct: "The colleague",
    owner: "Owner",
    role: name => `Role of ${isolated(name)}`,
    appoint: "Make owner",
    appointTitle: "Make an owner?",
    appointText: name =>
      `${isolated(name)} will be able to rename the conversation, add and remove participants, and make others owners.`,
    relieveTitle: "Take the role of owner away?",
    relieveText: name =>
      `${isolated(name)} stays a participant, but can no longer rename the conversation or remove anybody.`,
    relieveConfirm: "Take it away",
    add: "Add",
    addTitle: "Add a participant",
    remove: name => `Remove ${isolated(name)}`,
    removeTitle: "Remove this participant?",
    removeText: name =>
      `${isolated(name)} loses access to the conversation at once, on all their devices. Their messages stay.`,
    removeConfirm: "Remove",
    leave: "Leave the conversation",
    leaveTitle: "Leave the conversation?",
    leaveText: "You will no longer receive its messages. What you wrote stays.",
    leaveConfirm: "Leave",
    asked: "Invited",
    askedNote: "They read nothing of the group before they accept.",
    hide: "Remove from the list",
    hidden: "Removed from the list. It comes back with the next message; you find it by searching.",
    rename: "Rename",
    renameTitle: "Rename the group",
    name: "Name of the group",
    save: "Save",
    added: name => `${isolated(name)} now takes part.`,
    removed: name => `${isolated(name)} no longer takes part.`,
  },
  create: {
    title: "New conversation",
    one: "A colleague",
    many: "A group",
    case: "A case",
    search: "Name, speciality, town…",
    searchLabel: "Look for a person",
    hint: "At least two letters. Only people on Relais appear.",
    nobody: "Nobody of this name on Relais.",
    chosen: "Chosen participants",
    unpick: name => `Remove ${isolated(name)}`,
    groupName: "Name of the group",
    groupNameMissing: "Give the group a name, without a patient’s name.",
    groupNameHint: "Visible to all participants. Never a patient’s name.",
    noneChosen: "Choose at least one person.",
    open: "Open the conversation",
    opening: "Opening…",
    already: "Already takes part",
    results: n => forms(n, "# person found", "# people found"),
  },
  decline: {
    title: "Decline this group?",
    text: (title: string, by: string) =>
      `You leave “${isolated(title)}”. ${isolated(by)} cannot add you to a group again until you write to them.`,
  },
  referTo: {
    title: "Refer a patient",
    text: "To whom? These participants have slots online.",
    none: "No participant has slots online.",
    somebodyElse: "Search for another colleague",
  },
};
