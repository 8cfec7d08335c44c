/**
 * How far each stream is known here. Numbers have no gaps, so a gap is something missing, to be asked for.
 *
 * A conversation without a known position has no gap: `conversation.get` says where it stands, and it is followed from
 * there. Numbers below a stream's `from` are hidden from this person and never asked for.
 */

import { type AnyEvent, ownerOf } from "../wire/frame";
import type { ConversationView, GetConversation, StreamState, Sync, Synced } from "../wire/types";
import { retryDelay } from "./backoff";

/** What the engine asks of the server for one stream. */
export type Question =
  | { stream: string; method: "sync"; params: Sync }
  | { stream: string; method: "conversation.get"; params: GetConversation };

interface Position {
  /** Everything up to here has been delivered; null until the server has said where the stream stands. */
  at: number | null;
  /** The highest number heard of. */
  head: number;
  /** `hello` did not say where it stands, so more may have happened than is known. */
  stale: boolean;
  /** Events are delivered as they come: a number that is left out is no gap, and none can be asked for. */
  live: boolean;
  /** `conversation.get` is to be asked. */
  describe: boolean;
  /** The head when the question under way was asked; null while there is none. */
  asked: number | null;
  /** How often a question brought nothing, since one did. */
  tries: number;
  notBefore: number;
}

type Known = Position & { at: number };

export class Streams {
  private readonly positions = new Map<string, Position>();
  /** Streams of which something is missing here. */
  private readonly missing = new Set<string>();

  /** How many of them there are. */
  get behind(): number {
    return this.missing.size;
  }

  at(stream: string): number | undefined {
    return this.positions.get(stream)?.at ?? undefined;
  }

  isStale(stream: string): boolean {
    return this.positions.get(stream)?.stale ?? false;
  }

  /** Where streams stand, for `hello`: `first` and then others, at most `most`. An agenda is watched anew instead. */
  cursors(first: string | null, most: number): Record<string, number> {
    const known = [...this.positions].filter((entry): entry is [string, Known] => entry[1].at !== null);
    return Object.fromEntries(
      known
        .filter(([stream]) => ownerOf("a", stream) === null)
        .sort(([a], [b]) => Number(b === first) - Number(a === first))
        .slice(0, most)
        .map(([stream, { at }]) => [stream, at]),
    );
  }

  forget(stream: string): void {
    this.positions.delete(stream);
    this.missing.delete(stream);
  }

  clear(): void {
    this.positions.clear();
    this.missing.clear();
  }

  /**
   * What `hello` said, asked with `cursors`. A stream of a cursor that is not listed has not moved and holds nothing
   * unread, or is stale when there are `more`; without a cursor and with no more, it is no longer this person's.
   */
  welcome(
    { streams, more = false }: { streams: StreamState[]; more?: boolean },
    cursors: Record<string, number>,
    limit: number,
  ): { lost: string[]; reset: string[]; unchanged: string[] } {
    const listed = new Set(streams.map(({ stream }) => stream));
    const lost: string[] = [];
    const unchanged: string[] = [];
    for (const [stream, position] of this.positions) {
      Object.assign(position, { asked: null, tries: 0, notBefore: 0 });
      if (listed.has(stream)) continue;
      if (position.at === null ? !more : ownerOf("a", stream) !== null) this.forget(stream);
      else if (more) position.stale = true;
      else if (stream in cursors) unchanged.push(stream);
      else lost.push(stream);
    }
    for (const stream of lost) this.forget(stream);
    for (const { stream, conversation } of streams) {
      const position = this.positions.get(stream);
      if (position && conversation) position.describe = false;
    }
    const reset = streams.filter(({ stream, head, from = 1 }) => this.place(stream, head, from, limit));
    return { lost, reset: reset.map(({ stream }) => stream), unchanged };
  }

  /** From now on events after `head` are delivered. A stream that is followed already keeps its place. */
  follow(stream: string, head: number, from: number, limit: number): boolean {
    const position = this.positions.get(stream);
    if (position && position.at !== null && !position.stale) return false;
    return this.place(stream, head, from, limit);
  }

  /** From now on events are delivered as they come: the server does not say where the stream stands. */
  followLive(stream: string): void {
    this.put(stream, { ...unknown(this.positions.get(stream)?.head ?? 0), live: true });
  }

  /** `conversation.get` will be asked, whatever is known of it. */
  describe(stream: string): void {
    const position = this.positions.get(stream) ?? unknown(0);
    position.describe = true;
    this.put(stream, position);
  }

