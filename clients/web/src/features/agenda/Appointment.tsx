/** An appointment in full, for those who may read it. Cancelling asks for a reason and a confirmation. */

import { useState } from "preact/hooks";
import { clock, dayAndClock, dayOf, dayTitle, numericDay, words } from "../../i18n";
import { age } from "../../i18n/time";
import { href } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, tooLong, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { patientName } from "../../ui/patient";
import { phoneText } from "../../ui/phone";
import { explain } from "../../ui/problem";
import { CANCEL_APPOINTMENT_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import type { AgendaWithReasons, AppointmentView } from "../../wire/types";
import { referral } from "../referral";
import { Practitioners } from "./Practitioners";
import { cancelAppointment } from "./state";
import { agendaWords } from "./words";

interface AppointmentProps {
  appointment: AppointmentView;
  agenda: AgendaWithReasons;
  onClose: () => void;
}

export function Appointment({ appointment, agenda, onClose }: AppointmentProps) {
  const w = agendaWords.value;
  const [cancelling, setCancelling] = useState(false);
  if (cancelling) return <Cancel appointment={appointment} agenda={agenda} onClose={onClose} />;
  const { patient } = appointment;
  const zone = agenda.time_zone;
  const known: [string, string | undefined][] = patient
    ? [
        [
          w.birth,
          `${numericDay(patient.birth_date)}, ${words.value.years(age(patient.birth_date, dayOf(Date.now())))}`,
        ],
        [w.phone, phoneText(patient.phone)],
        [w.email, patient.email],
        [w.ins, patient.ins],
      ]
    : [];
  return (
    <Dialog
      title={w.appointment}
      onClose={onClose}
      footer={
        <>
          {appointment.abilities?.includes("cancel") && (
            <button type="button" class="btn risk-line" onClick={() => setCancelling(true)}>
              {w.cancel}
            </button>
          )}
          <button type="button" class="btn main" onClick={onClose}>
            {words.value.close}
          </button>
        </>
      }
    >
      <When appointment={appointment} agenda={agenda} />
      <div class="row wrap">
        <span class="tag rdv big">{w.states[appointment.state]}</span>
        {appointment.seen_before !== undefined && (
          <span class="tag big">{appointment.seen_before ? w.seenBefore : w.firstVisit}</span>
        )}
      </div>
      <dl class="kv">
        {known.map(([term, value]) => value && [<dt key={term}>{term}</dt>, <dd key={`${term}-v`}>{value}</dd>])}
      </dl>
      {appointment.booked_by_name && appointment.booked_at && (
        <p class="hint">{w.bookedBy(appointment.booked_by_name, dayAndClock(appointment.booked_at, zone))}</p>
      )}
      {patient && <Practitioners patient={patient.id} />}
      {appointment.referral && <Referral id={appointment.referral} />}
    </Dialog>
  );
}

/** What the referrer wrote, what the patient was told, and the way to the referral. */
function Referral({ id }: { id: string }) {
  const w = agendaWords.value;
  const { view } = referral(id).value;
  return (
    <>
      {view?.message && (
        <section class="sheet-part">
          <h3>{w.theirMessage(view.referrer_name)}</h3>
          <bdi class="letter" dir="auto">
            {view.message}
          </bdi>
        </section>
      )}
      {view?.notes_hidden && (
        <p class="note">
          <Icon name="lock" size="s" />
          <span>{w.notesHidden}</span>
        </p>
      )}
      <a class="btn line" href={href({ name: "one-referral", id })}>
        <Icon name="refer" size="s" />
        {w.openReferral}
      </a>
    </>
  );
}

function When({ appointment, agenda }: { appointment: AppointmentView; agenda: AgendaWithReasons }) {
  const zone = agenda.time_zone;
  return (
    <div class="note">
      <Icon name="cal" size="s" />
      <span>
        {appointment.patient && (
          <>
            <b>
              <bdi>{patientName(appointment.patient)}</bdi>
            </b>
            <br />
          </>
        )}
        {dayTitle(dayOf(appointment.start, zone))},{" "}
        {words.value.span(clock(appointment.start, zone), clock(appointment.end, zone))}
        {appointment.reason_name && `, ${appointment.reason_name}`}
      </span>
    </div>
  );
}

function Cancel({ appointment, agenda, onClose }: AppointmentProps) {
  const w = agendaWords.value;
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const long = tooLong(reason, CANCEL_APPOINTMENT_LENGTHS.reason);
  const submit = async () => {
    setTried(true);
    if (isBlank(reason) || long || busy) return;
    setBusy(true);
    const outcome = await cancelAppointment(appointment.id, reason.trim());
    setBusy(false);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    toast(w.cancelled);
    onClose();
  };
  return (
    <Dialog
      title={w.cancelTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {w.cancelKeep}
          </button>
          <button type="submit" class="btn risk" aria-disabled={busy}>
            {w.cancelConfirm}
          </button>
        </>
      }
    >
      <When appointment={appointment} agenda={agenda} />
      <p>{w.cancelText}</p>
      <Field label={w.cancelReason} error={tried && isBlank(reason) ? w.cancelReasonMissing : long}>
        {parts => (
          <input
            {...parts}
            type="text"
            autofocus
            value={reason}
            onInput={event => setReason(event.currentTarget.value)}
          />
        )}
      </Field>
      {wrong && (
        <div role="alert">
          <Wrong text={wrong} />
        </div>
      )}
    </Dialog>
  );
}
