/** In place of the message form, where the person blocks the only one who would read it. */

import { useState } from "preact/hooks";
import { Wrong } from "../../ui/Field";
import { explain } from "../../ui/problem";
import { memberWords } from "./memberWords";
import { unblock } from "./requests";
import type { ConversationItem } from "./types";

export default function Closed({ conversation }: { conversation: ConversationItem }) {
  const w = memberWords.value.closed;
  const other = conversation.others[0];
  const [wrong, setWrong] = useState<string>();
  if (!other) return null;
  const again = async () => {
    const outcome = await unblock(other.person);
    setWrong(outcome.ok ? undefined : explain(outcome.problem));
  };
  return (
    <div class="note">
      <p>{w.text(other.name)}</p>
      <button type="button" class="btn line small" onClick={() => void again()}>
        {w.unblock}
      </button>
      {wrong && <Wrong text={wrong} />}
    </div>
  );
}
