/** Text is cut where a person would: never within what is seen as one character. Pure. */

/** One unit each: most of what is cut, and much faster to cut. */
const PLAIN = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u202f-\u205e]*$/;
const LONGEST = 32;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The first `count` characters, as people count them. One that is longer than `LONGEST` is not begun. */
export function firstOf(text: string, count: number): string {
  if (PLAIN.test(text.slice(0, count + 1))) return text.slice(0, count);
  let end = 0;
  let seen = 0;
  // Signs can be piled up on a letter without end: what is looked at is bounded.
  for (const { segment, index } of segmenter.segment(text.slice(0, count * LONGEST))) {
    if (seen === count || segment.length > LONGEST) break;
    seen += 1;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** The first character that is a letter or a digit; empty when there is none. */
export function firstLetter(text: string): string {
  for (const { segment } of segmenter.segment(text)) if (/[\p{L}\p{N}]/u.test(segment)) return firstOf(segment, 1);
  return "";
}
