/** Times as people read them: a message in the reader's zone, a slot in the zone of the site. */

/** The languages of the interface, and how each writes dates and numbers. */
export const LOCALES = { fr: "fr-FR", en: "en-GB" };
export type Language = keyof typeof LOCALES;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let known = formats.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(LOCALES[language], options);
    formats.set(key, known);
  }
  return known;
}

/** The zone of the person: what the browser says. */
export function personZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "09:20" in a zone. */
export function clock(at: string | number | Date, zone: string, language: Language = "fr"): string {
  return format(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(
    new Date(at),
  );
}

/** The day an instant falls on in a zone: "2026-12-01". */
export function dayOf(at: string | number | Date, zone: string): string {
  const parts = format("en", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone }).format(
    new Date(at),
  );
  const [day, month, year] = parts.split("/");
  return `${year}-${month}-${day}`;
}

/** "jeu. 26 nov." for a calendar day. */
export function shortDay(day: string, language: Language = "fr"): string {
  return dayFormat(day, language, { weekday: "short", day: "numeric", month: "short" });
}

/** "jeudi 26 novembre 2026" for a calendar day. */
export function longDay(day: string, language: Language = "fr"): string {
  return dayFormat(day, language, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** "14/03/1954" for a calendar day. */
export function numericDay(day: string, language: Language = "fr"): string {
  return dayFormat(day, language, { day: "2-digit", month: "2-digit", year: "numeric" });
}

function dayFormat(day: string, language: Language, options: Intl.DateTimeFormatOptions): string {
  return format(language, { ...options, timeZone: "UTC" }).format(new Date(`${day}T12:00:00Z`));
}

/** The calendar day `count` days later. */
export function addDays(day: string, count: number): string {
  const noon = new Date(`${day}T12:00:00Z`);
  noon.setUTCDate(noon.getUTCDate() + count);
  return noon.toISOString().slice(0, 10);
}

/** The later of two calendar days. */
export function later(one: string, two: string): string {
  return one > two ? one : two;
}

/** "jeu. 26 nov. 09:20" in a zone. */
export function dayAndClock(at: string, zone: string, language: Language = "fr"): string {
  return `${shortDay(dayOf(at, zone), language)} ${clock(at, zone, language)}`;
}

/** Whole years between a birth date and a day. */
export function age(birthDate: string, on: string): number {
  const years = Number(on.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return on.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** "07:42" of a number of seconds; never negative. */
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  return `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
}
