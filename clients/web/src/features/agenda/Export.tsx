/** The button that takes a copy of an agenda's appointments (CSV), for those whom its organisation lets do so. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { addDays } from "../../i18n/time";
import { call } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { asTable, saved } from "../../ui/saving";
import type { AgendaWithReasons } from "../../wire/types";
import { session } from "../account/state";
import { agendaWords } from "./words";

const LONGEST = 366;

/** Whether whoever is here may take a copy of this agenda: the server decides again. */
export function mayExport(agenda: AgendaWithReasons): boolean {
  const here = session.value;
  const mine = here.state === "signed-in" ? (here.me?.organisations ?? []) : [];
  const owner = mine.find(one => one.id === agenda.organisation);
  return owner?.abilities?.includes("export") ?? false;
}

export function Export({ agenda, day, small = false }: { agenda: AgendaWithReasons; day: string; small?: boolean }) {
  const w = agendaWords.value.copy;
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class={small ? "icon-btn line" : "btn line"}
        aria-label={small ? w.button : undefined}
        onClick={() => setOpen(true)}
      >
        <Icon name="file" size="s" />
        {!small && w.button}
      </button>
      {open && <Period agenda={agenda} day={day} onClose={() => setOpen(false)} />}
    </>
  );
}

function Period({ agenda, day, onClose }: { agenda: AgendaWithReasons; day: string; onClose: () => void }) {
  const w = agendaWords.value.copy;
  const [first, setFirst] = useState(`${day.slice(0, 8)}01`);
  const [last, setLast] = useState(day);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const isWrong = !first || !last || last < first || last >= addDays(first, LONGEST);
  const submit = async () => {
    if (busy || isWrong) return;
    setBusy(true);
    setRefused(undefined);
    const period = { agenda: agenda.id, from: first, to: addDays(last, 1) };
    let text = "";
    let count = 0;
    for (let next: string | undefined, isFirst = true; isFirst || next !== undefined; isFirst = false) {
      const outcome = await call("agenda.export", { ...period, ...(next === undefined ? {} : { cursor: next }) });
      if (!outcome.ok) {
        setBusy(false);
        return outcome.problem.reason === "cancelled" ? undefined : setRefused(explain(outcome.problem));
      }
      text += outcome.value.text;
      count += outcome.value.appointments;
      next = outcome.value.cursor;
    }
    saved(`agenda.${first}.${last}.csv`, asTable(text), "text/csv");
    toast(w.done(count));
    onClose();
  };
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" aria-disabled={busy || isWrong}>
            {busy ? w.busy : w.submit}
          </button>
        </>
      }
    >
      <p>{w.text(agenda.practitioner_name)}</p>
      <Field label={w.first}>
        {parts => <input {...parts} type="date" value={first} onInput={event => setFirst(event.currentTarget.value)} />}
      </Field>
      <Field label={w.last} error={isWrong ? w.wrong : undefined}>
        {parts => <input {...parts} type="date" value={last} onInput={event => setLast(event.currentTarget.value)} />}
      </Field>
      <p class="note t13">
        <Icon name="lock" size="s" />
        <span>{w.note}</span>
      </p>
      {refused && (
        <div role="alert">
          <Wrong text={refused} />
        </div>
      )}
    </Dialog>
  );
}
