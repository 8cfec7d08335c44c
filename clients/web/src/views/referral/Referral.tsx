/** The referral's wizard: the store says at which step one is, the address follows. */

import "../../styles/referral.css";
import { useEffect, useRef } from "preact/hooks";
import { booking, startBooking } from "../../store/booking";
import { referFrom } from "../chrome";
import { Confirmation } from "./Confirmation";
import { PatientStep } from "./Patient";
import { Search } from "./Search";
import { Slots } from "./Slots";

export default function Referral() {
  useBeginning();
  const now = booking.value;
  useTitleInFocus(now.step === "confirming" ? "patient" : now.step);
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

/** What was pressed goes with its step: whoever uses no mouse goes on from the title of the next one. */
function useTitleInFocus(step: string): void {
  const before = useRef(step);
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    const title = document.querySelector<HTMLElement>("main h1");
    title?.setAttribute("tabindex", "-1");
    title?.focus();
  }, [step]);
}

/** Coming from a conversation begins anew. */
function useBeginning(): void {
  useEffect(() => {
    const from = referFrom.peek();
    if (from !== null) {
      referFrom.value = null;
      startBooking(from);
    }
  }, []);
}
