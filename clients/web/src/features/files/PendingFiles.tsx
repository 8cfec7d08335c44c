/** The files of a message that has not gone: it goes when they have all arrived. */

import { outbox } from "../../runtime/runtime";
import { discard, draft, editDraft } from "../conversations/state";
import { UploadRow } from "./UploadRow";
import { isSettled, MOST, type Upload, uploadOf } from "./uploads";
import "./files.css";
import "./uploads.css";
import { fileWords } from "./words";

export default function PendingFiles({ message, files }: { message: string; files: readonly string[] }) {
  const w = fileWords.value;
  const entry = outbox.value.find(({ id }) => id === message);
  const isMissing = !files.every(file => isThere(uploadOf(file)));
  const mayChange = entry?.state === "refused" || (entry?.state === "waiting" && isMissing);
  return (
    <>
      <ul class="atts">
        {files.map(file => (
          <li key={file}>
            <UploadRow id={file} />
          </li>
        ))}
      </ul>
      {isMissing && <span class="goes">{w.goesWhenReady}</span>}
      {mayChange && (
        <button type="button" class="btn line small" onClick={() => takeBack(message)}>
          {w.takeBack}
        </button>
      )}
    </>
  );
}

function isThere(file: Upload | null): boolean {
  return file !== null && isSettled(file);
}

/** Text and files stand in the form again, with what had been written there since. */
function takeBack(message: string): void {
  const entry = outbox.peek().find(({ id }) => id === message);
  if (entry?.method !== "message.send") return;
  const { conversation, body = "", attachments = [], reply_to: reply } = entry.params;
  const now = draft(conversation).peek();
  const files = [...attachments, ...(now.files ?? [])];
  if (files.length > MOST) return;
  const written = [body, now.body].filter(Boolean).join("\n");
  editDraft(conversation, { body: written, files, reply: reply ?? now.reply });
  discard(message);
}
