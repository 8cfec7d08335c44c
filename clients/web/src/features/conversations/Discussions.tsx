/** List, thread and members side by side; one of them at a time on a phone. */

import "./conversations.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { isReachable } from "../../runtime/runtime";
import { Empty } from "../../ui/Empty";
import { lazyScreen } from "../../ui/lazyScreen";
import { phone, wide } from "../../ui/screen";
import { newConversationOpen } from "../shell/uiState";
import { List } from "./List";
import { thread } from "./state";
import { conversationWords } from "./words";

const Thread = lazyScreen(() => import("./Thread"), isReachable);
const Members = lazyScreen(() => import("./Members"), isReachable);

export function Discussions({ id }: { id: string | null }) {
  // While the connection is made: a conversation opens at once, and without a network too.
  useEffect(() => void Thread.fetch(), []);
  const { details, open: openDetails, close } = useDetails(id);
  const shown = id === null ? null : thread(id).value;
  const open = details && shown?.state === "ready";
  const pane = id === null ? "list" : open && phone.value ? "ctx" : "thread";
  return (
    <div class={`chat ${open ? "with-ctx" : ""}`} data-pane={pane}>
      <List current={id} />
      {id === null || !shown ? (
        <section class="pane thread">
          <Empty icon="chat" title={conversationWords.value.list.choose}>
            {conversationWords.value.list.chooseText}
            <button type="button" class="btn main" onClick={() => (newConversationOpen.value = true)}>
              {conversationWords.value.list.create}
            </button>
          </Empty>
        </section>
      ) : (
        <Thread key={id} thread={shown} details={details} onDetails={details ? close : openDetails} />
      )}
      {open && shown.conversation && <Members conversation={shown.conversation} onClose={close} />}
    </div>
  );
}

/** Whether the members are shown. On a phone they are a page of their own, which the back button leaves. */
function useDetails(id: string | null) {
  const [details, setDetails] = useState(wide.peek());
  const page = useRef(false);
  useEffect(() => {
    if (!wide.peek()) setDetails(false);
    page.current = false;
  }, [id]);
  useEffect(() => {
    const onBack = () => {
      if (page.current) setDetails(false);
      page.current = false;
    };
    addEventListener("popstate", onBack);
    return () => removeEventListener("popstate", onBack);
  }, []);
  const open = () => {
    setDetails(true);
    page.current = phone.peek();
    if (page.current) history.pushState(null, "", location.pathname);
  };
  const close = () => (page.current ? history.back() : setDetails(false));
  return { details, open, close };
}
