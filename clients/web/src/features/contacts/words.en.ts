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
  accept: "Accept",
  refuse: "Refuse",
  refuseNote: "The person is not told of a refusal.",
  accepted: name => `${isolated(name)} may write to you.`,
  refused: "The request is refused.",
  blocked: "Blocked people",
  nobody: "You have blocked nobody.",
  block: "Block",
  blockTitle: name => `Block ${isolated(name)}?`,
  blockText:
    "This person will not be able to open a conversation with you, to add you to a group, or to book in agendas of yours to which they have no access. They are not told, and your conversations stay. You can unblock them under “Me”.",
  isBlocked: name => `${isolated(name)} is blocked.`,
  unblock: "Unblock",
  unblocked: name => `${isolated(name)} is not blocked any more.`,
};
