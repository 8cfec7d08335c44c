/** One's own mobile, which counts once a code that was sent to it is typed. */

import { useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { clock, words } from "../../i18n";
import { call, localTime } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { CodeBoxes } from "../../ui/CodeBoxes";
import { Field } from "../../ui/Field";
import { phoneText } from "../../ui/phone";
import { explain } from "../../ui/problem";
import type { MobileStarted, Profile } from "../../wire/types";
import { load } from "./state";
import { profileWords } from "./words";

const DIGITS = 6;

export function Mobile({ profile }: { profile: Profile }) {
  const w = profileWords.value;
  const [number, setNumber] = useState<string | null>(null);
  const [sent, setSent] = useState<MobileStarted | null>(null);
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const wrong = (problem: Problem): string =>
    problem.reason === "invalid" ? (w.errors[problem.why ?? ""] ?? w.errors["refused"]!) : explain(problem);
  const send = async () => {
    if (busy || number === null) return;
    setBusy(true);
    const outcome = await call("profile.mobile", { mobile: number });
    setBusy(false);
    if (!outcome.ok) return setError(wrong(outcome.problem));
    setError(undefined);
    setCode("");
    if (sent) toast(w.sentAgain);
    setSent(outcome.value);
  };
  /** Back by one step; what was confirmed before stays as it is. */
  const leave = (to: string | null) => {
    setSent(null);
    setNumber(to);
    setCode("");
    setError(undefined);
  };
  const confirm = async (typed: string) => {
    if (busy || typed.length < DIGITS) return;
    setBusy(true);
    const outcome = await call("profile.confirm_mobile", { code: typed });
    setBusy(false);
    if (!outcome.ok) return setError(explain(outcome.problem));
    const { state, attempts_left: left = 0 } = outcome.value;
    if (state !== "confirmed") return setError(w.codes[state]?.(left) ?? w.errors["refused"]);
    leave(null);
    toast(w.mobileDone);
    await load();
  };
  if (sent)
    return (
      <div class="c12 stack">
        <CodeBoxes
          label={w.code}
          digits={DIGITS}
          name="mobile_code"
          value={code}
          error={error}
          hint={w.codeHint(phoneText(sent.mobile), clock(localTime(sent.expires_at)))}
          onInput={typed => {
            setCode(typed);
            setError(undefined);
          }}
          onFull={typed => void confirm(typed)}
        />
        <div class="row wrap">
          <button type="button" class="btn line small" aria-disabled={busy} onClick={() => void send()}>
            {w.sendAgain}
          </button>
          <button type="button" class="btn bare small" onClick={() => leave(number)}>
            {w.otherNumber}
          </button>
          <button type="button" class="btn bare small" onClick={() => leave(null)}>
            {words.value.cancel}
          </button>
        </div>
      </div>
    );
  if (number === null)
    return (
      <div class="field c12">
        <span class="flabel">{w.mobile}</span>
        <div class="row wrap">
          {profile.mobile && <span class="num">{phoneText(profile.mobile)}</span>}
          {profile.mobile && (
            <span class={`tag ${profile.mobile_confirmed ? "done" : "clock"}`}>
              {profile.mobile_confirmed ? w.confirmed : w.notConfirmed}
            </span>
          )}
          <button type="button" class="btn line small" onClick={() => setNumber("")}>
            {profile.mobile ? w.change : w.add}
          </button>
        </div>
        <span class="hint">{w.mobileText}</span>
      </div>
    );
  return (
    <div class="c12 stack">
      <Field label={w.mobile} hint={w.mobileText} error={error}>
        {parts => (
          <input
            {...parts}
            name="mobile"
            inputMode="tel"
            autoComplete="tel"
            value={number}
            onInput={event => {
              setNumber(event.currentTarget.value);
              setError(undefined);
            }}
          />
        )}
      </Field>
      <div class="row wrap">
        <button type="button" class="btn line grow" aria-disabled={busy} onClick={() => void send()}>
          {w.sendCode}
        </button>
        <button type="button" class="btn bare" onClick={() => leave(null)}>
          {words.value.cancel}
        </button>
      </div>
    </div>
  );
}
