/** What one thinks of a verification: the decision, its reason, a note; and whose opinions there are. */

import { useState } from "preact/hooks";
import { dayAndClock, words } from "../../i18n";
import { go } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Field, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { explain } from "../../ui/problem";
import type { ReviewItem } from "../../wire/types";
import { DECISIONS, type Decision, decides, differ, isContrary, REASONS, type Reason } from "./deciding";
import { decide } from "./state";
import { moderationWords } from "./words";

const ICONS: Record<Decision, IconName> = { accept: "shield", ask_again: "refresh", refuse: "x" };

export function DecisionPane({ item, onBack }: { item: ReviewItem; onBack: () => void }) {
  const w = moderationWords.value;
  const [decision, setDecision] = useState<Decision | null>(null);
  const [reason, setReason] = useState<Reason | "">("");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const mayDecide = item.abilities?.includes("decide") && item.state === "in_review";
  const isChanged = item.opinions?.some(one => one.mine) ?? false;
  const choose = (chosen: Decision) => {
    setDecision(chosen);
    setReason("");
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    if (decision === null || reason === "") return setWrong(w.missing);
    setBusy(true);
    const outcome = await decide({ verification: item.verification, decision, reason, note });
    setBusy(false);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    const isDone = outcome.value.state !== "in_review";
    toast(isDone ? w.done : differ(outcome.value) ? w.toldDiffers : w.told);
    if (isDone) go({ name: "moderation", id: null }, { replace: true });
    else onBack();
  };
  return (
    <aside class="pane md-dec" aria-label={w.yours}>
      <form noValidate onSubmit={event => void submit(event)}>
        <div class="bar">
          <button type="button" class="icon-btn only-phone" aria-label={words.value.back} onClick={onBack}>
            <Icon name="left" size="l" />
          </button>
          <h2 class="grow">{w.yours}</h2>
        </div>
        <div class="scroll stack gap-l md-form">
          {!mayDecide && item.state === "in_review" && <p class="note clock">{w.notYours}</p>}
          {mayDecide && (
            <>
              <fieldset class="stack">
                <legend class="sr">{w.yours}</legend>
                {DECISIONS.map(each => (
                  <label key={each} class="md-out">
                    <input type="radio" name="decision" checked={decision === each} onChange={() => choose(each)} />
                    <Icon name={ICONS[each]} />
                    {w.decisions[each]}
                  </label>
                ))}
              </fieldset>
              <Field label={w.reason}>
                {parts => (
                  <>
                    <select
                      {...parts}
                      disabled={decision === null}
                      value={reason}
                      onChange={event => setReason(event.currentTarget.value as Reason)}
                    >
                      <option value="" disabled>
                        {w.chooseReason}
                      </option>
                      {(decision ? REASONS[decision] : []).map(each => (
                        <option key={each} value={each}>
                          {w.reasons[each]}
                        </option>
                      ))}
                    </select>
                    <Icon name="down" size="s" />
                  </>
                )}
              </Field>
              <Field label={w.note} optional hint={w.noteFor}>
                {parts => (
                  <textarea
                    {...parts}
                    maxLength={2000}
                    value={note}
                    onInput={event => setNote(event.currentTarget.value)}
                  />
                )}
              </Field>
            </>
          )}
          <Opinions item={item} />
        </div>
        {mayDecide && (
          <div class="tm-save">
            {wrong && <Wrong text={wrong} />}
            <button type="submit" class="btn main tall wide" disabled={busy}>
              {decision === null
                ? w.decide
                : isChanged && !decides(item, decision)
                  ? w.change
                  : isContrary(item, decision)
                    ? w.contrary[decision]
                    : w.send[decides(item, decision) ? "last" : "first"][decision]}
            </button>
          </div>
        )}
      </form>
    </aside>
  );
}

function Opinions({ item }: { item: ReviewItem }) {
  const w = moderationWords.value;
  const opinions = item.opinions ?? [];
  const awaited = differ(item) ? 1 : Math.max(0, (item.opinions_needed ?? 2) - opinions.length);
  return (
    <section aria-label={w.fourEyes}>
      <h3 class="md-h">{w.fourEyes}</h3>
      <ol class="card md-eyes">
        {opinions.map(one => (
          <li key={one.by + one.at} class="ok">
            <b>{one.mine ? w.opinionMine : w.opinion(one.by)}</b>
            <span>
              {w.decisions[one.decision]}, {w.reasons[one.reason]}. {dayAndClock(one.at)}
            </span>
            {one.note && <bdi>{one.note}</bdi>}
          </li>
        ))}
        {item.state === "in_review" &&
          Array.from({ length: awaited }, (_, at) => (
            <li key={`awaited-${opinions.length + at}`}>
              <b>{differ(item) ? w.nth : w.nextOpinion(opinions.length + at + 1)}</b>
              <span>{w.awaited}</span>
            </li>
          ))}
        <li class={item.state === "in_review" ? "" : "ok"}>
          <b>{w.effect}</b>
          <span>{w.effectText}</span>
        </li>
      </ol>
    </section>
  );
}
