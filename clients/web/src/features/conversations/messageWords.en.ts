/** What can be done with a message, in English. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./messageWords.fr";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  copy: "Copy the text",
  copied: "Text copied.",
  notCopied: "The text could not be copied.",
  edit: "Edit",
  minutesLeft: n => forms(n, "# more minute", "# more minutes"),
  text: "Text of the message",
  save: "Save",
  edited: "Message edited.",
  keepsTrace: "The others will see that the message was edited, and what it said before.",
  delete: "Delete for everybody",
  deleteTitle: "Delete this message?",
  deleteText: "Its text and files will be erased for everybody. “Message deleted” will stay in its place.",
  readBy: names =>
    names.length > 2
      ? forms(names.length, "# person has read it.", "# people have read it.")
      : `Already read by ${names.map(isolated).join(" and ")}.`,
  confirm: "Delete",
  deleted: "Message deleted.",
  versions: "Earlier versions",
  until: time => `Until ${time}`,
  illegible: "This version can no longer be read.",
  more: "Show older versions",
  sent: "Sent",
  undo: seconds => `Undo (${seconds} s)`,
  undone: "Sending undone. The text is back in the field.",
  wasRead: "Somebody had read it already: “Message deleted” stays in its place.",
};
