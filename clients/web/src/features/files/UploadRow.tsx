/** One file on its way: how far it has come, what is wrong with it, and what can be done about it. */

import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { Name, Tile } from "./Attachments";
import { sizeIn } from "./fileName";
import { isSettled, LARGEST, pause, resume, type Upload, uploadOf } from "./uploads";
import { fileWords } from "./words";

interface UploadRowProps {
  id: string;
  onRemove?: () => void;
  /** Takes the same file once more, when it is no longer on this device. */
  onReplace?: (file: File) => void;
}

export function UploadRow({ id, onRemove, onReplace }: UploadRowProps) {
  const w = fileWords.value;
  const file = uploadOf(id);
  if (!file) return <div class="att up" aria-busy="true" />;
  const { name, state } = file;
  return (
    <div class="att up" data-state={state}>
      <Tile file={file.view ?? { id, name, size: file.size, state: "uploading" }} />
      <span class="grow">
        <Name name={name || w.someFile} />
        {!isSettled(file) && state !== "lost" && (
          <progress class={state} max={file.size} value={file.sent} aria-label={w.sendingOf(name)} />
        )}
        <State file={file} />
      </span>
      {state === "lost" && onReplace && <ChooseAgain onChosen={onReplace} />}
      {(state === "sending" || state === "waiting" || state === "cut") && (
        <button type="button" class="icon-btn tiny" aria-label={w.pause(name)} onClick={() => pause(id)}>
          <FurtherIcon name="pause" size="s" />
        </button>
      )}
      {state === "paused" && (
        <button type="button" class="icon-btn tiny" aria-label={w.resume(name)} onClick={() => resume(id)}>
          <FurtherIcon name="play" size="s" />
        </button>
      )}
      {onRemove && (
        <button type="button" class="icon-btn tiny" aria-label={w.remove(name || w.someFile)} onClick={onRemove}>
          <Icon name="x" size="s" />
        </button>
      )}
    </div>
  );
}

function ChooseAgain({ onChosen }: { onChosen: (file: File) => void }) {
  return (
    <label class="btn bare small again">
      {fileWords.value.chooseAgain}
      <input
        type="file"
        class="sr"
        onChange={event => {
          const [file] = event.currentTarget.files ?? [];
          if (file) onChosen(file);
        }}
      />
    </label>
  );
}

const LOOKS = {
  waiting: ["", null],
  sending: ["", null],
  cut: ["wait", "wifioff"],
  paused: ["wait", null],
  lost: ["bad", "alert"],
  checking: ["wait", null],
  ready: ["good", "shield"],
  refused: ["bad", "alert"],
} as const;

function State({ file }: { file: Upload }) {
  const [look, icon] = LOOKS[file.state];
  return (
    <span class={`sub ${look}`}>
      {icon && <Icon name={icon} size="xs" />}
      {file.state === "checking" && <FurtherIcon name="scan" size="xs" />}
      {stateIn(file)}
    </span>
  );
}

/** How it stands with a file, in words. */
function stateIn({ state, sent, size, why, view }: Upload): string {
  const w = fileWords.value;
  const bytes = (count: number) => sizeIn(w.locale, count);
  switch (state) {
    case "sending":
      return w.percent(Math.floor((100 * sent) / size), bytes(sent), bytes(size));
    case "cut":
    case "paused":
      return w.stopped[state](bytes(sent), bytes(size));
    case "ready":
      return w.ready(bytes(view?.size ?? size), view?.unscanned ?? false);
    case "refused":
      if (why === "too_large") return w.tooLarge(bytes(size), bytes(LARGEST));
      return why === undefined ? w.refused.damaged : w.refused[why];
    default:
      return w.states[state];
  }
}
