/** A labelled field, with help and error below it, which screen readers read with the input. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { words } from "../i18n";
import { characters } from "../wire/text";
import { Icon } from "./Icon";

interface Parts {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
}

interface FieldProps {
  label: string;
  class?: string;
  optional?: boolean;
  hint?: ComponentChildren;
  error?: string | undefined;
  /** Beside the label, at its right. */
  aside?: ComponentChildren;
  /** The input, given its id and its descriptions; `before` and `after` stand in its frame. */
  children: (parts: Parts) => ComponentChildren;
}

export function Field({ label, class: extra = "", optional, hint, error, aside, children }: FieldProps) {
  const id = useId();
  const described = [error ? `${id}-e` : "", hint ? `${id}-h` : ""].filter(Boolean).join(" ");
  return (
    <div class={`field ${extra}`}>
      <label for={id}>
        {label} {optional && <span class="opt">{words.value.optional}</span>}
        {aside}
      </label>
      <div class={`in ${error ? "bad" : ""}`}>
        {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? "true" : undefined })}
      </div>
      {error && <Wrong id={`${id}-e`} text={error} />}
      {hint && (
        <span class="hint" id={`${id}-h`}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** Why a text is not sent as it is: nothing that is typed or pasted is ever cut. Undefined when it fits. */
export function tooLong(text: string, limit: number): string | undefined {
  const count = characters(text.trim());
  return count > limit ? words.value.tooLong(count, limit) : undefined;
}

export function Wrong({ text, id }: { text: string; id?: string }) {
  return (
    <span class="hint bad" id={id}>
      <Icon name="alert" size="xs" />
      {text}
    </span>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  class?: string;
  name: string;
  options: [T, string][];
  value: T | null;
  error?: string | undefined;
  onChoose: (value: T) => void;
}

/** A few options side by side, as native radio buttons. */
export function Choice<T extends string>({
  legend,
  class: extra = "",
  name,
  options,
  value,
  error,
  onChoose,
}: ChoiceProps<T>) {
  const id = useId();
  return (
    <fieldset class={`field ${extra}`} aria-describedby={error ? id : undefined}>
      <legend class="flabel">{legend}</legend>
      <div class={`seg ${error ? "bad" : ""}`}>
        {options.map(([option, label]) => (
          <label key={option}>
            <input
              type="radio"
              name={name}
              value={option}
              checked={value === option}
              onChange={() => onChoose(option)}
            />
            {label}
          </label>
        ))}
      </div>
      {error && <Wrong id={id} text={error} />}
    </fieldset>
  );
}
