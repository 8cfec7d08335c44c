/** Blocking a colleague, once it is clear what that means. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Wrong } from "../../ui/Field";
import { explain } from "../../ui/problem";
import { block, unblock } from "./state";
import { contactWords } from "./words";

interface BlockProps {
  person: string;
  name: string;
  isBlocked?: boolean;
  class?: string;
}

export function Block({ person, name, isBlocked = false, class: extra = "wide" }: BlockProps) {
  const w = contactWords.value;
  const [asking, setAsking] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const confirm = async () => {
    const outcome = await block(person);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    setAsking(false);
    toast(w.isBlocked(name));
  };
  const again = async () => {
    const outcome = await unblock(person);
    toast(outcome.ok ? w.unblocked(name) : explain(outcome.problem));
  };
  if (isBlocked)
    return (
      <button type="button" class={`btn line ${extra}`} onClick={() => void again()}>
        {w.unblock}
      </button>
    );
  return (
    <>
      <button type="button" class={`btn risk-line ${extra}`} onClick={() => setAsking(true)}>
        {w.block}
      </button>
      {asking && (
        <Dialog
          title={w.blockTitle(name)}
          onClose={() => setAsking(false)}
          footer={
            <>
              <button type="button" class="btn line" onClick={() => setAsking(false)}>
                {words.value.cancel}
              </button>
              <button type="button" class="btn risk" onClick={() => void confirm()}>
                {w.block}
              </button>
            </>
          }
        >
          <p>{w.blockText}</p>
          <p>{w.blockGroups}</p>
          {wrong && <Wrong text={wrong} />}
        </Dialog>
      )}
    </>
  );
}
