/** From a conversation to the slots of somebody in it: of the other person, or of one who is chosen. */

import { useState } from "preact/hooks";
import { go } from "../../runtime/routes";
import { isReachable, me } from "../../runtime/runtime";
import { Icon } from "../../ui/Icon";
import { lazyScreen } from "../../ui/lazyScreen";
import type { MemberView } from "../../wire/types";
import { referFrom } from "../shell/uiState";
import type { ConversationItem } from "./types";
import { conversationWords } from "./words";

const ReferTo = lazyScreen(() => import("./ReferTo"), isReachable, true);

/** Who may have an agenda at all: the others who practise. */
export function practitioners(conversation: ConversationItem): MemberView[] {
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
      {choosing && <ReferTo conversation={conversation} onClose={() => choose(false)} />}
    </>
  );
}

/** To the slots of one person; without one, to the search. */
export function referTo(conversation: string, to?: MemberView): void {
  referFrom.value = to ? { conversation, to } : { conversation };
  go({ name: "referral", step: "search" });
}
