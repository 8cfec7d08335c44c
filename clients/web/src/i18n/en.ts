/** What any part of the interface may say, in English: the keys of the French. */

import { isolated, pluralIn } from "./format";
import type { fr } from "./fr";
import { LOCALES } from "./time";

const forms = pluralIn(LOCALES.en);

export const en: typeof fr = {
  name: "Relais",
  loading: "Loading…",
  retry: "Try again",
  reload: "Reload the page",
  chunkFailed: "This screen could not be loaded. A new version may be online.",
  chunkOffline: "This screen is not on this device yet. It will be shown as soon as Relais can be reached.",
  backHome: "Back to conversations",
  back: "Back",
  close: "Close",
  cancel: "Cancel",
  optional: "optional",
  verified: "Identity and right to practise verified",
  badge: {
    psc: day => `Identity verified by e-CPS on ${day}`,
    cps: day => `Identity verified by CPS card on ${day}`,
    document: day => `Identity verified by document on ${day}`,
    command: day => `Identity verified by the administrators of Relais on ${day}`,
    demo: day => `Identity of the demonstration, ${day}`,
    vouched: (day, by) => `${isolated(by)} vouched for this identity on ${day}`,
    confirmBy: (said, day) => `${said}. To be confirmed by ${day}`,
  },
  filters: "Filter",
  justNow: "just now",
  yesterday: "Yesterday",
  span: (start, end) => `${start} to ${end}`,
  unread: n => forms(n, "# unread message", "# unread messages"),
  days: (first, last) => `${first} to ${last}`,
  years: n => forms(n, "# year old", "# years old"),
  patient: {
    civilityShort: { mme: "Mme", m: "M.", none: "" },
    erased: "Erased record",
  },
  password: {
    show: "Show the password",
    hide: "Hide the password",
    capsLock: "Caps Lock is on.",
  },
  language: "Language",
  languages: { fr: "Français", en: "English" },
  functions: {
    practitioner: "Practitioner",
    secretary: "Secretary",
    assistant: "Assistant",
    administrative: "Administrative staff",
    operations_manager: "Operations manager",
    dispatcher: "Dispatcher",
  },
  sync: {
    "up-to-date": "Up to date",
    sending: "Sending",
    "catching-up": "Updating",
    connecting: "Reconnecting",
    offline: "Offline",
    away: "Relais does not answer",
    asOf: (time, isOnItsWay) => (isOnItsWay ? `Shown as of ${time} · updating…` : `Shown as of ${time}`),
  },
  /** What may have to be said before the others are there. */
  problems: {
    unavailable: "Temporarily unavailable. Try again in a moment.",
    internal: "Something went wrong on our side. Try again, or tell your administrator.",
    timeout: "No answer in time. Check your network, then try again.",
    offline: "You are offline. Try again when the network is back.",
    unknown: "This did not work. Try again.",
  } as Record<string, string>,
  quoted: text => `“${isolated(text)}”`,
  tooLong: (count, limit) => `${count} characters: ${limit} at most. Shorten it; nothing was cut.`,
  retryAfter: seconds => {
    const minutes = Math.ceil(seconds / 60);
    return seconds < 90
      ? forms(Math.ceil(seconds), "Try again in # second.", "Try again in # seconds.")
      : forms(minutes, "Try again in # minute.", "Try again in # minutes.");
  },
  incident: id => `Incident ${id}`,
};
