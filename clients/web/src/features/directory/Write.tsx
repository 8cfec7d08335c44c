/** Writing to a colleague: opens the conversation with them, or asks them first where they want that. */

import { useState } from "preact/hooks";
import { go } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { AskFirst } from "../contacts";
import { openDirect } from "../conversations/state";
import { directoryWords } from "./words";

export function Write({ person, name, class: extra = "" }: { person: string; name: string; class?: string }) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const write = async () => {
    setBusy(true);
    const outcome = await openDirect(person);
    setBusy(false);
    if (outcome.ok) go({ name: "conversation", id: outcome.value });
    else if (outcome.problem.reason === "asks_first") setAsking(true);
    else toast(explain(outcome.problem));
  };
  return (
    <>
      <button type="button" class={`btn line ${extra}`} disabled={busy} onClick={() => void write()}>
        <Icon name="chat" size="s" />
        {directoryWords.value.write}
      </button>
      {asking && <AskFirst person={person} name={name} onClose={() => setAsking(false)} />}
    </>
  );
}
