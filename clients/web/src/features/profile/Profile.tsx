/** One's own profile: identity, practice, languages, ways to be reached, places, language of the interface. */

import "./profile.css";
import { useEffect, useRef } from "preact/hooks";
import { chooseLanguage, language, words } from "../../i18n";
import { LOCALES } from "../../i18n/time";
import { href } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Failed, Skeleton } from "../../ui/Empty";
import { Choice, Field } from "../../ui/Field";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { BadgeLine } from "../../ui/members";
import { session } from "../account/state";
import { Mobile } from "./Mobile";
import { BLANK_PLACE, type Draft, edit, editing, load, save } from "./state";
import { profileWords } from "./words";

/** What is spoken most in France, by their codes; any other can be typed on the server. */
const SPOKEN = "fr en es pt it de ar ber tr ru uk pl ro nl zh vi ja ko fa hi ta bre gcf rcf".split(" ");

type TextField = "first_name" | "last_name" | "address" | "postal_code" | "city" | "phone" | "mssante";

function errorOf(field: string): string | undefined {
  const why = editing.value.errors[field];
  const said = profileWords.value.errors;
  return why && (said[why] ?? said["refused"]);
}

interface TextProps {
  draft: Draft;
  field: TextField;
  class?: string;
  mode?: "text" | "tel" | "email" | "numeric";
  disabled?: boolean;
}

