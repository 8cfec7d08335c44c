/** One referral: what has been done and what became of each message to the patient, live; and where to go from here. */

import "../../ui/columns.css";
import "./referral.css";
import { useEffect } from "preact/hooks";
import { clock, dayAndClock, dayOf, month, numericDay, weekdayLong, words } from "../../i18n";
import { href } from "../../runtime/routes";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { patientName } from "../../ui/patient";
import { isMobile, maskedPhone } from "../../ui/phone";
import { explain } from "../../ui/problem";
import type { AppointmentView, PatientView, ReferralView } from "../../wire/types";
import { session } from "../account/state";
import { Attachments } from "../files";
import { type Notice, noticeDone, noticeState, noticeText } from "./notices";
import { Steps } from "./Steps";
import { startBooking } from "./state";
import { focusTitle } from "./title";
import { referral, reloadReferral } from "./views";
import { referralWords } from "./words";

/** For so long after the booking the page is the wizard's last step, in milliseconds. */
const JUST_NOW = 15 * 60_000;

export default function ReferralPage({ id }: { id: string }) {
  const w = referralWords.value.confirmation;
  const { state, view, problem } = referral(id).value;
  const here = session.value;
  const mine = here.state === "signed-in" && view?.referrer === here.me?.id;
  const fresh = mine && view?.state === "booked" && Date.now() - Date.parse(view.created_at) < JUST_NOW;
  useEffect(() => {
    if (fresh && document.activeElement === document.body) focusTitle();
  }, [fresh]);
  return (
    <section class="page">
      <header class="bar back">
        <a
          class="icon-btn"
          href={href({ name: "referrals", side: view && !mine ? "received" : "made" })}
          aria-label={w.toList}
        >
          <Icon name="left" size="l" />
        </a>
        <h1 class="grow">{view ? w.titles[view.state] : w.one}</h1>
        {fresh && <Steps now={4} />}
      </header>
      <div class="scroll">
        {state === "loading" && !view && <Skeleton rows={5} />}
        {state === "failed" && problem && !view && <Missing id={id} problem={problem} />}
        {view && <Whole view={view} mine={mine} />}
      </div>
    </section>
  );
}

function Missing({ id, problem }: { id: string; problem: Parameters<typeof explain>[0] }) {
  if (problem.reason !== "not_found") return <Failed problem={problem} onRetry={() => reloadReferral(id)} />;
  return (
    <Empty icon="lock" title={explain(problem)}>
      <a class="btn line" href={href({ name: "referrals", side: "made" })}>
        {referralWords.value.referrals.title}
      </a>
    </Empty>
  );
}

function Whole({ view, mine }: { view: ReferralView; mine: boolean }) {
  const w = referralWords.value.confirmation;
  const { conversation, appointment, message } = view;
  return (
    <div class="cols tight">
      <div class="stack gap-l">
        {appointment && <Ticket view={view} appointment={appointment} />}
        {message && (
          <section class="card">
            <h2 class="h2">{mine ? w.yourMessage : w.theirMessage(view.referrer_name)}</h2>
            <bdi class="letter" dir="auto">
              {message}
            </bdi>
          </section>
        )}
        {view.documents && view.documents.length > 0 && (
          <section class="card" aria-label={w.documents}>
            <h2 class="h2">{w.documents}</h2>
            <Attachments files={view.documents} />
          </section>
        )}
        {view.notes_hidden && (
          <p class="note">
            <Icon name="lock" size="s" />
            <span>{w.notesHidden}</span>
          </p>
        )}
        <Effects view={view} />
        <div class="row wrap">
          {conversation && (
            <a class="btn main tall" href={href({ name: "conversation", id: conversation })}>
              <Icon name="chat" size="s" />
              {w.toConversation}
            </a>
          )}
          <a class="btn line tall" href={href({ name: "referrals", side: mine ? "made" : "received" })}>
            {w.follow}
          </a>
          {mine && (
            <button type="button" class="btn bare tall" onClick={() => startBooking()}>
              {w.another}
            </button>
          )}
        </div>
      </div>
      <aside class="side">
        <Timeline view={view} />
      </aside>
    </div>
  );
}

