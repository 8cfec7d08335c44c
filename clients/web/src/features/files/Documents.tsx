/** Files of a form, outside a conversation: chosen, photographed or dropped on it, several at once, each with progress. */

import { useEffect, useRef, useState } from "preact/hooks";
import { toast } from "../../ui/announcer";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { onTouchDevice } from "../../ui/screen";
import { Choose, filesIn } from "./Attach";
import { UploadRow } from "./UploadRow";
import { add, MOST, remove } from "./uploads";
import "./files.css";
import "./uploads.css";
import { fileWords } from "./words";

interface DocumentsProps {
  /** Of the form: under it the device keeps what has not gone up. */
  form: string;
  ids: readonly string[];
  onChange: (ids: string[]) => void;
  /** Held elsewhere too: taken from the form they are not thrown away. */
  elsewhere?: (id: string) => boolean;
}

export default function Documents({ form, ids, onChange, elsewhere = () => false }: DocumentsProps) {
  const w = fileWords.value;
  const latest = useRef(ids);
  latest.current = ids;
  const take = (chosen: readonly File[]) => {
    const taken = chosen.slice(0, MOST - latest.current.length);
    if (taken.length < chosen.length) toast(w.mostDocuments(MOST));
    if (taken.length) onChange([...latest.current, ...add(form, taken)]);
  };
  const leave = (gone: string) => {
    onChange(latest.current.filter(id => id !== gone));
    if (!elsewhere(gone)) remove(gone);
  };
  const replace = (old: string, chosen: File) => {
    const [fresh] = add(form, [chosen]);
    onChange(latest.current.map(id => (id === old && fresh ? fresh : id)));
    remove(old);
  };
  const place = useRef<HTMLDivElement>(null);
  const over = useDropped(place, take);
  return (
    <div ref={place} class="docs">
      <div class={`docs-drop ${over ? "over" : ""}`}>
        <FurtherIcon name="up" size="s" />
        <span class="grow">
          <b>{over ? w.dropHere : onTouchDevice() ? w.documentsAdd : w.documentsDrop}</b>
          <span class="t13 soft">{w.documentsAccepted}</span>
        </span>
        <Choose label={w.attach} icon="clip" accept={ACCEPTED} onChosen={take} />
        {onTouchDevice() && <Choose label={w.photograph} icon="camera" camera onChosen={take} />}
      </div>
      {ids.length > 0 && (
        <ul class="atts" aria-label={w.files(ids.length)}>
          {ids.map(id => (
            <li key={id}>
              <UploadRow id={id} onRemove={() => leave(id)} onReplace={chosen => replace(id, chosen)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What a referral's documents are; the server says by the content. */
const ACCEPTED = "application/pdf,image/jpeg,image/png,image/heic";

/** Files dropped on an element; true while some are held over it. */
function useDropped(place: { current: HTMLElement | null }, take: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const stopped = new AbortController();
    const { signal } = stopped;
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const isInside = (event: DragEvent) => element.contains(event.target as Node | null);
    // Dropped beside it, the browser would leave the page for the file.
    addEventListener(
      "dragover",
      event => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver(isInside(event));
      },
      { signal },
    );
    addEventListener(
      "drop",
      event => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver(false);
        if (isInside(event)) latest.current(filesIn(event.dataTransfer));
      },
      { signal },
    );
    return () => stopped.abort();
  }, []);
  return over;
}
