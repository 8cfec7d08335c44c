/** Links and telephone numbers in what people wrote. They end where a person says that they end. Pure. */

export type Part = string | { href: string; text: string };

/** Quotation marks, and signs without a width or that change the direction of what follows, are in no link. */
const OUTSIDE = '\\s<>"«»“”„‹›\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff';
const LINK = `(?:https?://|(?<![\\p{L}\\p{N}@./-])www\\.)[^${OUTSIDE}]+`;
/** Ten digits as they are written in France, or an international number; not a part of a longer one. */
const SEPARATOR = "[ .\\u00a0\\u202f-]?";
const PHONE =
  `(?<![\\p{L}\\p{N}+/,_-]|\\d[ .\\u00a0\\u202f-])` +
  `(?:(?:\\+33|0033)${SEPARATOR}(?:\\(0\\)${SEPARATOR})?[1-9]|0[1-9])(?:${SEPARATOR}\\d\\d){4}` +
  `(?![\\p{L}\\d/_]|[ .,\\u00a0\\u202f-]\\d)`;
const FOREIGN = `(?<![\\p{L}\\p{N}])\\+(?!33)[1-9]\\d{0,2}(?:${SEPARATOR}\\d){6,12}(?![\\p{L}\\d_]|[ .,\\u00a0\\u202f-]\\d)`;
const FOUND = new RegExp(`(${LINK})|(${PHONE}|${FOREIGN})`, "giu");

const TRAILING = /[.,;:!?…'’*_~]+$/u;
const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(FOUND)) {
    const found = match[1] === undefined ? phone(match[0]) : link(match[0]);
    if (!found) continue;
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push(found);
    from = match.index + found.text.length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function link(written: string): (Part & object) | null {
  const text = withoutTail(written);
  const address = /^www\./i.test(text) ? `https://${text}` : text;
  if (!URL.canParse(address)) return null;
  const { href, hostname } = new URL(address);
  // "http://x" is more often a slip than a place.
  return hostname.includes(".") || hostname === "localhost" || hostname.startsWith("[") ? { href, text } : null;
}

/** Without the punctuation of the sentence, and without brackets that were opened before the link. */
function withoutTail(written: string): string {
  let text = written;
  for (;;) {
    const shorter = text.replace(TRAILING, "");
    const closing = shorter.at(-1) ?? "";
    const opening = PAIRS[closing];
    if (opening !== undefined && count(shorter, closing) > count(shorter, opening)) text = shorter.slice(0, -1);
    else if (shorter === text) return text;
    else text = shorter;
  }
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

function phone(text: string): Part & object {
  const digits = text.replace("(0)", "").replace(/[^\d+]/g, "");
  return { href: `tel:${digits.replace(/^00/, "+")}`, text };
}
