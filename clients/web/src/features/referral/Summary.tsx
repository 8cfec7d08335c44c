/** What is being booked: in part while a slot is chosen, in full once it is held. */

import type { ComponentChildren } from "preact";
import { clock, dayOf, dayTitle } from "../../i18n";
import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import type { AgendaView, PractitionerView } from "../../wire/types";
import type { Booking, PatientBooking } from "./types";
import { referralWords } from "./words";

/** So far: with whom, where, why. */
export function Chosen({ booking }: { booking: Extract<Booking, { step: "slots" }> }) {
  const { hit, agenda, reason } = booking;
  return (
    <Lines class="only-desk">
      <WithWhom practitioner={hit.practitioner} />
      {agenda && <Where agenda={agenda} />}
      {reason && <Line icon="cal" title={reason.name} more={referralWords.value.slots.minutes(reason.minutes)} />}
    </Lines>
  );
}

/** All of it: when, with whom, where, for whom. */
export function Summary({ booking }: { booking: PatientBooking }) {
  const w = referralWords.value;
  const { agenda, reason, hit, held, draft, patient } = booking;
  const zone = agenda.time_zone;
  const who = patient ?? draft;
  const name = [who.first_names, who.family_name.toLocaleUpperCase()].filter(Boolean).join(" ");
  const when = `${dayTitle(dayOf(held.start, zone))}, ${clock(held.start, zone)}`;
  return (
    <Lines>
      <Line icon="cal" title={when} more={`${reason.name}, ${w.slots.minutes(reason.minutes)}`} />
      <WithWhom practitioner={hit.practitioner} />
      <Where agenda={agenda} />
      <Line icon="user" title={<bdi>{name || w.patient.patientPending}</bdi>} />
    </Lines>
  );
}

export function address(place: { address?: string; postal_code?: string; city?: string }): string {
  return [place.address, [place.postal_code, place.city].filter(Boolean).join(" ")].filter(Boolean).join(", ");
}

function WithWhom({ practitioner }: { practitioner: PractitionerView }) {
  return (
    <Line
      icon="user"
      title={<bdi>{practitioner.name}</bdi>}
      more={practitioner.speciality || practitioner.profession}
    />
  );
}

function Where({ agenda }: { agenda: AgendaView }) {
  return <Line icon="pin" title={agenda.place || agenda.name} more={address(agenda)} />;
}

function Lines({ class: name = "", children }: { class?: string; children: ComponentChildren }) {
  return (
    <section class={`card ${name}`}>
      <h2>{referralWords.value.patient.summary}</h2>
      <div class="sum">{children}</div>
    </section>
  );
}

function Line({ icon, title, more }: { icon: IconName; title: ComponentChildren; more?: string }) {
  return (
    <div class="ln">
      <Icon name={icon} />
      <div>
        <b>{title}</b>
        {more && <span class="soft">{more}</span>}
      </div>
    </div>
  );
}
