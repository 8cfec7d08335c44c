/** What any part of the interface may say, in French. */

import type { MemberFunction } from "../wire/constants";
import { isolated, pluralIn } from "./format";
import { LOCALES } from "./time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  name: "Relais",
  loading: "Chargement…",
  retry: "Réessayer",
  reload: "Recharger la page",
  chunkFailed: "Cet écran n’a pas pu être chargé. Une nouvelle version est peut-être en ligne.",
  chunkOffline: "Cet écran n’est pas encore sur cet appareil. Il s’affichera dès que Relais sera joignable.",
  backHome: "Revenir aux discussions",
  back: "Retour",
  close: "Fermer",
  cancel: "Annuler",
  optional: "facultatif",
  verified: "Identité et droit d’exercer vérifiés",
  badge: {
    psc: (day: string) => `Identité vérifiée par e-CPS le ${day}`,
    cps: (day: string) => `Identité vérifiée par carte CPS le ${day}`,
    document: (day: string) => `Identité vérifiée sur pièce le ${day}`,
    command: (day: string) => `Identité vérifiée par l’administration de Relais le ${day}`,
    demo: (day: string) => `Identité de démonstration, ${day}`,
    vouched: (day: string, by: string) => `Identité attestée par ${isolated(by)} le ${day}`,
    confirmBy: (said: string, day: string) => `${said}. À confirmer avant le ${day}`,
  },
  filters: "Filtrer",
  justNow: "à l’instant",
  yesterday: "Hier",
  span: (start: string, end: string) => `${start} à ${end}`,
  unread: (n: number) => forms(n, "# message non lu", "# messages non lus"),
  days: (first: string, last: string) => `${first} au ${last}`,
  years: (n: number) => forms(n, "# an", "# ans"),
  patient: {
    civilityShort: { mme: "Mme", m: "M.", none: "" },
    erased: "Dossier effacé",
  },
  password: {
    show: "Afficher le mot de passe",
    hide: "Masquer le mot de passe",
    capsLock: "La touche Verr. Maj est active.",
  },
  language: "Langue",
  languages: { fr: "Français", en: "English" },
  functions: {
    practitioner: "Praticien",
    secretary: "Secrétaire",
    assistant: "Assistant",
    administrative: "Personnel administratif",
    operations_manager: "Responsable opérationnel",
    dispatcher: "Régulateur",
  } satisfies Record<MemberFunction, string> as Record<string, string>,
  sync: {
    "up-to-date": "À jour",
    sending: "Envoi",
    "catching-up": "Mise à jour",
    connecting: "Reconnexion",
    offline: "Hors ligne",
    away: "Relais ne répond pas",
    /** When what is on the screen was last up to date, and what is done about it. */
    asOf: (time: string, isOnItsWay: boolean) =>
      isOnItsWay ? `Affiché tel qu’à ${time} · mise à jour…` : `Affiché tel qu’à ${time}`,
  },
  /** What may have to be said before the others are there. */
  problems: {
    unavailable: "Service momentanément indisponible. Recommencez dans un instant.",
    internal: "Une erreur s’est produite de notre côté. Recommencez, ou prévenez votre administrateur.",
    timeout: "Pas de réponse à temps. Vérifiez votre réseau, puis recommencez.",
    offline: "Vous êtes hors ligne. Recommencez au retour du réseau.",
    unknown: "Cela n’a pas abouti. Recommencez.",
  } as Record<string, string>,
  quoted: (text: string) => `« ${isolated(text)} »`,
  tooLong: (count: number, limit: number) =>
    `${count} caractères : ${limit} au plus. Raccourcissez ; rien n’a été coupé.`,
  retryAfter: (seconds: number) => {
    const minutes = Math.ceil(seconds / 60);
    return seconds < 90
      ? forms(Math.ceil(seconds), "Réessayez dans # seconde.", "Réessayez dans # secondes.")
      : forms(minutes, "Réessayez dans # minute.", "Réessayez dans # minutes.");
  },
  incident: (id: string) => `Incident ${id}`,
};
