/** Chooses files for a message: by the clip, the camera, dropped on the thread, or pasted into the text. */

import { useEffect, useRef, useState } from "preact/hooks";
import { toast } from "../../ui/announcer";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { onTouchDevice } from "../../ui/screen";
import { draft, editDraft } from "../conversations/state";
import { add, MOST } from "./uploads";
import "./uploads.css";
import { fileWords } from "./words";

interface Room {
  id: string;
  title: string;
}

/** They go up at once, and with the message when it is sent. */
export function attach(conversation: string, chosen: readonly File[]): void {
  const files = draft(conversation).peek().files ?? [];
  const taken = chosen.slice(0, MOST - files.length);
  if (taken.length < chosen.length) toast(fileWords.peek().most(MOST));
  if (taken.length) editDraft(conversation, { files: [...files, ...add(conversation, taken)] });
}

export default function Attach({ conversation }: { conversation: Room }) {
  const w = fileWords.value;
  const { id, title } = conversation;
  const place = useRef<HTMLSpanElement>(null);
  const over = useFilesFrom(place, id);
  return (
    <span class="attach" ref={place}>
      <Choose label={w.attach} icon="clip" onChosen={files => attach(id, files)} />
      {onTouchDevice() && <Choose label={w.photograph} icon="camera" camera onChosen={files => attach(id, files)} />}
      {over && (
        <span class="dropover" role="status" ref={cover}>
          <FurtherIcon name="up" size="l" />
          <b>{w.dropHere}</b>
          <span>{w.dropTo(title)}</span>
          <span class="t13">{w.accepted}</span>
        </span>
      )}
    </span>
  );
}

interface ChooseProps {
  label: string;
  icon: "clip" | "camera";
  camera?: boolean;
  accept?: string;
  onChosen: (files: File[]) => void;
}

export function Choose({ label, icon, camera = false, accept, onChosen }: ChooseProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="icon-btn" aria-label={label} title={label} onClick={() => input.current?.click()}>
        {icon === "clip" ? <FurtherIcon name="clip" /> : <Icon name={icon} />}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={!camera}
        {...(accept ? { accept } : {})}
        {...(camera ? { accept: "image/*", capture: "environment" } : {})}
        onChange={event => {
          const { files } = event.currentTarget;
          if (files) onChosen([...files]);
          event.currentTarget.value = ""; // the same file may be chosen again
        }}
      />
    </>
  );
}

/** Files that are dropped on the thread, or pasted into its form; true while some are held over it. */
function useFilesFrom(place: { current: HTMLElement | null }, conversation: string): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const thread = place.current?.closest<HTMLElement>(".thread");
    const form = place.current?.closest("form");
    if (!thread || !form) return;
    const stopped = new AbortController();
    const { signal } = stopped;
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    thread.addEventListener(
      "dragover",
      event => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver(true);
      },
      { signal },
    );
    const leave = (event: DragEvent) => {
      if (!thread.contains(event.relatedTarget as Node | null)) setOver(false);
    };
    thread.addEventListener("dragleave", leave, { signal });
    thread.addEventListener(
      "drop",
      event => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver(false);
        attach(conversation, filesIn(event.dataTransfer));
      },
      { signal },
    );
    // Dropped beside the thread, the browser would leave the page for the file.
    const elsewhere = (event: DragEvent) => holdsFiles(event) && event.preventDefault();
    addEventListener("dragover", elsewhere, { signal });
    addEventListener("drop", elsewhere, { signal });
    form.addEventListener(
      "paste",
      event => {
        const pasted = filesIn(event.clipboardData);
        // Text that comes with its picture, as from a word processor, is text.
        if (!pasted.length || event.clipboardData?.types.includes("text/plain")) return;
        event.preventDefault();
        attach(conversation, pasted);
      },
      { signal },
    );
    return () => stopped.abort();
  }, [conversation]);
  return over;
}

/** Without folders, which cannot be read as a file. */
export function filesIn(data: DataTransfer | null): File[] {
  return [...(data?.items ?? [])]
    .filter(item => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory)
    .flatMap(item => item.getAsFile() ?? []);
}

/** Lays it over the thread. */
function cover(element: HTMLElement | null): void {
  const box = element?.closest(".thread")?.getBoundingClientRect();
  if (!element || !box) return;
  for (const side of ["top", "left", "width", "height"] as const) element.style.setProperty(side, `${box[side]}px`);
}
