/** One right as a slider of levels: native radio buttons, so that the arrows go through those that may be chosen. */

import { useId } from "preact/hooks";

interface LevelsProps<T extends string> {
  label: string;
  levels: readonly T[];
  names: Record<T, string>;
  value: T;
  /** Those that may be chosen; the others are shown and cannot be. */
  able: readonly T[];
  /** Why not every level may be chosen. */
  why?: string | undefined;
  onChoose: (level: T) => void;
  /** Each level includes those before it: they are shaded up to the chosen one. */
  rising?: boolean;
}

export function Levels<T extends string>({ label, levels, names, value, able, why, onChoose, rising }: LevelsProps<T>) {
  const id = useId();
  const at = levels.indexOf(value);
  return (
    <fieldset class="tm-right" aria-describedby={why ? id : undefined}>
      <legend class="sr">{label}</legend>
      <div class={`tm-lvl n${levels.length}`}>
        {levels.map((level, place) => {
          const isAble = able.includes(level);
          const isWithin = rising && place > 0 && place < at;
          return (
            <label key={level} class={`${isWithin ? "within" : ""} ${isAble || level === value ? "" : "off"}`}>
              <input
                type="radio"
                name={id}
                checked={level === value}
                disabled={!isAble}
                onChange={() => onChoose(level)}
              />
              <span>{names[level]}</span>
            </label>
          );
        })}
      </div>
      {why && (
        <p class="hint tm-why" id={id}>
          {why}
        </p>
      )}
    </fieldset>
  );
}
