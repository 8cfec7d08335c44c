/** Whom a case is about: a record that the asker may open, found by name and birth date, or initials alone. */

import { useState } from "preact/hooks";
import * as fields from "../../fields/fields";
import { dayOf, numericDay } from "../../i18n";
import { call } from "../../runtime/runtime";
import { announce } from "../../ui/announcer";
import { Field, Wrong } from "../../ui/Field";
import { onKeys } from "../../ui/keyboard";
import { patientName } from "../../ui/patient";
import { isBlank } from "../../wire/text";
import type { Patients, PatientView } from "../../wire/types";
import { useAction } from "./actions";
import type { CaseForm, ChosenPatient } from "./caseForm";
import { caseWords } from "./caseWords";

interface PatientFieldsProps {
  form: CaseForm;
  onChange: (change: Partial<CaseForm>) => void;
  wrong: { initials: string | undefined; patient: string | undefined };
}

export function CasePatientFields({ form, onChange, wrong }: PatientFieldsProps) {
  const w = caseWords.value.fields;
  if (form.naming === "nobody") return <p class="hint">{w.nobodyNamed}</p>;
  if (form.naming === "initials")
    return (
      <Field label={w.initials} optional hint={w.initialsHint} error={wrong.initials}>
        {parts => (
          <input
            {...parts}
            type="text"
            value={form.initials}
            onInput={event => onChange({ initials: event.currentTarget.value })}
          />
        )}
      </Field>
    );
  if (form.patient) return <Chosen patient={form.patient} onChange={() => onChange({ patient: null })} />;
  return <Finder wrong={wrong.patient} onChoose={patient => onChange({ patient: shownIn(patient) })} />;
}

/** Of a record no more stays on this device than the case will show. */
function shownIn({ id, civility, family_name, first_names, birth_name, birth_date }: PatientView): ChosenPatient {
  return { id, civility, family_name, first_names, birth_date, ...(birth_name ? { birth_name } : {}) };
}

function Chosen({ patient, onChange }: { patient: ChosenPatient; onChange: () => void }) {
  const w = caseWords.value;
  return (
    <section class="card pat" aria-label={w.panel.patient}>
      <div class="pn">
        <bdi>{patientName(patient)}</bdi>
      </div>
      <div class="t13 soft">{[...birthName(patient), numericDay(patient.birth_date)].join(", ")}</div>
      <p class="hint">{w.fields.patientShown}</p>
      <button type="button" class="btn line small" onClick={onChange}>
        {w.fields.changePatient}
      </button>
    </section>
  );
}

function birthName({ birth_name, civility }: ChosenPatient): string[] {
  const w = caseWords.value.panel.birthName;
  const of = civility === "m" || civility === "mme" ? civility : "none";
  return birth_name ? [w[of](birth_name.toLocaleUpperCase())] : [];
}

interface FinderProps {
  wrong: string | undefined;
  onChoose: (patient: PatientView) => void;
}

function Finder({ wrong, onChoose }: FinderProps) {
  const w = caseWords.value.fields;
  const [name, setName] = useState("");
  const [born, setBorn] = useState("");
  const [tried, setTried] = useState(false);
  const [found, setFound] = useState<Patients | null>(null);
  const search = useAction(() => {});
  const date = fields.birthDate(born, dayOf(Date.now()));
  const submit = () => {
    setTried(true);
    if (isBlank(name) || !("value" in date)) return;
    const birth_date = date.value.date;
    search.run(async () => {
      const outcome = await call("patient.search", { family_name: name.trim(), birth_date });
      if (outcome.ok) {
        setFound(outcome.value);
        announce(w.found(outcome.value.patients.length));
      }
      return outcome;
    });
  };
  // Enter looks for the patient; it does not open the case.
  const searchOnEnter = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    submit();
  };
  return (
    <section class="card pat" aria-label={w.namings.record}>
      <Field label={w.familyName} error={tried && isBlank(name) ? w.familyNameMissing : undefined}>
        {parts => (
          <input
            {...parts}
            type="text"
            autoComplete="off"
            value={name}
            onInput={event => setName(event.currentTarget.value)}
            onKeyDown={onKeys(searchOnEnter)}
          />
        )}
      </Field>
      <Field
        label={w.birthDate}
        hint={w.birthDateHint}
        error={tried && !("value" in date) ? w.birthDateWrong : undefined}
      >
        {parts => (
          <input
            {...parts}
            type="text"
            inputMode="numeric"
            autoComplete="off"
            value={born}
            onInput={event => setBorn(event.currentTarget.value)}
            onKeyDown={onKeys(searchOnEnter)}
          />
        )}
      </Field>
      <button type="button" class="btn line wide" aria-disabled={search.busy} onClick={submit}>
        {w.search}
      </button>
      {search.wrong && (
        <div role="alert">
          <Wrong text={search.wrong} />
        </div>
      )}
      {found && <Results found={found} onChoose={onChoose} />}
      {wrong && <Wrong text={wrong} />}
    </section>
  );
}

function Results({ found, onChoose }: { found: Patients; onChoose: (patient: PatientView) => void }) {
  const w = caseWords.value.fields;
  if (found.patients.length === 0) return <p class="hint">{w.noneFound}</p>;
  return (
    <ul class="case-found" aria-label={w.found(found.patients.length)}>
      {found.patients.map(patient => (
        <li key={patient.id}>
          <div class="grow">
            <b>
              <bdi>{patientName(patient)}</bdi>
            </b>
            <div class="t13 soft">{[numericDay(patient.birth_date), patient.city].filter(Boolean).join(", ")}</div>
          </div>
          <button type="button" class="btn line small" onClick={() => onChoose(patient)}>
            {w.choose}
          </button>
        </li>
      ))}
    </ul>
  );
}
