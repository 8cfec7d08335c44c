/** Every catalogue of words: the same keys in both languages, each of them used, French set as French is. */

import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

type Words = { [key: string]: unknown };

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = new Map(
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter(file => /\.tsx?$/.test(file) && !file.endsWith(".test.ts"))
    .map(file => [file, readFileSync(root + file, "utf8")]),
);
const isCatalogue = (file: string): boolean => /(\.|^i18n\/)(fr|en)\.ts$/.test(file);
const code = [...sources].filter(([file]) => !isCatalogue(file)).map(([, text]) => text);

/** The catalogues by the name that scripts use: `referralWords` is declared in `features/referral/words.ts`. */
async function catalogues(): Promise<Map<string, { fr: Words; en: Words }>> {
  const found = new Map<string, { fr: Words; en: Words }>();
  for (const [file, text] of sources) {
    const name = /^export const (\w+) = catalogue\(/m.exec(text)?.[1];
    if (name === undefined) continue;
    const stem = file === "i18n/index.ts" ? "i18n/" : `${dirname(file)}/${basename(file, ".ts")}.`;
    const { fr } = (await import(`${root}${stem}fr.ts`)) as { fr: Words };
    const { en } = (await import(`${root}${stem}en.ts`)) as { en: Words };
    found.set(name, { fr, en });
  }
  return found;
}

const isGroup = (value: unknown): value is Words =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The paths of all texts: "hold.title". A list of texts is one. */
function paths(words: Words, before = ""): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    isGroup(value) ? paths(value, `${before}${key}.`) : [`${before}${key}`],
  );
}

/** Where a path leads that a script names: a text, a group of which one is chosen by a variable, or further than both. */
function resolved(words: Words, path: string): string {
  const found: string[] = [];
  let value: unknown = words;
  for (const key of path.split(".")) {
    if (!isGroup(value) || !(key in value)) break;
    found.push(key);
    value = value[key];
  }
  return found.join(".");
}

const READ = /\b(\w+)\.(?:value|peek\(\))((?:\??\.\w+|\[[^\]]+\])*)|\b(\w+)((?:\??\.\w+|\[[^\]]+\])+)/g;
const ALIAS = /const (\w+) = (\w+)\.(?:value|peek\(\))((?:\.\w+)*);/g;

/** What the scripts read, as "catalogue.path". `const w = words.value.hold` reads nothing yet; `w.title` after it does. */
function read(text: string, known: Map<string, { fr: Words }>): string[] {
  const aliases = [...text.matchAll(ALIAS)]
    .filter(([, , name]) => known.has(name!))
    .map(([declared, alias, name, path]) => ({ at: declared.length, start: 0, alias, name: name!, path: path! }));
  for (const [at, match] of [...text.matchAll(ALIAS)].filter(([, , name]) => known.has(name!)).entries())
    aliases[at]!.start = match.index;
  const isDeclaration = (at: number) => aliases.some(({ start, at: length }) => at >= start && at < start + length);
  return [...text.matchAll(READ)].flatMap(match => {
    if (isDeclaration(match.index)) return [];
    const [, catalogue, path, variable, after] = match;
    if (catalogue !== undefined && known.has(catalogue)) return [catalogue + dotted(path!)];
    const alias = aliases.findLast(({ start, alias: name }) => name === (variable ?? catalogue) && start < match.index);
    return alias ? [alias.name + dotted(alias.path + (after ?? path ?? ""))] : [];
  });
}

const dotted = (path: string): string => path.replaceAll("?.", ".").replace(/\[.*$/, "");

test("both languages have the same words", async () => {
  const all = await catalogues();
  expect(all.size).toBeGreaterThan(5);
  for (const [name, { fr, en }] of all) expect([name, paths(en).sort()]).toEqual([name, paths(fr).sort()]);
});

test("every word is said somewhere", async () => {
  const all = await catalogues();
  const reads = new Map<string, Set<string>>([...all.keys()].map(name => [name, new Set()]));
  for (const text of code)
    for (const path of read(text, all)) {
      const [name, ...keys] = path.split(".");
      reads.get(name!)?.add(resolved(all.get(name!)!.fr, keys.join(".")));
    }
  const unused = [...all].flatMap(([name, { fr }]) =>
    paths(fr)
      .filter(path => ![...reads.get(name!)!].some(said => said && (path === said || path.startsWith(`${said}.`))))
      .map(path => `${name}.${path}`),
  );
  expect(unused).toEqual([]);
});

test("French has its spaces that do not break, and its apostrophe", () => {
  const wrong = [...sources].flatMap(([file, text]) => {
    if (!/(\.|^i18n\/)fr\.ts$/.test(file)) return [];
    const texts = text.match(/"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
    return texts
      .map(one => one.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "…"))
      .filter(one => /[\p{L}\d…»)][ \u00a0]?[;:!?]|[\p{L}\d] ?»|« ?[\p{L}\d]|\p{L}'\p{L}/u.test(one))
      .filter(one => !/^"\.?\.?\//.test(one))
      .map(one => `${file}: ${one}`);
  });
  expect(wrong).toEqual([]);
});
