/** Signing in, and waiting to be verified, in French. */

import { isolated, pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";

const forms = pluralIn(LOCALES.fr);

export const fr = {
  signIn: {
    title: "Bonjour",
    lead: "Connectez-vous à Relais.",
    ended: "Votre session a pris fin. Connectez-vous de nouveau.",
    waiting: (messages: number, drafts: number) =>
      [
        messages ? forms(messages, "# message attend sur cet appareil.", "# messages attendent sur cet appareil.") : "",
        drafts ? forms(drafts, "# brouillon est gardé.", "# brouillons sont gardés.") : "",
        "Tout revient quand la même personne se connecte ; une autre l’efface.",
      ]
        .filter(Boolean)
        .join(" "),
    email: "E-mail",
    password: "Mot de passe",
    submit: "Continuer",
    busy: "Connexion en cours…",
    emailMissing: "Saisissez votre adresse e-mail.",
    emailWrong: "Saisissez une adresse complète, par exemple prenom.nom@cabinet.fr.",
    passwordMissing: "Saisissez votre mot de passe.",
    shared: "Poste partagé ? Déconnectez-vous en partant, depuis « Moi ».",
    newHere: "Pas encore de compte ?",
    create: "Créer un compte",
  },
  notVerified: {
    tag: "Vérification à faire",
    title: (name: string) => (name ? `Bonjour ${isolated(name)}.` : "Bonjour."),
    lead: "Votre identité n’est pas encore vérifiée. D’ici là, l’annuaire, les discussions et la réservation restent fermés.",
    steps: [
      ["Compte créé", "E-mail et mot de passe reconnus"],
      ["Identité et droit d’exercer", "À vérifier auprès du registre national"],
      ["Accès ouvert", "Annuaire, discussions et réservation"],
    ] as [string, string][],
    todo: "À faire",
    note: "Vous recevrez un e-mail dès que la vérification aura abouti. Vous pouvez fermer cette page.",
    again: "Vérifier de nouveau",
    signOut: "Se déconnecter",
  },
};
