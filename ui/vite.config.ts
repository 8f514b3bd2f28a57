import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Addresses are relative: the page is served by the window's own protocol and by `slipway serve`.
export default defineConfig({
  base: "./",
  plugins: [react()],
  clearScreen: false,
  server: {
    host: "127.0.0.1",
    port: 5173,
    strictPort: true,
    proxy: {
      "/ipc": { target: process.env.SLIPWAY_SERVE ?? "http://127.0.0.1:7878" },
      "/events": { target: process.env.SLIPWAY_SERVE ?? "http://127.0.0.1:7878", ws: true },
    },
  },
  css: { modules: { localsConvention: "camelCaseOnly", generateScopedName: "[name]_[local]_[hash:base64:4]" } },
  build: {
    target: "safari16.4",
    chunkSizeWarningLimit: 900,
    assetsInlineLimit: 0,
    rolldownOptions: { output: { manualChunks: undefined } },
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/testing/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
