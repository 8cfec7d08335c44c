/** Signing in by e-mail and password. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { address } from "../../fields/email";
import { countWaiting } from "../../runtime/offlineStorage";
import * as passkeys from "../../runtime/passkeys";
import { href } from "../../runtime/routes";
import { cpsAddress, fetchWays, pscAddress, ways } from "../../runtime/signInWays";
import { Field } from "../../ui/Field";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { AuthLayout } from "../entrance";
import { PhoneSignIn } from "./PhoneSignIn";
import { SecondStep } from "./SecondStep";
import { signInWords } from "./signInWords";
import { returnPath, signIn, signInByPasskey } from "./state";

const ADDRESS = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

export default function SignIn({ why }: { why?: "ended" | "suspended" | "wiped" | undefined }) {
  const w = signInWords.value.signIn;
  const form = useRef<HTMLFormElement>(null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [factors, setFactors] = useState<string[] | null>(null);
  const [byPhone, setByPhone] = useState(false);
  useEffect(() => void fetchWays(), []);
  const said = address(email);
  const emailError = !said ? w.emailMissing : ADDRESS.test(said) ? undefined : w.emailWrong;
  const passwordError = password ? undefined : w.passwordMissing;

  const submit = async () => {
    setTried(true);
    setProblem(null);
    if (emailError || passwordError) {
      form.current?.querySelector<HTMLInputElement>(emailError ? "[name=email]" : "[name=password]")?.focus();
      return;
    }
    setBusy(true);
    const outcome = await signIn(said, password);
    setBusy(false);
    if (outcome.ok) return;
    if ("factors" in outcome) {
      setPassword("");
      return setFactors(outcome.factors);
    }
    setProblem(outcome.problem);
    if (outcome.problem.reason === "credentials")
      form.current?.querySelector<HTMLInputElement>("[name=password]")?.select();
  };

  const byPasskey = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    const outcome = await signInByPasskey("login");
    setBusy(false);
    if (!outcome.ok && "problem" in outcome) setProblem(outcome.problem);
  };

  if (factors) return <SecondStep factors={factors} onBack={() => setFactors(null)} />;
  if (byPhone) return <PhoneSignIn onBack={() => setByPhone(false)} />;
  return (
    <AuthLayout>
      <div>
        <h1>{w.title}</h1>
        <p class="lead">{w.lead}</p>
      </div>
      {why && !problem && (
        <div class="note clock" role="status">
          <Icon name="info" size="s" />
          <span>{why === "suspended" ? explain({ reason: "suspended" }) : w[why]}</span>
        </div>
      )}
      <Waiting />
      {ways.value.psc && (
        <a class="psc" href={pscAddress(returnPath())}>
          <Icon name="plus" />
          <span class="grow">
            {w.psc}
            <small>{w.pscText}</small>
          </span>
        </a>
      )}
      {ways.value.psc && (
        <button type="button" class="way" onClick={() => setByPhone(true)}>
          <Icon name="mobile" />
          <span class="grow">
            {w.phone}
            <small>{w.phoneText}</small>
          </span>
        </button>
      )}
      {ways.value.cps && (
        <a class="way" href={cpsAddress(returnPath())}>
          <Icon name="card" />
          <span class="grow">
            {w.cps}
            <small>{w.cpsText}</small>
          </span>
        </a>
      )}
      {(ways.value.psc || ways.value.cps) && <div class="or">{w.orPassword}</div>}
      <form
        ref={form}
        noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!busy) void submit();
        }}
      >
        <Field label={w.email} error={tried ? emailError : undefined}>
          {parts => (
            <input
              {...parts}
              // A field of the type "email" changes what is pasted before it can be read.
              inputMode="email"
              name="email"
              autoComplete="username"
              autoCapitalize="none"
              spellcheck={false}
              value={email}
              onInput={event => setEmail(event.currentTarget.value)}
            />
          )}
        </Field>
        <Password
          label={w.password}
          autoComplete="current-password"
          value={password}
          error={tried ? passwordError : undefined}
          onInput={setPassword}
        />
        {problem && (
          <div class="note urgent" role="alert">
            <Icon name="alert" size="s" />
            <span>{explain(problem)}</span>
          </div>
        )}
        <button type="submit" class="btn main tall wide" aria-disabled={busy}>
          {busy ? w.busy : w.submit}
        </button>
        {passkeys.arePossible() && (
          <button type="button" class="btn line tall wide" onClick={() => void byPasskey()}>
            <FurtherIcon name="finger" size="s" />
            {w.passkey}
          </button>
        )}
      </form>
      <p class="t14">
        <a href={href({ name: "forgotten" })}>{w.forgotten}</a>
      </p>
      <p class="t13 muted">{w.shared}</p>
      <p class="t14 soft">
        {w.newHere} <a href={href({ name: "sign-up" })}>{w.create}</a>
      </p>
    </AuthLayout>
  );
}

/** What somebody left on this device when their session ended. */
function Waiting() {
  const [left, setLeft] = useState({ messages: 0, drafts: 0 });
  useEffect(() => void countWaiting().then(setLeft), []);
  if (!left.messages && !left.drafts) return null;
  return (
    <div class="note accent" role="status">
      <Icon name="clock" size="s" />
      <span>{signInWords.value.signIn.waiting(left.messages, left.drafts)}</span>
    </div>
  );
}
