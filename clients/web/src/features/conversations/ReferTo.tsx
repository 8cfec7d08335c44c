/** Whose slots are looked at, among those of a group who can be booked. */

import { useEffect, useState } from "preact/hooks";
import { href } from "../../runtime/routes";
import { call } from "../../runtime/runtime";
import { Dialog } from "../../ui/Dialog";
import { Skeleton } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { MemberLine, occupation } from "../../ui/members";
import type { MemberView } from "../../wire/types";
import { referFrom } from "../shell/uiState";
import { memberWords } from "./memberWords";
import { practitioners, referTo } from "./Refer";
import type { ConversationItem } from "./types";

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

export default function ReferTo({ conversation, onClose }: { conversation: ConversationItem; onClose: () => void }) {
  const w = memberWords.value.referTo;
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
