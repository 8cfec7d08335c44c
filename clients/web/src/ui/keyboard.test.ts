import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { onKeys } from "./keyboard";

const key = (values: object) => ({ key: "Enter", isComposing: false, keyCode: 13, ...values }) as KeyboardEvent;

test("a key of an input method is not ours", () => {
  const act = vi.fn();
  onKeys(act)(key({ isComposing: true }));
  onKeys(act)(key({ keyCode: 229 }));
  expect(act).not.toHaveBeenCalled();
  onKeys(act)(key({}));
  expect(act).toHaveBeenCalledOnce();
});

test("every handler of keys is made by onKeys, or by what is made by it", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter(file => /\.tsx?$/.test(file) && !file.includes(".test."))
    .map(file => ({ file, text: readFileSync(root + file, "utf8") }));
  const handlers = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/onKey(?:Down|Up|Press)=\{\s*(\w+)|"key(?:down|up|press)", (\w+)/g)].map(found => ({
      file,
      made: found[1] ?? new RegExp(`const ${found[2]} = (\\w+)\\(`).exec(text)?.[1] ?? found[2],
    })),
  );
  expect(handlers.length).toBeGreaterThan(12);
  const wrong = handlers.filter(({ made }) => !["onKeys", "arrows", "downTo", "arrowsInGrid"].includes(made ?? ""));
  expect(wrong).toEqual([]);
});
