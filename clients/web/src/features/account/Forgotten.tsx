/** A forgotten password: the same answer whether there is an account or not. */

import { useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { address } from "../../fields/email";
import { ask, problemIn } from "../../runtime/http";
import { href } from "../../runtime/routes";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { AuthLayout } from "../entrance";
import { signInWords } from "./signInWords";

export default function Forgotten() {
  const w = signInWords.value;
  const [email, setEmail] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sent, setSent] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (busy) return;
    const said = address(email);
    if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(said)) return setError(said ? w.signIn.emailWrong : w.signIn.emailMissing);
    setBusy(true);
    setProblem(null);
    const answer = await ask("POST", "/auth/password/request", { email: said });
    setBusy(false);
    setSent(answer.status === 200);
    if (answer.status !== 200) setProblem(problemIn(answer));
  };
  return (
    <AuthLayout>
      <div>
        <h1>{w.forgotten.title}</h1>
        <p class="lead">{w.forgotten.lead}</p>
      </div>
      {sent && (
        <div class="note accent" role="status">
          <Icon name="mail" size="s" />
          <span class="grow">{w.forgotten.sent}</span>
        </div>
      )}
      {problem && (
        <div class="note urgent" role="alert">
          <Icon name="alert" size="s" />
          <span class="grow">{explain(problem)}</span>
        </div>
      )}
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field label={w.signIn.email} error={error}>
          {parts => (
            <input
              {...parts}
              name="email"
              inputMode="email"
              autoComplete="username"
              autoCapitalize="none"
              spellcheck={false}
              value={email}
              onInput={event => {
                setEmail(event.currentTarget.value);
                setError(undefined);
              }}
            />
          )}
        </Field>
        <button type="submit" class={`btn tall wide ${sent ? "line" : "main"}`} aria-disabled={busy}>
          {busy ? w.forgotten.busy : w.forgotten.submit}
        </button>
      </form>
      <p class="t14">
        <a href={href({ name: "sign-in" })}>{w.forgotten.back}</a>
      </p>
    </AuthLayout>
  );
}
