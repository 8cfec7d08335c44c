/** When an organisation answers, by weekday. Monday is 0, as on the wire. */

import { language } from "../../i18n";
import { LOCALES } from "../../i18n/time";
import type { HoursForm } from "../../wire/types";

/** A Monday. */
const MONDAY = Date.UTC(2026, 0, 5, 12);
const DAY = 86_400_000;

/** "lundi" … "dimanche". */
export function dayNames(): string[] {
  const format = new Intl.DateTimeFormat(LOCALES[language.value], { weekday: "long", timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, at) => format.format(new Date(MONDAY + at * DAY)));
}

/** Seven lists, each in the order of the clock. */
export function byWeekday(hours: readonly HoursForm[]): HoursForm[][] {
  return Array.from({ length: 7 }, (_, at) =>
    hours.filter(({ weekday }) => weekday === at).sort((one, other) => (one.opens < other.opens ? -1 : 1)),
  );
}

export const isWrong = ({ opens, closes }: HoursForm): boolean => !opens || !closes || opens >= closes;
