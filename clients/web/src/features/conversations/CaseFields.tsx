/** What a case is opened with, beside those who are asked. */

import { Field, tooLong } from "../../ui/Field";
import { NEW_CASE_LENGTHS, OPEN_CONVERSATION_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import type { NewCase } from "../../wire/types";
import { caseWords } from "./caseWords";

export interface CaseForm {
  title: string;
  question: string;
  urgency: NonNullable<NewCase["urgency"]>;
  initials: string;
  informed: "informed" | "objects" | "no";
}

export const NO_CASE: CaseForm = { title: "", question: "", urgency: "routine", initials: "", informed: "no" };
const MOST_INITIALS = 10;

/** What is wrong with a form, by field; nothing when it can be sent. */
export function wrongs(form: CaseForm): { title?: string; question?: string; initials?: string } {
  const w = caseWords.value.fields;
  const title = isBlank(form.title) ? w.titleMissing : tooLong(form.title, OPEN_CONVERSATION_LENGTHS.title);
  const question = isBlank(form.question) ? w.questionMissing : tooLong(form.question, NEW_CASE_LENGTHS.question);
  const initials = tooLong(form.initials, MOST_INITIALS);
  return { ...(title ? { title } : {}), ...(question ? { question } : {}), ...(initials ? { initials } : {}) };
}

/** What the server is asked for. Of a patient who objects not even the initials are told. */
export function caseOf({ question, urgency, initials, informed }: CaseForm): NewCase {
  const named = informed !== "objects" && !isBlank(initials);
  return {
    question: question.trim(),
    urgency,
    ...(named ? { patient: { initials: initials.trim() } } : {}),
    ...(informed === "no" ? {} : { informed }),
  };
}

interface FieldsProps {
  form: CaseForm;
  onChange: (form: CaseForm) => void;
  tried: boolean;
}

export function CaseFields({ form, onChange, tried }: FieldsProps) {
  const w = caseWords.value.fields;
  const wrong = wrongs(form);
  const put = (change: Partial<CaseForm>) => onChange({ ...form, ...change });
  // Before the first attempt only what is too long is said, not what is missing yet.
  const said = (field: "title" | "question"): string | undefined =>
    tried || !isBlank(form[field]) ? wrong[field] : undefined;
  return (
    <>
      <Field label={w.title} hint={w.titleHint} error={said("title")}>
        {parts => (
          <input
            {...parts}
            type="text"
            value={form.title}
            onInput={event => put({ title: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={w.question} hint={w.questionHint} error={said("question")}>
        {parts => (
          <textarea
            {...parts}
            rows={3}
            value={form.question}
            onInput={event => put({ question: event.currentTarget.value })}
          />
        )}
      </Field>
      <Choice label={w.urgency} of={w.urgencies} chosen={form.urgency} onChoose={urgency => put({ urgency })} />
      <Choice label={w.informed} of={w.informs} chosen={form.informed} onChoose={informed => put({ informed })} />
      {form.informed === "objects" ? (
        <p class="hint">{w.objects}</p>
      ) : (
        <Field label={w.initials} optional hint={w.initialsHint} error={wrong.initials}>
          {parts => (
            <input
              {...parts}
              type="text"
              value={form.initials}
              onInput={event => put({ initials: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}

function Choice<K extends string>({
  label,
  of,
  chosen,
  onChoose,
}: {
  label: string;
  of: Record<K, string>;
  chosen: K;
  onChoose: (key: K) => void;
}) {
  return (
    <div class="field">
      <span class="flabel" aria-hidden="true">
        {label}
      </span>
      <fieldset class="seg" aria-label={label}>
        {(Object.keys(of) as K[]).map(key => (
          <button key={key} type="button" aria-pressed={chosen === key} onClick={() => onChoose(key)}>
            {of[key]}
          </button>
        ))}
      </fieldset>
    </div>
  );
}
