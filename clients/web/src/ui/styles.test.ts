import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const sheets = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(file => file.endsWith(".css"));

/** The rules of a sheet whose selector names `:hover`, and whether they are for what can hover. */
function hovering(sheet: string): { rule: string; isGuarded: boolean }[] {
  const opened: string[] = [];
  const found: { rule: string; isGuarded: boolean }[] = [];
  for (const [, before, sign] of sheet.replace(/\/\*.*?\*\//gs, "").matchAll(/([^{}]*)([{}])/g)) {
    if (sign === "}") opened.pop();
    else {
      const rule = before!.trim().replace(/\s+/g, " ");
      if (rule.includes(":hover"))
        found.push({ rule, isGuarded: opened.some(outer => outer.includes("(hover: hover)")) });
      opened.push(rule);
    }
  }
  return found;
}

test("a finger leaves no hover style behind: all of them are for what can hover", () => {
  const rules = sheets.flatMap(file => hovering(readFileSync(root + file, "utf8")));
  expect(rules.length).toBeGreaterThan(5);
  expect(rules.filter(({ isGuarded }) => !isGuarded)).toEqual([]);
});
