import { defineConfig } from "@playwright/test";

/**
 * Journeys in a browser against the real core. `SLIPWAY_URL` is the address that `slipway serve` printed, its
 * one-time token included.
 */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results/e2e",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    ...(process.env.SLIPWAY_URL === undefined ? {} : { baseURL: process.env.SLIPWAY_URL }),
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.SLIPWAY_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
    },
  },
});
