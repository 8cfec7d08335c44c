/** Editing a message, deleting it, and what it said before. */

import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { clock, words } from "../../i18n";
import { call, limits } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { onKeys } from "../../ui/keyboard";
import { explain } from "../../ui/problem";
import { Body } from "../../ui/Text";
import { isBlank } from "../../wire/text";
import type { VersionView } from "../../wire/types";
import { messageWords } from "./messageWords";
import { roomLeft } from "./roomLeft";
import type { MessageItem } from "./types";
import { conversationWords } from "./words";

interface ChangeProps {
  item: MessageItem;
  onClose: () => void;
}

export function EditMessage({ item, onClose }: ChangeProps) {
  const w = messageWords.value;
  const { message } = item;
  const [body, setBody] = useState(message.body);
  const [problem, setProblem] = useState<Problem | null>(null);
  // What is edited is what was seen when one began.
  const [base] = useState(message.edited_at ?? message.at);
  const left = limits.value ? roomLeft(body, limits.value) : Infinity;
  const isSendable = !isBlank(body) && left >= 0;
  const save = async () => {
    if (!isSendable) return;
    const outcome = await call("message.edit", { message: message.id, body: body.trim(), base });
    if (!outcome.ok) return setProblem(outcome.problem);
    onClose();
    toast(w.edited);
  };
  return (
    <Dialog
      title={w.edit}
      onClose={onClose}
      onSubmit={() => void save()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" disabled={!isSendable}>
            {w.save}
          </button>
        </>
      }
    >
      <textarea
        class="etext"
        rows={5}
        aria-label={w.text}
        value={body}
        onInput={event => setBody(event.currentTarget.value)}
        onKeyDown={onKeys(event => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          void save();
        })}
      />
      {left < 0 && <p role="alert">{conversationWords.value.composer.over(-left)}</p>}
      <p class="hint">{w.keepsTrace}</p>
      {problem && <p role="alert">{explain(problem)}</p>}
    </Dialog>
  );
}

export function DeleteMessage({ item, onClose }: ChangeProps) {
  const w = messageWords.value;
  const [problem, setProblem] = useState<Problem | null>(null);
  const remove = async () => {
    const outcome = await call("message.delete", { message: item.message.id });
    if (!outcome.ok) return setProblem(outcome.problem);
    onClose();
    toast(w.deleted);
  };
  return (
    <Dialog
      title={w.deleteTitle}
      onClose={onClose}
      onSubmit={() => void remove()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn risk">
            {w.confirm}
          </button>
        </>
      }
    >
      <p>{w.deleteText}</p>
      {item.readBy.length > 0 && <p>{w.readBy(item.readBy.map(one => one.name))}</p>}
      {problem && <p role="alert">{explain(problem)}</p>}
    </Dialog>
  );
}

export function Versions({ item, onClose }: ChangeProps) {
  const w = messageWords.value;
  const [versions, setVersions] = useState<VersionView[]>([]);
  const [more, setMore] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = async () => {
    const last = versions.at(-1);
    const outcome = await call("message.versions", {
      message: item.message.id,
      ...(last ? { before: last.number } : {}),
    });
    if (!outcome.ok) return setProblem(outcome.problem);
    setVersions([...versions, ...outcome.value.versions]);
    setMore(outcome.value.more ?? false);
  };
  useEffect(() => void load(), []);
  return (
    <Dialog title={w.versions} onClose={onClose}>
      <ol class="versions">
        {versions.map(version => (
          <li key={version.number}>
            <span class="hint">{w.until(clock(version.until))}</span>
            {version.erased ? <i>{w.illegible}</i> : <Body text={version.body} />}
          </li>
        ))}
      </ol>
      {more && (
        <button type="button" class="btn bare small" onClick={() => void load()}>
          {w.more}
        </button>
      )}
      {problem && <p role="alert">{explain(problem)}</p>}
    </Dialog>
  );
}
