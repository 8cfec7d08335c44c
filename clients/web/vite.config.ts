import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const server = process.env["RELAIS_DEV"] ?? "http://localhost:8000";
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** Puts `src/early.ts` in the page as a script of its own, which runs while the application is being fetched. */
const early: Plugin = {
  name: "early",
  transformIndexHtml: {
    order: "post",
    handler(_, { bundle }) {
      const chunk = Object.values(bundle ?? {}).find(file => file.type === "chunk" && file.name === "early");
      if (!chunk) return [];
      return [
        { tag: "script", attrs: { type: "module", async: true, src: `/${chunk.fileName}` }, injectTo: "head-prepend" },
      ];
    },
  },
};

export default defineConfig({
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [early],
  build: {
    target: "es2022",
    rolldownOptions: { input: { index: "index.html", early: "src/early.ts" } },
    // The content policy allows no data: in scripts and styles, and nothing inline in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/auth": server,
      "/ws": { target: server, ws: true },
    },
  },
});
