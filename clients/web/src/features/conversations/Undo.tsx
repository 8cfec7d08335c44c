/** For a moment after a message was sent it can be taken back, as if it had never been. */

import { effect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { call, outbox } from "../../runtime/runtime";
import { announce, toast } from "../../ui/announcer";
import { onKeys } from "../../ui/keyboard";
import { explain } from "../../ui/problem";
import { UNDO_SECONDS } from "../../wire/constants";
import type { SendMessage } from "../../wire/types";
import { messageWords } from "./messageWords";
import { discard, draft, lastSent, saveDraft } from "./state";

export default function Undo({ conversation }: { conversation: string }) {
  const sent = lastSent.value;
  const left = useSecondsLeft(sent?.sentAt ?? 0);
  const isOffered = sent?.conversation === conversation && left > 0;
  useEffect(() => {
    if (!isOffered) return;
    const onKey = onKeys((event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      // In a field in which something is written, it is what was typed there that is undone.
      const field = event.target;
      if ((field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) && field.value) return;
      event.preventDefault();
      void undo(sent);
    });
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isOffered, sent]);
  if (!isOffered) return null;
  const w = messageWords.value;
  return (
    <div class="undo">
      <span>{w.sent}</span>
      <button type="button" onClick={() => void undo(sent)}>
        {w.undo(left)}
      </button>
    </div>
  );
}

/** The seconds of the moment that are left, counted down. */
function useSecondsLeft(from: number): number {
  const [now, setNow] = useState(Date.now());
  const left = Math.ceil((from + UNDO_SECONDS * 1000 - now) / 1000);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= from + UNDO_SECONDS * 1000) clearInterval(timer);
    }, 500);
    return () => clearInterval(timer);
  }, [from]);
  return Math.min(UNDO_SECONDS, left);
}

async function undo(message: SendMessage): Promise<void> {
  lastSent.value = null;
  // First: files that neither a message nor a draft has any more would be thrown away.
  giveBack(message);
  await takenBack(message.id);
  const outcome = await call("message.delete", { message: message.id, undo: true });
  const w = messageWords.value;
  // What the server does not know was never sent.
  if (!outcome.ok && outcome.problem.reason !== "not_found") announce(explain(outcome.problem), "now");
  else toast(outcome.ok && !outcome.value.message.undone ? w.wasRead : w.undone);
}

/** Text and files stand in the form again, unless something else does. */
function giveBack({ conversation, body = "", reply_to, attachments = [] }: SendMessage): void {
  const now = draft(conversation).peek();
  if (now.body || now.files?.length) return;
  saveDraft({ conversation, body, files: attachments, ...(reply_to == null ? {} : { reply: reply_to }) });
}

/** Resolves when the message is in the outbox no more: it has arrived, or was given up before it left. */
function takenBack(id: string): Promise<void> {
  return new Promise(resolve => {
    const stop = effect(() => {
      const entry = outbox.value.find(known => known.id === id);
      // One that is on its way arrives, or waits again when the line is cut.
      if (entry?.state !== "sending") queueMicrotask(entry ? () => discard(id) : done);
    });
    function done(): void {
      stop();
      resolve();
    }
  });
}
