/** Where one's own verification stands: what is acquired, what is missing, until when, one action, one recourse. */

import "./verification.css";
import { useEffect, useState } from "preact/hooks";
import { clock, dayOf, longDay, words } from "../../i18n";
import { href } from "../../runtime/routes";
import { me } from "../../runtime/runtime";
import { fetchWays, pscAddress, ways } from "../../runtime/signInWays";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Failed } from "../../ui/Empty";
import { Field, tooLong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { BadgeLine } from "../../ui/members";
import { explain } from "../../ui/problem";
import { Qr } from "../../ui/Qr";
import type { VerificationStep, VerificationView } from "../../wire/types";
import { signOut } from "../account/state";
import { AuthLayout } from "../entrance";
import { appeal, load, lookAgainIn, standing, start, withdraw } from "./state";
import { verificationWords } from "./words";

type State = VerificationView["state"];

/** Characters of a message to the moderators. */
const NOTE_LENGTH = 2_000;

const LOOKS: Record<State, [look: string, icon: IconName]> = {
  none: ["accent", "pen"],
  pending: ["clock", "clock"],
  awaiting_person: ["accent", "camera"],
  in_review: ["clock", "clock"],
  verified: ["done", "check"],
  refused: ["urgent", "alert"],
};
/** What an order has decided: an appeal is the way on, and no card. */
const ORDERED: ReadonlySet<string> = new Set(["struck_off", "suspended"]);
const STEP_LOOKS: Record<VerificationStep["state"], [look: string, icon: IconName]> = {
  done: ["", "check"],
  waiting: ["w", "clock"],
  action: ["u", "camera"],
  none: ["n", "lock"],
};

export default function Verification() {
  const w = verificationWords.value;
  const { view, problem } = standing.value;
  const wait = view ? lookAgainIn(view) : null;
  useEffect(() => {
    void load();
    void fetchWays();
  }, []);
  useEffect(() => {
    const look = () => document.visibilityState === "visible" && void load();
    document.addEventListener("visibilitychange", look);
    const timer = wait === null ? undefined : setInterval(look, wait);
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearInterval(timer);
    };
  }, [wait]);
  return (
    <AuthLayout wider>
      {view ? (
        <Standing view={view} />
      ) : problem ? (
        <Failed problem={problem} onRetry={() => void load()} />
      ) : (
        <p class="late" role="status">
          {w.loading}
        </p>
      )}
      <button type="button" class="btn bare" onClick={() => void signOut()}>
        {w.signOut}
      </button>
    </AuthLayout>
  );
}

const moment = (at: string): string => `${longDay(dayOf(at))}, ${clock(at)}`;

function Standing({ view }: { view: VerificationView }) {
  const w = verificationWords.value;
  // Verified, and their entry has left the register: until then they can prove again who they are.
  const toConfirm = view.state === "verified" && view.confirm_by !== undefined;
  const [look, icon] = toConfirm ? LOOKS.in_review : LOOKS[view.state];
  const title = toConfirm
    ? w.confirm.title
    : (view.reason && w.titlesOf[view.reason]) || w.titles[view.state](me.value?.first_name ?? "");
  const reason = view.reason && view.state !== "in_review" ? (w.reasons[view.reason] ?? w.reasons["other"]) : null;
  return (
    <>
      <div>
        <span class={`tag big ${look}`}>
          <Icon name={icon} size="xs" />
          {toConfirm ? w.confirm.tag : w.tags[view.state]}
        </span>
        <h1 aria-live="polite">{title}</h1>
        <p class="lead">
          {view.answer_by && <b>{w.answerBy(moment(view.answer_by))} </b>}
          {toConfirm && <b>{w.confirm.until(longDay(dayOf(view.confirm_by ?? "")))} </b>}
          {toConfirm
            ? w.confirm.lead
            : view.state === "refused" && view.decided_at
              ? w.decidedAt(moment(view.decided_at))
              : w.leads[view.state]}
        </p>
      </div>
      {view.names && (
        <dl class="names">
          <div>
            <dt>{w.yourDocument}</dt>
            <dd>
              <bdi>{view.names.document}</bdi>
            </dd>
          </div>
          <div>
            <dt>{w.theRegister}</dt>
            <dd>
              <bdi>{view.names.register}</bdi>
            </dd>
          </div>
        </dl>
      )}
      {view.state === "verified" && <BadgeLine badge={me.value?.badge} />}
      {reason && (
        <div class="note">
          <Icon name="info" size="s" />
          <span class="grow">
            {reason} {view.attempt && view.attempts && view.attempt > 1 ? w.attempt(view.attempt, view.attempts) : ""}
          </span>
        </div>
      )}
      {view.state === "refused"
        ? view.reason === "name_differs" && (
            <ol class="todo">
              {w.ways.map(([when, what]) => (
                <li key={when}>
                  <b>{when}</b>, {what}
                </li>
              ))}
            </ol>
          )
        : !toConfirm && <Steps steps={view.steps ?? []} />}
      {view.act_by && <p class="t13 muted">{w.actBy(longDay(dayOf(view.act_by)))}</p>}
      {view.erased_at && <p class="t13 muted">{w.erasedAt(longDay(dayOf(view.erased_at)))}</p>}
      <Actions view={view} />
    </>
  );
}

