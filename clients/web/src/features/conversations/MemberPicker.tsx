/** Searching for colleagues on Relais and choosing members among them. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { announce } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { arrows } from "../../ui/keyboard";
import { Avatar, Badge, occupation } from "../../ui/members";
import { explain } from "../../ui/problem";
import type { Hit } from "../../wire/types";
import { findColleagues } from "../directory/state";
import { memberWords } from "./memberWords";

export interface PickedMember {
  person: string;
  name: string;
}

interface MemberPickerProps {
  /** Already members: shown, but cannot be chosen. */
  present: string[];
  picked: PickedMember[];
  onPick: (person: PickedMember) => void;
}

type Found = { state: "idle" } | { state: "found"; hits: Hit[] } | { state: "failed"; problem: Problem };

export function MemberPicker({ present, picked, onPick }: MemberPickerProps) {
  const w = memberWords.value.create;
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found>({ state: "idle" });
  const asked = useRef(0);
  useEffect(() => {
    const mine = ++asked.current;
    if (text.trim().length < 2) {
      setFound({ state: "idle" });
      return;
    }
    const soon = setTimeout(() => {
      void findColleagues(text.trim()).then(outcome => {
        if (mine !== asked.current) return;
        if (!outcome.ok) return setFound({ state: "failed", problem: outcome.problem });
        const hits = outcome.value.filter(hit => hit.person);
        announce(w.results(hits.length));
        setFound({ state: "found", hits });
      });
    }, 150);
    return () => clearTimeout(soon);
  }, [text]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys go through the results inside, which take the focus
    <div class="stack" onKeyDown={arrows("input[type=search], .found button:not(:disabled)")}>
      <label class="search">
        <Icon name="search" />
        <span class="sr">{w.searchLabel}</span>
        <input
          type="search"
          autofocus
          placeholder={w.search}
          value={text}
          onInput={event => setText(event.currentTarget.value)}
        />
      </label>
      {found.state === "idle" && <p class="hint">{w.hint}</p>}
      {found.state === "failed" && <p class="hint bad">{explain(found.problem)}</p>}
      {found.state === "found" && found.hits.length === 0 && <p class="hint">{w.nobody}</p>}
      {found.state === "found" && (
        <div class="found">
          {found.hits.map(hit => (
            <Choice key={hit.practitioner.id} hit={hit} present={present} picked={picked} onPick={onPick} />
          ))}
        </div>
      )}
    </div>
  );
}

function Choice({ hit, present, picked, onPick }: { hit: Hit } & MemberPickerProps) {
  const person = hit.person ?? "";
  const { name } = hit.practitioner;
  const there = present.includes(person);
  return (
    <button
      type="button"
      class="person"
      disabled={there}
      aria-pressed={picked.some(known => known.person === person)}
      onClick={() => onPick({ person, name })}
    >
      <Avatar id={person} name={name} size="s" />
      <span class="grow">
        <span class="n1">
          <bdi class="cut">{name}</bdi>
          <Badge badge={hit.badge} shown={hit.verified_user ?? false} />
        </span>
        <span class="sub cut">
          {there
            ? memberWords.value.create.already
            : [occupation(hit.practitioner), hit.places[0]?.city].filter(Boolean).join(", ")}
        </span>
      </span>
      <Icon name={picked.some(known => known.person === person) ? "check" : "plus"} size="s" />
    </button>
  );
}
