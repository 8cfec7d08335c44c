/** A password field: shown on request, and a word when Caps Lock is on. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { words } from "../i18n";
import { Field } from "./Field";
import { Icon } from "./Icon";
import { onKeys } from "./keyboard";

interface PasswordProps {
  label: string;
  value: string;
  autoComplete: "current-password" | "new-password";
  name?: string;
  class?: string;
  error?: string | undefined;
  hint?: string | undefined;
  aside?: ComponentChildren;
  onInput: (value: string) => void;
  onLeave?: () => void;
}

export function Password({
  label,
  value,
  autoComplete,
  name = "password",
  error,
  hint,
  aside,
  onInput,
  onLeave,
  ...look
}: PasswordProps) {
  const w = words.value.password;
  const [visible, setVisible] = useState(false);
  const [caps, setCaps] = useState(false);
  return (
    <Field label={label} class={look.class ?? ""} error={error} aside={aside} hint={caps ? <CapsLock /> : hint}>
      {parts => (
        <>
          <input
            {...parts}
            {...(visible ? { type: "text" as const } : { type: "password" as const })}
            name={name}
            autoComplete={autoComplete}
            autoCapitalize="none"
            spellcheck={false}
            value={value}
            onInput={event => onInput(event.currentTarget.value)}
            onKeyDown={onKeys(event => setCaps(event.getModifierState("CapsLock")))}
            onKeyUp={onKeys(event => setCaps(event.getModifierState("CapsLock")))}
            onBlur={() => {
              setCaps(false);
              onLeave?.();
            }}
          />
          <button
            type="button"
            class="icon-btn tiny"
            aria-label={visible ? w.hide : w.show}
            aria-pressed={visible}
            onClick={() => setVisible(!visible)}
          >
            <Icon name={visible ? "eyeoff" : "eye"} size="s" />
          </button>
        </>
      )}
    </Field>
  );
}

function CapsLock() {
  return (
    <span class="hint clock" role="status">
      <Icon name="alert" size="xs" />
      {words.value.password.capsLock}
    </span>
  );
}
