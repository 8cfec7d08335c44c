/** The words and the dates of the interface in the reader's language. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { fr } from "./fr";
import type { Language } from "./time";
import * as time from "./time";

export { isolated } from "./format";
export type { Language } from "./time";
export type Theme = "auto" | "light" | "dark";

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is blocked: the choice lasts as long as the page
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}

/** What was chosen, else the first language of the browser's that there is. */
const preferred = [kept("relais.language"), ...(globalThis.navigator?.languages ?? [])]
  .map(known => known?.slice(0, 2))
  .find((known): known is Language => known === "fr" || known === "en");
export const language = signal<Language>(preferred ?? "fr");

export function chooseLanguage(chosen: Language): void {
  keep("relais.language", chosen);
  language.value = chosen;
}

export const theme = signal<Theme>(
  (["light", "dark"] as const).find(known => known === kept("relais.theme")) ?? "auto",
);

/** What fetches the English of each catalogue there is so far. */
const english: (() => Promise<void>)[] = [];

/**
 * The words of one script: `fr` comes with it, the English is fetched when English is the language. Until that has come
 * the text is French.
 */
export function catalogue<Words extends object>(
  french: Words,
  fetch: () => Promise<{ en: Words }>,
): ReadonlySignal<Words> {
  const arrived = signal<Words | null>(null);
  english.push(async () => {
    arrived.value ??= (await fetch()).en;
  });
  return computed(() => (language.value === "en" && arrived.value) || french);
}

/** Resolves when the scripts that are here have their words in the language chosen; rejects when some cannot be fetched. */
export async function wordsArrived(): Promise<void> {
  if (language.peek() === "en") await Promise.all(english.map(load => load()));
}

export const words = catalogue(fr, () => import("./en"));

effect(() => {
  document.documentElement.lang = language.value;
  const isEnglish = language.value === "en";
  // A moment later, when every script of the first screen has brought its words.
  if (isEnglish)
    void Promise.resolve()
      .then(wordsArrived)
      .catch(() => (language.value = "fr"));
});

effect(() => {
  keep("relais.theme", theme.value);
  if (theme.value === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme.value;
});

const here = time.personZone();

/** "09:20" */
export const clock = (at: string | number, zone = here): string => time.clock(at, zone, language.value);
/** The day of an instant: "2026-12-01". */
export const dayOf = (at: string | number, zone = here): string => time.dayOf(at, zone);
/** "jeu. 26 nov." */
export const shortDay = (day: string): string => time.shortDay(day, language.value);
/** "jeudi 26 novembre 2026" */
export const longDay = (day: string): string => time.longDay(day, language.value);
/** "14/03/1954" */
export const numericDay = (day: string): string => time.numericDay(day, language.value);
/** "jeu. 26 nov. 09:20" */
export const dayAndClock = (at: string, zone = here): string => time.dayAndClock(at, zone, language.value);

function partOfDay(day: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(time.LOCALES[language.value], { ...options, timeZone: "UTC" }).format(
    new Date(`${day}T12:00:00Z`),
  );
}

/** "jeu." */
export const weekday = (day: string): string => partOfDay(day, { weekday: "short" });
/** "jeudi" */
export const weekdayLong = (day: string): string => partOfDay(day, { weekday: "long" });
/** "26 nov." */
export const dayAndMonth = (day: string): string => partOfDay(day, { day: "numeric", month: "short" });
/** "nov." */
export const month = (day: string): string => partOfDay(day, { month: "short" });
/** "Novembre 2026" */
export const monthAndYear = (day: string): string => capital(partOfDay(day, { month: "long", year: "numeric" }));
/** "Jeudi 26 novembre" */
export const dayTitle = (day: string): string =>
  capital(partOfDay(day, { weekday: "long", day: "numeric", month: "long" }));

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(time.LOCALES[language.value]) + text.slice(1);
}

/** The time today, "hier", a weekday, a date: for the right of a row. */
export function ago(at: string, now: number): string {
  const days = Math.round((Date.parse(`${dayOf(now)}T12:00:00Z`) - Date.parse(`${dayOf(at)}T12:00:00Z`)) / 86_400_000);
  if (days <= 0) return clock(at);
  if (days === 1) return words.value.yesterday;
  return days < 7 ? weekday(dayOf(at)) : dayAndMonth(dayOf(at));
}

/** "3 h", "4 j", "à l’instant": how long something has been waiting. */
export function since(at: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(at)) / 60_000));
  if (minutes < 1) return words.value.justNow;
  const [count, unit] =
    minutes < 60
      ? [minutes, "minute"]
      : minutes < 1440
        ? [Math.floor(minutes / 60), "hour"]
        : [Math.floor(minutes / 1440), "day"];
  return new Intl.NumberFormat(time.LOCALES[language.value], {
    style: "unit",
    unit: unit as string,
    unitDisplay: "short",
  }).format(count as number);
}

/** "France", "Espagne": a country by its two letters. */
export function countryName(code: string): string {
  return new Intl.DisplayNames([time.LOCALES[language.value]], { type: "region" }).of(code) ?? code;
}
