/** Taking over the rights of another member: what would change is shown first. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { Dialog } from "../../ui/Dialog";
import { Failed, Skeleton } from "../../ui/Empty";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import type { MemberRights } from "../../wire/types";
import { useOthers } from "./others";
import { functionOf } from "./people";
import * as rules from "./rights";
import { memberRights, reloadRights } from "./state";
import { teamWords } from "./words";

interface CloneDialogProps {
  organisation: string;
  rights: MemberRights;
  onTake: (edits: rules.Edits) => void;
  onClose: () => void;
}

export function CloneDialog({ organisation, rights, onTake, onClose }: CloneDialogProps) {
  const w = teamWords.value.cloneDialog;
  const [from, setFrom] = useState("");
  const others = useOthers(organisation, rights.member.person);
  const theirs = from ? memberRights(organisation, from).value : null;
  const cloning = theirs?.value ? rules.cloned(rights, theirs.value) : null;
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button
            type="button"
            class="btn main"
            disabled={!cloning?.differences.length}
            onClick={() => cloning && onTake(cloning.edits)}
          >
            {w.take}
          </button>
        </>
      }
    >
      <Field label={w.from}>
        {parts => (
          <>
            <select {...parts} value={from} onChange={event => setFrom(event.currentTarget.value)}>
              <option value="" disabled>
                {w.choose}
              </option>
              {others.map(one => (
                <option key={one.person} value={one.person}>
                  {one.name}, {functionOf(one)}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      {theirs && !theirs.value && !theirs.problem && <Skeleton rows={2} />}
      {theirs?.problem && <Failed problem={theirs.problem} onRetry={() => void reloadRights(organisation, from)} />}
      {cloning && <Difference cloning={cloning} name={rights.member.first_name || rights.member.name} />}
      <p class="note t13">
        <Icon name="info" size="s" />
        <span>{w.note}</span>
      </p>
    </Dialog>
  );
}

function Difference({ cloning, name }: { cloning: rules.Cloning; name: string }) {
  const w = teamWords.value.cloneDialog;
  const levels = teamWords.value.member.levels;
  const { differences, same, held } = cloning;
  return (
    <div aria-live="polite">
      <h3 class="lbl">{w.changes(name)}</h3>
      {differences.length === 0 && <p class="t14">{w.nothing}</p>}
      <ul class="tm-diff">
        {differences.map(({ key, name: of, before, after }) => (
          <li key={key}>
            <bdi class="grow">{of}</bdi>
            <span class="tag">{levels[before as rules.Level]}</span>
            <Icon name="right" size="xs" />
            <span class="tag accent">{levels[after as rules.Level]}</span>
          </li>
        ))}
        {same > 0 && (
          <li class="muted">
            <span class="grow">{w.same(same)}</span>
            {w.unchanged(same)}
          </li>
        )}
      </ul>
      {held.length > 0 && <p class="hint">{w.held(held.join(", "))}</p>}
    </div>
  );
}
