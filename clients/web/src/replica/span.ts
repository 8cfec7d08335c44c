/** An interval of time in an agenda, half-open: one that ends when another begins does not overlap it. */

export interface Span {
  start: string;
  end: string;
}

export function overlap(a: Span, b: Span): boolean {
  return Date.parse(a.start) < Date.parse(b.end) && Date.parse(b.start) < Date.parse(a.end);
}

/** The same interval, even when written with different offsets. */
export function same(a: Span, b: Span): boolean {
  return Date.parse(a.start) === Date.parse(b.start) && Date.parse(a.end) === Date.parse(b.end);
}
