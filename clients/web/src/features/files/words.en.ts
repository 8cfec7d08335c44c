/** Files in messages, in English. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./words.fr";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  locale: LOCALES.en,
  download: name => `Download ${isolated(name)}`,
  pages: n => forms(n, "# page", "# pages"),
  checking: "Scanning for viruses",
  unscanned: "not scanned",
  erased: "File erased",
  refused: {
    infected: "Refused: a virus was found in it",
    type: "Refused: this type of file is not accepted",
    damaged: "Refused: the file is damaged",
    encrypted: "Refused: the file is protected by a password",
    too_large: "Refused: the file is too large",
    empty: "This file is empty",
    too_many_files: "You have sent as many files as is possible in a day",
    gone: "This file is not there any more: choose it again",
  },
  attach: "Attach a file",
  photograph: "Take a photo",
  dropHere: "Drop here",
  dropTo: title => `Goes to ${isolated(title)}`,
  accepted: "PDF, pictures, audio, DOCX, DICOM. 50 MB each, resumed after a cut.",
  most: n => `A message has ${n} files at most: the others were not taken.`,
  documentsAdd: "Attach or photograph",
  documentsDrop: "Drop documents here, or choose them",
  documentsAccepted: "PDF, JPEG, PNG. 50 MB each.",
  mostDocuments: n => `A referral takes ${n} documents at most: the others were not taken.`,
  toSend: n => forms(n, "# file to send", "# files to send"),
  files: n => forms(n, "# file", "# files"),
  standing: (there, underway, refused) =>
    [
      ...(there ? [`${there} arrived`] : []),
      ...(underway ? [`${underway} on the way`] : []),
      ...(refused ? [`${refused} refused`] : []),
    ].join(", "),
  someFile: "File",
  remove: name => `Remove ${isolated(name)}`,
  removeAll: "Remove all",
  pause: name => `Pause ${isolated(name)}`,
  resume: name => `Resume ${isolated(name)}`,
  chooseAgain: "Choose",
  sendingOf: name => `Sending ${isolated(name)}`,
  percent: (percent, sent, size) => `${percent}%, ${sent} of ${size}`,
  stopped: {
    paused: (sent, size) => `Paused, ${sent} of ${size}`,
    cut: (sent, size) => `No network, ${sent} of ${size}, goes on by itself`,
  },
  states: {
    waiting: "Waiting",
    lost: "Interrupted: the file is no longer on this device. Choose it again.",
    checking: "Arrived, scanning for viruses",
  },
  ready: (size, unscanned) => (unscanned ? `${size}, ready, not scanned` : `${size}, scanned, ready`),
  tooLarge: (size, limit) => `${size}, the limit is ${limit}`,
  notKept: "Keep this tab open: this device does not keep files that are being sent.",
  goesWhenReady: "Goes when the files have arrived.",
  takeBack: "Back into the message",
};
