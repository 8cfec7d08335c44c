/** The answer that the leader gives to another tab's `hello`: what it knows itself, as the server would say it. Pure. */

import type { Replica } from "../replica/replica";
import { streamOf } from "../wire/frame";
import type { StreamState, Welcome } from "../wire/types";

/** What the leader's engine knows of a stream. */
export interface Positions {
  cursor(stream: string): number | undefined;
  isStale(conversation: string): boolean;
}

/** A part of what the server lets one socket have in flight, for each tab beside the leader. */
const SHARE = 4;

/**
 * `welcome` is what the server said last, `cursors` is how far the other tab has got. A stream that the leader knows
 * less of than the other tab, or does not know to be up to date, is left out: for the one that has it nothing changes.
 */
export function welcomeFrom(
  welcome: Welcome,
  { me, conversations, unreadBeyond }: Replica,
  positions: Positions,
  cursors: Readonly<Record<string, number>>,
  serverTime: string,
): Welcome {
  const known = new Map<string, StreamState>();
  for (const { stream } of welcome.streams) put(known, stream, positions.cursor(stream));
  let more = welcome.more ?? false;
  for (const [id, { view, asOf, read, unread, last }] of conversations) {
    const stream = streamOf("c", id);
    if (positions.isStale(id)) {
      known.delete(stream);
      more = true;
      continue;
    }
    put(known, stream, positions.cursor(stream));
    const state = known.get(stream);
    if (!state) continue;
    const conversation = { ...view, head: asOf, read, unread, ...(last ? { last } : {}) };
    Object.assign(state, { read, unread, conversation, ...(view.from === undefined ? {} : { from: view.from }) });
  }
  const held = [...conversations.values()].reduce((sum, { unread }) => sum + unread, 0);
  const streams = [...known.values()].filter(({ stream, head }) => head >= (cursors[stream] ?? 0));
  const inFlight = Math.max(1, Math.floor(welcome.limits.in_flight / SHARE));
  return {
    ...welcome,
    me: me ?? welcome.me,
    limits: { ...welcome.limits, in_flight: inFlight },
    server_time: serverTime,
    streams,
    more,
    unread: held + unreadBeyond,
  };
}

function put(known: Map<string, StreamState>, stream: string, head: number | undefined): void {
  if (head !== undefined) known.set(stream, { stream, head });
}
