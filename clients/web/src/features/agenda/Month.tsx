import { useState } from "preact/hooks";
import { dayTitle, monthAndYear } from "../../i18n";
import { addDays } from "../../i18n/time";
import { Icon } from "../../ui/Icon";
import { arrowsInGrid } from "../../ui/keyboard";
import { agendaWords } from "./words";

interface MonthProps {
  day: string;
  today: string;
  onDay: (day: string) => void;
}

/** The first day of a month some months away. */
function firstOf(day: string, months: number): string {
  const date = new Date(`${day.slice(0, 7)}-01T12:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString().slice(0, 10);
}

/** A month to choose a day from: arrows move, Enter chooses. */
export function Month({ day, today, onDay }: MonthProps) {
  const w = agendaWords.value;
  const [month, setMonth] = useState({ of: day, first: firstOf(day, 0) });
  if (month.of !== day) setMonth({ of: day, first: firstOf(day, 0) });
  const { first } = month;
  const start = addDays(first, -((new Date(`${first}T12:00:00Z`).getUTCDay() + 6) % 7));
  const weeks = Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (__, at) => addDays(start, week * 7 + at)),
  );
  return (
    <section>
      <div class="mini-head">
        <h2>{monthAndYear(first)}</h2>
        <span class="row">
          <button
            type="button"
            class="icon-btn tiny"
            aria-label={w.previousMonth}
            onClick={() => setMonth({ of: day, first: firstOf(first, -1) })}
          >
            <Icon name="left" size="s" />
          </button>
          <button
            type="button"
            class="icon-btn tiny"
            aria-label={w.nextMonth}
            onClick={() => setMonth({ of: day, first: firstOf(first, 1) })}
          >
            <Icon name="right" size="s" />
          </button>
        </span>
      </div>
      <table class="mini" onKeyDown={arrowsInGrid("button")}>
        <thead>
          <tr>
            {w.weekdays.map((letter, at) => (
              <th key={at} scope="col">
                {letter}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map(days => (
            <tr key={days[0]}>
              {days.map(each => (
                <td key={each}>
                  <button
                    type="button"
                    class={[each.slice(0, 7) === first.slice(0, 7) ? "" : "out", each === today ? "today" : ""].join(
                      " ",
                    )}
                    aria-label={dayTitle(each)}
                    aria-current={each === day ? "date" : undefined}
                    onClick={() => onDay(each)}
                  >
                    {Number(each.slice(8))}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
