/** What the screen about who may write to one says, in English. */

import { isolated } from "../../i18n/format";
import type { fr } from "./words.fr";

export const en: typeof fr = {
  title: "Who may write to me",
  ruleTitle: "Reaching me",
  rules: {
    everybody: ["Everybody", "Every verified professional may write to you."],
    my_organisations: ["My organisations", "The members of your organisations, and nobody else."],
    ask_first: ["Ask me first", "Others send a request. You accept, or do not."],
  },
  goesOn: "Conversations that are open already go on.",
  saved: "Saved.",
  requests: "Requests",
  noRequests: "No request is waiting.",
  sentTitle: "My requests",
  noneSent: "No request was sent in the last thirty days.",
  askTitle: name => `Write to ${isolated(name)}`,
  askText: name => `${isolated(name)} wants to be asked first. You can write once your request is accepted.`,
  why: "Why do you wish to write to them?",
  whyHint: "Optional. Never a patient’s name.",
  ask: "Send the request",
  states: { sent: "Request sent", accepted: "Request accepted", refused: "Request refused" },
  again: day => `If it is not accepted, you can ask again from ${day} on.`,
  write: "Write",
  accept: "Accept",
  refuseTitle: name => `Refuse the request of ${isolated(name)}?`,
  tell: "Let them know that I refuse",
  refuse: "Refuse",
  refuseNote: "The person is told of a refusal only if you wish.",
  accepted: name => `${isolated(name)} may write to you.`,
  refused: "The request is refused.",
  blocked: "Blocked people",
  nobody: "You have blocked nobody.",
  block: "Block",
  blockTitle: name => `Block ${isolated(name)}?`,
  blockText:
    "This person will no longer be able to write to you, or to add you to a group. They are not told: they see that you cannot be reached. What is written stays. You can unblock them here, or under “Me”.",
  blockGroups: "In the groups that you share you both go on reading each other: leave them if you wish.",
  isBlocked: name => `${isolated(name)} is blocked.`,
  unblock: "Unblock",
  unblocked: name => `${isolated(name)} is not blocked any more.`,
};
