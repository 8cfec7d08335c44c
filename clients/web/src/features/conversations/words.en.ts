/** The list of conversations and a thread, in English: the keys of the French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./words.fr";

const forms = pluralIn(LOCALES.en);

/** What came of a case, after "closed the case". */
const OUTCOMES: Record<string, string> = {
  advice: ": advice given",
  booked: ": appointment booked",
  referred: ": referred",
  hospitalised: ": hospitalised",
  no_action: ": nothing more needed",
};

export const en: typeof fr = {
  list: {
    title: "Conversations",
    detail: "Conversation",
    create: "New conversation",
    search: "Colleague, group, message…",
    searchLabel: "Search conversations",
    all: "All",
    unread: "Unread",
    cases: "Patient cases",
    colleagues: "Colleagues",
    groups: "Groups",
    yourTurn: "Your turn",
    recent: "Recent",
    empty: "No conversation",
    emptyText: "Write to a colleague, or bring a team together.",
    noMatch: "No conversation matches.",
    noMatchText: "Try another word, or search the directory.",
    inDirectory: "Search the directory",
    choose: "Choose a conversation",
    chooseText: "Or start one with a colleague.",
    stale: "Not up to date: open the conversation",
    more: "Show more",
    decline: "Decline this group",
    turns: { mine: "Your turn", theirs: "Waits for an answer", closed: "Case closed" },
    noMessage: "No message",
    mine: "You: ",
    by: name => `${isolated(name)}: `,
    files: n => forms(n, "# file", "# files"),
    deleted: "Message deleted",
    draft: "Draft:",
    pending: "Waiting for the network",
    failed: n => forms(n, "# message not sent", "# messages not sent"),
    newMessage: (from, body) => `Message from ${isolated(from)}: ${isolated(body)}`,
    inOther: from => `New message from ${isolated(from)}`,
  },
  thread: {
    back: "Back to conversations",
    messages: "Messages",
    details: "Participants and settings",
    question: "The question and the steps of the case",
    refer: "Refer a patient",
    absent: "This conversation does not exist, or you no longer take part in it.",
    older: "Older messages…",
    notYetHere: "Earlier messages will be shown when the network is back.",
    loadOlder: "Show older messages",
    beginning: "Beginning of the conversation",
    today: "Today",
    newMessages: "New messages",
    jump: "Go to the last message",
    jumpNew: n => forms(n, "# new message", "# new messages"),
    formerMember: "Former participant",
    sentAt: time => `Sent, ${time}`,
    waiting: "Waiting for the network",
    sending: "Sending…",
    refused: "Not sent",
    retry: "Try again",
    discard: "Delete",
    readBy: names =>
      names.length > 2 ? forms(names.length, "Read by #", "Read by #") : `Read by ${names.map(isolated).join(", ")}`,
    readByAll: "Read by all",
    edited: "edited",
    deleted: "Message deleted",
    reply: "Reply",
    menu: "Message",
    replyTo: name => `Reply to ${isolated(name)}`,
    replying: name => `In reply to ${isolated(name)}:`,
    cancelReply: "Do not reply to this message",
    notes: {
      opened: by => [by, " opened the conversation"],
      asked: (by, person) => [by, " invited ", person, ", who has to accept first"],
      added: (by, person) => [by, " added ", person],
      removed: (by, person) => [by, " removed ", person],
      left: by => [by, " left the conversation"],
      renamed: (by, title) => [by, " renamed the conversation: ", title],
      responsible: person => [person, " now looks after the conversation"],
      relieved: person => [person, " no longer looks after the conversation"],
      closed: (by: string, outcome: string) => [by, " closed the case", OUTCOMES[outcome] ?? ""],
      reopened: (by: string, why: string) => [by, " reopened the case: ", why],
      handed: (by: string, person: string) => [by, " handed the case over to ", person],
    },
    someone: "Someone",
    typing: names =>
      names.length > 2
        ? "Several people are writing"
        : names.length === 2
          ? `${names.map(isolated).join(" and ")} are writing`
          : `${isolated(names[0] ?? "")} is writing`,
  },
  participants: n => forms(n, "# participant", "# participants"),
  composer: {
    label: "Your message",
    placeholder: "Write a message",
    to: "To:",
    send: "Send",
    left: n => forms(n, "# character left", "# characters left"),
    over: n => forms(n, "# character too many", "# characters too many"),
    closed: "You cannot write in this conversation.",
  },
};
