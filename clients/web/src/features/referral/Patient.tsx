/** The step of the wizard about the patient: who they are, and what the practitioner should know. */

import { useRef, useState } from "preact/hooks";
import { numericDay } from "../../i18n";
import { keptForms } from "../../runtime/keptForms";
import { Choice, Field, tooLong, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { patientName } from "../../ui/patient";
import { phoneText } from "../../ui/phone";
import { explain } from "../../ui/problem";
import { roomy } from "../../ui/screen";
import { BOOK_REFERRAL_LENGTHS } from "../../wire/constants";
import type { PatientView } from "../../wire/types";
import { slotName, useNearest } from "./HeldPill";
import { Hold, HoldBar } from "./Hold";
import { heldReferrals } from "./kept";
import { PatientFields } from "./PatientFields";
import { ReferralDocuments } from "./ReferralDocuments";
import { StepHeader } from "./Steps";
import { address, Summary } from "./Summary";
import { back, choosePatient, confirmBooking, holdRemaining, setMessage, setSeenBefore, takeInstead } from "./state";
import type { PatientBooking } from "./types";
import { referralWords } from "./words";

export function PatientStep({ booking }: { booking: PatientBooking }) {
  const w = referralWords.value.patient;
  const form = useRef<HTMLFormElement>(null);
  const [tried, setTried] = useState(false);
  const left = holdRemaining.value;
  const busy = booking.step === "confirming";
  // A confirmation on its way may have come in time: the server will say.
  const expired = !busy && (booking.problem?.reason === "hold_expired" || (left !== null && left <= 0));
  const toCorrect = tried && !booking.patient ? Object.keys(booking.errors).length : 0;
  const submit = async () => {
    setTried(true);
    if (busy || expired) return;
    await confirmBooking();
    requestAnimationFrame(() =>
      form.current?.querySelector<HTMLElement>(".bad input, .bad select, .bad textarea")?.focus(),
    );
  };
  return (
    <section class="page">
      <StepHeader title={w.title} now={2} />
      <div class="scroll">
        <HoldBar booking={booking} />
        {expired && !roomy.value && <Expired booking={booking} />}
        <div class="cols">
          <form
            id="patient"
            ref={form}
            noValidate
            onSubmit={event => {
              event.preventDefault();
              void submit();
            }}
          >
            {booking.problem && !expired && (
              <div class="note urgent form-note" role="alert">
                <Icon name="alert" size="s" />
                <span>{explain(booking.problem)}</span>
              </div>
            )}
            {booking.initials && !booking.patient && (
              <p class="note accent">
                <Icon name="file" size="s" />
                <span>{w.initials(booking.initials)}</span>
              </p>
            )}
            {booking.patient ? <Known patient={booking.patient} /> : <PatientFields booking={booking} />}
            <ForPractitioner booking={booking} tried={tried} />
            <ReferralDocuments booking={booking} tried={tried} />
          </form>
          <aside class="side">
            <Hold booking={booking} />
            {expired && roomy.value && <Expired booking={booking} beside />}
            <Summary booking={booking} />
            <Confirm busy={busy} expired={expired} class="only-desk" />
            <p class="t13 muted center">{w.smsNote}</p>
          </aside>
        </div>
      </div>
      <div class="foot only-phone">
        {toCorrect > 0 && <Wrong text={w.toCorrect(toCorrect)} />}
        <Confirm busy={busy} expired={expired} />
      </div>
    </section>
  );
}

function Confirm({ busy, expired, class: extra = "" }: { busy: boolean; expired: boolean; class?: string }) {
  const w = referralWords.value;
  if (expired)
    return (
      <button type="button" class={`btn main tall wide ${extra}`} onClick={back}>
        {w.hold.again}
      </button>
    );
  return (
    <button type="submit" form="patient" class={`btn main tall wide ${extra}`} aria-disabled={busy}>
      {busy ? w.patient.confirming : w.patient.confirm}
    </button>
  );
}

/** Offers the nearest free slot. Above the form with a button for others; beside it, that button is below. */
function Expired({ booking, beside }: { booking: PatientBooking; beside?: boolean }) {
  const w = referralWords.value.hold;
  const one = heldReferrals(keptForms.value).find(each => each.held.hold === booking.held.hold) ?? null;
  const free = useNearest(one);
  return (
    <div class="note clock expired" role="alert">
      <Icon name="clock" size="s" />
      <div class="grow">
        <b>{w.expiredTitle}</b>
        <p>{booking.held.released ? `${w.kept}.` : w.expired}</p>
      </div>
      {one && free && (
        <button type="button" class="btn main" onClick={() => void takeInstead(one.id, free)}>
          {w.take(slotName(free, booking))}
        </button>
      )}
      {!beside && (
        <button type="button" class="btn line" onClick={back}>
          {w.again}
        </button>
      )}
    </div>
  );
}

function Known({ patient }: { patient: PatientView }) {
  const w = referralWords.value.patient;
  const known: [string, string | undefined][] = [
    [w.fields.birth_date, numericDay(patient.birth_date)],
    [w.fields.birth_name, patient.birth_name],
    [w.fields.phone, phoneText(patient.phone)],
    [w.fields.email, patient.email],
    [w.fields.address, address(patient)],
  ];
  return (
    <section class="card form">
      <h2>{w.chosen}</h2>
      <div class="note accent">
        <Icon name="refresh" size="s" />
        <span>{w.chosenText}</span>
      </div>
      <b class="t17">
        <bdi>{patientName(patient)}</bdi>
      </b>
      <dl class="kv">
        {known.map(([term, value]) => value && [<dt key={term}>{term}</dt>, <dd key={`${term}-v`}>{value}</dd>])}
      </dl>
      <div>
        <button type="button" class="btn line" onClick={() => choosePatient(null)}>
          {w.unchoose}
        </button>
      </div>
    </section>
  );
}

function ForPractitioner({ booking, tried }: { booking: PatientBooking; tried: boolean }) {
  const w = referralWords.value.patient;
  return (
    <section class="card form">
      <h2>{w.forPractitioner}</h2>
      <div class="g">
        <Choice
          class="c4"
          legend={w.seenBefore(booking.hit.practitioner.name)}
          name="seen_before"
          options={[
            ["yes", w.yes],
            ["no", w.no],
          ]}
          value={booking.seenBefore === null ? null : booking.seenBefore ? "yes" : "no"}
          error={tried && booking.seenBefore === null ? w.seenMissing : undefined}
          onChoose={chosen => setSeenBefore(chosen === "yes")}
        />
        <Field
          label={w.message}
          class="c8"
          optional
          hint={<UrgentHint />}
          error={tooLong(booking.message, BOOK_REFERRAL_LENGTHS.message)}
        >
          {parts => (
            <textarea
              {...parts}
              name="message"
              rows={3}
              value={booking.message}
              onInput={event => setMessage(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
    </section>
  );
}

function UrgentHint() {
  return (
    <span class="hint clock">
      <Icon name="alert" size="xs" />
      {referralWords.value.patient.urgent}
    </span>
  );
}
