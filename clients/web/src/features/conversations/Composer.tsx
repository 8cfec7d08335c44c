/** The message form: the recipients are named above the text, and what is typed is kept as a draft until it is sent. */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { isReachable, limits } from "../../runtime/runtime";
import { Icon } from "../../ui/Icon";
import { onKeys } from "../../ui/keyboard";
import { lazyScreen } from "../../ui/lazyScreen";
import { onTouchDevice } from "../../ui/screen";
import { excerpt } from "../../ui/Text";
import { isBlank } from "../../wire/text";
import { Attach, refusedFiles, Tray } from "../files";
import type { Reply } from "./Message";
import { roomLeft } from "./roomLeft";
import { draft, editDraft, isTyping, saveDraft, send } from "./state";
import type { ConversationItem } from "./types";
import { conversationWords } from "./words";

const Closed = lazyScreen(() => import("./Closed"), isReachable, true);

const NONE: readonly string[] = [];
/** How few characters must be left for their number to be shown. */
const FEW = 2_000;

interface ComposerProps {
  conversation: ConversationItem;
  reply: Reply | null;
  /** Shows the end of the thread, where one's own message is. */
  onSent: () => void;
}

export function Composer({ conversation, reply, onSent }: ComposerProps) {
  const w = conversationWords.value.composer;
  const { id } = conversation;
  const { body, files = NONE } = draft(id).value;
  const going = files.filter(file => !refusedFiles.value.has(file));
  const isEmpty = isBlank(body) && !going.length;
  const field = useRef<HTMLTextAreaElement>(null);
  const left = limits.value ? roomLeft(body, limits.value) : Infinity;

  useLayoutEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.setProperty("height", "auto");
    box.style.setProperty("height", `${box.scrollHeight}px`);
  }, [body]);
  useEffect(() => {
    if (!onTouchDevice()) field.current?.focus();
  }, []);
  const answered = useRef(reply?.id);
  useEffect(() => {
    if (reply && reply.id !== answered.current) field.current?.focus();
    answered.current = reply?.id;
  }, [reply?.id]);

  const change = (text: string) => {
    editDraft(id, { body: text });
    if (!isBlank(text)) isTyping(id);
  };
  const submit = () => {
    if (left < 0) return;
    field.current?.focus();
    // Signs of no width only: nothing to send, and nothing that the eye could find to delete.
    if (isEmpty) return editDraft(id, { body: "" });
    send(id, isBlank(body) ? "" : body.trim(), reply?.id, going);
    // What was refused stays, until whoever chose it has seen why.
    saveDraft({ conversation: id, body: "", files: files.filter(file => refusedFiles.value.has(file)) });
    onSent();
  };

  if (conversation.blocked) return <Closed conversation={conversation} />;
  if (!conversation.abilities.includes("post")) return <p class="note">{w.closed}</p>;
  return (
    <form
      class="cbox"
      onSubmit={event => {
        event.preventDefault();
        submit();
      }}
    >
      <To conversation={conversation} />
      {reply && <Replying reply={reply} onCancel={() => editDraft(id, { reply: undefined })} />}
      <Tray conversation={conversation} />
      <div class="crow">
        <Attach conversation={conversation} />
        <textarea
          ref={field}
          class="ctext"
          rows={1}
          aria-label={w.label}
          placeholder={w.placeholder}
          enterkeyhint={onTouchDevice() ? "enter" : "send"}
          value={body}
          onInput={event => change(event.currentTarget.value)}
          onKeyDown={onKeys(event => {
            const wanted =
              event.key === "Enter" && (event.ctrlKey || event.metaKey || (!event.shiftKey && !onTouchDevice()));
            if (!wanted) return;
            event.preventDefault();
            submit();
          })}
        />
        <button
          type="submit"
          class="icon-btn main"
          aria-label={w.send}
          disabled={(!body.trim() && !going.length) || left < 0}
        >
          <Icon name="send" />
        </button>
      </div>
      {left < FEW && (
        <p class={`cleft ${left < 0 ? "over" : ""}`} role={left < 0 ? "alert" : undefined}>
          {left < 0 ? w.over(-left) : w.left(left)}
        </p>
      )}
    </form>
  );
}

/** The recipients, named where one writes: the guard against the wrong recipient. */
function To({ conversation }: { conversation: ConversationItem }) {
  const w = conversationWords.value.composer;
  const { others } = conversation;
  return (
    <div class="cto">
      <Icon name={conversation.kind !== "direct" ? "users" : "user"} size="xs" />
      <span class="lines-2">
        {w.to}{" "}
        {others.length > 3 ? (
          <b>
            <bdi>{conversation.title}</bdi>, {conversationWords.value.participants(others.length)}
          </b>
        ) : (
          <b>
            {others.map((other, at) => (
              <bdi key={other.person}>
                {at > 0 && ", "}
                {other.name}
              </bdi>
            ))}
          </b>
        )}
      </span>
    </div>
  );
}

function Replying({ reply, onCancel }: { reply: Reply; onCancel: () => void }) {
  const w = conversationWords.value.thread;
  return (
    <div class="creply">
      <Icon name="reply" size="s" />
      <span class="cut grow">
        {w.replying(reply.name)} <bdi>{excerpt(reply.body)}</bdi>
      </span>
      <button type="button" class="icon-btn tiny" aria-label={w.cancelReply} onClick={onCancel}>
        <Icon name="x" size="s" />
      </button>
    </div>
  );
}
