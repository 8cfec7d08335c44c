/** The person's conversations: unread and failed ones first, then the most recent. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { ago, words } from "../../i18n";
import { minute } from "../../runtime/clock";
import { go, href } from "../../runtime/routes";
import { connection, isReachable } from "../../runtime/runtime";
import { Empty, Skeleton } from "../../ui/Empty";
import { FilterChips } from "../../ui/FilterChips";
import { Icon } from "../../ui/Icon";
import { arrows, downTo, onKeys } from "../../ui/keyboard";
import { lazyScreen } from "../../ui/lazyScreen";
import { Avatar, Badge } from "../../ui/members";
import { explain } from "../../ui/problem";
import { Sync } from "../../ui/Sync";
import { excerpt } from "../../ui/Text";
import { Organisation } from "../account";
import { ProposeLock } from "../lock";
import { newConversationOpen } from "../shell/uiState";
import { conversations, draft, loadMore } from "./state";
import type { ConversationItem } from "./types";
import { conversationWords } from "./words";

/** Who asks to write, above the conversations. */
const Waiting = lazyScreen(() => import("./Waiting"), isReachable, true);
const DeclineGroup = lazyScreen(() => import("./DeclineGroup"), isReachable, true);

type Filter = "all" | "unread" | "cases" | "colleagues" | "groups";

const KEEPS: Record<Filter, (item: ConversationItem) => boolean> = {
  all: () => true,
  unread: item => item.unread > 0,
  cases: item => item.case !== null,
  colleagues: item => item.kind === "direct",
  groups: item => item.kind === "group",
};

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function matches(item: ConversationItem, text: string): boolean {
  const searched = plain(
    [
      item.title,
      ...item.members.map(member => `${member.name} ${member.speciality ?? ""}`),
      item.last?.body ?? "",
    ].join(" "),
  );
  return plain(text)
    .split(/\s+/)
    .every(word => searched.includes(word));
}

export function List({ current }: { current: string | null }) {
  const w = conversationWords.value.list;
  const { loaded, items, more, problem } = conversations.value;
  /* Conversations, as the filter shows them: the tabs and the title count messages. */
  const unread = items.filter(KEEPS.unread).length;
  const [declining, setDeclining] = useState<ConversationItem | null>(null);
  const [filter, setFilter] = useState<Filter>("all");
  const [text, setText] = useState("");
  /* The one that is open stays where it was found, although it is now read. */
  const turn = useRef<string | null>(null);
  const here = items.find(item => item.id === current);
  if (turn.current !== current) turn.current = here && waits(here) ? current : null;
  const listed = items.filter(item => KEEPS[filter](item) && (!text.trim() || matches(item, text)));
  /* What was put away is found by searching for it. */
  const shown = listed.filter(item => !item.hidden || text.trim() !== "" || item.id === current);
  const mine = shown.filter(item => waits(item) || item.id === turn.current);
  const rest = shown.filter(item => !mine.includes(item));
  return (
    <aside class="pane list" aria-label={w.title}>
      <div class="bar">
        <div class="grow">
          <div class="top">
            <h1>{w.title}</h1>
            <Sync state={connection.value.state} />
          </div>
          <Organisation />
        </div>
        <button
          type="button"
          class="icon-btn main only-desk"
          aria-label={w.create}
          title={w.create}
          onClick={() => (newConversationOpen.value = true)}
        >
          <Icon name="newc" />
        </button>
      </div>
      <div class="tools">
        <label class="search">
          <Icon name="search" />
          <span class="sr">{w.searchLabel}</span>
          <input
            type="search"
            data-search
            placeholder={w.search}
            value={text}
            onInput={event => setText(event.currentTarget.value)}
            onKeyDown={onKeys(event => (event.key === "Escape" ? setText("") : downTo(".list .conv")(event)))}
          />
          <kbd class="only-desk">/</kbd>
        </label>
        <FilterChips
          value={filter}
          onChoose={setFilter}
          options={[
            ["all", w.all],
            ["unread", [w.unread, unread > 0 && <span class="count">{unread}</span>]],
            ["cases", w.cases],
            ["colleagues", w.colleagues],
            ["groups", w.groups],
          ]}
        />
      </div>
      <ProposeLock />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys go through the conversations inside, which take the focus */}
      <div class="scroll" onKeyDown={arrows(".conv")}>
        {!loaded && <Skeleton rows={7} />}
        {loaded && items.length === 0 && (
          <Empty icon="chat" title={w.empty}>
            {w.emptyText}
          </Empty>
        )}
        <Waiting />
        {loaded && items.length > 0 && shown.length === 0 && (
          <Empty icon="search" title={w.noMatch}>
            {w.noMatchText}
            <button type="button" class="btn line" onClick={() => go({ name: "directory" })}>
              {w.inDirectory}
            </button>
          </Empty>
        )}
        {mine.length > 0 && (
          <Group title={w.yourTurn} count={mine.length} items={mine} current={current} onDecline={setDeclining} />
        )}
        {rest.length > 0 && <Group title={w.recent} items={rest} current={current} onDecline={setDeclining} />}
        {loaded && more !== "none" && <More loading={more === "loading"} problem={problem} />}
      </div>
      <button
        type="button"
        class="icon-btn main fab only-phone"
        aria-label={w.create}
        onClick={() => (newConversationOpen.value = true)}
      >
        <Icon name="newc" size="l" />
      </button>
      {declining && <DeclineGroup item={declining} onClose={() => setDeclining(null)} />}
    </aside>
  );
}

