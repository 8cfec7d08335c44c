/** A stretch of time in an agenda. Half-open: what ends when another begins does not touch it. */

export interface Span {
  start: string;
  end: string;
}

export function overlap(a: Span, b: Span): boolean {
  return Date.parse(a.start) < Date.parse(b.end) && Date.parse(b.start) < Date.parse(a.end);
}

/** The same stretch, whatever offsets it is written with. */
export function same(a: Span, b: Span): boolean {
  return Date.parse(a.start) === Date.parse(b.start) && Date.parse(a.end) === Date.parse(b.end);
}
