/** One row of a thread: a message of others, one's own, one not yet sent, or a note on what changed. */

import { clock, isolated } from "../../i18n";
import { connection, isReachable } from "../../runtime/runtime";
import { Icon } from "../../ui/Icon";
import { lazyScreen } from "../../ui/lazyScreen";
import { Avatar, Badge, names, occupation } from "../../ui/members";
import { explain } from "../../ui/problem";
import { Body, excerpt } from "../../ui/Text";
import type { MessageView } from "../../wire/types";
import { Attachments, PendingFiles } from "../files";
import { discard, retry, said } from "./state";
import type { MessageItem, MessageStep, ThreadItem } from "./types";
import { conversationWords } from "./words";

const Reactions = lazyScreen(() => import("./Reactions"), isReachable, true);
const ReferralCard = lazyScreen(() => import("./ReferralCard"), isReachable, true);

/** The message that is being replied to. */
export interface Reply {
  id: string;
  name: string;
  body: string;
}

type Kind<K extends ThreadItem["kind"]> = Extract<ThreadItem, { kind: K }>;

interface MessageProps {
  item: MessageItem;
  first: boolean;
  last: boolean;
  /** How many others could have read it. */
  others: number;
  onReply: ((to: Reply) => void) | undefined;
  /** Opens what can be done with it. */
  onMenu: (item: MessageItem, step?: MessageStep) => void;
}

export function Message(props: MessageProps) {
  return props.item.mine ? <Mine {...props} /> : <Theirs {...props} />;
}

/** A message as it is quoted while one answers it. */
export function quoted({ message, author }: MessageItem): Reply {
  return { id: message.id, name: author?.name ?? conversationWords.value.thread.formerMember, body: said(message) };
}

/** How a row is known to scripts: those of fingers and of keys find their message by it. */
function rowOf({ key, message }: MessageItem) {
  return { "data-key": key, "data-seq": message.seq, "data-id": message.id, tabIndex: -1 };
}

function Theirs(props: MessageProps) {
  const { item, first, last } = props;
  const { message, author } = item;
  const { name } = quoted(item);
  return (
    <article class={`msg ${first ? "first" : ""}`} {...rowOf(item)}>
      {first ? <Avatar id={message.author} name={name} size="s" /> : <span />}
      <div class="stack-tight">
        {first && (
          <div class="who">
            <b class="cut">
              <bdi>{name}</bdi>
            </b>
            <Badge badge={author?.badge} />
            <span class="cut">{author && occupation(author)}</span>
          </div>
        )}
        <div class="line">
          <Bubble message={message} replyTo={item.replyTo} />
          <Actions {...props} name={name} />
        </div>
        <Reacted {...props} />
        {last && (
          <div class="meta">
            <time dateTime={message.at}>{clock(message.at)}</time>
            {message.edited_at && conversationWords.value.thread.edited}
          </div>
        )}
      </div>
    </article>
  );
}

function Mine(props: MessageProps) {
  const { item, first, last } = props;
  return (
    <article class={`mine ${first ? "first" : ""}`} {...rowOf(item)}>
      <div class="line">
        <Actions {...props} name="" />
        <Bubble message={item.message} replyTo={item.replyTo} />
      </div>
      <Reacted {...props} />
      {last && <Sent {...props} />}
    </article>
  );
}

function Reacted({ item: { message }, onReply }: MessageProps) {
  return message.reactions?.length ? <Reactions message={message} canPost={onReply !== undefined} /> : null;
}

function Sent({ item, others, onMenu }: MessageProps) {
  const w = conversationWords.value.thread;
  const { readBy } = item;
  const { at, edited_at: edited } = item.message;
  const time = clock(at);
  if (readBy.length === 0)
    return (
      <div class="meta" data-state="sent">
        <Icon name="check" size="xs" />
        {w.sentAt(time)}
        {edited && `, ${w.edited}`}
      </div>
    );
  return (
    <div class="meta read" data-state="read">
      <Icon name="checks" size="xs" />
      <span>
        <button type="button" onClick={() => onMenu(item, "receipts")}>
          {readBy.length === others && others > 1 ? w.readByAll : w.readBy(names(readBy))}
        </button>
        ,
      </span>
      <time dateTime={at}>{time}</time>
      {edited && w.edited}
    </div>
  );
}