/** The conversations beyond those that are listed, page by page: at the end of the list, or when asked for. */
function More({ loading, problem }: { loading: boolean; problem: Problem | undefined }) {
  const w = conversationWords.value.list;
  const end = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const button = end.current;
    if (!button || problem) return;
    const seen = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) void loadMore();
    });
    seen.observe(button);
    return () => seen.disconnect();
  }, [problem, loading]);
  return (
    <div class="more">
      {problem && <p class="t13 soft">{explain(problem)}</p>}
      <button ref={end} type="button" class="btn line wide" aria-disabled={loading} onClick={() => void loadMore()}>
        {loading ? words.value.loading : w.more}
      </button>
    </div>
  );
}

const TURN_LOOKS = { mine: "clock", theirs: "", closed: "done" };

function waits(item: ConversationItem): boolean {
  return item.unread > 0 || item.failed > 0 || item.turn === "mine";
}

function Group({
  title,
  count,
  items,
  current,
  onDecline,
}: {
  title: string;
  count?: number;
  items: ConversationItem[];
  current: string | null;
  onDecline: (item: ConversationItem) => void;
}) {
  return (
    <section aria-label={title}>
      <h2 class="group">
        {count !== undefined && <Icon name="hand" size="s" />}
        {title}
        {count !== undefined && <span class="n">{count}</span>}
      </h2>
      <ul>
        {items.map(item => (
          <li key={item.id}>
            <Row item={item} current={item.id === current} />
            {item.addedBy && item.abilities.includes("leave") && (
              <button type="button" class="btn line small decline" onClick={() => onDecline(item)}>
                {conversationWords.value.list.decline}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ item, current }: { item: ConversationItem; current: boolean }) {
  const w = conversationWords.value.list;
  const { last } = item;
  const other = item.kind === "direct" ? item.others[0] : undefined;
  /* In the one that is open it is seen where it is typed. */
  const typed = current ? "" : draft(item.id).value.body.trim();
  return (
    <a
      class={`conv ${item.unread > 0 ? "unread" : ""}`}
      href={href({ name: "conversation", id: item.id })}
      aria-current={current ? "true" : undefined}
    >
      <Avatar
        id={other?.person ?? item.id}
        name={item.title}
        group={!other}
        {...(item.case ? { icon: "file" as const } : {})}
      />
      <div class="grow">
        <div class="l1">
          <bdi class={other ? "whole" : "lines-2"}>{item.title}</bdi>
          <Badge badge={other?.badge} />
          {last && <time dateTime={last.at}>{ago(last.at, minute.value)}</time>}
        </div>
        <div class="l2">
          {item.pending > 0 && <Icon name="clock" size="s" label={w.pending} />}
          {typed ? (
            <span class="cut">
              <b class="draft">{w.draft}</b> <bdi>{excerpt(typed)}</bdi>
            </span>
          ) : (
            <bdi class="cut">
              {item.waiting === null && item.stale ? (
                w.stale
              ) : last || item.waiting !== null ? (
                <Excerpt item={item} />
              ) : (
                w.noMessage
              )}
            </bdi>
          )}
          {item.unread > 0 && (
            <span class="count" role="img" aria-label={words.value.unread(item.unread)}>
              {item.unread > 99 ? "99+" : item.unread}
            </span>
          )}
        </div>
        {item.turn && (
          <div class="l3">
            <span class={`tag ${TURN_LOOKS[item.turn]}`}>{w.turns[item.turn]}</span>
          </div>
        )}
        {item.failed > 0 && (
          <div class="l3">
            <span class="tag urgent">
              <Icon name="alert" size="xs" />
              {w.failed(item.failed)}
            </span>
          </div>
        )}
      </div>
    </a>
  );
}

function Excerpt({ item }: { item: ConversationItem }) {
  const w = conversationWords.value.list;
  const { last, waiting } = item;
  if (!last && waiting === null) return null;
  const from =
    waiting !== null || last?.mine ? w.mine : item.kind !== "direct" && last?.author ? w.by(last.author.name) : "";
  return (
    <>
      {from && <bdi>{from}</bdi>}
      <bdi>{waiting === null && last?.deleted ? w.deleted : excerpt(waiting ?? last?.body ?? "")}</bdi>
    </>
  );
}
