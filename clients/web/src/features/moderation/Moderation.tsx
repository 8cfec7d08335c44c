/** The queue of verifications, one file of it, and the decision. */

import "../team/team.css";
import "./moderation.css";
import { useEffect, useState } from "preact/hooks";
import { dayAndClock, since, words } from "../../i18n";
import { minute } from "../../runtime/clock";
import { go, href } from "../../runtime/routes";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { FilterChips } from "../../ui/FilterChips";
import { Icon } from "../../ui/Icon";
import { arrows } from "../../ui/keyboard";
import { Avatar } from "../../ui/members";
import { phone } from "../../ui/screen";
import type { ReviewItem } from "../../wire/types";
import { DecisionPane } from "./DecisionPane";
import { Dossier } from "./Dossier";
import { differ } from "./deciding";
import { Parts } from "./Parts";
import { moreOfQueue, queue, showQueue } from "./state";
import { moderationWords } from "./words";

export default function Moderation({ id }: { id: string | null }) {
  const w = moderationWords.value;
  const { state, items, problem } = queue.value;
  const [deciding, setDeciding] = useState(false);
  useEffect(() => void showQueue(false), []);
  useEffect(() => setDeciding(false), [id]);
  const first = items[0];
  useEffect(() => {
    if (id === null && first && !phone.peek()) go({ name: "moderation", id: first.verification }, { replace: true });
  }, [id, first?.verification]);
  const item = items.find(one => one.verification === id);
  const pane = item ? (deciding ? "decision" : "file") : "list";
  return (
    <section class="md" data-pane={pane}>
      <List id={id} />
      {item ? (
        <>
          <Dossier item={item} onDecide={() => setDeciding(true)} />
          <DecisionPane key={item.verification} item={item} onBack={() => setDeciding(false)} />
        </>
      ) : (
        <div class="pane md-none">
          {problem?.reason === "forbidden" ? (
            <Empty icon="lock" title={w.notForYou} />
          ) : (
            state === "ready" && <Empty icon="shield" title={items.length ? w.choose : w.none} />
          )}
        </div>
      )}
    </section>
  );
}

function List({ id }: { id: string | null }) {
  const w = moderationWords.value;
  const { state, decided, items, more, problem } = queue.value;
  return (
    <aside class="pane list md-list" aria-label={w.title}>
      <div class="bar">
        <a
          class="icon-btn"
          href={href({ name: "team", organisation: null, tab: "members" })}
          aria-label={words.value.back}
        >
          <Icon name="left" size="l" />
        </a>
        <h1 class="grow">{w.title}</h1>
      </div>
      <Parts current="identities" />
      <div class="tm-tools">
        <FilterChips
          value={decided ? "decided" : "open"}
          onChoose={chosen => void showQueue(chosen === "decided")}
          options={[
            ["open", w.toDecide],
            ["decided", w.decided],
          ]}
        />
      </div>
      <div class="scroll grow">
        {problem && problem.reason !== "forbidden" && (
          <Failed problem={problem} onRetry={() => void showQueue(decided)} />
        )}
        {state === "loading" && items.length === 0 && <Skeleton rows={4} />}
        {state === "ready" && items.length === 0 && <Empty icon="shield" title={decided ? w.noneDecided : w.none} />}
        <ul onKeyDown={arrows("a")}>
          {items.map(item => (
            <li key={item.verification}>
              <Row item={item} isHere={item.verification === id} />
            </li>
          ))}
        </ul>
        {more && (
          <button type="button" class="btn bare wide" onClick={() => void moreOfQueue()}>
            {w.more}
          </button>
        )}
        <p class="note t13 md-note">
          <Icon name="users" size="s" />
          <span>{w.queueNote}</span>
        </p>
      </div>
    </aside>
  );
}

function Row({ item, isHere }: { item: ReviewItem; isHere: boolean }) {
  return (
    <a
      class="md-row"
      href={href({ name: "moderation", id: item.verification })}
      aria-current={isHere ? "true" : undefined}
    >
      <Avatar id={item.person} name={item.name} />
      <span class="grow">
        <span class="row">
          <b class="grow">
            <bdi>{item.name}</bdi>
          </b>
          <time class="t13 muted" dateTime={item.since}>
            {since(item.since, minute.value)}
          </time>
        </span>
        <span class="t13 soft md-sub">{[item.profession, item.city].filter(Boolean).join(", ")}</span>
        <Standing item={item} />
      </span>
    </a>
  );
}

const SOON = 4 * 3_600_000;

/** What it waits for, in words. */
export function Standing({ item }: { item: ReviewItem }) {
  const w = moderationWords.value;
  if (item.state !== "in_review") return <span class="tag">{w.state[item.state] ?? w.decided}</span>;
  if (differ(item))
    return (
      <span class="tag urgent">
        <Icon name="users" size="xs" />
        {w.differ}
      </span>
    );
  if (item.opinions?.length)
    return (
      <span class="tag clock">
        <Icon name="users" size="xs" />
        {w.secondAwaited}
      </span>
    );
  const isSoon = Date.parse(item.due) - minute.value < SOON;
  return (
    <span class={`tag ${isSoon ? "urgent" : "clock"}`}>
      <Icon name="clock" size="xs" />
      {w.before(dayAndClock(item.due))}
    </span>
  );
}
