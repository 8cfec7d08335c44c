/** What can be done with a message, in French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  copy: "Copier le texte",
  copied: "Texte copié.",
  notCopied: "Le texte n’a pas pu être copié.",
  edit: "Modifier",
  minutesLeft: (n: number) => forms(n, "encore # minute", "encore # minutes"),
  text: "Texte du message",
  save: "Enregistrer",
  edited: "Message modifié.",
  keepsTrace: "Les autres verront que le message a été modifié, et ce qu’il disait avant.",
  delete: "Supprimer pour tous",
  deleteTitle: "Supprimer ce message ?",
  deleteText: "Le texte et les fichiers seront effacés pour tous. À sa place restera « Message supprimé ».",
  readBy: (names: string[]) =>
    names.length > 2
      ? forms(names.length, "# personne l’a déjà lu.", "# personnes l’ont déjà lu.")
      : `Déjà lu par ${names.map(isolated).join(" et ")}.`,
  confirm: "Supprimer",
  deleted: "Message supprimé.",
  versions: "Versions précédentes",
  until: (time: string) => `Jusqu’à ${time}`,
  illegible: "Cette version ne peut plus être lue.",
  more: "Afficher les versions plus anciennes",
  sent: "Envoyé",
  undo: (seconds: number) => `Annuler (${seconds} s)`,
  undone: "Envoi annulé. Le texte est de nouveau dans le champ.",
  wasRead: "Quelqu’un l’avait déjà lu : « Message supprimé » reste à sa place.",
};
