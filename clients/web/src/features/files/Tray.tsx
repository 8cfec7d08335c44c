/** The files of a message that is being written. */

import { draft, editDraft } from "../conversations/state";
import { UploadRow } from "./UploadRow";
import { add, isSettled, remove, uploadOf } from "./uploads";
import "./files.css";
import "./uploads.css";
import { fileWords } from "./words";

export default function Tray({ conversation }: { conversation: { id: string } }) {
  const w = fileWords.value;
  const { id } = conversation;
  const ids = draft(id).value.files ?? [];
  if (!ids.length) return null;
  const files = ids.flatMap(file => uploadOf(file) ?? []);
  const refused = files.filter(({ state }) => state === "refused" || state === "lost").length;
  const underway = files.filter(file => !isSettled(file) && file.state !== "lost");
  const leave = (gone: readonly string[]) => {
    editDraft(id, { files: (draft(id).peek().files ?? []).filter(file => !gone.includes(file)) });
    for (const file of gone) remove(file);
  };
  const replace = (old: string, chosen: File) => {
    const [fresh] = add(id, [chosen]);
    editDraft(id, { files: (draft(id).peek().files ?? []).map(file => (file === old && fresh ? fresh : file)) });
    remove(old);
  };
  return (
    <section class="tray" aria-label={w.toSend(ids.length)}>
      <div class="trayh">
        <b>{w.files(ids.length)}</b>
        <span role="status">{w.standing(ids.length - underway.length - refused, underway.length, refused)}</span>
        <button type="button" class="btn bare small" onClick={() => leave(ids)}>
          {w.removeAll}
        </button>
      </div>
      <ul class="tgrid">
        {ids.map(file => (
          <li key={file}>
            <UploadRow id={file} onRemove={() => leave([file])} onReplace={chosen => replace(file, chosen)} />
          </li>
        ))}
      </ul>
      {underway.some(({ kept }) => kept === false) && <p class="note">{w.notKept}</p>}
    </section>
  );
}
