/** Changing the card of an organisation, its hours, and for owners its rules. Only what changed is sent. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { isBlank } from "../../wire/text";
import type { HoursForm, OrganisationProfile, SettingsView, UpdateOrganisation } from "../../wire/types";
import { dayNames, isWrong } from "./hours";
import { Check } from "./Profiles";
import { updateOrganisation } from "./state";
import { teamWords } from "./words";

const TEXTS = ["name", "finess", "phone", "email", "website"] as const;
/** Minutes without a touch that can be chosen; 0: as each member likes. */
const LOCKS = [0, 1, 2, 5, 10, 15, 30, 60];
const RULES: SettingsView["access_rule"][] = ["owners", "owners_and_administrators", "agenda_managers"];
type Form = Record<(typeof TEXTS)[number], string> &
  Required<Pick<SettingsView, "access_rule" | "own_patients_only" | "schedules_shown" | "demands_document">> & {
    hours: HoursForm[];
    lock_at_most: number;
  };

function formOf(organisation: OrganisationProfile): Form {
  const { name, finess = "", phone = "", email = "", website = "", hours = [], settings } = organisation;
  const {
    access_rule = "owners",
    own_patients_only = false,
    schedules_shown = false,
    demands_document = false,
    lock_at_most = 0,
  } = settings ?? {};
  return {
    name,
    finess,
    phone,
    email,
    website,
    hours,
    access_rule,
    own_patients_only,
    schedules_shown,
    demands_document,
    lock_at_most,
  };
}

/** What `organisation.update` is told: what differs from what is there. */
export function changed(before: Form, after: Form): Partial<UpdateOrganisation> {
  const keys = Object.keys(after) as (keyof Form)[];
  const different = keys.filter(key => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return Object.fromEntries(different.map(key => [key, after[key]]));
}

export function EditCard({ organisation, onClose }: { organisation: OrganisationProfile; onClose: () => void }) {
  const w = teamWords.value.card;
  const [before] = useState(() => formOf(organisation));
  const [form, setForm] = useState(before);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const decides = organisation.abilities?.includes("rules") ?? false;
  const labels = { name: w.name, finess: w.finess, phone: w.phone, email: w.email, website: w.website };
  const submit = async () => {
    if (busy) return;
    if (isBlank(form.name)) return setWrong(w.missing);
    if (form.hours.some(isWrong)) return setWrong(w.wrongHours);
    setBusy(true);
    const outcome = await updateOrganisation({ organisation: organisation.id, ...changed(before, form) });
    setBusy(false);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    onClose();
    toast(teamWords.value.saved);
  };
  return (
    <Dialog
      title={w.editTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          {wrong && <Wrong text={wrong} />}
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" disabled={busy}>
            {teamWords.value.save}
          </button>
        </>
      }
    >
      {TEXTS.map(name => (
        <Field key={name} label={labels[name]} optional={name !== "name"}>
          {parts => (
            <input
              {...parts}
              value={form[name]}
              inputMode={name === "phone" ? "tel" : name === "email" ? "email" : "text"}
              onInput={event => setForm({ ...form, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <HoursFields hours={form.hours} onChange={hours => setForm({ ...form, hours })} />
      {decides && <RuleFields form={form} onChange={setForm} wasOwnOnly={before.own_patients_only} />}
    </Dialog>
  );
}

function HoursFields({ hours, onChange }: { hours: HoursForm[]; onChange: (hours: HoursForm[]) => void }) {
  const w = teamWords.value.card;
  const days = dayNames();
  const set = (at: number, what: Partial<HoursForm>) =>
    onChange(hours.map((one, place) => (place === at ? { ...one, ...what } : one)));
  const last = hours.at(-1);
  const fresh: HoursForm = {
    weekday: last ? Math.min(6, last.weekday + 1) : 0,
    opens: last?.opens ?? "08:00",
    closes: last?.closes ?? "18:00",
  };
  return (
    <fieldset class="stack">
      <legend class="lbl">{w.hours}</legend>
      {hours.map((one, at) => (
        <div class="tm-span" key={at}>
          <label class="in">
            <span class="sr">{w.day}</span>
            <select value={one.weekday} onChange={event => set(at, { weekday: Number(event.currentTarget.value) })}>
              {days.map((name, weekday) => (
                <option key={name} value={weekday}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class={`in ${isWrong(one) ? "bad" : ""}`}>
            <span class="sr">{w.opens}</span>
            <input type="time" value={one.opens} onInput={event => set(at, { opens: event.currentTarget.value })} />
          </label>
          <label class={`in ${isWrong(one) ? "bad" : ""}`}>
            <span class="sr">{w.closes}</span>
            <input type="time" value={one.closes} onInput={event => set(at, { closes: event.currentTarget.value })} />
          </label>
          <button
            type="button"
            class="icon-btn"
            aria-label={w.removeHours(days[one.weekday] ?? "", one.opens)}
            onClick={() => onChange(hours.filter((_, place) => place !== at))}
          >
            <Icon name="x" size="s" />
          </button>
        </div>
      ))}
      <button type="button" class="btn bare small" onClick={() => onChange([...hours, fresh])}>
        <Icon name="plus" size="s" />
        {w.addHours}
      </button>
    </fieldset>
  );
}

function RuleFields({
  form,
  onChange,
  wasOwnOnly,
}: {
  form: Form;
  onChange: (form: Form) => void;
  wasOwnOnly: boolean;
}) {
  const w = teamWords.value.card;
  return (
    <>
      <Field label={w.access}>
        {parts => (
          <>
            <select
              {...parts}
              value={form.access_rule}
              onChange={event => onChange({ ...form, access_rule: event.currentTarget.value as Form["access_rule"] })}
            >
              {RULES.map(rule => (
                <option key={rule} value={rule}>
                  {w.rules[rule]}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      <Field label={w.lock} hint={w.lockHint}>
        {parts => (
          <>
            <select
              {...parts}
              name="lock_at_most"
              value={form.lock_at_most}
              onChange={event => onChange({ ...form, lock_at_most: Number(event.currentTarget.value) })}
            >
              {[...new Set([...LOCKS, form.lock_at_most])].map(minutes => (
                <option key={minutes} value={minutes}>
                  {minutes ? w.lockAfter(minutes) : w.lockFree}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      <div class="tm-checks flat">
        <Check
          words={w.ownPatients}
          checked={form.own_patients_only}
          onChange={own_patients_only => onChange({ ...form, own_patients_only })}
        />
        {form.own_patients_only && !wasOwnOnly && (
          <p class="note clock t13" role="status">
            <Icon name="alert" size="s" />
            <span>{w.ownPatientsWarning}</span>
          </p>
        )}
        <Check
          words={w.schedules}
          checked={form.schedules_shown}
          onChange={schedules_shown => onChange({ ...form, schedules_shown })}
        />
        <Check
          words={w.document}
          checked={form.demands_document}
          onChange={demands_document => onChange({ ...form, demands_document })}
        />
      </div>
    </>
  );
}
