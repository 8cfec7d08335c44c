/** The second step of signing in: a code of the application, a passkey, or a recovery code. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import * as passkeys from "../../runtime/passkeys";
import { CodeBoxes } from "../../ui/CodeBoxes";
import { Field } from "../../ui/Field";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { AuthLayout } from "../entrance";
import { signInWords } from "./signInWords";
import { giveCode, signInByPasskey } from "./state";

const DIGITS = 6;

export function SecondStep({ factors, onBack }: { factors: string[]; onBack: () => void }) {
  const w = signInWords.value.secondStep;
  const title = useRef<HTMLHeadingElement>(null);
  const hasPasskey = factors.includes("webauthn") && passkeys.arePossible();
  const [way, setWay] = useState<"code" | "recovery">(factors.includes("totp") ? "code" : "recovery");
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => title.current?.focus(), []);
  const take = async (prove: () => ReturnType<typeof giveCode>) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    const outcome = await prove();
    setBusy(false);
    if (outcome.ok) return;
    setProblem("problem" in outcome ? outcome.problem : { reason: "unknown" });
    setCode("");
  };
  const submit = (typed: string) => {
    if (typed.trim()) void take(() => giveCode(typed.replace(/\s/g, "")));
  };
  const choose = (other: "code" | "recovery") => {
    setWay(other);
    setCode("");
    setProblem(null);
  };
  // What the code is wrong with stands at its field; everything else beside it.
  const error = problem?.reason === "wrong_code" ? explain(problem) : undefined;
  return (
    <AuthLayout>
      <div>
        <h1 ref={title} tabIndex={-1}>
          {w.title}
        </h1>
        <p class="lead">{w.lead}</p>
      </div>
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault();
          submit(code);
        }}
      >
        {way === "code" ? (
          <CodeBoxes
            label={w.code}
            digits={DIGITS}
            value={code}
            error={error}
            hint={w.codeHint}
            onInput={setCode}
            onFull={submit}
          />
        ) : (
          <Field label={w.recovery} hint={w.recoveryHint} error={error}>
            {parts => (
              <input
                {...parts}
                name="recovery"
                autoComplete="off"
                autoCapitalize="none"
                spellcheck={false}
                value={code}
                onInput={event => setCode(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        {problem && !error && (
          <div class="note urgent" role="alert">
            <Icon name="alert" size="s" />
            <span class="grow">{explain(problem)}</span>
          </div>
        )}
        <button type="submit" class="btn main tall wide" aria-disabled={busy}>
          {busy ? w.busy : w.submit}
        </button>
        {hasPasskey && (
          <button
            type="button"
            class="btn line tall wide"
            onClick={() => void take(() => signInByPasskey("authenticate"))}
          >
            <FurtherIcon name="finger" size="s" />
            {w.passkey}
          </button>
        )}
      </form>
      <div class="row wrap">
        {way === "code" && (
          <button type="button" class="btn bare" onClick={() => choose("recovery")}>
            {w.toRecovery}
          </button>
        )}
        {way === "recovery" && factors.includes("totp") && (
          <button type="button" class="btn bare" onClick={() => choose("code")}>
            {w.toCode}
          </button>
        )}
        <button type="button" class="btn bare" onClick={onBack}>
          {w.back}
        </button>
      </div>
      <p class="t13 muted">{w.lost}</p>
    </AuthLayout>
  );
}
