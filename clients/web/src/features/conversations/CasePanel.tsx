/** A case: its patient, its question, whose turn it is, and what may be done with it. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { dayAndClock, numericDay } from "../../i18n";
import { timeOf } from "../../outbox/id";
import { change } from "../../runtime/runtime";
import { Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { patientName } from "../../ui/patient";
import type { CasePatientView, CaseView } from "../../wire/types";
import { useAction } from "./actions";
import { CloseCase, HandOver, Reopen } from "./CaseDialogs";
import { caseWords } from "./caseWords";
import type { ConversationItem } from "./types";

interface CaseProps {
  conversation: ConversationItem;
  /** As it stands now. */
  of: CaseView;
}

export default function CasePanel({ conversation, of }: CaseProps) {
  const w = caseWords.value.panel;
  const [open, setOpen] = useState<"close" | "reopen" | "handover" | null>(null);
  const full = useWhole(conversation, of);
  const may = (ability: string): boolean => conversation.abilities.includes(ability);
  const turning = useAction(() => {});
  const turn = (to: "asker" | "asked") => turning.run(() => change("case.turn", { conversation: conversation.id, to }));
  return (
    <>
      {full.patient && <PatientCard patient={full.patient} />}
      <section class="sec">
        <h3>{w.question}</h3>
        <div class="card pat">
          <p class="case-q">{full.erased ? w.erased : full.question}</p>
          <span class={`tag ${full.urgency === "urgent" ? "urgent" : "clock"}`}>
            <Icon name="clock" size="xs" />
            {caseWords.value.fields.urgencies[full.urgency]}
          </span>
          {full.informed && <p class="t13 soft">{full.informed === "objects" ? w.objects : w.informed}</p>}
        </div>
      </section>
      <section class="sec">
        <h3>{w.steps}</h3>
        <Steps conversation={conversation} of={of} summary={full.summary} />
      </section>
      <div class="stack">
        {may("close") && (
          <button type="button" class="btn main wide" onClick={() => setOpen("close")}>
            {w.close}
          </button>
        )}
        {may("turn") && (
          <button type="button" class="btn line wide" onClick={() => turn(of.state === "waiting" ? "asker" : "asked")}>
            {of.state === "waiting" ? w.toAsker : w.toAsked}
          </button>
        )}
        {turning.wrong && <Wrong text={turning.wrong} />}
        {may("handover") && (
          <button type="button" class="btn line wide" onClick={() => setOpen("handover")}>
            {w.handOver}
          </button>
        )}
        {may("reopen") && (
          <button type="button" class="btn line wide" onClick={() => setOpen("reopen")}>
            {w.reopen}
          </button>
        )}
      </div>
      {open === "close" && <CloseCase conversation={conversation} onClose={() => setOpen(null)} />}
      {open === "handover" && <HandOver conversation={conversation} onClose={() => setOpen(null)} />}
      {open === "reopen" && <Reopen conversation={conversation} onClose={() => setOpen(null)} />}
    </>
  );
}

/** The whole question and its patient: the list knows the beginning alone. Asked for again when the case changes. */
function useWhole({ id }: ConversationItem, of: CaseView): CaseView {
  const [whole, setWhole] = useState<{ id: string; of: CaseView } | null>(null);
  const changed = [id, of.state, of.asker, of.closed_at, of.waiting_for?.join()].join(" ");
  useEffect(() => {
    let here = true;
    void change("conversation.get", { conversation: id }).then(outcome => {
      if (here && outcome.ok && outcome.value.conversation.case) setWhole({ id, of: outcome.value.conversation.case });
    });
    return () => {
      here = false;
    };
  }, [changed]);
  return whole?.id === id ? whole.of : of;
}

function PatientCard({ patient }: { patient: CasePatientView }) {
  const w = caseWords.value.panel;
  const { family_name, first_names, civility, birth_name, birth_date, initials } = patient;
  const named = family_name && { family_name, first_names: first_names ?? "", ...(civility ? { civility } : {}) };
  return (
    <section class="card pat" aria-label={w.patient}>
      <div class="pn">
        <bdi>{named ? patientName(named) : initials}</bdi>
      </div>
      {birth_name && (
        <div class="t13 soft">
          {w.birthName[civility === "m" || civility === "mme" ? civility : "none"](birth_name.toLocaleUpperCase())}
        </div>
      )}
      {birth_date && (
        <dl class="kv">
          <dt>{w.birth}</dt>
          <dd>{numericDay(birth_date)}</dd>
        </dl>
      )}
    </section>
  );
}

function Steps({ conversation, of, summary }: CaseProps & { summary: string | undefined }) {
  const w = caseWords.value.panel;
  const name = (id: string): string => conversation.members.find(one => one.person === id)?.name ?? "…";
  const openedAt = new Date(timeOf(conversation.id)).toISOString();
  const turn =
    conversation.turn === "mine" ? w.yourTurn : of.waiting_for?.length ? w.waitsFor(of.waiting_for.map(name)) : "";
  const minutes = of.answered_at
    ? Math.max(1, Math.round((Date.parse(of.answered_at) - timeOf(conversation.id)) / 60_000))
    : 0;
  return (
    <ol class="card pat case-steps">
      <Step done title={w.asked}>
        {`${name(of.asker)}, ${dayAndClock(openedAt)}`}
      </Step>
      <Step done={of.answered_by !== undefined} title={of.answered_by ? w.answered : w.notAnswered}>
        {of.answered_by && of.answered_at
          ? `${name(of.answered_by)}, ${dayAndClock(of.answered_at)}, ${w.within(minutes)}`
          : ""}
      </Step>
      <Step done={of.state === "closed"} title={w.closed}>
        {of.closed_by && of.closed_at && of.outcome
          ? `${caseWords.value.close.outcomes[of.outcome]}, ${name(of.closed_by)}, ${dayAndClock(of.closed_at)}`
          : w.notClosed}
        {of.state === "closed" && summary && <p class="case-q">{summary}</p>}
      </Step>
      {turn && (
        <li class="case-turn">
          <span class={`tag ${conversation.turn === "mine" ? "clock" : "done"}`}>{turn}</span>
        </li>
      )}
    </ol>
  );
}

function Step({ done, title, children }: { done: boolean; title: string; children: ComponentChildren }) {
  return (
    <li class={done ? "ok" : ""}>
      <i>{done && <Icon name="check" size="xs" />}</i>
      <div>
        <b>{title}</b>
        <div class="t13 soft">{children}</div>
      </div>
    </li>
  );
}
