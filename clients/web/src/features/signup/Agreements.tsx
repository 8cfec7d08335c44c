/** The two agreements, and the code that comes by mail. */

import { useEffect, useState } from "preact/hooks";
import { address } from "../../fields/email";
import { clock } from "../../i18n";
import { toast } from "../../ui/announcer";
import { CodeBoxes } from "../../ui/CodeBoxes";
import { Field, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { ConsentCard } from "./ConsentCard";
import { errorText } from "./DeclarationForm";
import { documentWords } from "./documents";
import { StepTitle } from "./StepTitle";
import { agree, changeAddress, confirm, resend, type Sent, send, signUp } from "./state";
import { signUpWords } from "./words";

const DIGITS = 6;

export function Agreements() {
  const w = signUpWords.value.agreements;
  const documents = documentWords.value;
  const { step, agreed, problem, busy, sent } = signUp.value;
  const [tried, setTried] = useState(false);
  const isSent = step === "code" && sent !== null;
  const isMissing = tried && !(agreed.terms && agreed.data_agreement);
  return (
    <>
      <div>
        <StepTitle>{w.title}</StepTitle>
        <p class="lead">{w.lead}</p>
      </div>
      {!isSent && (
        <form
          noValidate
          onSubmit={event => {
            event.preventDefault();
            setTried(true);
            if (agreed.terms && agreed.data_agreement) void send(documents.versions);
          }}
        >
          <ConsentCard agreed={agreed} isMissing={isMissing} onAgree={agree} />
          {isMissing && <Wrong text={w.missing} />}
          {problem && (
            <div class="note urgent" role="alert">
              <Icon name="alert" size="s" />
              <span class="grow">{problem.reason === "conflict" ? w.outdated : explain(problem)}</span>
            </div>
          )}
          <button type="submit" class="btn main tall wide" aria-disabled={busy}>
            {busy ? w.busy : w.submit}
          </button>
        </form>
      )}
      {isSent && <Code sent={sent} />}
    </>
  );
}

function Code({ sent }: { sent: Sent }) {
  const w = signUpWords.value.code;
  const { code: refused, problem, busy } = signUp.value;
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const [changing, setChanging] = useState(false);
  const submit = (typed: string) => {
    setTried(true);
    if (typed.length === DIGITS && !busy) void confirm(typed);
  };
  const known: Record<string, (left: number) => string> = {
    wrong_code: w.wrong_code,
    expired: () => w.expired,
    too_many_attempts: () => w.too_many_attempts,
    begin_again: () => w.begin_again,
  };
  const why = refused && known[refused.why]?.(refused.attempts);
  const short = tried && code.length < DIGITS && !refused ? w.short(DIGITS) : undefined;
  return (
    <>
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault();
          submit(code);
        }}
      >
        <CodeBoxes
          label={w.label}
          digits={DIGITS}
          value={code}
          autoFocus
          error={why ?? short}
          hint={w.hint(sent.email, clock(sent.expiresAt))}
          onInput={typed => {
            setCode(typed);
            setTried(false);
          }}
          onFull={submit}
        />
        {problem && (
          <div class="note urgent" role="alert">
            <Icon name="alert" size="s" />
            <span class="grow">{explain(problem)}</span>
          </div>
        )}
        <button type="submit" class="btn main tall wide" aria-disabled={busy}>
          {busy ? w.busy : w.submit}
        </button>
      </form>
      {changing ? (
        <ChangeAddress onDone={() => setChanging(false)} />
      ) : (
        <div class="row wrap center-row">
          <Resend sent={sent} />
          <button type="button" class="btn bare" onClick={() => setChanging(true)}>
            {w.change}
          </button>
        </div>
      )}
    </>
  );
}

/** The countdown until another code may be asked for, then the button. */
function Resend({ sent }: { sent: Sent }) {
  const w = signUpWords.value.code;
  const [now, setNow] = useState(Date.now());
  const left = Math.max(0, Math.ceil((sent.resendAt - now) / 1000));
  useEffect(() => {
    if (!left) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [left === 0, sent.resendAt]);
  if (left)
    return (
      <span class="t13 muted num">
        {w.nothing} {w.resendIn(`${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`)}
      </span>
    );
  return (
    <button
      type="button"
      class="btn bare"
      onClick={() =>
        void resend().then(isGone => {
          setNow(Date.now());
          if (isGone) toast(w.resent);
        })
      }
    >
      {w.resend}
    </button>
  );
}

function ChangeAddress({ onDone }: { onDone: () => void }) {
  const w = signUpWords.value;
  const [email, setEmail] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      noValidate
      onSubmit={event => {
        event.preventDefault();
        const said = address(email);
        if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(said)) setWrong(true);
        else void changeAddress(said).then(isSent => isSent && onDone());
      }}
    >
      <Field label={w.form.labels.email} error={wrong ? errorText("email", "incomplete") : undefined}>
        {parts => (
          <input
            {...parts}
            name="new_email"
            inputMode="email"
            autoComplete="email"
            value={email}
            onInput={event => {
              setEmail(event.currentTarget.value);
              setWrong(false);
            }}
          />
        )}
      </Field>
      <button type="submit" class="btn line tall wide">
        {w.code.changeSubmit}
      </button>
    </form>
  );
}
