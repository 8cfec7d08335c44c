/** One conversation: title, messages, and the message form. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { dayOf, longDay, words } from "../../i18n";
import { go, href } from "../../runtime/routes";
import { connection, isReachable, replica, shownAsOf } from "../../runtime/runtime";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { arrows, onKeys } from "../../ui/keyboard";
import { lazyScreen } from "../../ui/lazyScreen";
import { Avatar, Badge, badgeText, names, occupation } from "../../ui/members";
import { explain } from "../../ui/problem";
import { ShownAsOf } from "../../ui/Sync";
import { wide } from "../../ui/screen";
import { Composer } from "./Composer";
import type { Reply } from "./Message";
import { Message, Note, Pending, quoted } from "./Message";
import { Refer } from "./Refer";
import type { Row } from "./rows";
import { rows } from "./rows";
import { useScrollAnchor } from "./scrollAnchor";
import { editDraft, loadHistory, read, replyOf, typing } from "./state";
import type { ConversationItem, MessageItem, MessageStep, ThreadItem, Thread as ThreadState } from "./types";
import { conversationWords } from "./words";

const Fingers = lazyScreen(() => import("./Fingers"), isReachable, true);
const MessageMenu = lazyScreen(() => import("./MessageMenu"), isReachable, true);
const Undo = lazyScreen(() => import("./Undo"), isReachable, true);

interface ThreadProps {
  thread: ThreadState;
  details: boolean;
  onDetails: () => void;
}

export default function Thread({ thread, details, onDetails }: ThreadProps) {
  const w = conversationWords.value.thread;
  const { conversation } = thread;
  const reply = replied(thread, replyOf(thread.id).value);
  const setReply = ({ id }: Reply) => editDraft(thread.id, { reply: id });
  useEscape(() => {
    if (reply) editDraft(thread.id, { reply: undefined });
    else if (details && !wide.peek()) onDetails();
    else go({ name: "conversations" });
  });
  if (thread.state === "absent" || (thread.state === "ready" && !conversation))
    return (
      <section class="pane thread">
        <header class="bar back">
          <Back />
          <h1 class="grow">{conversationWords.value.list.detail}</h1>
        </header>
        <Empty icon="lock" title={thread.problem ? explain(thread.problem) : w.absent}>
          <a class="btn line" href={href({ name: "conversations" })}>
            {words.value.backHome}
          </a>
        </Empty>
      </section>
    );
  const canPost = conversation?.abilities.includes("post") ?? false;
  return (
    <section class="pane thread" aria-label={conversationWords.value.list.detail}>
      <Head conversation={conversation} details={details} onDetails={onDetails} />
      {conversation?.case && !conversation.case.erased && (
        <button type="button" class="case-strip" aria-label={w.question} aria-pressed={details} onClick={onDetails}>
          <bdi class="lines-2">{conversation.case.question}</bdi>
          <Icon name={details ? "down" : "right"} size="s" />
        </button>
      )}
      <AsOf conversation={thread.id} />
      <Flow thread={thread} onReply={canPost ? setReply : undefined}>
        {toEnd =>
          conversation && <Composer key={conversation.id} conversation={conversation} reply={reply} onSent={toEnd} />
        }
      </Flow>
    </section>
  );
}

/** The message that is answered; one that is not loaded here is named by nobody. */
function replied({ items }: ThreadState, id: string | undefined): Reply | null {
  if (id === undefined) return null;
  const item = items.find(known => known.kind === "message" && known.message.id === id);
  if (item?.kind !== "message") return { id, name: "…", body: "" };
  return quoted(item);
}

