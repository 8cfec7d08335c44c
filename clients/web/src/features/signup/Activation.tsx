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
import { session } from "../account/state";
import { AuthLayout } from "../entrance";
import { ConsentCard } from "./ConsentCard";
import { errorText } from "./DeclarationForm";
import { documentWords } from "./documents";
import Invitation from "./Invitation";
import { InvitationCard } from "./InvitationCard";
import { activate, invited, open } from "./invitation";
import { secretOf } from "./link";
import { signUpWords } from "./words";

export default function Activation() {
  const w = signUpWords.value;
  const [token, setToken] = useState(() => secretOf(location.hash));
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
  useEffect(look, [token]);
  useEffect(() => {
    const onHash = () => setToken(secretOf(location.hash));
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
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
  // Whoever has an account already takes it up with that one.
  if (seen !== null && seen !== "over" && seen.state === "open" && seen.known) return <Invitation />;
  const isOpen = seen !== null && seen !== "over" && seen.state === "open";
  const here = session.value;
  const me = here.state === "signed-out" || here.state === "unknown" ? null : here.me;
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
          {me && (
            <div class="note clock">
              <Icon name="alert" size="s" />
              <span class="grow">{w.activation.another(me.name)}</span>
            </div>
          )}
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
              {seen === "over"
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
