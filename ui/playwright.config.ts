import { defineConfig } from "@playwright/test";

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
    launchOptions: {
      executablePath: process.env.SLIPWAY_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // A replaced page (`e2e/slipway.ts`) has no address, and Chromium keeps such pages from loopback.
        ...(process.env.SLIPWAY_PAGE === undefined ? [] : ["--disable-features=LocalNetworkAccessChecks"]),
      ],
    },
  },
});
