/** Devices, second factor, recovery codes, password. */

import "./security.css";
import { useEffect, useState } from "preact/hooks";
import { ago, dayOf, numericDay, words } from "../../i18n";
import { minute } from "../../runtime/clock";
import * as passkeys from "../../runtime/passkeys";
import { href } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Failed } from "../../ui/Empty";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { ChangePassword } from "./ChangePassword";
import { Devices } from "./Devices";
import { Lock } from "./Lock";
import { RecoveryCodes } from "./RecoveryCodes";
import {
  addPasskey,
  type Factor,
  factors,
  loadFactors,
  loadSessions,
  newRecoveryCodes,
  problem,
  removePasskey,
  removeTotp,
  seeRecoveryCodes,
} from "./state";
import { Totp } from "./Totp";
import { securityWords } from "./words";

export default function Security() {
  const w = securityWords.value;
  const retry = () => {
    problem.value = null;
    void loadFactors();
    void loadSessions();
  };
  useEffect(retry, []);
  return (
    <section class="page">
      <header class="bar back">
        <a class="icon-btn" href={href({ name: "me" })} aria-label={words.value.back}>
          <Icon name="left" />
        </a>
        <h1>{w.title}</h1>
      </header>
      <div class="scroll">
        {problem.value && <Failed problem={problem.value} onRetry={retry} />}
        <div class="security">
          <div class="stack">
            <Devices />
            <Lock />
          </div>
          <div class="stack">
            <Factors />
            <Codes />
            <ChangePassword />
          </div>
        </div>
      </div>
    </section>
  );
}

const moment = (seconds: number): string => ago(new Date(seconds * 1000).toISOString(), minute.value);

function Factors() {
  const w = securityWords.value.factors;
  const all = factors.value;
  const [open, setOpen] = useState<"totp" | Factor | null>(null);
  const [busy, setBusy] = useState(false);
  const listed = all?.filter(one => one.type !== "recovery_codes") ?? [];
  const nameOf = (one: Factor) => (one.type === "totp" ? w.totp : (one.name ?? w.passkey));
  const add = async () => {
    setBusy(true);
    const refused = await addPasskey(securityWords.peek().setUp.name);
    setBusy(false);
    if (refused === null) toast(w.passkeyAdded);
    else if (refused === "given-up") toast(w.givenUp);
    else toast(refused.reason === "forbidden" ? w.byCard : explain(refused));
  };
  const remove = async (one: Factor) => {
    setOpen(null);
    const refused = one.type === "totp" ? await removeTotp() : await removePasskey(one.id ?? 0);
    toast(refused ? explain(refused) : w.removed);
  };
  return (
    <section class="card block">
      <h2>
        {w.title}
        {all && <span class={`tag ${listed.length ? "done" : "clock"}`}>{listed.length ? w.active : w.missing}</span>}
      </h2>
      <ul class="settings">
        {listed.map(one => (
          <li key={`${one.type}${one.id ?? ""}`}>
            <span class="tile">
              <FurtherIcon name={one.type === "totp" ? "scan" : "finger"} />
            </span>
            <span class="grow">
              <b>
                <bdi>{nameOf(one)}</bdi>
              </b>
              <span class="t13 soft">
                {w.added(numericDay(dayOf(one.created_at * 1000)))},{" "}
                {one.last_used_at ? w.used(moment(one.last_used_at)) : w.unused}
              </span>
            </span>
            <button type="button" class="icon-btn" aria-label={w.remove(nameOf(one))} onClick={() => setOpen(one)}>
              <FurtherIcon name="trash" size="s" />
            </button>
          </li>
        ))}
      </ul>
      <div class="block-foot">
        {all && !listed.some(one => one.type === "totp") && (
          <button type="button" class="btn line grow" onClick={() => setOpen("totp")}>
            <Icon name="plus" size="s" />
            {w.addTotp}
          </button>
        )}
        {passkeys.arePossible() && (
          <button type="button" class="btn line grow" aria-disabled={busy} onClick={() => void add()}>
            <Icon name="plus" size="s" />
            {w.addPasskey}
          </button>
        )}
      </div>
      {open === "totp" && (
        <Dialog title={w.totp} onClose={() => setOpen(null)}>
          <Totp
            onDone={() => {
              setOpen(null);
              toast(w.totpAdded);
            }}
          />
        </Dialog>
      )}
      {open !== null && open !== "totp" && (
        <Dialog
          title={w.removeTitle}
          onClose={() => setOpen(null)}
          footer={
            <>
              <button type="button" class="btn line" onClick={() => setOpen(null)}>
                {words.value.cancel}
              </button>
              <button type="button" class="btn risk" onClick={() => void remove(open)}>
                {w.removeConfirm}
              </button>
            </>
          }
        >
          <p>
            <b>
              <bdi>{nameOf(open)}</bdi>
            </b>
          </p>
          <p>{w.removeText}</p>
        </Dialog>
      )}
    </section>
  );
}

function Codes() {
  const w = securityWords.value.codes;
  const [shown, setShown] = useState<string[] | null>(null);
  const [replacing, setReplacing] = useState(false);
  const known = factors.value?.find(one => one.type === "recovery_codes");
  const total = known?.total_code_count ?? 0;
  const left = known?.unused_code_count ?? 0;
  const show = async () => {
    const codes = await seeRecoveryCodes();
    if (codes) setShown(codes);
    else toast(w.seenAlready);
  };
  const replace = async () => {
    setReplacing(false);
    const codes = await newRecoveryCodes();
    if (codes) setShown(codes);
  };
  return (
    <section class="card block">
      <h2>
        {w.title}
        {known && <span class="t13 soft num">{w.left(left, total)}</span>}
      </h2>
      {known ? (
        <>
          <ul class="recovery">
            {Array.from({ length: total }, (_, at) => (
              <li key={at} class={at < total - left ? "used" : ""}>
                {at < total - left ? (
                  <s>{w.used}</s>
                ) : (
                  <span role="img" aria-label={w.hidden}>
                    •••• ••••
                  </span>
                )}
              </li>
            ))}
          </ul>
          <p class="t13 soft block-text">{w.text}</p>
          <div class="block-foot">
            <button type="button" class="btn line grow" onClick={() => void show()}>
              <Icon name="eye" size="s" />
              {w.show}
            </button>
            <button type="button" class="btn line grow" onClick={() => setReplacing(true)}>
              <Icon name="refresh" size="s" />
              {w.replace}
            </button>
          </div>
        </>
      ) : (
        <p class="t13 soft block-text">{w.none}</p>
      )}
      {shown && (
        <Dialog title={w.title} onClose={() => setShown(null)}>
          <RecoveryCodes codes={shown} />
        </Dialog>
      )}
      {replacing && (
        <Dialog
          title={w.replaceTitle}
          onClose={() => setReplacing(false)}
          footer={
            <>
              <button type="button" class="btn line" onClick={() => setReplacing(false)}>
                {words.value.cancel}
              </button>
              <button type="button" class="btn risk" onClick={() => void replace()}>
                {w.replace}
              </button>
            </>
          }
        >
          <p>{w.replaceText}</p>
        </Dialog>
      )}
    </section>
  );
}
