/** Closing a case, reopening it, handing it over. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { call, change } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, tooLong, Wrong } from "../../ui/Field";
import { CLOSE_CASE_LENGTHS, REOPEN_CASE_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import { Actions, useAction } from "./actions";
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
  const { busy, wrong, run } = useAction(() => {
    toast(w.done);
    onClose();
  });
  const long = tooLong(summary, CLOSE_CASE_LENGTHS.summary);
  const submit = () => {
    setTried(true);
    if (outcome && !isBlank(summary) && !long)
      run(() => change("case.close", { conversation: conversation.id, outcome, summary: summary.trim() }));
  };
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      onSubmit={submit}
      footer={<Actions safe={words.value.cancel} onSafe={onClose} act={w.submit} busy={busy} />}
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
  const { busy, wrong, run } = useAction(onClose);
  const long = tooLong(reason, REOPEN_CASE_LENGTHS.reason);
  const submit = () => {
    setTried(true);
    if (!isBlank(reason) && !long)
      run(() => change("case.reopen", { conversation: conversation.id, reason: reason.trim() }));
  };
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      onSubmit={submit}
      footer={<Actions safe={words.value.cancel} onSafe={onClose} act={w.submit} busy={busy} />}
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
  const [name, setName] = useState("");
  const { wrong, run } = useAction(() => {
    toast(w.done(name));
    onClose();
  });
  return (
    <Dialog title={w.title} onClose={onClose}>
      <p>{w.text}</p>
      <MemberPicker
        present={[]}
        picked={[]}
        onPick={person => {
          setName(person.name);
          run(() => call("case.handover", { conversations: [conversation.id], to: person.person }));
        }}
      />
      {wrong && (
        <div role="alert">
          <Wrong text={wrong} />
        </div>
      )}
    </Dialog>
  );
}