function Text({ draft, field, class: look = "c6", mode = "text", disabled = false }: TextProps) {
  const w = profileWords.value;
  return (
    <Field label={w.labels[field]} class={look} error={errorOf(field)} hint={disabled ? w.proven : undefined}>
      {parts => (
        <input
          {...parts}
          name={field}
          type="text"
          inputMode={mode}
          readOnly={disabled}
          value={draft[field]}
          onInput={event => edit({ [field]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

export default function Profile() {
  const w = profileWords.value;
  const { kept, draft, errors, problem, busy } = editing.value;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => void load(), []);
  const first = Object.keys(errors)[0];
  useEffect(() => {
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  }, [first]);
  const back = session.value.state === "signed-in" ? href({ name: "me" }) : href({ name: "verification" });
  return (
    <section class="page">
      <header class="bar back">
        <a class="icon-btn" href={back} aria-label={words.value.back}>
          <Icon name="left" />
        </a>
        <h1>{w.title}</h1>
      </header>
      <div class="scroll">
        {problem && <Failed problem={problem} onRetry={() => void (draft ? save() : load())} />}
        {!draft && !problem && <Skeleton rows={4} />}
        {kept && draft && (
          <form
            ref={form}
            class="narrow"
            noValidate
            onSubmit={event => {
              event.preventDefault();
              void save().then(isSaved => {
                if (!isSaved) return;
                chooseLanguage(editing.peek().draft?.language ?? language.peek());
                toast(profileWords.peek().saved);
              });
            }}
          >
            <section class="card profile">
              <h2>{w.identity}</h2>
              <BadgeLine badge={kept.badge} class="t13 soft c12" />
              <Text draft={draft} field="first_name" disabled={kept.badge !== undefined} />
              <Text draft={draft} field="last_name" disabled={kept.badge !== undefined} />
            </section>
            <Practice draft={draft} />
            <section class="card profile">
              <h2>{w.reach}</h2>
              <Text draft={draft} field="phone" mode="tel" />
              <Text draft={draft} field="mssante" mode="email" />
              <Text draft={draft} field="address" class="c12" />
              <Text draft={draft} field="postal_code" class="c4" mode="numeric" />
              <Text draft={draft} field="city" class="c8" />
              <Mobile profile={kept} />
              <label class="check c12">
                <input
                  type="checkbox"
                  name="mobile_shown"
                  checked={draft.mobile_shown}
                  onChange={event => edit({ mobile_shown: event.currentTarget.checked })}
                />
                <b>{w.mobile_shown}</b>
              </label>
            </section>
            <Places draft={draft} />
            <section class="card profile">
              <Choice
                class="c12"
                legend={w.display}
                name="language"
                options={(["fr", "en"] as const).map(each => [each, words.value.languages[each]])}
                value={draft.language}
                onChoose={chosen => edit({ language: chosen })}
              />
            </section>
            {first && (
              <span class="hint bad" role="alert">
                <Icon name="alert" size="xs" />
                {w.wrong(Object.keys(errors).length)}
              </span>
            )}
            <button type="submit" class="btn main tall wide" aria-disabled={busy}>
              {busy ? w.busy : w.save}
            </button>
          </form>
        )}
      </div>
    </section>
  );
}

function Practice({ draft }: { draft: Draft }) {
  const w = profileWords.value;
  const names = new Intl.DisplayNames([LOCALES[language.value]], { type: "language" });
  const nameOf = (code: string): string => names.of(code) ?? code;
  const others = SPOKEN.filter(code => !draft.languages.includes(code));
  return (
    <section class="card profile">
      <h2>{w.practice}</h2>
      <Choice
        class="c12"
        legend={w.practice_mode}
        name="practice_mode"
        options={(["liberal", "salaried"] as const).map(each => [each, w.modes[each]])}
        value={(draft.practice_mode || null) as "liberal" | "salaried" | null}
        onChoose={chosen => edit({ practice_mode: chosen })}
      />
      <Choice
        class="c12"
        legend={w.fee_sector}
        name="fee_sector"
        options={(["1", "2", "2_optam", "none"] as const).map(each => [each, w.sectors[each]])}
        value={(draft.fee_sector || null) as "1" | "2" | "2_optam" | "none" | null}
        onChoose={chosen => edit({ fee_sector: chosen })}
      />
      <div class="field c12">
        <span class="flabel">{w.languages}</span>
        <div class="chips">
          {draft.languages.map(code => (
            <button
              type="button"
              key={code}
              class="chip"
              aria-label={w.removeLanguage(nameOf(code))}
              onClick={() => edit({ languages: draft.languages.filter(one => one !== code) })}
            >
              {nameOf(code)}
              <Icon name="x" size="xs" />
            </button>
          ))}
        </div>
        <div class="in">
          <select
            aria-label={w.addLanguage}
            value=""
            onChange={event => {
              const code = event.currentTarget.value;
              event.currentTarget.value = "";
              if (code) edit({ languages: [...draft.languages, code] });
            }}
          >
            <option value="">{w.addLanguage}</option>
            {others.map(code => (
              <option key={code} value={code}>
                {nameOf(code)}
              </option>
            ))}
          </select>
          <Icon name="down" size="s" />
        </div>
      </div>
    </section>
  );
}

const PLACE_FIELDS = [
  ["name", "placeName", "c12"],
  ["address", "address", "c12"],
  ["postal_code", "postal_code", "c4"],
  ["city", "city", "c8"],
  ["phone", "phone", "c12"],
] as const;

function Places({ draft }: { draft: Draft }) {
  const w = profileWords.value;
  const change = (at: number, field: string, value: string) =>
    edit({ places: draft.places.map((place, one) => (one === at ? { ...place, [field]: value } : place)) });
  return (
    <section class="card profile">
      <h2>{w.places}</h2>
      <p class="t13 soft c12">{w.placesText}</p>
      {draft.places.map((place, at) => (
        <fieldset class="place c12" key={at}>
          <legend class="lbl">{w.place(at + 1)}</legend>
          {PLACE_FIELDS.map(([field, label, look]) => (
            <Field key={field} label={w.labels[label]} class={look} error={errorOf(`places[${at}].${field}`)}>
              {parts => (
                <input
                  {...parts}
                  name={`places[${at}].${field}`}
                  value={place[field]}
                  onInput={event => change(at, field, event.currentTarget.value)}
                />
              )}
            </Field>
          ))}
          <button
            type="button"
            class="btn bare c12"
            onClick={() => edit({ places: draft.places.filter((_, one) => one !== at) })}
          >
            <FurtherIcon name="trash" size="s" />
            {w.removePlace(place.name || w.place(at + 1))}
          </button>
        </fieldset>
      ))}
      <button
        type="button"
        class="btn line c12"
        disabled={draft.places.length >= 20}
        onClick={() => edit({ places: [...draft.places, BLANK_PLACE] })}
      >
        <Icon name="plus" size="s" />
        {w.addPlace}
      </button>
    </section>
  );
}
