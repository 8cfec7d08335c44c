/** Refusing a group into which somebody put the person. */

import { useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { words } from "../../i18n";
import { Dialog } from "../../ui/Dialog";
import { explain } from "../../ui/problem";
import { memberWords } from "./memberWords";
import { leave } from "./state";
import type { ConversationItem } from "./types";
import { conversationWords } from "./words";

/** Leaves a group that somebody made the person a member of, and keeps that somebody from doing so again. */
export default function DeclineGroup({ item, onClose }: { item: ConversationItem; onClose: () => void }) {
  const w = memberWords.value.decline;
  const [problem, setProblem] = useState<Problem | null>(null);
  const decline = async () => {
    const outcome = await leave(item.id, true);
    if (outcome.ok) onClose();
    else setProblem(outcome.problem);
  };
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      onSubmit={() => void decline()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn risk">
            {conversationWords.value.list.decline}
          </button>
        </>
      }
    >
      <p>{w.text(item.title, item.addedBy?.name ?? "")}</p>
      {problem && <p role="alert">{explain(problem)}</p>}
    </Dialog>
  );
}
