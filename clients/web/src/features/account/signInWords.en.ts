/** Signing in, and waiting to be verified, in English: the keys of the French. */

import { isolated, pluralIn } from "../../i18n/format";
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
    newHere: "No account yet?",
    create: "Create an account",
  },
  notVerified: {
    tag: "To be verified",
    title: name => (name ? `Hello ${isolated(name)}.` : "Hello."),
    lead: "Your identity is not verified yet. Until then the directory, conversations and booking stay closed.",
    steps: [
      ["Account created", "E-mail and password recognised"],
      ["Identity and right to practise", "To be checked against the national register"],
      ["Access open", "Directory, conversations and booking"],
    ],
    todo: "To do",
    note: "You will get an e-mail as soon as you are verified. You can close this page.",
    again: "Check again",
    signOut: "Sign out",
  },
};
