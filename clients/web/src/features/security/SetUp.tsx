/** The first second factor, which is compulsory: nothing clinical opens before it. Then the recovery codes. */

import "./security.css";
import { useEffect, useState } from "preact/hooks";
import * as passkeys from "../../runtime/passkeys";
import { go, route } from "../../runtime/routes";
import { Wrong } from "../../ui/Field";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { askAgain, signOut } from "../account/state";
import { AuthLayout } from "../entrance";
import { RecoveryCodes } from "./RecoveryCodes";
import { addPasskey, newRecoveryCodes, seeRecoveryCodes } from "./state";
import { Totp } from "./Totp";
import { keepingCodes } from "./uiState";
import { securityWords } from "./words";

type Step = { name: "choose" } | { name: "totp" } | { name: "codes"; codes: string[] };

/** It was the last step on the way in. */
function finish(): void {
  keepingCodes.value = false;
  if (route.peek().name === "verification") go({ name: "conversations" }, { replace: true });
  askAgain();
}

export default function SetUp() {
  const w = securityWords.value.setUp;
  const [step, setStep] = useState<Step>({ name: "choose" });
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const showCodes = async () => {
    const codes = (await seeRecoveryCodes()) ?? (await newRecoveryCodes());
    if (!codes) return finish();
    keepingCodes.value = true;
    setStep({ name: "codes", codes });
  };
  const makePasskey = async () => {
    setBusy(true);
    const refused = await addPasskey(w.name);
    setBusy(false);
    if (refused === null) return showCodes();
    setError(refused === "given-up" ? securityWords.value.factors.givenUp : explain(refused));
  };
  return (
    <AuthLayout wider>
      {step.name === "choose" && (
        <>
          <div>
            <span class="tag accent big">
              <Icon name="shield" size="xs" />
              {w.tag}
            </span>
            <h1>{w.title}</h1>
            <p class="lead">{w.lead}</p>
          </div>
          <button type="button" class="way" onClick={() => setStep({ name: "totp" })}>
            <FurtherIcon name="scan" />
            <span class="grow">
              {w.totp}
              <small>{w.totpText}</small>
            </span>
            <Icon name="right" size="s" />
          </button>
          {passkeys.arePossible() && (
            <button type="button" class="way" aria-disabled={busy} onClick={() => void makePasskey()}>
              <FurtherIcon name="finger" />
              <span class="grow">
                {w.passkey}
                <small>{w.passkeyText}</small>
              </span>
              <Icon name="right" size="s" />
            </button>
          )}
          {error && (
            <div class="note urgent" role="alert">
              <Icon name="alert" size="s" />
              <span class="grow">{error}</span>
            </div>
          )}
          <button type="button" class="btn bare" onClick={() => void signOut()}>
            {w.signOut}
          </button>
        </>
      )}
      {step.name === "totp" && (
        <>
          <button type="button" class="btn bare step-back" onClick={() => setStep({ name: "choose" })}>
            <Icon name="left" size="s" />
            {w.cancel}
          </button>
          <h1>{w.totp}</h1>
          <Totp onDone={() => void showCodes()} />
        </>
      )}
      {step.name === "codes" && <KeepCodes codes={step.codes} />}
    </AuthLayout>
  );
}

function KeepCodes({ codes }: { codes: string[] }) {
  const w = securityWords.value;
  const [kept, setKept] = useState(false);
  const [tried, setTried] = useState(false);
  useEffect(() => document.querySelector("h1")?.focus(), []);
  return (
    <>
      <div>
        <h1 tabIndex={-1}>{w.setUp.codesTitle}</h1>
        <p class="lead">{w.setUp.codesLead}</p>
      </div>
      <RecoveryCodes codes={codes} />
      <label class="check">
        <input type="checkbox" name="kept" checked={kept} onChange={event => setKept(event.currentTarget.checked)} />
        <b>{w.codes.kept}</b>
      </label>
      {tried && !kept && <Wrong text={w.codes.keepFirst} />}
      <button type="button" class="btn main tall wide" onClick={() => (kept ? finish() : setTried(true))}>
        {w.setUp.finish}
      </button>
    </>
  );
}
