/** Who has read a message and when, and who has not. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { clock, dayOf, numericDay } from "../../i18n";
import { call } from "../../runtime/runtime";
import { Dialog } from "../../ui/Dialog";
import { Failed, Skeleton } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { MemberLine, occupation } from "../../ui/members";
import { excerpt } from "../../ui/Text";
import type { MessageReceipts, ReaderView } from "../../wire/types";
import { messageWords } from "./messageWords";
import { said } from "./state";
import type { MessageItem } from "./types";

export function Receipts({ item, onClose }: { item: MessageItem; onClose: () => void }) {
  const w = messageWords.value;
  const { message } = item;
  const [found, setFound] = useState<MessageReceipts | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = async () => {
    setProblem(null);
    const outcome = await call("message.receipts", { message: message.id });
    if (outcome.ok) setFound(outcome.value);
    else setProblem(outcome.problem);
  };
  // Somebody reads it while one looks: then what this device knows of the members has changed.
  useEffect(() => void load(), [item.readBy.length]);
  return (
    <Dialog title={w.receipts} onClose={onClose}>
      <p class="about">
        <bdi>{excerpt(said(message))}</bdi>
      </p>
      {!found && !problem && <Skeleton rows={2} />}
      {problem && <Failed problem={problem} onRetry={() => void load()} />}
      {found && (
        <>
          <Readers title={w.readers(found.read.length)} icon={<Icon name="checks" size="xs" />} readers={found.read} />
          <Readers
            title={w.waiting(found.unread.length)}
            icon={<Icon name="clock" size="xs" />}
            readers={found.unread}
          />
          {found.more && <p class="hint">{w.notAll}</p>}
        </>
      )}
    </Dialog>
  );
}

interface ReadersProps {
  title: string;
  icon: ComponentChildren;
  readers: readonly ReaderView[];
}

function Readers({ title, icon, readers }: ReadersProps) {
  const w = messageWords.value;
  if (readers.length === 0) return null;
  return (
    <section class="readers">
      <h3>
        {icon}
        {title}
      </h3>
      <ul>
        {readers.map(one => (
          <li key={one.person}>
            <MemberLine
              id={one.person}
              name={one.name}
              badge={one.badge}
              sub={[occupation(one), one.former && w.former].filter(Boolean).join(", ")}
            >
              {one.at && <time dateTime={one.at}>{moment(one.at)}</time>}
            </MemberLine>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The time alone today, with its day before. */
function moment(at: string): string {
  const day = dayOf(at);
  return day === dayOf(Date.now()) ? clock(at) : `${numericDay(day)} ${clock(at)}`;
}