export function Pending({ item, first }: { item: Kind<"pending">; first: boolean }) {
  const w = conversationWords.value.thread;
  const refused = item.state === "refused";
  const isCut = connection.value.state === "offline" || connection.value.state === "away";
  return (
    <article
      class={`mine ${first ? "first" : ""} ${refused ? "failed" : ""}`}
      data-key={item.key}
      data-state={item.state}
    >
      <div class="bub">
        {item.replyTo && <Quote message={item.replyTo} />}
        {item.body && <Body text={item.body} />}
        {item.files.length > 0 && <PendingFiles message={item.key} files={item.files} />}
      </div>
      {refused ? (
        <div class="meta fail" role="alert">
          <Icon name="alert" size="xs" />
          {w.refused}
          <button type="button" onClick={() => retry(item.key)}>
            {w.retry}
          </button>
          <button type="button" onClick={() => discard(item.key)}>
            {w.discard}
          </button>
          {item.problem && <span>{explain(item.problem)}</span>}
        </div>
      ) : (
        <div class="meta wait">
          <Icon name="clock" size="xs" />
          {isCut ? w.waiting : w.sending}
        </div>
      )}
    </article>
  );
}

function Bubble({ message, replyTo }: { message: MessageView; replyTo: MessageView | null }) {
  return (
    <div class="bub">
      {replyTo && <Quote message={replyTo} />}
      {message.referral && <ReferralCard id={message.referral} />}
      {isGone(message) ? (
        <span class="body gone">{conversationWords.value.thread.deleted}</span>
      ) : (
        message.body && <Body text={message.body} />
      )}
      {message.attachments?.length ? <Attachments files={message.attachments} /> : null}
    </div>
  );
}

function Quote({ message }: { message: MessageView }) {
  return <bdi class="quote">{isGone(message) ? conversationWords.value.thread.deleted : excerpt(said(message))}</bdi>;
}

function Actions({ item, name, onReply, onMenu }: MessageProps & { name: string }) {
  const w = conversationWords.value.thread;
  if (isGone(item.message)) return null;
  const button = (label: string, icon: "reply" | "more", act: () => void) => (
    <button type="button" class="icon-btn tiny act" aria-label={label} title={label} onClick={act}>
      <Icon name={icon} size="s" />
    </button>
  );
  return (
    <>
      {onReply && button(name ? w.replyTo(name) : w.reply, "reply", () => onReply(quoted(item)))}
      {button(w.menu, "more", () => onMenu(item))}
    </>
  );
}

export function Note({ item }: { item: Kind<"note"> }) {
  const w = conversationWords.value.thread;
  const by = isolated(item.by?.name ?? w.someone);
  const person = isolated(item.person?.name ?? w.someone);
  const said = {
    opened: () => w.notes.opened(by),
    added: () => w.notes.added(by, person),
    asked: () => w.notes.asked(by, person),
    removed: () => w.notes.removed(by, person),
    left: () => w.notes.left(by),
    renamed: () => w.notes.renamed(by, isolated(item.title ?? "")),
    responsible: () => w.notes.responsible(person),
    relieved: () => w.notes.relieved(person),
    closed: () => w.notes.closed(by, item.title ?? ""),
    reopened: () => w.notes.reopened(by, isolated(item.title ?? "")),
    handed: () => w.notes.handed(by, person),
  }[item.note]();
  return (
    <div class="event" data-key={item.key}>
      <span>
        {said.join("")}, <time dateTime={item.at}>{clock(item.at)}</time>
      </span>
    </div>
  );
}

/** Deleted by somebody, or erased. */
export function isGone(message: MessageView): boolean {
  return message.deleted_at !== undefined || message.erased === true;
}
