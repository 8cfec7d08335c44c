/** The referral's wizard: the store says at which step one is, the address follows. */

import "../../ui/columns.css";
import "./referral.css";
import { useEffect, useRef } from "preact/hooks";
import { formsLoaded } from "../../runtime/keptForms";
import { href, route } from "../../runtime/routes";
import { Skeleton } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { Search } from "../directory";
import { referFrom } from "../shell/uiState";
import { PatientStep } from "./Patient";
import { Slots } from "./Slots";
import { Steps } from "./Steps";
import { booking, choosePractitioner, startBooking, startReferral } from "./state";
import { focusTitle } from "./title";
import { referralWords } from "./words";

export default function Referral() {
  useBeginning();
  const now = booking.value;
  useTitleInFocus(now.step === "confirming" ? "patient" : now.step);
  const to = route.value;
  // What was being filled in before a reload is still being looked for.
  if (!formsLoaded.value && now.step === "search" && to.name === "referral" && to.step !== "search")
    return <Skeleton rows={5} />;
  switch (now.step) {
    case "search":
      return <PractitionerStep conversation={now.conversation} booked={now.booked} />;
    case "slots":
      return <Slots booking={now} />;
    case "patient":
    case "confirming":
      return <PatientStep booking={now} />;
  }
}

interface PractitionerStepProps {
  conversation: string | undefined;
  booked: string | undefined;
}

function PractitionerStep({ conversation, booked }: PractitionerStepProps) {
  const w = referralWords.value.begin;
  const elsewhere = booked !== undefined && (
    <div class="note accent" role="status">
      <Icon name="check" size="s" />
      <span>
        <b>{w.bookedElsewhere}</b>
        <br />
        <a href={href({ name: "one-referral", id: booked })}>{w.openBooked}</a>
      </span>
    </div>
  );
  const purpose = conversation && (
    <div class="note accent">
      <Icon name="chat" size="s" />
      <span>
        <b>{w.forConversation}</b>
        <br />
        {w.forConversationText}
      </span>
    </div>
  );
  return (
    <Search title={w.title} beside={<Steps now={0} />} purpose={elsewhere || purpose} onBook={choosePractitioner} />
  );
}

function useTitleInFocus(step: string): void {
  const before = useRef(step);
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    focusTitle();
  }, [step]);
}

/** Starts again when the wizard is opened from a conversation. */
function useBeginning(): void {
  useEffect(() => {
    const from = referFrom.peek();
    if (from !== null) {
      referFrom.value = null;
      if (from.to) startReferral(from.conversation, from.to);
      else startBooking(from.conversation);
    }
  }, []);
}
