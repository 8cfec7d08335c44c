import { defineConfig } from "vite";

const server = process.env["RELAIS_DEV"] ?? "http://localhost:8000";

export default defineConfig({
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
