/** When this person's devices lock, and the code of this one. */

import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { words } from "../../i18n";
import { isPhone, lockConfig, lockNow, removeCode, setCode } from "../../runtime/lock";
import { hasFace } from "../../runtime/lockKey";
import { toast } from "../../ui/announcer";
import { CodeBoxes } from "../../ui/CodeBoxes";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { loadLock, lock, saveLock } from "./state";
import { securityWords } from "./words";

const DIGITS = 6;
const MINUTES = [1, 2, 5, 10, 15, 30, 60];

export function Lock() {
  const w = securityWords.value.lock;
  const [open, setOpen] = useState<"minutes" | "code" | null>(null);
  const config = lockConfig.value;
  const now = lock.value;
  useEffect(() => void loadLock(), []);
  const close = () => setOpen(null);
  const remove = () =>
    void removeCode().then(outcome => {
      if (outcome.ok) toast(w.removed);
      else if (outcome.problem.reason !== "cancelled") toast(explain(outcome.problem));
    });
  return (
    <section class="card block">
      <h2>{w.title}</h2>
      <ul class="settings">
        <li>
          <span class="grow">
            <b>{w.code}</b>
            <span class="t13 soft">{config ? (config.face ? w.codeAndFace : w.codeSet) : w.codeNone}</span>
          </span>
          <span class="row wrap acts">
            {config && (
              <button type="button" class="btn line small" onClick={lockNow}>
                <Icon name="lock" size="s" />
                {w.lockNow}
              </button>
            )}
            <button type="button" class="btn line small" onClick={() => setOpen("code")}>
              {config ? w.change : w.choose}
            </button>
            {config && (
              <button type="button" class="btn risk-line small" onClick={remove}>
                {w.remove}
              </button>
            )}
          </span>
        </li>
        {now && (
          <li>
            <span class="grow">
              <b>{w.when}</b>
              <span class="t13 soft">{w.desk(now.desk)}</span>
              <span class="t13 soft">{w.phone(now.phone)}</span>
              {now.at_most !== undefined && <span class="t13 muted">{w.bound(now.at_most)}</span>}
            </span>
            <span class="row wrap acts">
              <button type="button" class="btn line small" onClick={() => setOpen("minutes")}>
                {w.edit}
              </button>
            </span>
          </li>
        )}
      </ul>
      {open === "minutes" && now && <Minutes onClose={close} />}
      {open === "code" && <Code onClose={close} />}
    </section>
  );
}

function Minutes({ onClose }: { onClose: () => void }) {
  const w = securityWords.value.lock;
  const now = lock.value;
  const [desk, setDesk] = useState(now?.desk ?? 5);
  const [phone, setPhone] = useState(now?.phone ?? 0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const allowed = MINUTES.filter(each => each <= (now?.at_most ?? 60));
  const submit = async () => {
    const refused = await saveLock(desk, phone);
    if (refused === null) onClose();
    else if (refused.reason !== "cancelled") setProblem(refused);
  };
  return (
    <Dialog
      title={w.when}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main">
            {w.save}
          </button>
        </>
      }
    >
      <Field label={w.deskLabel}>
        {parts => (
          <>
            <select {...parts} name="desk" value={desk} onChange={event => setDesk(Number(event.currentTarget.value))}>
              {allowed.map(each => (
                <option key={each} value={each}>
                  {w.minutes(each)}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      <Field label={w.phoneLabel} error={problem ? explain(problem) : undefined}>
        {parts => (
          <>
            <select
              {...parts}
              name="phone"
              value={phone}
              onChange={event => setPhone(Number(event.currentTarget.value))}
            >
              {[0, ...allowed].map(each => (
                <option key={each} value={each}>
                  {each ? w.minutes(each) : w.atOnce}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
    </Dialog>
  );
}

/** A code is typed twice: nobody sees what they type a first time only. */
function Code({ onClose }: { onClose: () => void }) {
  const w = securityWords.value.lock;
  const [first, setFirst] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const [face, setFace] = useState<boolean | null>(null);
  useEffect(() => void hasFace().then(there => setFace(there ? isPhone() : null)), []);
  const submit = async () => {
    if (busy) return;
    const wrong =
      first.length < DIGITS ? w.short : isGuessed(first) ? w.guessed : first !== again ? w.differ : undefined;
    setError(wrong);
    if (wrong) return;
    setBusy(true);
    const minutes = { desk: lock.value?.desk ?? 5, phone: lock.value?.phone ?? 0 };
    const outcome = await setCode(first, face === true, minutes);
    setBusy(false);
    if (!outcome.ok) {
      if (outcome.problem.reason !== "cancelled") setError(explain(outcome.problem));
      return;
    }
    toast(face && !outcome.value.face ? w.doneNoFace : w.done);
    onClose();
  };
  const typing = (set: (code: string) => void) => (typed: string) => {
    set(typed);
    setError(undefined);
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
            {busy ? w.busy : w.save}
          </button>
        </>
      }
    >
      <p>{w.text}</p>
      <CodeBoxes label={w.first} digits={DIGITS} name="lock_new" value={first} onInput={typing(setFirst)} />
      <CodeBoxes
        label={w.again}
        digits={DIGITS}
        name="lock_again"
        value={again}
        error={error}
        onInput={typing(setAgain)}
      />
      {face !== null && (
        <label class="check">
          <input type="checkbox" checked={face} onChange={event => setFace(event.currentTarget.checked)} />
          <span>{w.withFace}</span>
        </label>
      )}
    </Dialog>
  );
}

/** What everybody tries first: one digit six times, or digits in a row. */
export function isGuessed(code: string): boolean {
  const digits = [...code].map(Number);
  return [0, 1, -1].some(step => digits.every((digit, at) => at === 0 || digit === digits[at - 1]! + step));
}
