/** From a conversation to the slots of somebody in it: of the other person, or of one who is chosen. */

import { useEffect, useState } from "preact/hooks";
import { go, href } from "../../runtime/routes";
import { call, me } from "../../runtime/runtime";
import { Dialog } from "../../ui/Dialog";
import { Skeleton } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { MemberLine, occupation } from "../../ui/members";
import type { MemberView } from "../../wire/types";
import { referFrom } from "../shell/uiState";
import type { ConversationItem } from "./types";
import { conversationWords } from "./words";

/** Who may have an agenda at all: the others who practise. */
function practitioners(conversation: ConversationItem): MemberView[] {
  return conversation.members.filter(
    ({ person, function: what }) => person !== me.peek()?.id && what === "practitioner",
  );
}

interface ReferProps {
  conversation: ConversationItem;
  /** Its look; with `icon` the words are for screen readers alone. */
  class: string;
  icon?: boolean;
}

export function Refer({ conversation, class: look, icon = false }: ReferProps) {
  const w = conversationWords.value.thread;
  const [choosing, choose] = useState(false);
  const begin = () => {
    const possible = conversation.kind === "direct" ? conversation.others : practitioners(conversation);
    if (possible.length === 1) referTo(conversation.id, possible[0]);
    else if (possible.length) choose(true);
    else referTo(conversation.id);
  };
  return (
    <>
      <button type="button" class={look} aria-label={w.refer} title={icon ? w.refer : undefined} onClick={begin}>
        <Icon name="refer" size={icon ? "" : "s"} />
        {!icon && <span class="word">{w.refer}</span>}
      </button>
      {choosing && <Choose conversation={conversation} onClose={() => choose(false)} />}
    </>
  );
}

/** To the slots of one person; without one, to the search. */
function referTo(conversation: string, to?: MemberView): void {
  referFrom.value = to ? { conversation, to } : { conversation };
  go({ name: "referral", step: "search" });
}

/** Questions for agendas that are on their way at once: a group may be large. */
const AT_ONCE = 8;

/** Those members who can be booked, as they are found. */
function useBookable(members: MemberView[]) {
  const [found, find] = useState<{ done: boolean; bookable: string[] }>({ done: false, bookable: [] });
  useEffect(() => {
    let wanted = true;
    const rest = [...members];
    const ask = async (): Promise<void> => {
      const next = rest.shift();
      if (!next || !wanted) return;
      const outcome = await call("agenda.reasons", { practitioner: next.person });
      if (wanted && outcome.ok && outcome.value.agendas.length)
        find(before => ({ ...before, bookable: [...before.bookable, next.person] }));
      await ask();
    };
    void Promise.all(Array.from({ length: AT_ONCE }, ask)).then(() => wanted && find(all => ({ ...all, done: true })));
    return () => {
      wanted = false;
    };
  }, []);
  return found;
}

function Choose({ conversation, onClose }: { conversation: ConversationItem; onClose: () => void }) {
  const w = conversationWords.value.thread.referTo;
  const [members] = useState(() => practitioners(conversation));
  const { done, bookable } = useBookable(members);
  const shown = members.filter(member => bookable.includes(member.person));
  return (
    <Dialog title={w.title} onClose={onClose}>
      <p class="soft">{w.text}</p>
      <ul class="refer-to">
        {shown.map(member => (
          <li key={member.person}>
            <button type="button" onClick={() => referTo(conversation.id, member)}>
              <MemberLine id={member.person} name={member.name} badge={member.badge} sub={occupation(member)}>
                <Icon name="right" size="s" />
              </MemberLine>
            </button>
          </li>
        ))}
      </ul>
      {!done && <Skeleton rows={2} />}
      {done && shown.length === 0 && <p>{w.none}</p>}
      <a
        class="btn line"
        href={href({ name: "referral", step: "search" })}
        onClick={() => (referFrom.value = { conversation: conversation.id })}
      >
        <Icon name="search" size="s" />
        {w.somebodyElse}
      </a>
    </Dialog>
  );
}
