import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

declare global {
  interface Window {
    axe: { run: (context: Document | string, options: object) => Promise<AxeResults> };
  }
}

const all = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
const colours = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

/** What axe finds, as text that says where and why. `only` limits it to what a theme can change. */
export async function violations(page: Page, only: "everything" | "colours" = "everything"): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  const results = await page.evaluate(
    (runOnly) =>
      window.axe.run(document, {
        resultTypes: ["violations"],
        runOnly,
        // The gallery holds an application in an application, and with it two places for toasts.
        rules: window.location.hash.startsWith("#/gallery") ? { "landmark-unique": { enabled: false } } : {},
      }),
    only === "everything" ? all : colours,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 5).map((node) => `${id} at ${node.target.join(" ")}: ${node.failureSummary ?? ""}\n  ${node.html}`),
  );
}
