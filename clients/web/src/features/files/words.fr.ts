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
    empty: "Ce fichier est vide",
    too_many_files: "Vous avez envoyé autant de fichiers qu’il est possible en un jour",
    gone: "Ce fichier n’est plus là : choisissez-le à nouveau",
  },
  attach: "Joindre un fichier",
  photograph: "Prendre une photo",
  dropHere: "Déposez ici",
  dropTo: (title: string) => `Partira à ${isolated(title)}`,
  accepted: "PDF, images, audio, DOCX, DICOM. 50 Mo chacun, envoi repris après une coupure.",
  most: (n: number) => `Un message porte ${n} fichiers au plus : les autres n’ont pas été pris.`,
  documentsAdd: "Joignez ou photographiez",
  documentsDrop: "Déposez les documents ici, ou choisissez-les",
  documentsAccepted: "PDF, JPEG, PNG. 50 Mo chacun.",
  mostDocuments: (n: number) => `Un adressage porte ${n} documents au plus : les autres n’ont pas été pris.`,
  toSend: (n: number) => forms(n, "# fichier à envoyer", "# fichiers à envoyer"),
  files: (n: number) => forms(n, "# fichier", "# fichiers"),
  /** How many have arrived, are on their way, or cannot be sent. */
  standing: (there: number, underway: number, refused: number) =>
    [
      ...(there ? [forms(there, "# arrivé", "# arrivés")] : []),
      ...(underway ? [`${underway} en cours`] : []),
      ...(refused ? [forms(refused, "# refusé", "# refusés")] : []),
    ].join(", "),
  someFile: "Fichier",
  remove: (name: string) => `Retirer ${isolated(name)}`,
  removeAll: "Tout retirer",
  pause: (name: string) => `Mettre en pause ${isolated(name)}`,
  resume: (name: string) => `Reprendre ${isolated(name)}`,
  chooseAgain: "Choisir",
  sendingOf: (name: string) => `Envoi de ${isolated(name)}`,
  percent: (percent: number, sent: string, size: string) => `${percent} %, ${sent} sur ${size}`,
  stopped: {
    paused: (sent: string, size: string) => `En pause, ${sent} sur ${size}`,
    cut: (sent: string, size: string) => `Réseau coupé, ${sent} sur ${size}, reprendra seul`,
  },
  states: {
    waiting: "En attente",
    lost: "Interrompu : le fichier n’est plus sur cet appareil. Choisissez-le à nouveau.",
    checking: "Arrivé, analyse antivirus",
  },
  ready: (size: string, unscanned: boolean) => (unscanned ? `${size}, prêt, non analysé` : `${size}, vérifié, prêt`),
  tooLarge: (size: string, limit: string) => `${size}, la limite est de ${limit}`,
  notKept: "Gardez cet onglet ouvert : cet appareil ne garde pas les fichiers en cours d’envoi.",
  goesWhenReady: "Partira quand les fichiers seront arrivés.",
  takeBack: "Reprendre dans le message",
};
