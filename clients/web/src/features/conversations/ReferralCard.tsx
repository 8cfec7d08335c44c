/** A referral where it is spoken about: for whom, when and its state, as they are now; it opens the referral. */

import "./card.css";
import { dayAndClock, words } from "../../i18n";
import { href } from "../../runtime/routes";
import { Icon } from "../../ui/Icon";
import { patientShortName } from "../../ui/patient";
import { cardWords, referral } from "../referral";

export default function ReferralCard({ id }: { id: string }) {
  const w = cardWords.value;
  const { view, problem } = referral(id).value;
  if (problem?.reason === "not_found")
    return (
      <span class="tag rdv">
        <Icon name="calok" size="xs" />
        {w.booking}
      </span>
    );
  return (
    <a class="ref-card" href={href({ name: "one-referral", id })} data-referral={id}>
      <Icon name="calok" size="s" />
      <span class="ref-who">
        <b>
          <bdi>{view ? (view.patient ? patientShortName(view.patient) : words.value.patient.erased) : w.booking}</bdi>
        </b>
        {view?.appointment && (
          <span>
            {dayAndClock(view.appointment.start, view.time_zone)}, <bdi>{view.practitioner_name}</bdi>
          </span>
        )}
      </span>
      {view && (
        <span class={`tag ${view.state === "booked" ? "rdv" : view.state === "cancelled" ? "urgent" : ""}`}>
          {w.states[view.state]}
        </span>
      )}
    </a>
  );
}
