import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const server = process.env["RELAIS_DEV"] ?? "http://localhost:8000";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

export default defineConfig({
  define: { __VERSION__: JSON.stringify(version) },
  build: {
    target: "es2022",
    // The content policy allows no data: in scripts and styles, and nothing inline in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  server: {
    proxy: {
      "/auth": server,
      "/ws": { target: server, ws: true },
    },
  },
});
