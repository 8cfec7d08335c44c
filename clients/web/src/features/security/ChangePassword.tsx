/** A new password, in place of the one that is known; a first one, for an account that a card opened. */

import { useEffect, useState } from "preact/hooks";
import { words } from "../../i18n";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { characters } from "../../wire/text";
import { changePassword, factors, firstPassword, hasPassword, loadHasPassword } from "./state";
import { securityWords } from "./words";

const SHORTEST = 12;

export function ChangePassword() {
  const w = securityWords.value.password;
  const [open, setOpen] = useState(false);
  useEffect(() => void loadHasPassword(), []);
  const isFirst = hasPassword.value === false;
  // Nobody guards an account by a password alone; the server refuses it too.
  const lacksFactor = isFirst && !factors.value?.some(one => one.type !== "recovery_codes");
  return (
    <section class="card block">
      <h2>{w.title}</h2>
      <div class="block-foot">
        <span class="t13 soft grow">{lacksFactor ? w.factorFirst : isFirst ? w.noneYet : w.text}</span>
        {hasPassword.value !== null && !lacksFactor && (
          <button type="button" class="btn line small" onClick={() => setOpen(true)}>
            {isFirst ? w.add : w.change}
          </button>
        )}
      </div>
      {open && <ChangeDialog isFirst={isFirst} onClose={() => setOpen(false)} />}
    </section>
  );
}

function ChangeDialog({ isFirst, onClose }: { isFirst: boolean; onClose: () => void }) {
  const w = securityWords.value.password;
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [errors, setErrors] = useState<{ current?: string; wanted?: string }>({});
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (busy) return;
    if (!isFirst && !current) return setErrors({ current: w.wrongCurrent });
    if (characters(wanted) < SHORTEST) return setErrors({ wanted: w.short });
    setBusy(true);
    const refused = await (isFirst ? firstPassword(wanted) : changePassword(current, wanted));
    setBusy(false);
    if (refused === null) {
      toast(isFirst ? w.added : w.changed);
      onClose();
    } else if ("why" in refused && refused.why !== undefined) {
      setErrors(
        refused.why === "current"
          ? { current: w.wrongCurrent }
          : { wanted: w.refused[refused.why] ?? w.refused["other"]! },
      );
    } else if ("reason" in refused && refused.reason !== "cancelled") setErrors({ wanted: explain(refused) });
  };
  return (
    <Dialog
      title={isFirst ? w.addDialog : w.dialog}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" aria-disabled={busy}>
            {isFirst ? w.add : w.submit}
          </button>
        </>
      }
    >
      {!isFirst && (
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
      )}
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
