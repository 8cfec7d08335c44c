/** List, thread and participants side by side; one of them at a time on a phone. */

import "../../styles/discussions.css";
import { useEffect, useState } from "preact/hooks";
import { thread } from "../../store";
import { words } from "../../i18n";
import { Empty } from "../../ui/Empty";
import { phone, wide } from "../../ui/screen";
import { creating } from "../chrome";
import { List } from "./List";
import { Participants } from "./Participants";
import { Thread } from "./Thread";

export function Discussions({ id }: { id: string | null }) {
  const [details, setDetails] = useState(wide.peek());
  useEffect(() => {
    if (!wide.peek()) setDetails(false);
  }, [id]);
  const shown = id === null ? null : thread(id).value;
  const open = details && shown?.state === "ready";
  const pane = id === null ? "list" : open && phone.value ? "ctx" : "thread";
  return (
    <div class={`chat ${open ? "with-ctx" : ""}`} data-pane={pane}>
      <List current={id} />
      {id === null || !shown ? (
        <section class="pane thread">
          <Empty icon="chat" title={words.value.conversations.choose}>
            {words.value.conversations.chooseText}
            <button type="button" class="btn main" onClick={() => (creating.value = true)}>
              {words.value.conversations.create}
            </button>
          </Empty>
        </section>
      ) : (
        <Thread key={id} thread={shown} details={details} onDetails={() => setDetails(!details)} />
      )}
      {open && shown.conversation && <Participants conversation={shown.conversation} onClose={() => setDetails(false)} />}
    </div>
  );
}
