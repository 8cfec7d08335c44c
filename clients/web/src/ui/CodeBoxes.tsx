/**
 * A code of a few digits, in boxes. One field lies over them, so that pasting, filling in from an SMS, correcting and
 * reading aloud are the browser's own.
 */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Wrong } from "./Field";

interface CodeBoxesProps {
  label: string;
  digits: number;
  value: string;
  name?: string;
  error?: string | undefined;
  hint?: string | undefined;
  autoFocus?: boolean;
  onInput: (code: string) => void;
  /** The last digit has been typed, or a whole code pasted. */
  onFull?: (code: string) => void;
}

export function CodeBoxes({
  label,
  digits,
  value,
  name = "code",
  error,
  hint,
  autoFocus,
  onInput,
  onFull,
}: CodeBoxesProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [focused, setFocused] = useState(false);
  const described = [error ? `${id}-e` : "", hint ? `${id}-h` : ""].filter(Boolean).join(" ");
  const take = (typed: string) => {
    const code = typed.normalize("NFKC").replace(/\D/g, "").slice(0, digits);
    if (input.current) input.current.value = code;
    if (code === value) return; // the same again: what was said of it stays
    onInput(code);
    if (code.length === digits) onFull?.(code);
  };
  // After the title of its step, which takes the focus too when both come at once.
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, []);
  // What was refused is typed over, and not behind.
  useEffect(() => {
    if (error) input.current?.select();
  }, [error]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class={`boxes ${error ? "bad" : ""}`}>
        {Array.from({ length: digits }, (_, at) => (
          <span key={at} aria-hidden="true" class={focused && at === Math.min(value.length, digits - 1) ? "on" : ""}>
            {value[at] ?? ""}
          </span>
        ))}
        <input
          ref={input}
          id={id}
          name={name}
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          spellcheck={false}
          aria-describedby={described || undefined}
          aria-invalid={error ? "true" : undefined}
          value={value}
          onInput={event => take(event.currentTarget.value)}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
        />
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
