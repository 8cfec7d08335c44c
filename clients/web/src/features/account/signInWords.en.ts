/** Signing in, in English: the keys of the French. */

import { pluralIn } from "../../i18n/format";
import { LOCALES } from "../../i18n/time";
import type { fr } from "./signInWords.fr";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  signIn: {
    title: "Hello",
    lead: "Sign in to Relais.",
    ended: "Your session has ended. Sign in again.",
    waiting: (messages, drafts) =>
      [
        messages ? forms(messages, "# message waits on this device.", "# messages wait on this device.") : "",
        drafts ? forms(drafts, "# draft is kept.", "# drafts are kept.") : "",
        "All of it is there again when the same person signs in; another person erases it.",
      ]
        .filter(Boolean)
        .join(" "),
    email: "E-mail",
    password: "Password",
    submit: "Continue",
    busy: "Signing in…",
    emailMissing: "Type your e-mail address.",
    emailWrong: "Type a complete address, for example first.last@practice.fr.",
    passwordMissing: "Type your password.",
    shared: "Shared computer? Sign out when you leave, from “Me”.",
    psc: "Sign in with Pro Santé Connect",
    pscText: "e-CPS or CPS card",
    wiped: "This device was declared lost. What Relais kept on it has just been erased.",
    phone: "On my phone, with e-CPS",
    phoneText: "No card, no reader: you approve in the application",
    cps: "With my CPS card",
    cpsText: "Card reader connected to this computer",
    orPassword: "or with a password",
    passkey: "Use a passkey",
    forgotten: "Forgotten password?",
    newHere: "No account yet?",
    create: "Create an account",
  },
  phoneSignIn: {
    title: "Approve on my phone",
    lead: "Relais asks the e-CPS application on your phone.",
    number: "RPPS or ADELI number",
    numberHint: "Eleven digits for an RPPS number, nine for an ADELI number.",
    wrong: "Type the eleven digits of your RPPS number, or the nine of your ADELI number.",
    submit: "Ask the phone",
    other: "Change the number",
    back: "Back to signing in",
  },
  secondStep: {
    title: "Second factor",
    lead: "Your password is right. What is left is to prove that it is you.",
    code: "Code of the application",
    codeHint: "Six digits, new ones every 30 seconds.",
    recovery: "Recovery code",
    recoveryHint: "One of the codes that you kept. It will not work again.",
    submit: "Continue",
    busy: "Checking…",
    passkey: "Use a passkey",
    toRecovery: "Use a recovery code",
    toCode: "Use the application of codes",
    back: "Back to signing in",
    lost: "No way left? Ask whoever administers Relais, or sign in with Pro Santé Connect.",
  },
  forgotten: {
    title: "Forgotten password",
    lead: "Give the address of your account. If there is one, a link arrives within minutes; it lasts an hour.",
    submit: "Send me a link",
    busy: "Sending…",
    sent: "If this address has an account, the link has been sent. Nothing received? Look among the junk, then try again.",
    back: "Back to signing in",
  },
  newPassword: {
    title: "New password",
    lead: "All your sessions close; your second factor stays the same.",
    label: "New password",
    hint: "At least 12 characters. Several random words make a good password.",
    short: "At least twelve characters.",
    refused: "This password was not accepted: too common, known from a leak, or too close to your name.",
    over: "This link is over: it was used, or is more than an hour old. Ask for another one.",
    another: "Ask for another link",
    submit: "Choose this password",
    busy: "One moment…",
    done: "Done. Sign in with your new password.",
    signIn: "Sign in",
  },
};
