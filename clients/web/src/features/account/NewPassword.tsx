/** The page behind the link for a forgotten password; its key stands behind the #, which no server sees. */

import { useRef, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { ask, problemIn } from "../../runtime/http";
import { href } from "../../runtime/routes";
import { Icon } from "../../ui/Icon";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { characters } from "../../wire/text";
import { AuthLayout } from "../entrance";
import { signInWords } from "./signInWords";

const SHORTEST = 12;

export default function NewPassword() {
  const w = signInWords.value.newPassword;
  const key = useRef(decodeURIComponent(location.hash.slice(1))).current;
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [state, setState] = useState<"asked" | "done" | "over">(key ? "asked" : "over");
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (busy) return;
    if (characters(password) < SHORTEST) return setError(w.short);
    setBusy(true);
    setProblem(null);
    const answer = await ask("POST", "/auth/password/reset", { key, password });
    setBusy(false);
    const wrong = answer.errors[0];
    if (answer.status === 200) setState("done");
    else if (answer.status === 400 && wrong?.param === "password") setError(w.refused);
    else if (answer.status === 400 || answer.status === 404) setState("over");
    else setProblem(problemIn(answer));
  };
  return (
    <AuthLayout>
      <div>
        <h1>{w.title}</h1>
        {state === "asked" && <p class="lead">{w.lead}</p>}
      </div>
      {state !== "asked" && (
        <div class={`note ${state === "done" ? "accent" : "clock"}`} role="status">
          <Icon name={state === "done" ? "check" : "clock"} size="s" />
          <span class="grow">{state === "done" ? w.done : w.over}</span>
        </div>
      )}
      {problem && (
        <div class="note urgent" role="alert">
          <Icon name="alert" size="s" />
          <span class="grow">{explain(problem)}</span>
        </div>
      )}
      {state === "asked" ? (
        <form
          noValidate
          onSubmit={event => {
            event.preventDefault();
            void submit();
          }}
        >
          <Password
            label={w.label}
            autoComplete="new-password"
            value={password}
            hint={w.hint}
            error={error}
            onInput={typed => {
              setPassword(typed);
              setError(undefined);
            }}
          />
          <button type="submit" class="btn main tall wide" aria-disabled={busy}>
            {busy ? w.busy : w.submit}
          </button>
        </form>
      ) : (
        <a class="btn main tall wide" href={href({ name: state === "done" ? "sign-in" : "forgotten" })}>
          {state === "done" ? w.signIn : w.another}
        </a>
      )}
    </AuthLayout>
  );
}
