/** How far each stream is known here. Numbers have no gaps, so a gap is something missing, to be asked for. */

import { type AnyEvent, SYNC_LIMIT } from "../wire/frame";
import type { StreamState, Sync, Synced } from "../wire/types";

/** After a `sync` that failed for no reason of ours, in milliseconds. */
const ASK_AGAIN_AFTER = 5_000;

interface Position {
  /** Everything up to here has been delivered. */
  at: number;
  /** The highest number heard of. */
  head: number;
  /** The head when `sync` was asked, while its answer is awaited. */
  asked: number | null;
  notBefore: number;
}

export class Streams {
  private readonly positions = new Map<string, Position>();
  /** Numbers heard of streams not followed yet: they may be followed a moment later. */
  private readonly heard = new Map<string, number>();

  /** Where each stream stands, for `hello`. */
  cursors(): Record<string, number> {
    return Object.fromEntries([...this.positions].map(([stream, position]) => [stream, position.at]));
  }

  at(stream: string): number | undefined {
    return this.positions.get(stream)?.at;
  }

  /** From now on events after `at` are delivered. A stream already followed keeps its place. */
  follow(stream: string, at: number): void {
    if (this.positions.has(stream)) return;
    const head = Math.max(at, this.heard.get(stream) ?? 0);
    this.heard.delete(stream);
    this.positions.set(stream, { at, head, asked: null, notBefore: 0 });
  }

  forget(stream: string): void {
    this.positions.delete(stream);
    this.heard.delete(stream);
  }

  clear(): void {
    this.positions.clear();
    this.heard.clear();
  }

  /**
   * What `hello` said: new streams are followed from their head, those left out are lost to this person, and those
   * too far behind to be worth catching up begin anew at their head.
   */
  welcome(summaries: StreamState[]): { lost: string[]; reset: string[] } {
    const listed = new Map(summaries.map(({ stream, head }) => [stream, head]));
    const lost = [...this.positions.keys()].filter(stream => !listed.has(stream));
    const reset: string[] = [];
    for (const stream of lost) this.forget(stream);
    this.heard.clear();
    for (const [stream, head] of listed) {
      const position = this.positions.get(stream);
      if (!position) {
        this.positions.set(stream, { at: head, head, asked: null, notBefore: 0 });
      } else if (head - position.at > SYNC_LIMIT || head < position.at) {
        this.positions.set(stream, { at: head, head, asked: null, notBefore: 0 });
        reset.push(stream);
      } else {
        this.positions.set(stream, { at: position.at, head, asked: null, notBefore: 0 });
      }
    }
    return { lost, reset };
  }

  /** Whether to deliver it: it is the next of its stream. Known numbers are not; a later one leaves a gap. */
  accept(event: AnyEvent): boolean {
    const position = this.positions.get(event.stream);
    if (!position) {
      this.heard.set(event.stream, Math.max(event.seq, this.heard.get(event.stream) ?? 0));
      return false;
    }
    position.head = Math.max(position.head, event.seq);
    if (event.seq !== position.at + 1) return false;
    position.at = event.seq;
    return true;
  }

  /** Gaps nobody has asked about yet, as the parameters of `sync`; they count as asked from here. */
  gaps(now: number): Sync[] {
    const gaps: Sync[] = [];
    for (const [stream, position] of this.positions) {
      if (position.head <= position.at || position.asked !== null || position.notBefore > now) continue;
      position.asked = position.head;
      gaps.push({ stream, after: position.at, limit: SYNC_LIMIT });
    }
    return gaps;
  }

  /**
   * A page of `sync`: the events to deliver, in order. `stuck` when the page did not bring the stream forward, so
   * that asking again would not either: it then stands at the server's head, and what is shown must be loaded anew.
   */
  page(stream: string, page: Synced, now: number): { events: AnyEvent[]; stuck: boolean } {
    const position = this.positions.get(stream);
    if (!position) return { events: [], stuck: false };
    const heardSince = position.head > (position.asked ?? position.head);
    const before = position.at;
    position.asked = null;
    position.head = Math.max(position.head, page.head);
    const events = page.events.map(event => ({ ...event, stream })).filter(event => this.accept(event));
    const stuck = position.at === before && page.head > before;
    if (stuck) position.at = page.head;
    else if (position.at === before && !heardSince) position.notBefore = now + ASK_AGAIN_AFTER;
    return { events, stuck };
  }

  /** `sync` failed for a reason that may pass. */
  failed(stream: string, now: number): void {
    const position = this.positions.get(stream);
    if (!position) return;
    position.asked = null;
    position.notBefore = now + ASK_AGAIN_AFTER;
  }

  /** Streams of which something is missing here. */
  behind(): number {
    let count = 0;
    for (const position of this.positions.values()) if (position.head > position.at) count += 1;
    return count;
  }

  due(): number | null {
    let at = Infinity;
    for (const position of this.positions.values()) {
      if (position.head > position.at && position.asked === null) at = Math.min(at, position.notBefore);
    }
    return at === Infinity ? null : at;
  }
}
