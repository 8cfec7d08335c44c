/**
 * "Confirm that it is you": a password, a code, a passkey, the e-CPS on the phone or the card, before something
 * sensitive. The screen behind it stays as it is, with all that was typed, and goes on by itself.
 */

import "./security.css";
import { useEffect, useState } from "preact/hooks";
import { words } from "../../i18n";
import * as passkeys from "../../runtime/passkeys";
import { pscAddress } from "../../runtime/signInWays";
import { Dialog } from "../../ui/Dialog";
import { Choice, Field } from "../../ui/Field";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { PhoneProof } from "../entrance";
import { proveBy } from "./state";
import { CONFIRMED_CHANNEL, confirmation } from "./uiState";
import { securityWords } from "./words";

export default function Confirm() {
  const w = securityWords.value.confirm;
  const asked = confirmation.value;
  const ways = usable(asked?.ways ?? ["password", "totp", "webauthn"]);
  const byCode = ways.includes("totp") || ways.includes("recovery_codes");
  const byPassword = ways.includes("password");
  const [way, setWay] = useState<"password" | "code">(byCode && !byPassword ? "code" : "password");
  const [value, setValue] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const [elsewhere, setElsewhere] = useState<"phone" | "card" | null>(null);
  if (!asked) return null;
  if (!ways.length) return <NoWay onClose={() => asked.done(false)} />;
  const prove = async (by: "password" | "code" | "passkey") => {
    if (busy) return;
    if (by !== "passkey" && !value.trim()) return setError(w.missing);
    setBusy(true);
    const refused = await proveBy(by, by === "code" ? value.replace(/\s/g, "") : value);
    setBusy(false);
    if (refused === null) asked.done(true);
    else if (refused === "given-up") setError(w.givenUp);
    else setError(refused.reason === "credentials" ? w.wrong : explain(refused));
  };
  // A window of its own: nothing that was typed here is left behind for it.
  const openCard = () => {
    const opened = open(pscAddress("/confirme", "confirm"), "relais-confirm", "popup,width=560,height=760");
    if (opened) setElsewhere("card");
    else setError(w.blocked);
  };
  const hasField = byPassword || byCode;
  const cancel = (
    <button type="button" class="btn line" onClick={() => asked.done(false)}>
      {words.value.cancel}
    </button>
  );
  if (elsewhere)
    return (
      <Dialog title={w.title} onClose={() => asked.done(false)} footer={cancel}>
        {elsewhere === "phone" ? (
          <PhoneProof purpose="confirm" onProven={() => asked.done(true)} />
        ) : (
          <AwaitCard onProven={() => asked.done(true)} onAgain={openCard} />
        )}
        <button type="button" class="btn bare" onClick={() => setElsewhere(null)}>
          {w.otherWay}
        </button>
      </Dialog>
    );
  return (
    <Dialog
      title={w.title}
      onClose={() => asked.done(false)}
      {...(hasField ? { onSubmit: () => void prove(way) } : {})}
      footer={
        <>
          {cancel}
          {hasField && (
            <button type="submit" class="btn main" aria-disabled={busy}>
              {w.submit}
            </button>
          )}
        </>
      }
    >
      <p>{w.text}</p>
      {byPassword && byCode && (
        <Choice
          legend={w.waysTitle}
          name="way"
          options={(["password", "code"] as const).map(each => [each, w.ways[each]])}
          value={way}
          onChoose={chosen => {
            setWay(chosen);
            setValue("");
            setError(undefined);
          }}
        />
      )}
      {way === "password" && byPassword && (
        <Password
          label={w.password}
          autoComplete="current-password"
          value={value}
          error={error}
          onInput={typed => {
            setValue(typed);
            setError(undefined);
          }}
        />
      )}
      {way === "code" && byCode && (
        <Field label={w.code} error={error}>
          {parts => (
            <input
              {...parts}
              name="code"
              inputMode="text"
              autoComplete="one-time-code"
              autoCapitalize="none"
              spellcheck={false}
              value={value}
              onInput={event => {
                setValue(event.currentTarget.value);
                setError(undefined);
              }}
            />
          )}
        </Field>
      )}
      {!hasField && error && (
        <p class="note urgent" role="alert">
          <Icon name="alert" size="s" />
          <span class="grow">{error}</span>
        </p>
      )}
      {ways.includes("webauthn") && (
        <button type="button" class="btn line tall wide" onClick={() => void prove("passkey")}>
          <FurtherIcon name="finger" size="s" />
          {w.passkey}
        </button>
      )}
      {ways.includes("psc_push") && (
        <button type="button" class="btn line tall wide" onClick={() => setElsewhere("phone")}>
          <Icon name="mobile" size="s" />
          {w.phone}
        </button>
      )}
      {ways.includes("psc") && (
        <button type="button" class="btn line tall wide" onClick={openCard}>
          <Icon name="card" size="s" />
          {w.psc}
        </button>
      )}
    </Dialog>
  );
}

/** What this device can do of the ways that the server takes. */
function usable(ways: string[]): string[] {
  return ways.filter(way => way !== "webauthn" || passkeys.arePossible());
}

/** Nothing of this account can be proved here: a fresh sign-in is a proof too. */
function NoWay({ onClose }: { onClose: () => void }) {
  const w = securityWords.value.confirm;
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      footer={
        <button type="button" class="btn main" onClick={onClose}>
          {words.value.close}
        </button>
      }
    >
      <p>{w.noWay}</p>
      <p>{w.noWayNext}</p>
    </Dialog>
  );
}

/** Waits for the window in which Pro Santé Connect asks. */
function AwaitCard({ onProven, onAgain }: { onProven: () => void; onAgain: () => void }) {
  const w = securityWords.value.confirm;
  useEffect(() => {
    const channel = new BroadcastChannel(CONFIRMED_CHANNEL);
    channel.onmessage = onProven;
    return () => channel.close();
  }, []);
  return (
    <div class="stack" role="status">
      <p>{w.cardText}</p>
      <button type="button" class="btn line tall wide" onClick={onAgain}>
        <Icon name="refresh" size="s" />
        {w.cardAgain}
      </button>
    </div>
  );
}
