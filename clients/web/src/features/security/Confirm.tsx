/** "Is it really you?": a password, a code or a passkey, before something sensitive. */

import "./security.css";
import { useState } from "preact/hooks";
import { words } from "../../i18n";
import * as passkeys from "../../runtime/passkeys";
import { pscAddress } from "../../runtime/signInWays";
import { Dialog } from "../../ui/Dialog";
import { Choice, Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Password } from "../../ui/Password";
import { explain } from "../../ui/problem";
import { proveBy } from "./state";
import { confirmation } from "./uiState";
import { securityWords } from "./words";

export default function Confirm() {
  const w = securityWords.value.confirm;
  const asked = confirmation.value;
  const ways = asked?.ways.length ? asked.ways : ["password", "totp", "webauthn"];
  const byCode = ways.includes("totp") || ways.includes("recovery_codes");
  const byPassword = ways.includes("password");
  const [way, setWay] = useState<"password" | "code">(byCode && !byPassword ? "code" : "password");
  const [value, setValue] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  if (!asked) return null;
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
  return (
    <Dialog
      title={w.title}
      onClose={() => asked.done(false)}
      onSubmit={() => void prove(way)}
      footer={
        <>
          <button type="button" class="btn line" onClick={() => asked.done(false)}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" aria-disabled={busy}>
            {w.submit}
          </button>
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
      {ways.includes("webauthn") && passkeys.arePossible() && (
        <button type="button" class="btn line tall wide" onClick={() => void prove("passkey")}>
          <Icon name="finger" size="s" />
          {w.passkey}
        </button>
      )}
      {ways.includes("psc") && (
        <a class="btn line tall wide" href={pscAddress(location.pathname, "confirm")}>
          {w.psc}
        </a>
      )}
    </Dialog>
  );
}
