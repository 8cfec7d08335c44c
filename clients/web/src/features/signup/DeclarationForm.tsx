/** Who somebody is, as they say it themselves. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Declaration, DeclarationField } from "../../fields/declaration";
import { ORDER } from "../../fields/declaration";
import { Choice, Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { fetchSpecialities, fetchTowns, identified, specialities, towns } from "./offers";
import { StepTitle } from "./StepTitle";
import { byCard, declare, edit, editPassword, leaveField, password, signUp } from "./state";
import { signUpWords } from "./words";

export function errorText(field: DeclarationField, why: string | undefined): string | undefined {
  const said = signUpWords.value.errors;
  return why && (said[`${field}.${why}`] ?? said[why] ?? said["refused"]);
}

type Typed = Exclude<DeclarationField, "password" | "speciality" | "practice_mode" | "city">;

const COMPLETIONS: Record<Typed, string> = {
  first_name: "given-name",
  last_name: "family-name",
  email: "email",
  postal_code: "postal-code",
  address: "street-address",
  number: "off",
};
const MODES: Partial<Record<Typed, "email" | "numeric">> = {
  email: "email",
  postal_code: "numeric",
  number: "numeric",
};

/** What the card says stands as it says it. */
const OF_CARD: ReadonlySet<Typed> = new Set(["first_name", "last_name", "number"]);

function Text({ field, class: look = "c6", optional = false }: { field: Typed; class?: string; optional?: boolean }) {
  const w = signUpWords.value.form;
  const { typed, errors } = signUp.value;
  return (
    <Field
      label={w.labels[field]}
      class={look}
      optional={optional}
      hint={(w.hints as Record<string, string>)[field]}
      error={errorText(field, errors[field])}
    >
      {parts => (
        <input
          {...parts}
          name={field}
          type="text"
          inputMode={MODES[field] ?? "text"}
          autoComplete={COMPLETIONS[field]}
          required={!optional}
          readOnly={byCard.value && OF_CARD.has(field)}
          value={typed[field]}
          onInput={event => edit(field, event.currentTarget.value)}
          onBlur={() => leaveField(field)}
        />
      )}
    </Field>
  );
}

export function DeclarationForm() {
  const w = signUpWords.value.form;
  const { typed, errors, problem } = signUp.value;
  const form = useRef<HTMLFormElement>(null);
  const wasKept = useRef(typed.first_name !== "" && !password.peek() && !identified.peek());
  const [tried, setTried] = useState(0);
  const code = typed.postal_code.replaceAll(" ", "");
  useEffect(() => void fetchSpecialities(), []);
  useEffect(() => {
    if (/^\d{5}$/.test(code)) void fetchTowns(code);
  }, [code]);
  useEffect(() => {
    // To the first wrong field, in the order of the screen, also when the server says so.
    const first = ORDER.find(field => errors[field]);
    if (first && (tried || form.current?.contains(document.activeElement) === false))
      form.current?.querySelector<HTMLElement>(`[name=${first}]`)?.focus();
  }, [tried]);
  const wrong = Object.keys(errors).length;
  return (
    <>
      <div>
        <StepTitle>{w.title}</StepTitle>
        <p class="lead">{identified.value ? w.fromProvider : w.lead}</p>
      </div>
      {wasKept.current && (
        <div class="note accent" role="status">
          <Icon name="info" size="s" />
          <span class="grow">{problem?.reason === "not_found" ? signUpWords.value.code.over : w.kept}</span>
        </div>
      )}
      {problem && problem.reason !== "not_found" && (
        <div class="note urgent" role="alert">
          <Icon name="alert" size="s" />
          <span class="grow">{explain(problem)}</span>
        </div>
      )}
      <form
        ref={form}
        class="declaration"
        noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!declare()) setTried(tried + 1);
        }}
      >
        <Text field="first_name" />
        <Text field="last_name" />
        <Text field="email" class="c12" />
        <SpecialityField typed={typed} error={errorText("speciality", errors.speciality)} />
        <Choice
          class="c12"
          legend={w.labels.practice_mode}
          name="practice_mode"
          options={(["liberal", "salaried"] as const).map(each => [each, w.modes[each]])}
          value={typed.practice_mode || null}
          error={errorText("practice_mode", errors.practice_mode)}
          onChoose={chosen => edit("practice_mode", chosen)}
        />
        <Text field="postal_code" class="c4" />
        <TownField typed={typed} error={errorText("city", errors.city)} />
        <Text field="address" class="c12" optional />
        <Text field="number" class="c12" optional />
        {byCard.value ? (
          <p class="note c12">
            <Icon name="card" size="s" />
            <span class="grow">{w.noPassword}</span>
          </p>
        ) : (
          <Password
            class="c12"
            label={w.labels.password}
            autoComplete="new-password"
            value={password.value}
            hint={w.hints.password}
            error={errorText("password", errors.password)}
            onInput={editPassword}
            onLeave={() => leaveField("password")}
          />
        )}
        <div class="submit">
          {wrong > 0 && (
            <span class="hint bad" role="status">
              <Icon name="alert" size="xs" />
              {w.wrong(wrong)}
            </span>
          )}
          <button type="submit" class="btn main tall wide">
            {w.submit}
          </button>
        </div>
      </form>
    </>
  );
}

interface ChosenProps {
  typed: Declaration;
  error: string | undefined;
}

/** Professions with several specialities are groups; the others stand together. */
function SpecialityField({ typed, error }: ChosenProps) {
  const w = signUpWords.value.form;
  const known = specialities.value;
  const all = Array.isArray(known) ? known : [];
  const grouped = [...new Set(all.map(one => one.profession))].filter(
    profession => all.filter(one => one.profession === profession).length > 1,
  );
  const nameOf = (profession: string) => all.find(one => one.key === profession)?.label ?? profession;
  const option = (one: { key: string; label: string }) => (
    <option key={one.key} value={one.key}>
      {one.label}
    </option>
  );
  return (
    <Field label={w.labels.speciality} class="c12" error={error ?? (known === "missing" ? w.listFailed : undefined)}>
      {parts => (
        <>
          <select
            {...parts}
            name="speciality"
            value={typed.speciality}
            onFocus={() => void fetchSpecialities()}
            onChange={event => edit("speciality", event.currentTarget.value)}
          >
            <option value="">{w.choose}</option>
            {grouped.map(profession => (
              <optgroup key={profession} label={nameOf(profession)}>
                {all.filter(one => one.profession === profession).map(option)}
              </optgroup>
            ))}
            <optgroup label={w.professions}>
              {all.filter(one => !grouped.includes(one.profession)).map(option)}
            </optgroup>
          </select>
          <Icon name="down" size="s" />
        </>
      )}
    </Field>
  );
}

/** The towns of a postal code, or a name where the list knows none. */
function TownField({ typed, error }: ChosenProps) {
  const w = signUpWords.value.form;
  const { code, names } = towns.value;
  const known = code === typed.postal_code.replaceAll(" ", "") ? names : [];
  return (
    <Field label={w.labels.city} class="c8" error={error}>
      {parts =>
        known.length > 1 ? (
          <>
            <select
              {...parts}
              name="city"
              value={typed.city}
              onChange={event => edit("city", event.currentTarget.value)}
            >
              <option value="">{w.chooseTown}</option>
              {known.map(name => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        ) : (
          <input
            {...parts}
            name="city"
            type="text"
            autoComplete="address-level2"
            value={typed.city}
            onInput={event => edit("city", event.currentTarget.value)}
            onBlur={() => leaveField("city")}
          />
        )
      }
    </Field>
  );
}
