/** What a case is opened with, beside those who are asked. */

import { Field } from "../../ui/Field";
import { isBlank } from "../../wire/text";
import { CasePatientFields } from "./CasePatientFields";
import { type CaseForm, wrongs } from "./caseForm";
import { caseWords } from "./caseWords";

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
        <>
          <Choice label={w.naming} of={w.namings} chosen={form.naming} onChoose={naming => put({ naming })} />
          <CasePatientFields
            form={form}
            onChange={put}
            wrong={{ initials: wrong.initials, patient: tried ? wrong.patient : undefined }}
          />
        </>
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
