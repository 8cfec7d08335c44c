/** Who asks to write, and the groups of strangers that wait for an answer: above the conversations, while there are any. */

import { useState } from "preact/hooks";
import { go, href } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { Avatar, occupation } from "../../ui/members";
import { explain } from "../../ui/problem";
import type { GroupRequestView } from "../../wire/types";
import { contacts } from "../contacts/state";
import { newConversationOpen } from "../shell/uiState";
import { caseDraft, NOTHING } from "./caseDraft";
import { caseWords } from "./caseWords";
import { memberWords } from "./memberWords";
import { acceptGroup, declineGroup, groupRequests } from "./requests";

export default function Waiting() {
  const asked = contacts.value.value?.requests ?? [];
  const groups = groupRequests().value.value ?? [];
  return (
    <>
      {asked.length > 0 && (
        <a class="conv waiting" href={href({ name: "contacts" })}>
          <Icon name="hand" />
          <span class="grow">{memberWords.value.asked(asked.length)}</span>
          <Icon name="right" size="s" />
        </a>
      )}
      <CaseBegun />
      {groups.length > 0 && (
        <section aria-label={memberWords.value.groups.title}>
          <h2 class="group">
            <Icon name="hand" size="s" />
            {memberWords.value.groups.title}
            <span class="n">{groups.length}</span>
          </h2>
          <ul>
            {groups.map(one => (
              <Group key={one.conversation} asked={one} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** The case that is being written: a reload or another screen leaves it here. */
function CaseBegun() {
  const draft = caseDraft();
  if (draft === NOTHING) return null;
  return (
    <button type="button" class="conv waiting" onClick={() => (newConversationOpen.value = "case")}>
      <Icon name="file" />
      <span class="grow cut">{caseWords.value.fields.resume(draft.form.title.trim())}</span>
      <Icon name="right" size="s" />
    </button>
  );
}

function Group({ asked }: { asked: GroupRequestView }) {
  const w = memberWords.value.groups;
  const [busy, setBusy] = useState(false);
  const title = asked.title ?? w.untitled;
  const answer = async (accept: boolean) => {
    if (busy) return;
    setBusy(true);
    const outcome = await (accept ? acceptGroup(asked.conversation) : declineGroup(asked.conversation));
    setBusy(false);
    if (!outcome.ok) toast(explain(outcome.problem));
    else if (accept) go({ name: "conversation", id: asked.conversation });
    else toast(w.declined);
  };
  return (
    <li class="waits">
      <div class="row">
        <Avatar id={asked.conversation} name={title} group size="s" />
        <div class="grow">
          <b>
            <bdi>{title}</bdi>
          </b>
          <div class="t13 soft">{w.by([asked.by_name, occupation(asked)].filter(Boolean).join(", "))}</div>
        </div>
      </div>
      <p class="hint">{w.note(asked.member_count)}</p>
      <div class="row wrap">
        <button type="button" class="btn main small" aria-disabled={busy} onClick={() => void answer(true)}>
          {w.accept}
        </button>
        <button type="button" class="btn line small" aria-disabled={busy} onClick={() => void answer(false)}>
          {w.decline}
        </button>
      </div>
    </li>
  );
}
