/** The referral's wizard: the store says at which step one is, the address follows. */

import "../../styles/referral.css";
import { useEffect, useRef } from "preact/hooks";
import { go } from "../../store";
import type { Booking, Route } from "../../store";
import { back, booking, startBooking } from "../../store/booking";
import { referFrom } from "../chrome";
import { Confirmation } from "./Confirmation";
import { PatientStep } from "./Patient";
import { Search } from "./Search";
import { Slots } from "./Slots";

type Step = Extract<Route, { name: "referral" }>["step"];

const ORDER: Step[] = ["search", "slots", "patient", "confirmation"];
const STEP_OF: Record<Booking["step"], Step> = { search: "search", slots: "slots", patient: "patient", confirming: "patient", done: "confirmation" };

export default function Referral({ step }: { step: Step }) {
  useBeginning();
  useAddress(step);
  const now = booking.value;
  switch (now.step) {
    case "search":
      return <Search kind="referral" conversation={now.conversation} />;
    case "slots":
      return <Slots booking={now} />;
    case "patient":
    case "confirming":
      return <PatientStep booking={now} />;
    case "done":
      return <Confirmation booking={now} />;
  }
}

/** Coming from a conversation, or coming back after a booking, begins anew. */
function useBeginning(): void {
  useEffect(() => {
    const from = referFrom.peek();
    if (from !== null) {
      referFrom.value = null;
      startBooking(from);
    }
  }, []);
}

/** The browser's back button goes one step back; a step that cannot be shown leads to the one that can. */
function useAddress(step: Step): void {
  const agreed = useRef<Step | null>(null);
  const at = STEP_OF[booking.value.step];
  useEffect(() => {
    const moved = agreed.current !== at;
    agreed.current = at;
    if (at === step) return;
    const earlier = ORDER.indexOf(step) < ORDER.indexOf(at);
    if (moved) go({ name: "referral", step: at }, { replace: earlier });
    else if (!earlier) go({ name: "referral", step: at }, { replace: true });
    else if (at === "confirmation") startBooking();
    else back();
  }, [step, at]);
}
