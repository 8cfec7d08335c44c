/** Closing a case, reopening it, handing it over. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { call, change } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, tooLong, Wrong } from "../../ui/Field";
import { explain } from "../../ui/problem";
import { CLOSE_CASE_LENGTHS, REOPEN_CASE_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import { caseWords } from "./caseWords";
import { MemberPicker } from "./MemberPicker";
import type { ConversationItem } from "./types";

interface DialogProps {
  conversation: ConversationItem;
  onClose: () => void;
}

const OUTCOMES = ["advice", "booked", "referred", "hospitalised", "no_action"] as const;

export function CloseCase({ conversation, onClose }: DialogProps) {
  const w = caseWords.value.close;
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]>();
  const [summary, setSummary] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const long = tooLong(summary, CLOSE_CASE_LENGTHS.summary);
  const submit = async () => {
    setTried(true);
    if (busy || !outcome || isBlank(summary) || long) return;
    setBusy(true);
    const answer = await change("case.close", { conversation: conversation.id, outcome, summary: summary.trim() });
    setBusy(false);
    if (!answer.ok) return setWrong(explain(answer.problem));
    toast(w.done);
    onClose();
  };
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={<Footer onClose={onClose} act={w.submit} busy={busy} />}
    >
      <fieldset class="case-outcomes">
        <legend>{w.outcome}</legend>
        {OUTCOMES.map(one => (
          <button
            key={one}
            type="button"
            class="btn line"
            aria-pressed={outcome === one}
            onClick={() => setOutcome(one)}
          >
            {w.outcomes[one]}
          </button>
        ))}
      </fieldset>
      {tried && !outcome && <Wrong text={w.outcomeMissing} />}
      <Field label={w.summary} hint={w.summaryHint} error={tried && isBlank(summary) ? w.summaryMissing : long}>
        {parts => (
          <textarea {...parts} rows={4} value={summary} onInput={event => setSummary(event.currentTarget.value)} />
        )}
      </Field>
      {wrong && (
        <div role="alert">
          <Wrong text={wrong} />
        </div>
      )}
    </Dialog>
  );
}

export function Reopen({ conversation, onClose }: DialogProps) {
  const w = caseWords.value.reopen;
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const long = tooLong(reason, REOPEN_CASE_LENGTHS.reason);
  const submit = async () => {
    setTried(true);
    if (isBlank(reason) || long) return;
    const answer = await change("case.reopen", { conversation: conversation.id, reason: reason.trim() });
    if (answer.ok) onClose();
    else setWrong(explain(answer.problem));
  };
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={<Footer onClose={onClose} act={w.submit} busy={false} />}
    >
      <Field label={w.reason} error={(tried && isBlank(reason) ? w.reasonMissing : long) ?? wrong}>
        {parts => (
          <textarea {...parts} rows={3} value={reason} onInput={event => setReason(event.currentTarget.value)} />
        )}
      </Field>
    </Dialog>
  );
}

export function HandOver({ conversation, onClose }: DialogProps) {
  const w = caseWords.value.handOver;
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const give = async (to: { person: string; name: string }) => {
    if (busy) return;
    setBusy(true);
    const answer = await call("case.handover", { conversations: [conversation.id], to: to.person });
    setBusy(false);
    if (!answer.ok) return setWrong(explain(answer.problem));
    toast(w.done(to.name));
    onClose();
  };
  return (
    <Dialog title={w.title} onClose={onClose}>
      <p>{w.text}</p>
      <MemberPicker present={[]} picked={[]} onPick={person => void give(person)} />
      {wrong && (
        <div role="alert">
          <Wrong text={wrong} />
        </div>
      )}
    </Dialog>
  );
}

function Footer({ onClose, act, busy }: { onClose: () => void; act: string; busy: boolean }) {
  return (
    <>
      <button type="button" class="btn line" onClick={onClose}>
        {words.value.cancel}
      </button>
      <button type="submit" class="btn main" aria-disabled={busy}>
        {act}
      </button>
    </>
  );
}
