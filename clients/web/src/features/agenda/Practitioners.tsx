/** Who looks after the patient of an appointment, and the choice of the practitioner who supervises. */

import { useEffect, useState } from "preact/hooks";
import { call } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import type { PatientPractitioners } from "../../wire/types";
import { agendaWords } from "./words";

export function Practitioners({ patient }: { patient: string }) {
  const w = agendaWords.value.practitioners;
  const [view, setView] = useState<PatientPractitioners | null>(null);
  const [refused, setRefused] = useState<string>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let isShown = true;
    void call("patient.practitioners", { patient }).then(outcome => {
      if (!isShown) return;
      if (outcome.ok) setView(outcome.value);
      else setRefused(explain(outcome.problem));
    });
    return () => {
      isShown = false;
    };
  }, [patient]);
  const supervisor = view?.practitioners.find(one => one.role === "supervising");
  const name = async (chosen: string) => {
    if (busy) return;
    setBusy(true);
    const outcome = await call("patient.supervise", { patient, ...(chosen ? { practitioner: chosen } : {}) });
    setBusy(false);
    if (!outcome.ok) return setRefused(explain(outcome.problem));
    setRefused(undefined);
    setView(outcome.value);
    toast(chosen ? w.named : w.ended);
  };
  if (!view)
    return refused ? (
      <p class="note" role="alert">
        {refused}
      </p>
    ) : null;
  return (
    <section class="sheet-part" aria-label={w.title}>
      <h3>{w.title}</h3>
      <ul class="who-cares">
        {view.practitioners.map(one => (
          <li key={`${one.person} ${one.role}`} class="row wrap">
            <bdi class="grow">{one.name}</bdi>
            <span class="tag">{w.roles[one.role]}</span>
          </li>
        ))}
        {view.practitioners.length === 0 && <li class="hint">{w.none}</li>}
      </ul>
      {view.abilities?.includes("supervise") && (
        <Field label={w.supervising} hint={w.hint} error={refused}>
          {parts => (
            <>
              <select
                {...parts}
                disabled={busy}
                value={supervisor?.person ?? ""}
                onChange={event => void name(event.currentTarget.value)}
              >
                <option value="">{w.nobody}</option>
                {view.candidates?.map(one => (
                  <option key={one.person} value={one.person}>
                    {one.name}
                  </option>
                ))}
              </select>
              <Icon name="down" size="s" />
            </>
          )}
        </Field>
      )}
    </section>
  );
}
