/** What both catalogues are written with: plural forms by Intl, and names that cannot turn the text around them. */

/** Chooses between two forms by the rules of a language: `n` is written as that language writes numbers. */
export function pluralIn(locale: string): (n: number, one: string, other: string) => string {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (n, one, other) => (rules.select(n) === "one" ? one : other).replace("#", numbers.format(n));
}

/**
 * Text written by people, inside a sentence of ours: a right-to-left override in it ends where it ends.
 * For labels and announcements, where no `<bdi>` can stand.
 */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}
