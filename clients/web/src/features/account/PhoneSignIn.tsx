/** Signing in by the e-CPS on one's phone: no card, no password, and no journey to another site. */

import { useEffect, useRef, useState } from "preact/hooks";
import { href } from "../../runtime/routes";
import { Field } from "../../ui/Field";
import { AuthLayout, PhoneProof } from "../entrance";
import { signInWords } from "./signInWords";
import { signedIn } from "./state";

/** An RPPS number has eleven digits, an ADELI number nine characters. */
const NUMBER = /^(\d{11}|\d[0-9AB]\d{7})$/;

export function PhoneSignIn({ onBack }: { onBack: () => void }) {
  const w = signInWords.value.phoneSignIn;
  const title = useRef<HTMLHeadingElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => title.current?.focus(), [asked === null]);
  const number = typed.normalize("NFKC").replace(/[\s.]/g, "").toUpperCase();
  const error = tried && !NUMBER.test(number) ? w.wrong : undefined;
  const submit = () => {
    setTried(true);
    if (NUMBER.test(number)) setAsked(number);
    else field.current?.focus();
  };
  const proven = (state: string) => {
    if (state === "unknown") location.assign(`${href({ name: "sign-up" })}?par=psc`);
    else signedIn();
  };
  return (
    <AuthLayout>
      <div>
        <h1 ref={title} tabIndex={-1}>
          {w.title}
        </h1>
        {asked === null && <p class="lead">{w.lead}</p>}
      </div>
      {asked === null ? (
        <form
          noValidate
          onSubmit={event => {
            event.preventDefault();
            submit();
          }}
        >
          <Field label={w.number} hint={w.numberHint} error={error}>
            {parts => (
              <input
                {...parts}
                ref={field}
                name="national_id"
                inputMode="numeric"
                autoComplete="off"
                value={typed}
                onInput={event => setTyped(event.currentTarget.value)}
              />
            )}
          </Field>
          <button type="submit" class="btn main tall wide">
            {w.submit}
          </button>
        </form>
      ) : (
        <PhoneProof purpose="sign_in" identifier={asked} onProven={proven} />
      )}
      <div class="row wrap">
        {asked !== null && (
          <button type="button" class="btn bare" onClick={() => setAsked(null)}>
            {w.other}
          </button>
        )}
        <button type="button" class="btn bare" onClick={onBack}>
          {w.back}
        </button>
      </div>
    </AuthLayout>
  );
}
