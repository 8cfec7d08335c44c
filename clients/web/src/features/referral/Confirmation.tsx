/** What has really been done, all at once; and where to go from here. */

import { useEffect } from "preact/hooks";
import { clock, dayAndClock, dayOf, month, numericDay, weekdayLong, words } from "../../i18n";
import { href } from "../../runtime/routes";
import { announce } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { patientName } from "../../ui/patient";
import { isMobile, maskedPhone } from "../../ui/phone";
import { Steps } from "./Steps";
import { address } from "./Summary";
import { startBooking } from "./state";
import type { Booking } from "./types";

type Done = Extract<Booking, { step: "done" }>;

export function Confirmation({ booking }: { booking: Done }) {
  const w = words.value.confirmation;
  const { conversation } = booking.booked.referral;
  useEffect(() => announce(w.title), []);
  return (
    <section class="page">
      <header class="bar">
        <h1 class="cut">{w.title}</h1>
        <Steps now={4} />
      </header>
      <div class="scroll">
        <div class="cols tight">
          <div class="stack gap-l">
            <Ticket booking={booking} />
            <Effects booking={booking} />
            <div class="row wrap">
              {conversation && (
                <a class="btn main tall" href={href({ name: "conversation", id: conversation })}>
                  <Icon name="chat" size="s" />
                  {w.toConversation}
                </a>
              )}
              <a class="btn line tall" href={href({ name: "referrals", side: "made" })}>
                {w.follow}
              </a>
              <button type="button" class="btn bare tall" onClick={() => startBooking()}>
                {w.another}
              </button>
            </div>
          </div>
          <aside class="side">
            <Timeline booking={booking} />
          </aside>
        </div>
      </div>
    </section>
  );
}

function Ticket({ booking }: { booking: Done }) {
  const w = words.value.confirmation;
  const { agenda, reason, hit, booked } = booking;
  const { appointment, referral } = booked;
  const zone = agenda.time_zone;
  const day = dayOf(appointment.start, zone);
  const { patient } = referral;
  return (
    <article class="card ticket">
      <div class="top">
        <div class="d">
          {month(day)}
          <b>{Number(day.slice(8))}</b>
          {weekdayLong(day)}
        </div>
        <div>
          <div class="h">{w.span(clock(appointment.start, zone), clock(appointment.end, zone))}</div>
          <div>
            <bdi>{hit.practitioner.name}</bdi>
            {hit.practitioner.speciality && `, ${hit.practitioner.speciality}`}
          </div>
        </div>
      </div>
      <div class="bd">
        <div>
          <span class="lbl">{w.patient}</span>
          <b>
            <bdi>{patientName(patient)}</bdi>
          </b>
          <span class="soft">{words.value.patient.born(numericDay(patient.birth_date))}</span>
        </div>
        <div>
          <span class="lbl">{w.reason}</span>
          <b>{reason.name}</b>
          <span class="soft">{words.value.slots.minutes(reason.minutes)}</span>
        </div>
        <div>
          <span class="lbl">{w.place}</span>
          <b>{agenda.place || agenda.name}</b>
          <span class="soft">{address(agenda)}</span>
        </div>
        <div>
          <span class="lbl">{w.message}</span>
          <b>{referral.message ? w.withMessage : w.withoutMessage}</b>
          {referral.message && <span class="soft">{w.visible(hit.practitioner.name)}</span>}
        </div>
      </div>
    </article>
  );
}

function Effects({ booking }: { booking: Done }) {
  const w = words.value.confirmation;
  const { referral } = booking.booked;
  const { patient } = referral;
  const at = clock(referral.created_at);
  const name = booking.hit.practitioner.name;
  const effects: [IconName, string, string][] = [["calok", w.inAgenda(name), at]];
  if (isMobile(patient.phone)) effects.push(["phone", w.sms(maskedPhone(patient.phone)), w.leaving]);
  if (patient.email) effects.push(["mail", w.mail(patient.email), w.leaving]);
  effects.push(["bell", w.told(name), at]);
  if (referral.conversation) effects.push(["chat", w.inConversation, at]);
  return (
    <section class="card">
      <h2 class="h2">{w.done}</h2>
      <ul class="sent">
        {effects.map(([icon, text, when]) => (
          <li key={text}>
            <Icon name={icon} />
            <span>{text}</span>
            <time>{when}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Timeline({ booking }: { booking: Done }) {
  const w = words.value.confirmation;
  const { referral, appointment } = booking.booked;
  const life: ["ok" | "now" | "", string, string][] = [
    ["ok", w.life.booked, `${referral.referrer_name}, ${clock(referral.created_at)}`],
    ["now", w.life.visit, dayAndClock(appointment.start, booking.agenda.time_zone)],
    ["", w.life.letter, w.letterText],
    ["", w.life.closed, w.closedText],
  ];
  return (
    <section class="card">
      <h2>{w.timeline}</h2>
      <ol class="tl">
        {life.map(([look, title, text]) => (
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
