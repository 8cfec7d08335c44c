/** The dialog that opens a conversation: with one colleague, with a group that has a name, or about a case. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { go } from "../../runtime/routes";
import type { Outcome } from "../../runtime/runtime";
import { Dialog } from "../../ui/Dialog";
import { Field, tooLong, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { OPEN_CONVERSATION_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import { session } from "../account/state";
import { AskFirst } from "../contacts";
import { newConversationOpen } from "../shell/uiState";
import { CaseFields } from "./CaseFields";
import { attempted, caseDraft, dropCase, editCase, NOTHING } from "./caseDraft";
import { caseOf, wrongs } from "./caseForm";
import { caseWords } from "./caseWords";
import type { PickedMember } from "./MemberPicker";
import { MemberPicker } from "./MemberPicker";
import { memberWords } from "./memberWords";
import { openDirect, opened, openGroup } from "./state";

export default function NewConversation() {
  const w = memberWords.value.create;
  const [kind, setKind] = useState<"direct" | "group" | "case">(
    newConversationOpen.peek() === "case" ? "case" : "direct",
  );
  const [members, setMembers] = useState<PickedMember[]>([]);
  const [title, setTitle] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const [tried, setTried] = useState(false);
  const [asking, setAsking] = useState<PickedMember>();
  const draft = caseDraft();
  const { form } = draft;
  const isKept = draft !== NOTHING;
  const picked = kind === "case" ? draft.picked : members;
  const setPicked = (next: PickedMember[]) => (kind === "case" ? editCase({ picked: next }) : setMembers(next));
  const close = () => (newConversationOpen.value = false);
  const here = session.value;
  const me = here.state === "signed-in" ? here.me?.id : undefined;

  const open = async (opening: Promise<Outcome<string>>, people: PickedMember[], onOpened = () => {}) => {
    setBusy(true);
    setWrong(undefined);
    const outcome = await opening;
    setBusy(false);
    if (!outcome.ok) {
      setAsking(people.find(one => outcome.problem.people?.includes(one.person)));
      return setWrong(explain(outcome.problem));
    }
    close();
    onOpened();
    go({ name: "conversation", id: outcome.value });
  };
  const giveUp = () => {
    setTried(false);
    dropCase();
  };
  const pick = (person: PickedMember) => {
    if (busy) return;
    if (kind === "direct") return void open(openDirect(person.person), [person]);
    setPicked(picked.some(known => known.person === person.person) ? unpicked(picked, person) : [...picked, person]);
  };
  const long = tooLong(title, OPEN_CONVERSATION_LENGTHS.title);
  const submit = () => {
    setTried(true);
    const persons = picked.map(each => each.person);
    if (kind === "case" && Object.keys(wrongs(form)).length === 0 && picked.length > 0 && !busy) {
      const content = { title: form.title.trim(), case: caseOf(form) };
      void open(opened("case", persons, content, attempted([persons, content])), picked, dropCase);
    }
    if (kind === "group" && !isBlank(title) && !long && picked.length > 0 && !busy)
      void open(openGroup(title.trim(), persons), picked);
  };

  if (asking) return <AskFirst person={asking.person} name={asking.name} onClose={() => setAsking(undefined)} />;
  return (
    <Dialog
      title={w.title}
      onClose={close}
      onSubmit={submit}
      footer={
        kind !== "direct" && (
          <>
            <button type="button" class="btn line" onClick={close}>
              {kind === "case" ? caseWords.value.fields.later : words.value.cancel}
            </button>
            <button type="submit" class="btn main" aria-disabled={busy}>
              {busy ? w.opening : kind === "case" ? caseWords.value.fields.open : w.open}
            </button>
          </>
        )
      }
    >
      <fieldset class="seg" aria-label={w.title}>
        <button type="button" aria-pressed={kind === "direct"} onClick={() => setKind("direct")}>
          {w.one}
        </button>
        <button type="button" aria-pressed={kind === "group"} onClick={() => setKind("group")}>
          {w.many}
        </button>
        <button type="button" aria-pressed={kind === "case"} onClick={() => setKind("case")}>
          {w.case}
        </button>
      </fieldset>
      {kind === "group" && (
        <Field label={w.groupName} hint={w.groupNameHint} error={tried && isBlank(title) ? w.groupNameMissing : long}>
          {parts => (
            <input {...parts} type="text" value={title} onInput={event => setTitle(event.currentTarget.value)} />
          )}
        </Field>
      )}
      {kind === "case" && <CaseFields form={form} onChange={next => editCase({ form: next })} tried={tried} />}
      {kind === "case" && <h3 class="case-asked">{caseWords.value.fields.asked}</h3>}
      {kind !== "direct" && picked.length > 0 && (
        <PickedMembers picked={picked} onUnpick={person => setPicked(unpicked(picked, person))} />
      )}
      <MemberPicker present={me ? [me] : []} picked={kind === "direct" ? [] : picked} onPick={pick} />
      {kind === "case" && isKept && (
        <button type="button" class="btn bare small" onClick={giveUp}>
          {caseWords.value.fields.giveUp}
        </button>
      )}
      {tried && kind !== "direct" && picked.length === 0 && <Wrong text={w.noneChosen} />}
      {wrong && (
        <div role="alert">
          <Wrong text={wrong} />
        </div>
      )}
    </Dialog>
  );
}

const unpicked = (picked: PickedMember[], person: PickedMember): PickedMember[] =>
  picked.filter(known => known.person !== person.person);

function PickedMembers({ picked, onUnpick }: { picked: PickedMember[]; onUnpick: (person: PickedMember) => void }) {
  const w = memberWords.value.create;
  return (
    <ul class="picked" aria-label={w.chosen}>
      {picked.map(person => (
        <li key={person.person} class="chip">
          <bdi>{person.name}</bdi>
          <button type="button" aria-label={w.unpick(person.name)} onClick={() => onUnpick(person)}>
            <Icon name="x" size="xs" />
          </button>
        </li>
      ))}
    </ul>
  );
}
