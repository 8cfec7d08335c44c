/** A new password, in place of the one that is known. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { characters } from "../../wire/text";
import { changePassword } from "./state";
import { securityWords } from "./words";

const SHORTEST = 12;

export function ChangePassword() {
  const w = securityWords.value.password;
  const [open, setOpen] = useState(false);
  return (
    <section class="card block">
      <h2>{w.title}</h2>
      <div class="block-foot">
        <span class="t13 soft grow">{w.text}</span>
        <button type="button" class="btn line small" onClick={() => setOpen(true)}>
          {w.change}
        </button>
      </div>
      {open && <ChangeDialog onClose={() => setOpen(false)} />}
    </section>
  );
}

function ChangeDialog({ onClose }: { onClose: () => void }) {
  const w = securityWords.value.password;
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [errors, setErrors] = useState<{ current?: string; wanted?: string }>({});
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (busy) return;
    if (!current) return setErrors({ current: w.wrongCurrent });
    if (characters(wanted) < SHORTEST) return setErrors({ wanted: w.short });
    setBusy(true);
    const refused = await changePassword(current, wanted);
    setBusy(false);
    if (refused === null) {
      toast(w.changed);
      onClose();
    } else if ("why" in refused && refused.why !== undefined) {
      setErrors(
        refused.why === "current"
          ? { current: w.wrongCurrent }
          : { wanted: w.refused[refused.why] ?? w.refused["other"]! },
      );
    } else if ("reason" in refused) setErrors({ wanted: explain(refused) });
  };
  return (
    <Dialog
      title={w.dialog}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" aria-disabled={busy}>
            {w.submit}
          </button>
        </>
      }
    >
      <Password
        label={w.current}
        name="current"
        autoComplete="current-password"
        value={current}
        error={errors.current}
        onInput={typed => {
          setCurrent(typed);
          setErrors({});
        }}
      />
      <Password
        label={w.wanted}
        name="wanted"
        autoComplete="new-password"
        value={wanted}
        hint={w.hint}
        error={errors.wanted}
        onInput={typed => {
          setWanted(typed);
          setErrors({});
        }}
      />
    </Dialog>
  );
}
