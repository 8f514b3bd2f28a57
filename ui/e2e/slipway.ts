import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, type Page } from "@playwright/test";
import { openPage, replacePage, serve } from "./serve.mjs";

const pictures = fileURLToPath(new URL("../test-results/browser/", import.meta.url));

/** A `slipway serve` of one test, with a home of its own. */
export interface Slipway {
  /** The printed address, with its one-time token. */
  address: string;
  /** A folder for files of the test; it is removed afterwards. */
  folder: string;
}

export const test = base.extend<{ slipway: Slipway; what: string[] }>({
  /** What `slipway serve` is asked to open. */
  what: [["--sample"], { option: true }],
  slipway: async ({ what }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-browser-"));
    try {
      const server = await serve(folder, what);
      try {
        await use({ address: server.address, folder });
      } finally {
        await server.end();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  /** A page that throws, or that its own policy stops, fails the test even when it looks right. */
  page: async ({ page, slipway }, use) => {
    await replacePage(page, slipway.address);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      // A call that the core answers with an error is a part of some tests.
      if (message.type() === "error" && !/status of 422/.test(message.text()))
        complaints.push(`console: ${message.text()}`);
    });
    await use(page);
    // Before the server ends: a page without one complains rightly.
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
  },
});

export { expect } from "@playwright/test";

/** Opens the printed address and waits for the tree of the sample. */
export async function openSample(page: Page, slipway: Slipway): Promise<void> {
  await openPage(page, slipway.address);
  await page.getByRole("tree", { name: "Environments" }).waitFor();
}

/** Keeps a picture of a step in `test-results/browser`. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
}
