/** The page behind the link of an account that an administrator has prepared: a password, and the two agreements. */

import "./signup.css";
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { PASSWORD_LENGTH } from "../../fields/declaration";
import { go, href } from "../../runtime/routes";
import { Failed } from "../../ui/Empty";
import { Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { characters } from "../../wire/text";
import { AuthLayout } from "../entrance";
import { ConsentCard } from "./ConsentCard";
import { errorText } from "./DeclarationForm";
import { documentWords } from "./documents";
import { InvitationCard } from "./InvitationCard";
import { activate, invited, open } from "./invitation";
import { signUpWords } from "./words";

export default function Activation() {
  const w = signUpWords.value;
  const [token] = useState(() => decodeURIComponent(location.hash.slice(1)));
  const [password, setPassword] = useState("");
  const [agreed, setAgreed] = useState({ terms: false, data_agreement: false });
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<string | undefined>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const seen = invited.value;
  const look = () => {
    setProblem(null);
    if (token) void open(token).then(setProblem);
    else invited.value = "over";
  };
  useEffect(look, []);
  const isShort = characters(password) < PASSWORD_LENGTH;
  const isMissing = !(agreed.terms && agreed.data_agreement);
  const submit = async () => {
    setTried(true);
    if (busy || isShort || isMissing) return;
    setBusy(true);
    setProblem(null);
    const answer = await activate(token, password, documentWords.peek().versions);
    setBusy(false);
    if (answer === null) go({ name: "conversations" }, { replace: true });
    else if ("reason" in answer) setProblem(answer);
    else if (answer.why === "outdated") setProblem({ reason: "conflict" });
    else setRefused(answer.why);
  };
  const isOpen = seen !== null && seen !== "over" && seen.state === "open" && !seen.known;
  const error = refused ?? (tried ? (password ? (isShort ? "password_too_short" : undefined) : "required") : undefined);
  return (
    <AuthLayout wider>
      {problem && seen === null && <Failed problem={problem} onRetry={look} />}
      {seen !== null && seen !== "over" && <InvitationCard invited={seen} />}
      {isOpen && (
        <>
          <div>
            <h1>{w.activation.title(seen.first_name ?? "")}</h1>
            <p class="lead">{w.activation.lead}</p>
          </div>
          <form
            noValidate
            onSubmit={event => {
              event.preventDefault();
              void submit();
            }}
          >
            <Password
              label={w.form.labels.password}
              autoComplete="new-password"
              value={password}
              hint={w.form.hints.password}
              error={errorText("password", error)}
              onInput={typed => {
                setPassword(typed);
                setRefused(undefined);
              }}
            />
            <ConsentCard
              agreed={agreed}
              isMissing={tried && isMissing}
              onAgree={(document, yes) => setAgreed({ ...agreed, [document]: yes })}
            />
            {tried && isMissing && <Wrong text={w.agreements.missing} />}
            {problem && (
              <div class="note urgent" role="alert">
                <Icon name="alert" size="s" />
                <span class="grow">{problem.reason === "conflict" ? w.agreements.outdated : explain(problem)}</span>
              </div>
            )}
            <button type="submit" class="btn main tall wide" aria-disabled={busy}>
              {busy ? w.code.busy : w.activation.submit}
            </button>
          </form>
        </>
      )}
      {seen !== null && !isOpen && (
        <>
          <div>
            <h1>{w.invitation.overTitle}</h1>
            <p class="lead">
              {seen !== "over" && seen.known
                ? w.activation.known
                : seen === "over"
                  ? w.invitation.over.unknown
                  : (w.invitation.over[seen.state] ?? w.invitation.over.unknown)}
            </p>
          </div>
          <a class="btn main tall wide" href={href({ name: "sign-in" })}>
            {w.way.signIn}
          </a>
        </>
      )}
    </AuthLayout>
  );
}
