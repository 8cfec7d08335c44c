/** The fields of a patient. What is wrong is said below the field, in words that say what to type. */

import type { ComponentChildren } from "preact";
import { birthDateOf, checkField, type DraftField, type FieldError, reachedBy } from "../../fields/patient";
import { countryName, dayOf, numericDay, words } from "../../i18n";
import { age } from "../../i18n/time";
import { Choice, Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { patientName } from "../../ui/patient";
import { COUNTRIES, FIELD_LENGTHS } from "../../wire/fieldRules";
import { characters, line } from "../../wire/text";
import type { PatientView } from "../../wire/types";
import { choosePatient, editPatient, leaveField } from "./state";
import type { PatientBooking } from "./types";
import { referralWords } from "./words";

/** As much of what was typed as an error says again, in characters. */
const SAID_AGAIN = 30;

/** What is wrong with a field: what was typed, and why it will not do. */
function wrong(booking: PatientBooking, field: DraftField): string | undefined {
  const error = booking.errors[field];
  return error && explain(field, error, booking.draft[field]);
}

function explain(field: DraftField, error: FieldError, text: string): string {
  const w = referralWords.value.patient;
  const typed = line(text);
  const said = [...typed].length > SAID_AGAIN ? `${[...typed].slice(0, SAID_AGAIN).join("")}…` : typed;
  const say = w.errors[`${field}.${error}`] ?? w.errors[error] ?? w.errors["refused"]!;
  // An INS is counted without what stands between its digits.
  const count = characters(field === "ins" ? typed.replace(/[ ./-]/g, "") : typed);
  return say(words.value.quoted(said), count, LIMITS[field] ?? FIELD_LENGTHS.text);
}

const LIMITS: Partial<Record<DraftField, number>> = {
  family_name: FIELD_LENGTHS.name,
  birth_name: FIELD_LENGTHS.name,
  first_names: FIELD_LENGTHS.name,
  email: FIELD_LENGTHS.email,
};

interface TextProps {
  booking: PatientBooking;
  field: Exclude<DraftField, "civility" | "birth_country">;
  class: string;
  optional?: boolean;
  hint?: ComponentChildren;
  /** In the frame, after what is typed. */
  after?: ComponentChildren;
  mode?: "text" | "numeric" | "tel" | "email";
}

function Text({ booking, field, class: extra, optional, hint, after, mode = "text" }: TextProps) {
  const w = referralWords.value.patient;
  return (
    <Field
      label={w.fields[field]}
      class={extra}
      optional={optional ?? false}
      hint={hint ?? w.hints[field]}
      error={wrong(booking, field)}
    >
      {parts => (
        <>
          <input
            {...parts}
            name={field}
            type="text"
            inputMode={mode}
            autoComplete="off"
            required={!optional}
            value={booking.draft[field]}
            onInput={event => editPatient(field, event.currentTarget.value)}
            onBlur={() => leaveField(field)}
          />
          {after}
        </>
      )}
    </Field>
  );
}

/** The form of a patient who is not known yet. */
export function PatientFields({ booking }: { booking: PatientBooking }) {
  const w = referralWords.value.patient;
  const { draft } = booking;
  const today = dayOf(Date.now());
  const born = birthDateOf(draft, today);
  return (
    <>
      <section class="card form">
        <h2>{w.identity}</h2>
        {booking.duplicates.length > 0 && <Duplicates patients={booking.duplicates} />}
        <div class="g">
          <Choice
            class="c12"
            legend={w.civility}
            name="civility"
            options={(["mme", "m", "none"] as const).map(each => [each, w.civilities[each]])}
            value={draft.civility || null}
            error={wrong(booking, "civility")}
            onChoose={chosen => {
              editPatient("civility", chosen);
              leaveField("civility");
            }}
          />
          <Text booking={booking} field="family_name" class="c4" />
          <Text booking={booking} field="birth_name" class="c4" optional />
          <Text booking={booking} field="first_names" class="c4" />
          <Text
            booking={booking}
            field="birth_date"
            class="c4"
            mode="numeric"
            after={born && <span class="age">{words.value.years(age(born.date, today))}</span>}
            hint={born?.unknown && w.birthDateKept(numericDay(born.date))}
          />
          <Field label={w.fields.birth_country} class="c4" error={wrong(booking, "birth_country")}>
            {parts => (
              <>
                <select
                  {...parts}
                  name="birth_country"
                  value={draft.birth_country}
                  onChange={event => editPatient("birth_country", event.currentTarget.value)}
                  onBlur={() => leaveField("birth_country")}
                >
                  {draft.birth_country === "" && <option value="" />}
                  {countries().map(([code, name]) => (
                    <option key={code} value={code}>
                      {name}
                    </option>
                  ))}
                </select>
                <Icon name="down" size="s" />
              </>
            )}
          </Field>
          <Text booking={booking} field="birth_city" class="c4" optional={draft.birth_country !== "FR"} />
          <Text booking={booking} field="ins" class="c4" optional />
        </div>
      </section>
      <section class="card form">
        <h2>{w.contact}</h2>
        <div class="g">
          <Text booking={booking} field="phone" class="c4" mode="tel" hint={<PhoneHint booking={booking} />} />
          <Text booking={booking} field="email" class="c4" mode="email" optional={reachedBy(draft) !== "landline"} />
          <Text booking={booking} field="address" class="c4" optional />
          <Text booking={booking} field="postal_code" class="c4" optional mode="numeric" />
          <Text booking={booking} field="city" class="c4" optional />
        </div>
      </section>
    </>
  );
}

/** France first, then every country by its name. */
function countries(): [string, string][] {
  const others = COUNTRIES.split(" ")
    .filter(code => code !== "FR")
    .map((code): [string, string] => [code, countryName(code)]);
  return [["FR", countryName("FR")], ...others.sort(([, one], [, two]) => one.localeCompare(two))];
}

function PhoneHint({ booking }: { booking: PatientBooking }) {
  const w = referralWords.value.patient;
  const { draft } = booking;
  const reached = reachedBy(draft);
  if (reached === "mobile")
    return (
      <span class="hint good">
        <Icon name="check" size="xs" />
        {w.mobile}
      </span>
    );
  if (!reached) return <>{w.hints["phone"]}</>;
  const told = draft.email.trim() !== "" && !checkField("email", draft, dayOf(Date.now()));
  return (
    <span class={`hint ${told ? "good" : "clock"}`}>
      <Icon name={told ? "check" : "info"} size="xs" />
      {told ? w.landlineWithMail : w.landline}
    </span>
  );
}

function Duplicates({ patients }: { patients: PatientView[] }) {
  const w = referralWords.value.patient;
  return (
    <div class="note clock" role="status">
      <Icon name="users" size="s" />
      <div class="grow dups">
        <div>
          <b>{w.duplicates}</b>
          <br />
          {w.duplicatesText}
        </div>
        {patients.map(patient => (
          <div class="dup" key={patient.id}>
            <b>
              <bdi>{patientName(patient)}</bdi>
            </b>
            <span>{w.born(numericDay(patient.birth_date), patient.civility)}</span>
            {patient.city && <bdi>{patient.city}</bdi>}
            <button type="button" class="btn line small" onClick={() => choosePatient(patient)}>
              {w.useThis}
            </button>
          </div>
        ))}
      </div>
    </div>
  );
}
