/** One verification: the difference in a sentence, the names side by side in words, the evidence by its reference. */

import { dayAndClock, numericDay, words } from "../../i18n";
import { href } from "../../runtime/routes";
import { Icon } from "../../ui/Icon";
import type { ComparisonRow, ReviewItem } from "../../wire/types";
import { differences } from "./deciding";
import { moderationWords } from "./words";

const LOOKS = { identical: "done", close: "clock", different: "urgent", absent: "" } as const;

export function Dossier({ item, onDecide }: { item: ReviewItem; onDecide: () => void }) {
  const w = moderationWords.value;
  return (
    <section class="pane md-file" aria-label={w.file}>
      <header class="bar back">
        <a class="icon-btn only-phone" href={href({ name: "moderation", id: null })} aria-label={words.value.back}>
          <Icon name="left" size="l" />
        </a>
        <div class="grow">
          <h2 class="t17">
            <bdi>{item.name}</bdi>
          </h2>
          <div class="t13 soft">
            {[item.profession, item.speciality, item.city, w.received(dayAndClock(item.since))]
              .filter(Boolean)
              .join(", ")}
          </div>
        </div>
      </header>
      <div class="scroll grow md-body">
        <p class="note clock">
          <Icon name="alert" size="s" />
          <span class="grow">
            <b>{sentence(item)}</b> {w.why[item.reason] ?? ""} {(item.statement && w.statements[item.statement]) ?? ""}
          </span>
        </p>
        {item.appeal && (
          <section class="card tm-blk">
            <h3 class="tm-in md-h">{w.appeal}</h3>
            <p class="tm-in">
              <bdi>{item.appeal}</bdi>
            </p>
          </section>
        )}
        <section>
          <h3 class="md-h">{w.names}</h3>
          <div class="card md-cmp">
            <table>
              <thead>
                <tr>
                  <th scope="col">
                    <span class="sr">{w.trait}</span>
                  </th>
                  <th scope="col">{w.declared}</th>
                  <th scope="col">{w.document}</th>
                  <th scope="col">{w.register}</th>
                  <th scope="col">{w.comparison}</th>
                </tr>
              </thead>
              <tbody>
                {(item.comparison ?? []).map(row => (
                  <Compared key={row.trait} row={row} />
                ))}
              </tbody>
            </table>
          </div>
        </section>
        <section>
          <h3 class="md-h">
            {w.evidence} <span class="t13 muted">{w.evidenceNote}</span>
          </h3>
          <div class="md-evid">
            {(item.evidence ?? []).map(one => (
              <div class="card" key={one.kind + one.reference}>
                <b>{w.kinds[one.kind]}</b>
                {one.detail && <span class="t13 soft">{detail(one.detail)}</span>}
                <span class="t13 muted num">{w.reference(one.reference)}</span>
                {one.result && <span class="tag">{w.results[one.result] ?? one.result}</span>}
              </div>
            ))}
          </div>
        </section>
      </div>
      <div class="foot only-phone">
        <button type="button" class="btn main" onClick={onDecide}>
          <Icon name="shield" size="s" />
          {w.decide}
        </button>
      </div>
    </section>
  );
}

/** "passport, FRA, 2031-05-01", as the provider writes it: what is known of it in words. */
function detail(said: string): string {
  const w = moderationWords.value;
  return said
    .split(", ")
    .map(one => w.details[one] ?? (/^\d{4}-\d\d-\d\d$/.test(one) ? w.until(numericDay(one)) : one))
    .join(", ");
}

function sentence(item: ReviewItem): string {
  const w = moderationWords.value;
  const all = differences(item);
  return all[0]
    ? w.differences(all.length, w.traits[all[0].trait].toLocaleLowerCase())
    : item.comparison?.some(({ likeness }) => likeness === "identical")
      ? w.noDifference
      : w.nothingCompared;
}

function Compared({ row }: { row: ComparisonRow }) {
  const w = moderationWords.value;
  const look = LOOKS[row.likeness];
  const cells: [string, string | undefined][] = [
    [w.declared, row.declared],
    [w.document, row.document],
    [w.register, row.register],
  ];
  return (
    <tr class={row.likeness}>
      <th scope="row">{w.traits[row.trait]}</th>
      {cells.map(([label, value]) => (
        <td key={label} data-l={label}>
          {value ? <bdi>{value}</bdi> : <span class="muted">{w.notThere}</span>}
        </td>
      ))}
      <td>
        <span class={`tag ${look}`}>
          <Icon name={look === "done" ? "check" : "info"} size="xs" />
          {w.likeness[row.likeness]}
        </span>
      </td>
    </tr>
  );
}
