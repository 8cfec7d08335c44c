/** An application of codes: the square to point it at, the key in groups, and the first code. */

import { useEffect, useState } from "preact/hooks";
import { toast } from "../../ui/announcer";
import { CodeBoxes } from "../../ui/CodeBoxes";
import { Failed } from "../../ui/Empty";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { Qr } from "../../ui/Qr";
import { beginTotp, confirmTotp, type Secret } from "./state";
import { securityWords } from "./words";

const DIGITS = 6;

export function Totp({ onDone }: { onDone: () => void }) {
  const w = securityWords.value.setUp;
  const [secret, setSecret] = useState<Secret | null>(null);
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const begin = () => void beginTotp().then(setSecret);
  useEffect(begin, []);
  if (!secret) return null;
  if ("problem" in secret) {
    if (secret.problem.reason !== "forbidden") return <Failed problem={secret.problem} onRetry={begin} />;
    return <p class="note clock">{securityWords.value.factors.byCard}</p>;
  }
  const submit = async (typed: string) => {
    if (busy) return;
    if (typed.length < DIGITS) return setError(w.codeHint);
    setBusy(true);
    const refused = await confirmTotp(typed);
    setBusy(false);
    if (!refused) onDone();
    else setError(refused.reason === "invalid" ? w.wrongCode : explain(refused));
  };
  return (
    <form
      class="stack totp"
      noValidate
      onSubmit={event => {
        event.preventDefault();
        void submit(code);
      }}
    >
      <p>
        <b>{w.scan}</b>
      </p>
      <Qr text={secret.url} label={w.qr} />
      <p class="t13 soft">{w.scanText}</p>
      <a class="btn line only-phone" href={secret.url}>
        <Icon name="mobile" size="s" />
        {w.open}
      </a>
      <p class="key">
        <span class="lbl">{w.key}</span> <code translate={false}>{inGroups(secret.secret)}</code>
        <button
          type="button"
          class="icon-btn tiny"
          aria-label={w.copyKey}
          onClick={() => void navigator.clipboard.writeText(secret.secret).then(() => toast(w.keyCopied))}
        >
          <FurtherIcon name="copy" size="s" />
        </button>
      </p>
      <CodeBoxes
        label={w.code}
        digits={DIGITS}
        value={code}
        error={error}
        hint={w.codeHint}
        onInput={typed => {
          setCode(typed);
          setError(undefined);
        }}
        onFull={typed => void submit(typed)}
      />
      <button type="submit" class="btn main tall wide" aria-disabled={busy}>
        {w.submit}
      </button>
    </form>
  );
}

/** "JBSW Y3DP EHPK": four by four, as one reads it out. */
function inGroups(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, "$1 ");
}
