/** The button that signs out. What would be lost by it is said first, and asked about. */

import { useState } from "preact/hooks";
import { clock, words } from "../../i18n";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { leave, type Unfinished, unfinished } from "./leaving";
import { settingsWords } from "./settingsWords";

export function SignOut({ class: look }: { class: string }) {
  const w = settingsWords.value;
  const [waiting, setWaiting] = useState<Unfinished | null>(null);
  const ask = () => {
    const lost = unfinished();
    if (lost) setWaiting(lost);
    else void leave();
  };
  return (
    <>
      <button type="button" class={look} onClick={ask}>
        <Icon name="out" size="s" />
        {w.signOut}
      </button>
      {waiting && (
        <Dialog
          title={w.leaveTitle}
          onClose={() => setWaiting(null)}
          footer={
            <>
              <button type="button" class="btn line" onClick={() => setWaiting(null)}>
                {words.value.cancel}
              </button>
              <button type="button" class="btn risk" onClick={() => void leave()}>
                {w.leaveConfirm}
              </button>
            </>
          }
        >
          <p>{w.leaveText({ ...waiting, held: waiting.held.map(({ start, zone }) => clock(start, zone)) })}</p>
        </Dialog>
      )}
    </>
  );
}
