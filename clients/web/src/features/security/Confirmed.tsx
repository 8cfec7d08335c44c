/** Where Pro Santé Connect returns after a proof that was asked for: the page that waits for it goes on. */

import { useEffect } from "preact/hooks";
import { Icon } from "../../ui/Icon";
import { AuthLayout } from "../entrance";
import { CONFIRMED_CHANNEL } from "./uiState";
import { securityWords } from "./words";

export default function Confirmed() {
  const w = securityWords.value.confirm;
  useEffect(() => {
    const channel = new BroadcastChannel(CONFIRMED_CHANNEL);
    channel.postMessage("confirmed");
    channel.close();
    // A browser closes by a script only what a script has opened.
    close();
  }, []);
  return (
    <AuthLayout>
      <div>
        <h1>
          <Icon name="check" /> {w.confirmedTitle}
        </h1>
        <p class="lead">{w.confirmedText}</p>
      </div>
    </AuthLayout>
  );
}
