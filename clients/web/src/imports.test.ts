/** Which module may import which, read from the sources: the table in README.md. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

interface Import {
  from: string;
  /** A path from `src` without its ending, or the name of a package. */
  to: string;
  /** `import()`: loaded when it is needed. */
  lazy: boolean;
}

const root = fileURLToPath(new URL(".", import.meta.url));
const IMPORT = /\b(?:import|export)\s(?:[^;"']*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/g;
const SHIPPED = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  file => /\.tsx?$/.test(file) && !/\.test\.ts$|fakeBrowser\.ts$|\.d\.ts$/.test(file),
);
const IMPORTS = SHIPPED.flatMap(importsOf);

function importsOf(from: string): Import[] {
  const text = readFileSync(join(root, from), "utf8");
  return [...text.matchAll(IMPORT)]
    .map(([, fixed, lazy]) => ({ named: (fixed ?? lazy)!, lazy: lazy !== undefined }))
    .filter(({ named }) => !named.endsWith(".css"))
    .map(({ named, lazy }) => {
      const to = named.startsWith(".") ? relative("/", normalize(join("/", dirname(from), named))) : named;
      return { from: from.replace(/\.tsx?$/, ""), to, lazy };
    });
}

const feature = (path: string): string | undefined => /^features\/([^/]+)/.exec(path)?.[1];
/** The layer of a module: its first folder, or its own name at the top. */
const layer = (path: string): string => path.split("/")[0]!;
const said = ({ from, to }: Import): string => `${from} imports ${to}`;

/** What each layer may import beside itself: other layers, single modules of them, packages. */
const ALLOWED: Record<string, string[]> = {
  wire: [],
  engine: ["wire"],
  replica: ["wire"],
  fields: ["wire", "libphonenumber-js/max"],
  outbox: ["wire", "engine/problem"],
  tabs: ["wire", "replica/replica", "outbox/outbox"],
  device: ["wire", "engine", "replica", "outbox", "tabs/welcome"],
  early: ["wire", "tabs/messages"],
  i18n: ["wire/types", "wire/constants", "engine/problem", "@preact/signals"],
  ui: ["i18n", "wire/types", "wire/text", "engine/problem", "preact", "preact/hooks", "@preact/signals", "lean-qr"],
  runtime: ["wire", "engine", "replica", "outbox", "device", "tabs", "early", "i18n/time", "@preact/signals", "idb"],
  features: [
    ...["wire", "replica", "fields", "engine/problem", "outbox", "early", "tabs/messages", "runtime", "i18n", "ui"],
    ...["preact", "preact/hooks", "@preact/signals"],
  ],
  main: ["features", "runtime", "preact"],
};

test("every module is in a layer, and imports only what its layer may", () => {
  const wrong = IMPORTS.filter(({ from, to }) => {
    const allowed = ALLOWED[layer(from)];
    return !allowed || !(layer(from) === layer(to) || allowed.includes(to) || allowed.includes(layer(to)));
  });
  expect(SHIPPED.length).toBeGreaterThan(50);
  expect(wrong.map(said)).toEqual([]);
});

test("a feature imports of another one its index or its state alone; the shell loads their screens when needed", () => {
  const wrong = IMPORTS.filter(({ from, to, lazy }) => {
    const [here, there] = [feature(from), feature(to)];
    if (!here || !there || here === there) return false;
    const isPublic = to === `features/${there}` || /\/(state|uiState|words)$/.test(to);
    return !isPublic && !(here === "shell" && lazy);
  });
  expect(wrong.map(said)).toEqual([]);
});

test("one module holds the device and one the storage", () => {
  const importers = (name: string) => IMPORTS.filter(({ to }) => to === name).map(({ from }) => from);
  expect(importers("device")).toEqual(["runtime/runtime"]);
  expect(importers("idb")).toEqual(["runtime/offlineStorage"]);
  const opening = SHIPPED.filter(file => readFileSync(join(root, file), "utf8").includes("new WebSocket("));
  expect(opening.sort()).toEqual(["early.ts", "runtime/line.ts"]);
});