function useEscape(act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useLayoutEffect(() => {
    const onKey = onKeys((event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]"))
        latest.current();
    });
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** Shown while more may have happened than is on the screen. */
function AsOf({ conversation }: { conversation: string }) {
  // Read for its own sake: whether a conversation is stale changes with what is known of it.
  replica.value.conversations.get(conversation);
  return <ShownAsOf since={shownAsOf(conversation)} state={connection.value.state} />;
}

function Back() {
  return (
    <a
      class="icon-btn only-phone"
      href={href({ name: "conversations" })}
      aria-label={conversationWords.value.thread.back}
    >
      <Icon name="left" size="l" />
    </a>
  );
}

function Head({
  conversation,
  details,
  onDetails,
}: {
  conversation: ConversationItem | null;
  details: boolean;
  onDetails: () => void;
}) {
  const w = conversationWords.value.thread;
  const other = conversation?.kind === "direct" ? conversation.others[0] : undefined;
  return (
    <header class="bar back">
      <Back />
      {conversation && (
        <Avatar
          id={other?.person ?? conversation.id}
          name={conversation.title}
          group={!other}
          size="s"
          {...(conversation.case ? { icon: "file" as const } : {})}
        />
      )}
      <div class="grow">
        <h1>
          <bdi class={other ? "whole" : "lines-2"}>{conversation?.title}</bdi>
          <Badge badge={other?.badge} />
        </h1>
        <div class="ident">
          <span class="cut">
            {other
              ? [occupation(other), other.badge && badgeText(other.badge)].filter(Boolean).join(" · ")
              : conversation &&
                (conversation.turn
                  ? conversationWords.value.list.turns[conversation.turn]
                  : conversationWords.value.participants(conversation.members.length))}
          </span>
        </div>
      </div>
      {conversation && !details && <Refer conversation={conversation} class="btn line only-desk" />}
      {conversation && <Refer conversation={conversation} class="icon-btn only-phone" icon />}
      <button
        type="button"
        class="icon-btn"
        aria-label={w.details}
        title={w.details}
        aria-pressed={details}
        onClick={onDetails}
      >
        <Icon name="panel" />
      </button>
    </header>
  );
}

interface FlowProps {
  thread: ThreadState;
  onReply: ((to: Reply) => void) | undefined;
  /** Below the messages; given what scrolls to the last one. */
  children: (toEnd: () => void) => ComponentChildren;
}

function Flow({ thread, onReply, children }: FlowProps) {
  const w = conversationWords.value.thread;
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [menu, setMenu] = useState<[MessageItem, MessageStep?] | null>(null);
  const seen = useRef(0);
  const latest = useRef(thread);
  latest.current = thread;
  const { id, items, older, state } = thread;

  const onMenu = (...wanted: [MessageItem, MessageStep?]) => setMenu(wanted);

  const noteRead = () => {
    const conversation = latest.current.conversation;
    if (!conversation || document.visibilityState !== "visible" || !box.current) return;
    const upTo = lastSeen(box.current, conversation.head);
    if (upTo > conversation.read && upTo > seen.current) {
      seen.current = upTo;
      read(id, upTo);
    }
  };
  const toEnd = useScrollAnchor(
    box,
    items,
    end => {
      setAtEnd(end);
      noteRead();
    },
    () => latest.current.older === "some" && loadHistory(id),
  );
  useEffect(() => {
    document.addEventListener("visibilitychange", noteRead);
    return () => document.removeEventListener("visibilitychange", noteRead);
  }, []);
  return (
    <>
      <div
        class="flow scroll"
        ref={box}
        role="log"
        aria-live="off"
        aria-label={w.messages}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onKeyDown={onKeys(event => {
          toMessage(event);
          messageKey(event, items, onReply, onMenu);
        })}
      >
        <div class="flow-inner">
          {state === "loading" && items.length === 0 && isReachable() && <Skeleton rows={5} />}
          {state === "loading" && !isReachable() && <div class="day">{w.notYetHere}</div>}
          {older === "some" && (
            <button type="button" class="btn bare small older" onClick={() => loadHistory(id)}>
              {w.loadOlder}
            </button>
          )}
          {older === "loading" && <div class="day">{w.older}</div>}
          {thread.problem && <Failed problem={thread.problem} onRetry={() => loadHistory(id)} />}
          {older === "none" && state === "ready" && !thread.problem && <div class="day">{w.beginning}</div>}
          {rows(items).map(row => (
            <ThreadRow key={row.key} row={row} thread={thread} onReply={onReply} onMenu={onMenu} />
          ))}
        </div>
      </div>
      <Fingers box={box} items={items} onReply={onReply} onMenu={onMenu} />
      {menu && <MessageMenu item={menu[0]} first={menu[1]} onReply={onReply} onClose={() => setMenu(null)} />}
      <Typing id={id} />
      <div class="composer">
        {!atEnd && <Jump items={items} onClick={toEnd} />}
        <Undo conversation={id} />
        {children(toEnd)}
      </div>
    </>
  );
}

/** The number of the last message whose end is in view; the head when the end of the thread is. */
function lastSeen(box: HTMLElement, head: number): number {
  if (box.scrollHeight - box.scrollTop - box.clientHeight < 4) return head;
  const bottom = box.getBoundingClientRect().bottom;
  let seen = 0;
  for (const row of box.querySelectorAll<HTMLElement>("[data-seq]")) {
    if (row.getBoundingClientRect().bottom > bottom + 4) break;
    seen = Number(row.dataset["seq"]);
  }
  return seen;
}

interface ThreadRowProps {
  row: Row;
  thread: ThreadState;
  onReply: FlowProps["onReply"];
  onMenu: (item: MessageItem) => void;
}

function ThreadRow({ row, thread, onReply, onMenu }: ThreadRowProps) {
  const w = conversationWords.value.thread;
  if (row.kind === "day") return <div class="day">{dayName(row.day)}</div>;
  if (row.kind === "new")
    return (
      <div class="newline" data-new>
        {w.newMessages}
      </div>
    );
  const { item } = row;
  if (item.kind === "note") return <Note item={item} />;
  if (item.kind === "pending") return <Pending item={item} first={row.first} />;
  return (
    <Message
      item={item}
      first={row.first}
      last={row.last}
      others={thread.conversation?.others.length ?? 0}
      onReply={onReply}
      onMenu={onMenu}
    />
  );
}

function dayName(day: string): string {
  const w = conversationWords.value.thread;
  const today = dayOf(Date.now());
  if (day === today) return w.today;
  return day === dayOf(Date.now() - 86_400_000) ? words.value.yesterday : longDay(day);
}

const moveInThread = arrows(".flow [data-id]");

/** ↑ ↓ go from message to message; from the thread itself ↑ leads to the last one, and the others scroll. */
function toMessage(event: KeyboardEvent): void {
  const box = event.currentTarget as HTMLElement;
  if (event.target !== box) {
    moveInThread(event);
    return;
  }
  const last = [...box.querySelectorAll<HTMLElement>("[data-id]")].at(-1);
  if (!last || event.key !== "ArrowUp" || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  last.focus();
}

const CHANGES: Record<string, MessageStep> = { e: "edit", Delete: "delete" };

/** R replies to the message in focus, E edits it, and Delete deletes it. */
function messageKey(
  event: KeyboardEvent,
  items: ThreadItem[],
  onReply: FlowProps["onReply"],
  onMenu: (item: MessageItem, step: MessageStep) => void,
): void {
  const step = CHANGES[event.key];
  const isReply = event.key.toLowerCase() === "r";
  if ((!step && !isReply) || event.ctrlKey || event.metaKey || event.altKey || !onReply) return;
  const key = (event.target as HTMLElement).closest<HTMLElement>("[data-key]")?.dataset["key"];
  const item =
    items.find(known => known.key === key) ??
    items.findLast(known => isReply && known.kind === "message" && !known.mine);
  if (item?.kind !== "message" || (step && !item.mine)) return;
  event.preventDefault();
  if (step) onMenu(item, step);
  else onReply(quoted(item));
}

function Typing({ id }: { id: string }) {
  const writing = typing(id).value;
  return (
    <div class="typing" aria-live="polite">
      {writing.length > 0 && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {conversationWords.value.thread.typing(names(writing))}
        </>
      )}
    </div>
  );
}

function Jump({ items, onClick }: { items: ThreadItem[]; onClick: () => void }) {
  const w = conversationWords.value.thread;
  const [from] = useState(() => lastNumber(items));
  const arrived = items.filter(item => item.kind === "message" && !item.mine && item.message.seq > from).length;
  return (
    <button type="button" class="jump" aria-label={arrived ? undefined : w.jump} title={w.jump} onClick={onClick}>
      <Icon name="down" size="s" />
      {arrived > 0 && w.jumpNew(arrived)}
    </button>
  );
}

function lastNumber(items: ThreadItem[]): number {
  const last = items.findLast(item => item.kind === "message");
  return last?.kind === "message" ? last.message.seq : 0;
}
