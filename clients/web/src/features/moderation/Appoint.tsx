/** Gives an organisation somebody who looks after it: one of its members, or any colleague on Relais. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Choice, Field, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { onKeys } from "../../ui/keyboard";
import { Avatar, Badge, occupation } from "../../ui/members";
import { explain } from "../../ui/problem";
import type { ClaimPerson } from "../../wire/types";
import { findColleagues } from "../directory/state";
import { appoint } from "./claims";
import { moderationWords } from "./words";

export interface Appointed {
  id: string;
  name: string;
  people: readonly ClaimPerson[];
}

export function Appoint({ organisation, onClose }: { organisation: Appointed; onClose: () => void }) {
  const w = moderationWords.value.claims;
  const [found, setFound] = useState<readonly ClaimPerson[]>([]);
  const [chosen, setChosen] = useState<ClaimPerson | null>(null);
  const [as, setAs] = useState<"owner" | "administrator">("owner");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const others = found.filter(one => !organisation.people.some(({ id }) => id === one.id));
  const submit = async () => {
    if (busy) return;
    if (chosen === null) return setWrong(w.missing);
    setBusy(true);
    const outcome = await appoint({ organisation: organisation.id, person: chosen.id, owner: as === "owner" });
    setBusy(false);
    if (!outcome.ok)
      return setWrong(outcome.problem.state === "looked_after" ? w.lookedAfter : explain(outcome.problem));
    toast(w.done(chosen.name, organisation.name));
    onClose();
  };
  const pick = (one: ClaimPerson) => {
    setChosen(one);
    setWrong(undefined);
  };
  return (
    <Dialog
      title={w.title(organisation.name)}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" aria-disabled={busy}>
            {chosen ? w.confirm(chosen.name) : w.appoint}
          </button>
        </>
      }
    >
      <fieldset class="stack">
        <legend class="lbl">{organisation.people.length ? w.members : w.noMember}</legend>
        {organisation.people.map(one => (
          <Person key={one.id} one={one} isChosen={chosen?.id === one.id} onPick={pick} />
        ))}
        {others.map(one => (
          <Person key={one.id} one={one} isChosen={chosen?.id === one.id} onPick={pick} />
        ))}
      </fieldset>
      <Search onFound={setFound} />
      <Choice
        legend={w.as}
        name="appointed-as"
        options={(["owner", "administrator"] as const).map(each => [each, w.roles[each]])}
        value={as}
        onChoose={setAs}
      />
      <p class="hint">{w.roleText[as]}</p>
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}

function Person({
  one,
  isChosen,
  onPick,
}: {
  one: ClaimPerson;
  isChosen: boolean;
  onPick: (one: ClaimPerson) => void;
}) {
  return (
    <label class={`md-out ${isChosen ? "on" : ""}`}>
      <input type="radio" name="appointed" checked={isChosen} onChange={() => onPick(one)} />
      <Avatar id={one.id} name={one.name} size="s" />
      <span class="grow">
        <bdi>{one.name}</bdi> <Badge badge={one.badge} />
        <span class="t13 soft md-sub">{occupation(one)}</span>
      </span>
    </label>
  );
}

/** Whoever is on Relais, by name: asked for when it is sought, and not at each letter. */
function Search({ onFound }: { onFound: (found: ClaimPerson[]) => void }) {
  const w = moderationWords.value.claims;
  const [text, setText] = useState("");
  const [said, setSaid] = useState<string>();
  const look = async () => {
    if (text.trim().length < 2) return;
    const outcome = await findColleagues(text.trim());
    if (!outcome.ok) return setSaid(explain(outcome.problem));
    const found = outcome.value.filter(hit => hit.person);
    setSaid(found.length ? undefined : w.nobody);
    onFound(
      found.map(({ person = "", practitioner, badge }) => ({
        id: person,
        name: practitioner.name,
        function: "practitioner",
        profession: practitioner.profession,
        ...(practitioner.speciality ? { speciality: practitioner.speciality } : {}),
        ...(badge ? { badge } : {}),
      })),
    );
  };
  return (
    <Field label={w.search} optional hint={said}>
      {parts => (
        <>
          <input
            {...parts}
            value={text}
            onInput={event => setText(event.currentTarget.value)}
            onKeyDown={onKeys(event => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              void look();
            })}
          />
          <button type="button" class="icon-btn" aria-label={w.searchButton} onClick={() => void look()}>
            <Icon name="search" size="s" />
          </button>
        </>
      )}
    </Field>
  );
}
