/** The fields of a patient. What is wrong is said below the field, in words that say what to type. */

import type { ComponentChildren } from "preact";
import { countryName, dayOf, numericDay, words } from "../../i18n";
import { age } from "../../i18n/time";
import type { DraftField, FieldError } from "../../replica/patient";
import { Choice, Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { patientName } from "../../ui/patient";
import { isMobile } from "../../ui/phone";
import { BIRTH_PLACE_LENGTHS, OLDEST_AGE, PATIENT_FORM_LENGTHS } from "../../wire/constants";
import type { PatientView } from "../../wire/types";
import { choosePatient, editPatient, leaveField } from "./state";
import type { PatientBooking } from "./types";

function wrong(field: DraftField, error: FieldError | undefined): string | undefined {
  const w = words.value.patient;
  return error && (w.errorsOf[`${field}.${error}`] ?? w.errors[field]);
}

const LENGTHS = { ...PATIENT_FORM_LENGTHS, birth_city: BIRTH_PLACE_LENGTHS.city };

interface TextProps {
  booking: PatientBooking;
  field: keyof typeof LENGTHS;
  class: string;
  optional?: boolean;
  hint?: ComponentChildren;
  mode?: "text" | "numeric" | "tel" | "email";
}

function Text({ booking, field, class: extra, optional, hint, mode = "text" }: TextProps) {
  const w = words.value.patient;
  return (
    <Field
      label={w.fields[field]}
      class={extra}
      optional={optional ?? false}
      hint={hint ?? w.hints[field]}
      error={wrong(field, booking.errors[field])}
    >
      {parts => (
        <input
          {...parts}
          name={field}
          type="text"
          inputMode={mode}
          autoComplete="off"
          required={!optional}
          maxLength={LENGTHS[field]}
          value={booking.draft[field]}
          onInput={event => editPatient(field, event.currentTarget.value)}
          onBlur={() => leaveField(field)}
        />
      )}
    </Field>
  );
}

/** The form of a patient who is not known yet. */
export function PatientFields({ booking }: { booking: PatientBooking }) {
  const w = words.value.patient;
  const { draft, errors } = booking;
  const today = dayOf(Date.now());
  const years =
    /^\d{4}-\d{2}-\d{2}$/.test(draft.birth_date) && draft.birth_date <= today
      ? w.years(age(draft.birth_date, today))
      : undefined;
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
            error={wrong("civility", errors.civility)}
            onChoose={chosen => {
              editPatient("civility", chosen);
              leaveField("civility");
            }}
          />
          <Text booking={booking} field="family_name" class="c4" />
          <Text booking={booking} field="birth_name" class="c4" optional />
          <Text booking={booking} field="first_names" class="c4" />
          <Field label={w.fields.birth_date} class="c4" hint={years} error={wrong("birth_date", errors.birth_date)}>
            {parts => (
              <input
                {...parts}
                name="birth_date"
                type="date"
                required
                min={`${Number(today.slice(0, 4)) - OLDEST_AGE}-01-01`}
                max={today}
                value={draft.birth_date}
                onInput={event => editPatient("birth_date", event.currentTarget.value)}
                onBlur={() => leaveField("birth_date")}
              />
            )}
          </Field>
          <Field label={w.fields.birth_country} class="c4" error={wrong("birth_country", errors.birth_country)}>
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
          <Text booking={booking} field="ins" class="c4" optional mode="numeric" />
        </div>
      </section>
      <section class="card form">
        <h2>{w.contact}</h2>
        <div class="g">
          <Text booking={booking} field="phone" class="c4" mode="tel" hint={<PhoneHint booking={booking} />} />
          <Text booking={booking} field="email" class="c4" mode="email" optional={!landline(draft.phone)} />
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
  const others = COUNTRY_CODES.filter(code => code !== "FR").map((code): [string, string] => [code, countryName(code)]);
  return [["FR", countryName("FR")], ...others.sort(([, one], [, two]) => one.localeCompare(two))];
}

const COUNTRY_CODES = (
  "AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU CV CY CZ " +
  "DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW GY HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP " +
  "KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MR MT MU MV MW MX MY MZ NA NE NG NI " +
  "NL NO NP NR NZ OM PA PE PG PH PK PL PS PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ " +
  "TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VN VU WS YE ZA ZM ZW"
).split(" ");

const landline = (phone: string): boolean =>
  !isMobile(phone) && /^0[1-589]\d{8}$/.test(phone.replace(/[\s.()-]/g, "").replace(/^(\+33|0033)0?/, "0"));

const ADDRESS = /^[^@\s]+@[^@\s]+\.\p{L}{2,}$/u;

function PhoneHint({ booking }: { booking: PatientBooking }) {
  const w = words.value.patient;
  const { phone, email } = booking.draft;
  if (isMobile(phone))
    return (
      <span class="hint good">
        <Icon name="check" size="xs" />
        {w.mobile}
      </span>
    );
  if (!landline(phone)) return <>{w.hints["phone"]}</>;
  const reachable = ADDRESS.test(email.trim());
  return (
    <span class={`hint ${reachable ? "good" : "clock"}`}>
      <Icon name={reachable ? "check" : "info"} size="xs" />
      {reachable ? w.landlineWithMail : w.landline}
    </span>
  );
}

function Duplicates({ patients }: { patients: PatientView[] }) {
  const w = words.value.patient;
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
