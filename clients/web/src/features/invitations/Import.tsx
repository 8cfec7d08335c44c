/** Inviting a list of people: the file is read here, reviewed, corrected in place, and sent with the exact number. */

import "./invitations.css";
import { useEffect, useState } from "preact/hooks";
import { dayOf, longDay, words } from "../../i18n";
import { formsLoaded } from "../../runtime/keptForms";
import { href } from "../../runtime/routes";
import { Empty } from "../../ui/Empty";
import { Field, Wrong } from "../../ui/Field";
import { FilterChips } from "../../ui/FilterChips";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { saved } from "../../ui/saving";
import { TeamFrame } from "../team";
import { write } from "./csv";
import { correctRow, give, type Importing, importing, LARGEST, read, resume, send } from "./importing";
import { COLUMNS, inOrder, type Person } from "./rows";
import { invitationWords } from "./words";

/** Lines that are drawn: of a very long list the rest is counted. */
const SHOWN = 300;
const FIXABLE = new Set([
  "missing_email",
  "incomplete_email",
  "twice_in_the_list",
  "already_member",
  "already_invited",
]);

export default function Import({ organisation }: { organisation: string }) {
  const w = invitationWords.value.list;
  const areLoaded = formsLoaded.value;
  useEffect(() => {
    if (areLoaded) resume(organisation);
  }, [areLoaded, organisation]);
  const now = importing.value?.organisation === organisation ? importing.value : null;
  const step = now === null ? 0 : now.phase === "review" || now.phase === "reviewing" ? 1 : 2;
  return (
    <TeamFrame
      id={organisation}
      tab="invitations"
      back={href({ name: "team", organisation, tab: "invitations" })}
      title={w.title}
      actions={
        <ol class="iv-steps">
          {w.steps.map((name, at) => (
            <li key={name} aria-current={at === step ? "step" : undefined}>
              {at + 1}. {name}
            </li>
          ))}
        </ol>
      }
    >
      {now === null ? <Choose organisation={organisation} /> : <Review now={now} />}
    </TeamFrame>
  );
}

function Choose({ organisation }: { organisation: string }) {
  const w = invitationWords.value.list;
  const [wrong, setWrong] = useState<string>();
  const take = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > LARGEST) return setWrong(w.tooLarge);
    const bytes = new Uint8Array(await file.arrayBuffer());
    setWrong(read(organisation, file.name, bytes) ? undefined : w.nobody);
  };
  return (
    <div class="card narrow iv-file">
      <FurtherIcon name="up" size="l" />
      <p class="soft t14">{w.chooseHow}</p>
      <label class="btn main">
        {w.choose}
        <input
          type="file"
          class="sr"
          accept=".csv,.txt,text/csv"
          onChange={event => void take(event.currentTarget.files?.[0])}
        />
      </label>
      {wrong && <Wrong text={wrong} />}
    </div>
  );
}

type Shown = "refused" | "ready" | "all";

