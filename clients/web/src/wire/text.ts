/**
 * What is done to a text once, before it leaves or any rule looks at it: the same as `server/kernel/wire/text.py`, by
 * the cases of `tests/cases/text.json`.
 */

const CONTROL = /[^\P{Cc}\t\n\r]/gu;
const INVISIBLE =
  /\u00ad|\u034f|\u061c|\u180e|[\u200b-\u200c]|\u200d|[\u200e-\u200f]|[\u202a-\u202c]|[\u2060-\u2064]|[\u2066-\u206f]|\ufeff/gu;
/** White space as the server counts it: JavaScript takes U+FEFF for some, and some for none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they separate words there, so they do here.
const SPACE = /[\p{Z}\t-\r\u001c-\u001f\u0085]+/gu;
const HYPHENS = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
const APOSTROPHES = /[`\u00b4\u02b9\u02bb-\u02bd\u2018\u2019\u201b\u2032\uff07]/g;
const BLANK = /^(?:[\s\p{Cf}\p{Cc}\p{Z}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]|[\ufe00-\ufe0f])*$/u;

/** What JSON, UTF-8 and PostgreSQL can hold: U+FFFD for halves of surrogate pairs, no controls but tab and line ends. */
export function wellFormed(text: string): string {
  // `toWellFormed` is younger than some browsers that are in use.
  const whole = /[\ud800-\udfff]/.test(text)
    ? text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, found => (found.length > 1 ? found : "\ufffd"))
    : text;
  return whole.replace(CONTROL, "");
}

/** JSON of which every text is well-formed: what leaves the page, by the socket or by HTTP. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "string" ? wellFormed(inner) : inner));
}

/** Whether there is nothing to see in it. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/** One line: composed letters, one space between words, none at the ends. Typographic signs stay. */
export function line(typed: string): string {
  const kept = typed.replace(INVISIBLE, found => (found === "\u200d" ? found : "")).normalize("NFC");
  return kept
    .replace(SPACE, " ")
    .replace(/^[ ]+|[ ]+$/g, "")
    .replace(/^\u200d+|\u200d+$/g, "");
}

/** What is compared, dialled or computed with: `line` with the keyboard's own hyphen and apostrophe. */
export function plain(typed: string): string {
  const kept = typed.replace(INVISIBLE, "").replace(APOSTROPHES, "'").replace(HYPHENS, "-").normalize("NFC");
  return kept.replace(SPACE, " ").replace(/^ | $/g, "");
}

/** Characters as people and the server count them: a pictogram of two code units is one. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