function Ticket({ view, appointment }: { view: ReferralView; appointment: AppointmentView }) {
  const w = referralWords.value.confirmation;
  const zone = view.time_zone;
  const day = dayOf(appointment.start, zone);
  const minutes = (Date.parse(appointment.end) - Date.parse(appointment.start)) / 60_000;
  return (
    <article class={`card ticket ${appointment.state === "cancelled" ? "off" : ""}`}>
      <div class="top">
        <div class="d">
          {month(day)}
          <b>{Number(day.slice(8))}</b>
          {weekdayLong(day)}
        </div>
        <div>
          <div class="h">{words.value.span(clock(appointment.start, zone), clock(appointment.end, zone))}</div>
          <div>
            <bdi>{view.practitioner_name}</bdi>
            {view.speciality && `, ${view.speciality}`}
          </div>
        </div>
      </div>
      <div class="bd">
        <Patient patient={view.patient} />
        <div>
          <span class="lbl">{w.reason}</span>
          <b>{appointment.reason_name}</b>
          <span class="soft">{referralWords.value.slots.minutes(minutes)}</span>
        </div>
        <div>
          <span class="lbl">{w.place}</span>
          <b>{view.place}</b>
          <span class="soft">{view.address}</span>
        </div>
        <div>
          <span class="lbl">{w.message}</span>
          <b>{view.message ? w.withMessage : w.withoutMessage}</b>
          {view.message && <span class="soft">{w.visible(view.practitioner_name)}</span>}
        </div>
      </div>
    </article>
  );
}

function Patient({ patient }: { patient: PatientView | undefined }) {
  const w = referralWords.value;
  return (
    <div>
      <span class="lbl">{w.confirmation.patient}</span>
      <b>
        <bdi>{patient ? patientName(patient) : words.value.patient.erased}</bdi>
      </b>
      {patient && <span class="soft">{w.patient.born(numericDay(patient.birth_date), patient.civility)}</span>}
    </div>
  );
}

interface Effect {
  icon: IconName;
  text: string;
  when: string;
  /** Whether it is done, still to come, or went wrong. */
  look: "done" | "wait" | "bad";
}

function Effects({ view }: { view: ReferralView }) {
  const w = referralWords.value.confirmation;
  const { patient, notices = [] } = view;
  const at = clock(view.created_at);
  const name = view.practitioner_name;
  const effects: Effect[] = [
    { icon: "calok", text: w.inAgenda(name), when: at, look: "done" },
    ...notices.map(notice => effectOf(notice, patient)),
    { icon: "bell", text: w.told(name), when: at, look: "done" },
  ];
  if (view.conversation) effects.push({ icon: "chat", text: w.inConversation, when: at, look: "done" });
  const unreachable = patient && !patient.email && !isMobile(patient.phone);
  return (
    <section class="card">
      <h2 class="h2">{w.done}</h2>
      <ul class="sent" aria-live="polite">
        {effects.map(({ icon, text, when, look }) => (
          <li key={text} class={look} data-state={look}>
            <Icon name={look === "bad" ? "alert" : icon} />
            <span>{text}</span>
            <span class="when">{when}</span>
          </li>
        ))}
      </ul>
      {unreachable && (
        <div class="note clock inset">
          <Icon name="phone" size="s" />
          <span>{w.unreachable}</span>
        </div>
      )}
      {notices.some(notice => notice.state === "failed") && (
        <div class="note urgent inset">
          <Icon name="phone" size="s" />
          <span>{w.callPatient}</span>
        </div>
      )}
    </section>
  );
}

function effectOf(notice: Notice, patient: PatientView | undefined): Effect {
  const to = notice.channel === "sms" ? patient && maskedPhone(patient.phone) : patient?.email;
  const look = notice.state === "failed" ? "bad" : noticeDone(notice) ? "done" : "wait";
  const icon = notice.channel === "sms" ? "phone" : "mail";
  return { icon, text: noticeText(notice, to), when: noticeState(notice), look };
}

function Timeline({ view }: { view: ReferralView }) {
  const w = referralWords.value.confirmation;
  const { appointment } = view;
  const booked: [Look, string, string] = ["ok", w.life.booked, `${view.referrer_name}, ${clock(view.created_at)}`];
  const visit = appointment ? dayAndClock(appointment.start, view.time_zone) : "";
  const rest: [Look, string, string][] =
    appointment?.cancelled_at !== undefined
      ? [["now", w.life.cancelled, appointment.cancellation ?? dayAndClock(appointment.cancelled_at)]]
      : [
          ["now", w.life.visit, visit],
          ["", w.life.letter, w.letterText],
          ["", w.life.closed, w.closedText],
        ];
  return (
    <section class="card">
      <h2>{w.timeline}</h2>
      <ol class="tl">
        {[booked, ...rest].map(([look, title, text]) => (
          <li key={title} class={look} aria-current={look === "now" ? "step" : undefined}>
            <i class="st">{look === "ok" && <Icon name="check" />}</i>
            <div>
              <b>{title}</b>
              <bdi>{text}</bdi>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

type Look = "ok" | "now" | "";
