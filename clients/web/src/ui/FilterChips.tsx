import type { ComponentChildren } from "preact";
import { words } from "../i18n";

interface FilterChipsProps<T extends string> {
  options: [T, ComponentChildren][];
  value: T;
  onChoose: (value: T) => void;
}

/** Filters of a list, one of which is chosen. */
export function FilterChips<T extends string>({ options, value, onChoose }: FilterChipsProps<T>) {
  return (
    <fieldset class="chips" aria-label={words.value.filters}>
      {options.map(([option, label]) => (
        <button
          type="button"
          key={option}
          class="chip"
          aria-pressed={value === option}
          onClick={() => onChoose(option)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
