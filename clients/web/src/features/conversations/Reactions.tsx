/** What people think of a message: each kind as its word and an icon, with how many. One touch adds one's own. */

import type { ComponentChildren } from "preact";
import { isolated } from "../../i18n";
import { call, me, replica } from "../../runtime/runtime";
import { announce } from "../../ui/announcer";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import type { MessageView, ReactionView } from "../../wire/types";
import { messageWords } from "./messageWords";
import { conversationWords } from "./words";

type Emoji = ReactionView["emoji"];

export const EMOJIS = ["👍", "✅", "👀", "❤️", "❓"] as const satisfies readonly Emoji[];

interface ReactionsProps {
  message: MessageView;
  /** Where nothing can be written, one's own can still be taken back. */
  canPost: boolean;
}

export default function Reactions({ message, canPost }: ReactionsProps) {
  const w = messageWords.value;
  return (
    <ul class="rxs" aria-label={w.reactions}>
      {(message.reactions ?? []).map(({ emoji, count, people }) => {
        const mine = isMine(message, emoji);
        return (
          <li key={emoji}>
            <button
              type="button"
              class="rx"
              aria-pressed={mine}
              aria-label={w.reacted(w.emoji[emoji], count, mine)}
              title={people.map(named).join(", ")}
              disabled={!mine && !canPost}
              onClick={() => void toggle(message, emoji)}
            >
              {icon(emoji)}
              {w.emoji[emoji]} <b>{count}</b>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** All kinds, to choose from. */
export function ReactionRow({ message, onChosen }: { message: MessageView; onChosen: () => void }) {
  const w = messageWords.value;
  return (
    <fieldset class="rxrow" aria-label={w.reactions}>
      {EMOJIS.map(emoji => (
        <button
          key={emoji}
          type="button"
          aria-pressed={isMine(message, emoji)}
          onClick={() => {
            onChosen();
            void toggle(message, emoji);
          }}
        >
          {icon(emoji)}
          <span>{w.emoji[emoji]}</span>
        </button>
      ))}
    </fieldset>
  );
}

function icon(emoji: Emoji): ComponentChildren {
  if (emoji === "✅") return <Icon name="check" size="s" />;
  if (emoji === "👀") return <Icon name="eye" size="s" />;
  return <FurtherIcon name={emoji === "👍" ? "thumb" : emoji === "❤️" ? "heart" : "question"} size="s" />;
}

function isMine({ reactions }: MessageView, emoji: Emoji): boolean {
  return reactions?.some(one => one.emoji === emoji && one.people.includes(me.value?.id ?? "")) ?? false;
}

function named(person: string): string {
  return isolated(replica.value.members.get(person)?.name ?? conversationWords.value.thread.formerMember);
}

async function toggle(message: MessageView, emoji: Emoji): Promise<void> {
  const method = isMine(message, emoji) ? "message.unreact" : "message.react";
  const outcome = await call(method, { message: message.id, emoji });
  if (!outcome.ok) announce(explain(outcome.problem), "now");
}
