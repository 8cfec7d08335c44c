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

/** How long a message that is on its way may take to arrive, in milliseconds, before undoing it is given up. */
const ARRIVES_WITHIN = 10_000;

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
  // Not on its way yet: nobody ever hears of it.
  discard(message.id);
  await arrived(message.id);
  const outcome = await call("message.delete", { message: message.id, undo: true });
  // What the server does not know was discarded here.
  if (!outcome.ok && outcome.problem.reason !== "not_found") return announce(explain(outcome.problem), "now");
  const w = messageWords.value;
  if (outcome.ok && !outcome.value.message.undone) return toast(w.wasRead);
  if (!draft(message.conversation).peek().body)
    saveDraft({
      conversation: message.conversation,
      body: message.body ?? "",
      ...(message.reply_to == null ? {} : { reply: message.reply_to }),
    });
  toast(w.undone);
}

/** Resolves when the message is no longer on its way. */
function arrived(id: string): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, ARRIVES_WITHIN);
    const stop = effect(() => {
      if (!outbox.value.some(entry => entry.id === id)) queueMicrotask(done);
    });
    function done(): void {
      clearTimeout(timer);
      stop();
      resolve();
    }
  });
}