function Steps({ steps }: { steps: VerificationStep[] }) {
  const w = verificationWords.value;
  return (
    <ol class="card vsteps">
      {steps.map(({ step, state, at }) => {
        const [look, icon] = STEP_LOOKS[state];
        const [title, text] = w.steps[step] ?? [step, ""];
        return (
          <li key={step}>
            <span class={`vi ${look}`}>
              <Icon name={icon} size="s" />
            </span>
            <div>
              <b>{title}</b>
              <span class="sub">{text}</span>
            </div>
            <span class={`t13 num ${state === "action" ? "soft" : "muted"}`}>{at ? clock(at) : w.states[state]}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** One action, one recourse. */
function Actions({ view }: { view: VerificationView }) {
  const w = verificationWords.value;
  const { problem, busy } = standing.value;
  const [open, setOpen] = useState<"phone" | "appeal" | "withdraw" | null>(null);
  const { state, url, may_retry: mayRetry, may_appeal: mayAppeal } = view;
  const begin = () => void start().then(page => page && location.assign(page));
  const close = () => setOpen(null);
  const toConfirm = state === "verified" && view.confirm_by !== undefined;
  const isOrdered = state === "refused" && ORDERED.has(view.reason ?? "");
  const offersPsc = ways.value.psc && (state !== "verified" || toConfirm) && !isOrdered;
  return (
    <>
      {problem && (
        <div class="note urgent" role="alert">
          <Icon name="alert" size="s" />
          <span class="grow">{problem.state === "not_offered" ? w.notOffered : explain(problem)}</span>
        </div>
      )}
      {offersPsc && (
        <a class="psc" href={pscAddress("/verification", "link")}>
          <Icon name="plus" />
          <span class="grow">
            {w.psc}
            <small>{w.pscText}</small>
          </span>
          <Icon name="right" size="s" />
        </a>
      )}
      {offersPsc && (mayRetry || url) && <div class="or">{w.or}</div>}
      <div class="actions">
        {url && (
          <>
            <a class="btn main tall wide" href={url}>
              <Icon name="camera" size="s" />
              {w.open}
            </a>
            <button type="button" class="btn line tall wide only-desk" onClick={() => setOpen("phone")}>
              <Icon name="mobile" size="s" />
              {w.onPhone}
            </button>
          </>
        )}
        {!url && mayRetry && (
          <button type="button" class="btn main tall wide" aria-disabled={busy} onClick={begin}>
            <Icon name="camera" size="s" />
            {busy ? w.busy : state === "none" || toConfirm ? w.start : w.again}
          </button>
        )}
        {state === "verified" && (
          <a class={`btn ${toConfirm ? "line" : "main"} tall wide`} href={href({ name: "conversations" })}>
            {w.enter}
          </a>
        )}
        {mayAppeal && (
          <button type="button" class={`btn ${mayRetry ? "line" : "main"} tall wide`} onClick={() => setOpen("appeal")}>
            {w.appeal}
          </button>
        )}
        <a
          class={`btn tall wide ${url || mayRetry || mayAppeal || state === "verified" ? "line" : "main"}`}
          href={href({ name: "profile" })}
        >
          {w.profile}
        </a>
        {state === "none" && (
          <a class="btn bare wide" href={href({ name: "sign-up" })}>
            {w.entry}
          </a>
        )}
      </div>
      {(state === "pending" || state === "in_review") && (
        <p class="t13 muted">
          {w.live}{" "}
          <button type="button" class="link" onClick={() => setOpen("withdraw")}>
            {w.withdraw}
          </button>
        </p>
      )}
      {open === "phone" && url && <OnPhone url={url} onClose={close} />}
      {open === "appeal" && <Appeal onClose={close} />}
      {open === "withdraw" && <Withdraw onClose={close} />}
    </>
  );
}

function OnPhone({ url, onClose }: { url: string; onClose: () => void }) {
  const w = verificationWords.value;
  return (
    <Dialog title={w.onPhoneTitle} onClose={onClose}>
      <p>{w.onPhoneText}</p>
      <Qr text={url} label={w.qr} />
    </Dialog>
  );
}

function Appeal({ onClose }: { onClose: () => void }) {
  const w = verificationWords.value;
  const [note, setNote] = useState("");
  return (
    <Dialog
      title={w.appealTitle}
      onClose={onClose}
      onSubmit={() =>
        tooLong(note, NOTE_LENGTH) ||
        void appeal(note).then(isSent => {
          if (isSent) toast(w.appealed);
          onClose();
        })
      }
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main">
            {w.appealSend}
          </button>
        </>
      }
    >
      <p>{w.appealText}</p>
      <Field label={w.appealLabel} optional error={tooLong(note, NOTE_LENGTH)}>
        {parts => (
          <textarea {...parts} name="note" value={note} onInput={event => setNote(event.currentTarget.value)} />
        )}
      </Field>
    </Dialog>
  );
}

function Withdraw({ onClose }: { onClose: () => void }) {
  const w = verificationWords.value;
  return (
    <Dialog
      title={w.withdrawTitle}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="button" class="btn risk" onClick={() => void withdraw().then(onClose)}>
            {w.withdraw}
          </button>
        </>
      }
    >
      <p>{w.withdrawText}</p>
    </Dialog>
  );
}
