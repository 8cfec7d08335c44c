/** The screen of a locked device. Whose it is stands there, and nothing else of them. */

import "./lock.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { lockConfig, openByCode, openByFace } from "../../runtime/lock";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon, Logo } from "../../ui/Icon";
import { Avatar } from "../../ui/members";
import { signOut } from "../account/state";
import { lockWords } from "./words";

export const CODE_DIGITS = 6;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

export default function LockScreen() {
  const w = lockWords.value;
  const config = lockConfig.value;
  const field = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState("");
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);
  useEffect(() => {
    document.title = w.title;
  }, []);
  useEffect(() => field.current?.focus(), [leaving]);
  const settle = (opening: Awaited<ReturnType<typeof openByCode>>) => {
    setBusy(false);
    setCode("");
    if (opening.state === "wrong_code") setSaid(w.wrong(opening.left));
    else if (opening.state === "no_code") setSaid(config?.face ? w.noCodeFace : w.noCode);
    else if (opening.state === "offline") setSaid(config?.face ? w.offlineFace : w.offline);
    else if (opening.state === "given-up") setSaid(w.givenUp);
    else if (opening.state === "ended") void signOut().then(() => location.reload());
    field.current?.focus();
  };
  const take = (typed: string) => {
    if (busy) return;
    const next = typed.normalize("NFKC").replace(/\D/g, "").slice(0, CODE_DIGITS);
    setCode(next);
    if (next) setSaid("");
    if (next.length < CODE_DIGITS) return;
    setBusy(true);
    void openByCode(next).then(settle);
  };
  const byFace = () => {
    if (busy) return;
    setBusy(true);
    void openByFace().then(settle);
  };
  if (leaving)
    return (
      <Frame>
        <h1>{w.leaveTitle}</h1>
        <p class="soft">{w.leaveText}</p>
        <div class="row wrap center">
          <button type="button" class="btn line tall" onClick={() => setLeaving(false)}>
            {w.stay}
          </button>
          <button type="button" class="btn risk tall" onClick={() => void signOut().then(() => location.reload())}>
            {w.leave}
          </button>
        </div>
      </Frame>
    );
  return (
    <Frame>
      {config && (
        <div class="lock-who">
          <Avatar name={config.name} id={config.person} size="l" />
          <h1>{w.title}</h1>
          <p class="soft">{[config.name, config.place].filter(Boolean).join(", ")}</p>
        </div>
      )}
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault();
          take(code);
        }}
      >
        <label class="lock-dots">
          <span class="sr">{w.code}</span>
          {Array.from({ length: CODE_DIGITS }, (_, at) => (
            <i key={at} aria-hidden="true" class={at < code.length ? "on" : ""} />
          ))}
          <input
            ref={field}
            type="password"
            name="lock_code"
            inputMode="none"
            autoComplete="off"
            aria-describedby="lock-said"
            aria-invalid={said ? "true" : undefined}
            value={code}
            onInput={event => take(event.currentTarget.value)}
          />
        </label>
        <p id="lock-said" class="lock-said" role="alert">
          {busy ? (
            w.busy
          ) : said ? (
            <>
              <Icon name="alert" size="xs" />
              {said}
            </>
          ) : null}
        </p>
        <div class="lock-keys">
          {KEYS.map(each => (
            <button type="button" key={each} onClick={() => take(code + each)}>
              {each}
            </button>
          ))}
          {config?.face ? (
            <button type="button" class="bare" aria-label={w.face} onClick={byFace}>
              <FurtherIcon name="finger" />
            </button>
          ) : (
            <span />
          )}
          <button type="button" onClick={() => take(`${code}0`)}>
            0
          </button>
          <button type="button" class="bare" aria-label={w.back} onClick={() => take(code.slice(0, -1))}>
            <Icon name="left" />
          </button>
        </div>
      </form>
      <div class="row wrap center">
        <button type="button" class="btn bare" onClick={() => setLeaving(true)}>
          {w.forgotten}
        </button>
        <button type="button" class="btn bare" onClick={() => setLeaving(true)}>
          {w.other}
        </button>
      </div>
      <p class="t13 muted center">{w.foot}</p>
    </Frame>
  );
}

function Frame({ children }: { children: preact.ComponentChildren }) {
  return (
    <main class="lock">
      <div>
        <Logo />
        {children}
      </div>
    </main>
  );
}
