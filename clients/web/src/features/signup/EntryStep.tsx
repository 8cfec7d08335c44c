/** "Est-ce vous ?": the entries of the register that may be the person's, of which they choose theirs. */

import { useEffect, useState } from "preact/hooks";
import { way } from "../../runtime/installing";
import { go } from "../../runtime/routes";
import { me } from "../../runtime/runtime";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import type { EntryView } from "../../wire/types";
import { errorText } from "./DeclarationForm";
import { choose, claim, entry, look } from "./entry";
import { StepTitle } from "./StepTitle";
import { toStep } from "./state";
import { signUpWords } from "./words";

export function EntryStep() {
  const w = signUpWords.value.entry;
  const { asked, entries, questionsLeft, chosen, problem, busy } = entry.value;
  const [byHand, setByHand] = useState(false);
  const [tried, setTried] = useState(false);
  const isHere = me.value !== null;
  useEffect(() => {
    // Once the server has greeted whoever was just signed in.
    if (isHere && entry.peek().entries === null) void look(entry.peek().asked);
  }, [isHere]);
  const goOn = async (id: string | null) => {
    if (!(await claim(id))) return;
    if (way()) toStep("install");
    else go({ name: "verification" });
  };
  const found = entries ?? [];
  return (
    <>
      <div>
        <StepTitle>{w.title}</StepTitle>
        <p class="lead" role="status">
          {entries === null ? w.searching : asked ? w.byNumber(asked, found.length) : w.byName(found.length)}
        </p>
      </div>
      {found.length > 0 && (
        <form
          noValidate
          onSubmit={event => {
            event.preventDefault();
            setTried(true);
            if (chosen) void goOn(chosen);
          }}
        >
          <fieldset class="stack">
            <legend class="sr">{w.group}</legend>
            {found.map(one => (
              <EntryCard key={one.id} one={one} isChosen={one.id === chosen} />
            ))}
          </fieldset>
          <div class="note accent">
            <Icon name="refresh" size="s" />
            <span class="grow">{w.note}</span>
          </div>
          {tried && !chosen && (
            <span class="hint bad" role="alert">
              <Icon name="alert" size="xs" />
              {w.choose}
            </span>
          )}
          <button type="submit" class="btn main tall wide" aria-disabled={busy}>
            {w.submit}
          </button>
        </form>
      )}
      {problem && (
        <div class="note clock" role="alert">
          <Icon name="alert" size="s" />
          <span class="grow">{problem.reason === "rate_limited" ? w.tooMany : explain(problem)}</span>
        </div>
      )}
      {byHand && questionsLeft !== 0 && <ByNumber left={questionsLeft} />}
      <div class="row wrap center-row">
        {found.length > 0 && <span class="t14 soft">{w.none}</span>}
        {!byHand && questionsLeft !== 0 && (
          <button type="button" class="btn bare" onClick={() => setByHand(true)}>
            {w.byHand}
          </button>
        )}
        <button type="button" class="btn bare" aria-disabled={busy} onClick={() => void goOn(null)}>
          {w.without}
        </button>
      </div>
    </>
  );
}

function EntryCard({ one, isChosen }: { one: EntryView; isChosen: boolean }) {
  const w = signUpWords.value.entry;
  const number = one.rpps ? `${w.rpps} ${grouped(one.rpps)}` : one.adeli && `${w.adeli} ${one.adeli}`;
  return (
    <label class={`card pick ${isChosen ? "on" : ""}`}>
      <input type="radio" name="entry" checked={isChosen} onChange={() => choose(one.id)} />
      <span class="grow">
        <b class="name">
          <bdi>{one.name}</bdi>
        </b>
        <span class="t14 soft">{[one.profession, one.speciality].filter(Boolean).join(", ")}</span>
        <span class="lines">
          {number && (
            <span class="num">
              <Icon name="card" size="xs" />
              {number}
            </span>
          )}
          {(one.places ?? []).map((place, at) => (
            <span key={at}>
              <Icon name="pin" size="xs" />
              <bdi>
                {[place.name, place.address, [place.postal_code, place.city].filter(Boolean).join(" ")]
                  .filter(Boolean)
                  .join(", ")}
              </bdi>
            </span>
          ))}
        </span>
      </span>
    </label>
  );
}

/** "10 999 138 240" */
function grouped(number: string): string {
  return number.replace(/\B(?=(\d{3})+$)/g, "\u00a0");
}

function ByNumber({ left }: { left: number | null }) {
  const w = signUpWords.value.entry;
  const [number, setNumber] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      noValidate
      onSubmit={event => {
        event.preventDefault();
        const said = number.replace(/[ .-]/g, "");
        if (/^(\d{11}|[\dAB]{9})$/i.test(said)) void look(said);
        else setWrong(true);
      }}
    >
      <Field
        label={w.number}
        hint={left === null ? undefined : w.left(left)}
        error={wrong ? errorText("number", "wrong_length") : undefined}
      >
        {parts => (
          <input
            {...parts}
            name="number"
            inputMode="numeric"
            autoComplete="off"
            value={number}
            onInput={event => {
              setNumber(event.currentTarget.value);
              setWrong(false);
            }}
          />
        )}
      </Field>
      <button type="submit" class="btn line tall wide">
        {w.search}
      </button>
    </form>
  );
}
