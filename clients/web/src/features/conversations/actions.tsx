/** One action of a screen: run once at a time, with its refusal in words, and the two buttons of its dialog. */

import { useState } from "preact/hooks";
import type { Outcome } from "../../runtime/runtime";
import { explain } from "../../ui/problem";

/** Runs one action at a time; calls `onDone` after it, or says why it was refused. */
export function useAction(onDone: () => void): {
  busy: boolean;
  wrong: string | undefined;
  run: (action: () => Promise<Outcome<unknown>>) => void;
} {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const run = (action: () => Promise<Outcome<unknown>>) => {
    if (busy) return;
    setBusy(true);
    setWrong(undefined);
    void action().then(outcome => {
      setBusy(false);
      if (outcome.ok) onDone();
      else setWrong(explain(outcome.problem));
    });
  };
  return { busy, wrong, run };
}

export function Actions({
  safe,
  onSafe,
  act,
  busy,
  risk,
}: {
  safe: string;
  onSafe: () => void;
  act: string;
  busy: boolean;
  risk?: boolean;
}) {
  return (
    <>
      <button type="button" class="btn line" onClick={onSafe}>
        {safe}
      </button>
      <button type="submit" class={`btn ${risk ? "risk" : "main"}`} aria-disabled={busy}>
        {act}
      </button>
    </>
  );
}
