/** Files in messages, in French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  locale: LOCALES.fr,
  download: (name: string) => `Télécharger ${isolated(name)}`,
  pages: (n: number) => forms(n, "# page", "# pages"),
  checking: "Analyse antivirus",
  unscanned: "non analysé",
  erased: "Fichier effacé",
  refused: {
    infected: "Refusé : un virus y a été trouvé",
    type: "Refusé : ce type de fichier n’est pas accepté",
    damaged: "Refusé : le fichier est abîmé",
    encrypted: "Refusé : le fichier est protégé par un mot de passe",
    too_large: "Refusé : le fichier est trop grand",
  },
};
