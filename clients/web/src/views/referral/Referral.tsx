/** The referral's wizard: the store says at which step one is, the address follows. */

import "../../styles/referral.css";
import { useEffect } from "preact/hooks";
import { booking, startBooking } from "../../store/booking";
import { referFrom } from "../chrome";
import { Confirmation } from "./Confirmation";
import { PatientStep } from "./Patient";
import { Search } from "./Search";
import { Slots } from "./Slots";

export default function Referral() {
  useBeginning();
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
