/** The rows of a thread: days, and runs of messages of one author. Pure. */

import { dayOf } from "../../i18n";
import type { ThreadItem } from "./types";

export type Row =
  | { kind: "day"; key: string; day: string }
  | { kind: "new"; key: string }
  | { kind: "item"; key: string; item: ThreadItem; first: boolean; last: boolean };

const RUN = 5 * 60_000;

const when = (item: ThreadItem): string => (item.kind === "message" ? item.message.at : item.at);

/** Empty for a note, which belongs to no run. */
function author(item: ThreadItem): string {
  if (item.kind === "note") return "";
  return item.kind === "pending" || item.mine ? "me" : item.message.author;
}

function together(one: ThreadItem | undefined, two: ThreadItem | undefined): boolean {
  if (!one || !two || !author(one) || author(one) !== author(two)) return false;
  if (two.kind === "message" && two.firstUnread) return false;
  return Date.parse(when(two)) - Date.parse(when(one)) < RUN && dayOf(when(one)) === dayOf(when(two));
}

/** A run ends where the number of readers changes. */
const readers = (item: ThreadItem | undefined): number =>
  item?.kind === "message" && item.mine ? item.readBy.length : 0;

export function rows(items: ThreadItem[]): Row[] {
  const made: Row[] = [];
  items.forEach((item, at) => {
    const before = items[at - 1];
    const day = dayOf(when(item));
    if (!before || dayOf(when(before)) !== day) made.push({ kind: "day", key: `d${day}-${item.key}`, day });
    if (item.kind === "message" && item.firstUnread) made.push({ kind: "new", key: "new" });
    made.push({
      kind: "item",
      key: item.key,
      item,
      first: !together(before, item),
      last: !together(item, items[at + 1]) || readers(item) !== readers(items[at + 1]),
    });
  });
  return made;
}
