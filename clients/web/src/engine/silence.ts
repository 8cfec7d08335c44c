/**
 * How long nothing was heard of the server. A probe is a question that any living server answers: it is due after half
 * a minute, and a minute after the last word the connection is given up.
 */

const PROBE_AFTER = 30_000;
const SILENT_AFTER = 60_000;
/** How long the answer to a probe may take when the socket may be dead without knowing, in milliseconds. */
export const PROBE_WITHIN = 5_000;

export class Silence {
  private heardAt = 0;
  /** A probe is under way, and this is when it has taken too long. */
  private overAt: number | null = null;

  /** The server said something: any frame will do. */
  heard(now: number): void {
    this.heardAt = now;
    this.overAt = null;
  }

  /** Whether nothing was heard since something was sent at `at`, and no probe is under way to find out why. */
  isSuspicious(at: number): boolean {
    return this.overAt === null && this.heardAt <= at;
  }

  /** Whether the connection is to be given up. */
  isOver(now: number): boolean {
    return this.overAt !== null && now >= this.overAt;
  }

  /** Milliseconds within which a probe must be answered, when one is due. Until `pausedUntil` nobody may speak. */
  probeDue(pausedUntil: number, now: number): number | null {
    const since = Math.max(this.heardAt, pausedUntil);
    if (this.overAt !== null || now < since + PROBE_AFTER) return null;
    // A hidden page's clock may strike once a minute only: the answer has its time all the same.
    return Math.max(PROBE_WITHIN, since + SILENT_AFTER - now);
  }

  /** Something must be heard within this time. True when a probe has to be sent for it: none is under way. */
  begin(within: number, now: number): boolean {
    const isFirst = this.overAt === null;
    this.overAt = Math.min(this.overAt ?? Infinity, now + within);
    return isFirst;
  }

  due(pausedUntil: number): number {
    return this.overAt ?? Math.max(this.heardAt, pausedUntil) + PROBE_AFTER;
  }
}