function Review({ now }: { now: Importing }) {
  const w = invitationWords.value.list;
  const [shown, setShown] = useState<Shown>("all");
  const [note, setNote] = useState("");
  const refused = now.rows.filter(row => row.why !== null);
  const ready = now.rows.length - refused.length;
  const rows = inOrder(now.rows).filter(row => shown === "all" || (row.why !== null) === (shown === "refused"));
  const isReview = now.phase === "review" || now.phase === "reviewing";
  const download = () =>
    saved(
      `refus-${now.file.replace(/\.\w+$/, "")}.csv`,
      write([
        [...COLUMNS, w.review],
        ...refused.map(row => [...COLUMNS.map(column => row.cells[column]), row.why ? w.why[row.why] : ""]),
      ]),
      "text/csv",
    );
  return (
    <div class="cols">
      <section class="card tm-card" aria-label={w.review}>
        <div class="tm-tools">
          <b class="grow t14">
            <bdi>{now.file}</bdi>
            <span class="t13 soft"> {w.read(now.rows.length)}</span>
          </b>
          {isReview && (
            <button type="button" class="btn bare small" onClick={() => give(now.organisation)}>
              {w.change}
            </button>
          )}
        </div>
        <div class="tm-tools">
          <FilterChips
            value={shown}
            onChoose={setShown}
            options={[
              ["refused", `${w.filters.refused} ${refused.length}`],
              ["ready", `${w.filters.ready} ${ready}`],
              ["all", `${w.filters.all} ${now.rows.length}`],
            ]}
          />
        </div>
        <Lines rows={rows.slice(0, SHOWN)} mayCorrect={isReview} />
        {rows.length > SHOWN && <p class="hint tm-in">{w.shownFirst(SHOWN)}</p>}
        {rows.length === 0 && <Empty icon="check" title={w.filters[shown]} />}
      </section>
      <aside class="side">
        <section class="card tm-blk" aria-label={w.goes}>
          <h2>{w.goes}</h2>
          <ul class="tm-in iv-goes">
            <li>
              <Icon name="check" size="s" />
              {w.byMail(ready)}
            </li>
            {refused.length > 0 && (
              <li>
                <Icon name="alert" size="s" />
                {w.aside(refused.length)}
              </li>
            )}
            {now.expiresAt && (
              <li>
                <Icon name="clock" size="s" />
                {w.expires(longDay(dayOf(now.expiresAt)))}
              </li>
            )}
          </ul>
        </section>
        {now.phase === "review" && (
          <Field label={invitationWords.value.create.welcome} optional>
            {parts => (
              <textarea
                {...parts}
                maxLength={1000}
                value={note}
                onInput={event => setNote(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        <Sending now={now} ready={ready} note={note} />
        {refused.length > 0 && (
          <button type="button" class="btn line wide" onClick={download}>
            <Icon name="dl" size="s" />
            {w.download(refused.length)}
          </button>
        )}
      </aside>
    </div>
  );
}

/** The button with the number, then how far it has come. */
function Sending({ now, ready, note }: { now: Importing; ready: number; note: string }) {
  const w = invitationWords.value.list;
  const { organisation, phase, sent, problem } = now;
  if (phase === "done")
    return (
      <>
        <p class="note accent" role="status">
          <Icon name="check" size="s" />
          <span>{w.done(sent)}</span>
        </p>
        <a class="btn main wide" href={href({ name: "team", organisation, tab: "invitations" })}>
          {w.toInvitations}
        </a>
        <button type="button" class="btn line wide" onClick={() => give(organisation)}>
          {w.another}
        </button>
      </>
    );
  return (
    <div class="stack" aria-live="polite">
      {problem && <Wrong text={explain(problem)} />}
      {(phase === "sending" || phase === "stopped") && (
        <>
          <progress class="iv-progress" max={ready} value={sent} aria-label={w.sending(sent, ready)} />
          <p class="hint">{w.sending(sent, ready)}</p>
        </>
      )}
      {phase === "stopped" && <p class="hint">{w.stopped}</p>}
      {phase === "reviewing" && <p class="hint">{w.checking}</p>}
      {phase !== "sending" && (
        <button
          type="button"
          class="btn main tall wide"
          disabled={phase === "reviewing" || ready === 0}
          onClick={() => void send(note)}
        >
          {phase === "stopped" ? w.goOn : w.send(ready)}
        </button>
      )}
    </div>
  );
}

function Lines({ rows, mayCorrect }: { rows: readonly Person[]; mayCorrect: boolean }) {
  const w = invitationWords.value;
  return (
    <table class="tm-tbl iv-lines">
      <thead>
        <tr>
          <th scope="col">{w.list.line}</th>
          <th scope="col">{w.person}</th>
          <th scope="col">{w.create.function}</th>
          <th scope="col">{w.list.review}</th>
          <th scope="col">
            <span class="sr">{w.action}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <Line key={row.line} row={row} mayCorrect={mayCorrect} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ row, mayCorrect }: { row: Person; mayCorrect: boolean }) {
  const w = invitationWords.value;
  const [typed, setTyped] = useState<string | null>(null);
  const { line, cells, why } = row;
  const name = [cells.first_name, cells.last_name].filter(Boolean).join(" ");
  return (
    <tr class={why ? "iv-bad" : ""}>
      <td class="num muted">{line}</td>
      <td>
        <b>
          <bdi>{name}</bdi>
        </b>
        {typed === null ? (
          <bdi class="t13 soft">{cells.email}</bdi>
        ) : (
          <form
            class="row wrap"
            onSubmit={event => {
              event.preventDefault();
              setTyped(null);
              correctRow(line, typed);
            }}
          >
            <label class="in">
              <span class="sr">{w.newAddress}</span>
              <input autofocus inputMode="email" value={typed} onInput={event => setTyped(event.currentTarget.value)} />
            </label>
            <button type="submit" class="btn main small">
              {words.value.retry}
            </button>
          </form>
        )}
      </td>
      <td class="tm-hidep">{words.value.functions[cells.function] ?? cells.function}</td>
      <td class="tm-second">
        <span class={`tag ${why ? "urgent" : "done"}`}>
          <Icon name={why ? "alert" : "check"} size="xs" />
          {why ? w.list.why[why] : w.list.ready}
        </span>
      </td>
      <td class="iv-act">
        {mayCorrect && why && FIXABLE.has(why) && typed === null && (
          <button
            type="button"
            class="btn line small"
            aria-label={w.of(w.correct, name || String(line))}
            onClick={() => setTyped(cells.email)}
          >
            {w.correct}
          </button>
        )}
      </td>
    </tr>
  );
}
