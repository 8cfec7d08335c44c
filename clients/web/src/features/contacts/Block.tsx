/** Blocking a colleague, once it is clear what that means. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Wrong } from "../../ui/Field";
import { explain } from "../../ui/problem";
import { block } from "./state";
import { contactWords } from "./words";

export function Block({ person, name }: { person: string; name: string }) {
  const w = contactWords.value;
  const [asking, setAsking] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const confirm = async () => {
    const outcome = await block(person);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    setAsking(false);
    toast(w.isBlocked(name));
  };
  return (
    <>
      <button type="button" class="btn risk-line wide" onClick={() => setAsking(true)}>
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
          {wrong && <Wrong text={wrong} />}
        </Dialog>
      )}
    </>
  );
}
