/** Signing in by e-mail and password. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { address } from "../../fields/email";
import { words } from "../../i18n";
import { countWaiting } from "../../runtime/offlineStorage";
import { href } from "../../runtime/routes";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { AuthLayout } from "../entrance";
import { signInWords } from "./signInWords";
import { signIn } from "./state";

const ADDRESS = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

export default function SignIn({ why }: { why?: "ended" | "suspended" | undefined }) {
  const w = signInWords.value.signIn;
  const form = useRef<HTMLFormElement>(null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
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
    if (outcome.ok || "factors" in outcome) return;
    setProblem(outcome.problem);
    if (outcome.problem.reason === "credentials")
      form.current?.querySelector<HTMLInputElement>("[name=password]")?.select();
  };

  return (
    <AuthLayout>
      <div>
        <h1>{w.title}</h1>
        <p class="lead">{w.lead}</p>
      </div>
      {why && !problem && (
        <div class="note clock" role="status">
          <Icon name="info" size="s" />
          <span>{why === "ended" ? w.ended : words.value.problems.suspended}</span>
        </div>
      )}
      <Waiting />
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
      </form>
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
