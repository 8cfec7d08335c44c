/** Signing in, in French. */

import { pluralIn } from "../../i18n/format";
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
    psc: "Se connecter avec Pro Santé Connect",
    pscText: "e-CPS ou carte CPS",
    wiped: "Cet appareil a été déclaré perdu. Ce que Relais y gardait vient d’être effacé.",
    phone: "Sur mon téléphone, avec e-CPS",
    phoneText: "Sans carte ni lecteur : vous approuvez dans l’application",
    cps: "Avec ma carte CPS",
    cpsText: "Lecteur de carte branché à ce poste",
    orPassword: "ou avec un mot de passe",
    passkey: "Utiliser une clé d’accès",
    forgotten: "Mot de passe oublié ?",
    newHere: "Pas encore de compte ?",
    create: "Créer un compte",
  },
  phoneSignIn: {
    title: "Approuver sur mon téléphone",
    lead: "Relais pose la question à l’application e-CPS de votre téléphone.",
    number: "Numéro RPPS ou ADELI",
    numberHint: "Onze chiffres pour un RPPS, neuf pour un ADELI.",
    wrong: "Saisissez les onze chiffres de votre RPPS, ou les neuf de votre ADELI.",
    submit: "Demander au téléphone",
    other: "Changer de numéro",
    back: "Revenir à la connexion",
  },
  secondStep: {
    title: "Second facteur",
    lead: "Votre mot de passe est bon. Il reste à prouver que c’est vous.",
    code: "Code de l’application",
    codeHint: "Six chiffres, renouvelés toutes les 30 secondes.",
    recovery: "Code de secours",
    recoveryHint: "Un des codes que vous avez gardés. Il ne servira plus ensuite.",
    submit: "Continuer",
    busy: "Vérification…",
    passkey: "Utiliser une clé d’accès",
    toRecovery: "Utiliser un code de secours",
    toCode: "Utiliser l’application de codes",
    back: "Revenir à la connexion",
    lost: "Plus aucun moyen ? Demandez à la personne qui administre Relais, ou connectez-vous avec Pro Santé Connect.",
  },
  forgotten: {
    title: "Mot de passe oublié",
    lead: "Donnez l’adresse de votre compte. S’il existe, un lien y arrive dans quelques minutes ; il vaut une heure.",
    submit: "Recevoir un lien",
    busy: "Envoi en cours…",
    sent: "Si cette adresse a un compte, le lien est parti. Rien reçu ? Regardez dans les indésirables, puis recommencez.",
    back: "Revenir à la connexion",
  },
  newPassword: {
    title: "Nouveau mot de passe",
    lead: "Toutes vos sessions se ferment ; votre second facteur reste le même.",
    label: "Nouveau mot de passe",
    hint: "12 caractères au moins. Plusieurs mots au hasard font un bon mot de passe.",
    short: "Douze caractères au moins.",
    refused: "Ce mot de passe n’a pas été accepté : trop courant, connu d’une fuite, ou trop proche de votre nom.",
    over: "Ce lien ne vaut plus : il a déjà servi, ou il a plus d’une heure. Demandez-en un autre.",
    another: "Demander un autre lien",
    submit: "Choisir ce mot de passe",
    busy: "Un instant…",
    done: "C’est fait. Connectez-vous avec votre nouveau mot de passe.",
    signIn: "Se connecter",
  },
};
