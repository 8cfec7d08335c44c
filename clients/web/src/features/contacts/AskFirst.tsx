/** Asking somebody to be allowed to write to them, and what became of it. */

import { useState } from "preact/hooks";
import { dayOf, shortDay, words } from "../../i18n";
import { newId } from "../../runtime/runtime";
import { announce } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, tooLong, Wrong } from "../../ui/Field";
import { explain } from "../../ui/problem";
import { REQUEST_CONTACT_LENGTHS } from "../../wire/constants";
import type { SentRequestView } from "../../wire/types";
import { contacts, request } from "./state";
import { contactWords } from "./words";

interface AskFirstProps {
  person: string;
  name: string;
  onClose: () => void;
}

/** For somebody who wants to be asked first: the request, or where the one that was sent stands. */
export function AskFirst({ person, name, onClose }: AskFirstProps) {
  const w = contactWords.value;
  const { value, problem } = contacts.value;
  const sent = value?.sent?.find(one => one.person === person);
  if (value && !sent) return <Asking person={person} name={name} onClose={onClose} />;
  return (
    <Dialog
      title={w.askTitle(name)}
      onClose={onClose}
      footer={
        <button type="button" class="btn line" onClick={onClose}>
          {words.value.close}
        </button>
      }
    >
      {problem && !value && <Wrong text={explain(problem)} />}
      {!value && !problem && <p>{words.value.loading}</p>}
      {sent && <Sent sent={sent} />}
    </Dialog>
  );
}

function Asking({ person, name, onClose }: AskFirstProps) {
  const w = contactWords.value;
  const [id] = useState(newId);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const long = tooLong(reason, REQUEST_CONTACT_LENGTHS.reason);
  const submit = async () => {
    if (busy || long) return;
    setBusy(true);
    const outcome = await request(id, person, reason.trim());
    setBusy(false);
    if (outcome.ok) announce(w.states.sent);
    else setWrong(explain(outcome.problem));
  };
  return (
    <Dialog
      title={w.askTitle(name)}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" aria-disabled={busy}>
            {w.ask}
          </button>
        </>
      }
    >
      <p>{w.askText(name)}</p>
      <Field label={w.why} hint={w.whyHint} error={long}>
        {parts => (
          <textarea
            {...parts}
            rows={3}
            autofocus
            value={reason}
            onInput={event => setReason(event.currentTarget.value)}
          />
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

/** The state of one's own request, in words. */
export function Sent({ sent }: { sent: SentRequestView }) {
  const w = contactWords.value;
  return (
    <div class="stack" data-state={sent.state}>
      <p>
        <span class={`tag ${sent.state === "accepted" ? "done" : sent.state === "sent" ? "clock" : ""}`}>
          {w.states[sent.state]}
        </span>{" "}
        <time class="t13 muted" dateTime={sent.at}>
          {shortDay(dayOf(sent.at))}
        </time>
      </p>
      {sent.reason && <bdi class="t14">{sent.reason}</bdi>}
      {sent.state !== "accepted" && <p class="hint">{w.again(shortDay(dayOf(sent.again_at)))}</p>}
    </div>
  );
}
