/** Plural forms and text isolation, for both catalogues. */

/** Chooses between two forms by the plural rules of a language, and formats `n` as that language does. */
export function pluralIn(locale: string): (n: number, one: string, other: string) => string {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (n, one, other) => (rules.select(n) === "one" ? one : other).replace("#", numbers.format(n));
}

/**
 * Text written by people, inside a sentence of ours, with its direction isolated: a right-to-left override in it does
 * not affect the rest. For labels and announcements, which cannot contain `<bdi>`.
 */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
