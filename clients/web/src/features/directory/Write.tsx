/** Writing to a colleague: opens the conversation with them. */

import { useState } from "preact/hooks";
import { go } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { openDirect } from "../conversations/state";
import { directoryWords } from "./words";

export function Write({ person, class: extra = "" }: { person: string; class?: string }) {
  const [busy, setBusy] = useState(false);
  const write = async () => {
    setBusy(true);
    const outcome = await openDirect(person);
    setBusy(false);
    if (outcome.ok) go({ name: "conversation", id: outcome.value });
    else toast(explain(outcome.problem));
  };
  return (
    <button type="button" class={`btn line ${extra}`} disabled={busy} onClick={() => void write()}>
      <Icon name="chat" size="s" />
      {directoryWords.value.write}
    </button>
  );
}
