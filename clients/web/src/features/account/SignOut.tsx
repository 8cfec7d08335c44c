/** The button that signs out. What would be lost by it is said first, and asked about. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { outbox } from "../../runtime/runtime";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { countDrafts } from "../conversations/state";
import { signOut } from "./state";

export function SignOut({ class: look }: { class: string }) {
  const w = words.value;
  const [waiting, setWaiting] = useState<{ messages: number; drafts: number } | null>(null);
  const ask = () => {
    const messages = outbox.peek().filter(entry => entry.method === "message.send").length;
    const drafts = countDrafts();
    if (messages || drafts) setWaiting({ messages, drafts });
    else void signOut();
  };
  return (
    <>
      <button type="button" class={look} onClick={ask}>
        <Icon name="out" size="s" />
        {w.me.signOut}
      </button>
      {waiting && (
        <Dialog
          title={w.me.leaveTitle}
          onClose={() => setWaiting(null)}
          footer={
            <>
              <button type="button" class="btn line" onClick={() => setWaiting(null)}>
                {w.cancel}
              </button>
              <button type="button" class="btn risk" onClick={() => void signOut()}>
                {w.me.leaveConfirm}
              </button>
            </>
          }
        >
          <p>{w.me.leaveText(waiting.messages, waiting.drafts)}</p>
        </Dialog>
      )}
    </>
  );
}
