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
  },
};
