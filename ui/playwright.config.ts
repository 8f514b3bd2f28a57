import { defineConfig } from "@playwright/test";
import { chromiumOptions } from "./e2e/serve.mjs";

// The journeys start the real program, each its own (`e2e/slipway.ts`); `SLIPWAY` says where it is.
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results/playwright",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    colorScheme: "dark",
    reducedMotion: "reduce",
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
    launchOptions: chromiumOptions,
  },
});