  /** Whether to deliver it: it is the next of its stream. Known numbers are not; a later one leaves a gap. */
  accept({ stream, seq }: AnyEvent): boolean {
    const position = this.positions.get(stream) ?? unknown(seq);
    const isNew = position.live && seq > position.head;
    position.head = Math.max(position.head, seq);
    position.stale = false;
    const isNext = position.at !== null && seq === position.at + 1;
    if (isNext) position.at = seq;
    // An agenda's is heard of a moment before the answer that says where it stands.
    if (position.at === null && ownerOf("c", stream) !== null) position.describe = true;
    this.put(stream, position);
    return isNext || isNew;
  }

  /** At most `room` questions that are due; they count as asked from here. */
  questions(limit: number, room: number, now: number): Question[] {
    const questions: Question[] = [];
    for (const [stream, position] of this.behindNow()) {
      if (questions.length >= room) break;
      if (position.asked !== null || position.notBefore > now) continue;
      position.asked = position.head;
      const conversation = ownerOf("c", stream);
      if (position.describe && conversation !== null) {
        questions.push({ stream, method: "conversation.get", params: { conversation } });
      } else {
        questions.push({ stream, method: "sync", params: { stream, after: position.at ?? 0, limit } });
      }
    }
    return questions;
  }

  /** A page of `sync`: the events to deliver, in order. One that brings nothing is not asked for again at once. */
  page(stream: string, page: Synced, random: number, now: number): AnyEvent[] {
    const position = this.positions.get(stream);
    if (!position || position.at === null) return [];
    const heardSince = position.head > (position.asked ?? position.head);
    const before = position.at;
    position.asked = null;
    position.head = Math.max(position.head, page.head);
    this.put(stream, position);
    const events = page.events.map(event => ({ ...event, stream })).filter(event => this.accept(event));
    if (position.at > before || !isMissing(position)) Object.assign(position, { tries: 0, notBefore: 0 });
    else if (!heardSince || page.head > before) this.failed(stream, 0, random, now);
    return events;
  }

  /** The answer to `conversation.get`: whether it is still asked for, and whether what is held must be loaded anew. */
  described({ id, head, from = 1 }: ConversationView, limit: number): { wanted: boolean; reset: boolean } {
    const position = this.positions.get(`c:${id}`);
    if (!position?.describe) return { wanted: false, reset: false };
    Object.assign(position, { describe: false, asked: null, tries: 0, notBefore: 0 });
    this.put(`c:${id}`, position);
    return { wanted: true, reset: this.follow(`c:${id}`, head, from, limit) };
  }

  /** A question failed for a reason that may pass: this stream waits, longer each time, `least` milliseconds at least. */
  failed(stream: string, least: number, random: number, now: number): void {
    const position = this.positions.get(stream);
    if (!position) return;
    position.asked = null;
    position.notBefore = now + Math.max(least, retryDelay(position.tries, random));
    position.tries += 1;
  }

  /** When the next question is due; null when nothing is missing. */
  due(): number | null {
    let at = Infinity;
    for (const [, position] of this.behindNow()) {
      if (position.asked === null) at = Math.min(at, position.notBefore);
    }
    return at === Infinity ? null : at;
  }

  /**
   * The server says where the stream stands. True when it now begins anew there: it is further behind than one answer
   * to `sync` holds, its numbers went back, or what is held lies before the first number this person may see.
   */
  private place(stream: string, head: number, from: number, limit: number): boolean {
    const known = this.positions.get(stream);
    const at = known?.at ?? null;
    // An inbox is read from end to end: it says which conversations are lost.
    const isFar = at !== null && head - at > limit && ownerOf("i", stream) === null;
    const reset = at !== null && (isFar || head < at || at < from - 1);
    const heard = reset || !known ? head : Math.max(known.head, head);
    const next = at === null || reset ? head : at;
    this.put(stream, { ...unknown(heard), at: next, describe: known?.describe ?? false });
    return reset;
  }

  private put(stream: string, position: Position): void {
    this.positions.set(stream, position);
    if (isMissing(position)) this.missing.add(stream);
    else this.missing.delete(stream);
  }

  private behindNow(): [string, Position][] {
    return [...this.missing].flatMap(stream => {
      const position = this.positions.get(stream);
      return position ? [[stream, position] as [string, Position]] : [];
    });
  }
}

/** A stream that is heard of, and nothing more. */
function unknown(head: number): Position {
  return { at: null, head, stale: false, live: false, describe: false, asked: null, tries: 0, notBefore: 0 };
}

function isMissing(position: Position): boolean {
  return position.describe || (position.at !== null && position.head > position.at);
}
