/** The keys that do something, in a dialog. */

import { Dialog } from "../../ui/Dialog";
import { shortcutWords } from "./shortcutWords";
import { shortcutsOpen } from "./uiState";

export default function Shortcuts() {
  const w = shortcutWords.value;
  return (
    <Dialog title={w.title} onClose={() => (shortcutsOpen.value = false)}>
      <dl class="keys">
        {w.list.flatMap(([key, what]) => [
          <dt key={`${key}-k`}>
            <kbd>{key}</kbd>
          </dt>,
          <dd key={`${key}-w`}>{what}</dd>,
        ])}
      </dl>
    </Dialog>
  );
}
