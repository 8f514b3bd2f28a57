// Runs axe (WCAG 2.2 AA) over every picture of shots.mjs, in both themes, and fails on any violation.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { createServer } from "vite";
import { shots } from "./shots.mjs";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const server = await createServer({
  root: fileURLToPath(new URL("..", import.meta.url)),
  server: { port: 0, strictPort: false },
  logLevel: "warn",
});
await server.listen();
const base = server.resolvedUrls?.local[0] ?? "";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
let violations = 0;
let pages = 0;
try {
  for (const theme of ["dark", "light"]) {
    for (const shot of shots.filter((entry) => wanted.length === 0 || wanted.includes(entry.name))) {
      const page = await browser.newPage({
        viewport: shot.viewport ?? { width: 1440, height: 900 },
        colorScheme: theme,
      });
      await page.goto(`${base}?transport=fake&${shot.query ?? ""}#/${shot.path ?? "environments"}`);
      await page.waitForTimeout(500);
      if (shot.act !== undefined) await shot.act(page);
      await page.waitForTimeout(shot.wait ?? 350);
      await page.evaluate(source);
      const result = await page.evaluate(() =>
        window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
      );
      pages += 1;
      for (const violation of result.violations) {
        violations += 1;
        console.log(`${shot.name} ${theme}: ${violation.id}: ${violation.help} (${violation.nodes.length})`);
        for (const node of violation.nodes.slice(0, 2))
          console.log(`    ${node.html.slice(0, 200)}\n    ${node.failureSummary.split("\n").slice(1, 3).join(" ")}`);
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
  await server.close();
}
console.log(`${pages} pages, ${violations} violations`);
process.exit(violations === 0 ? 0 : 1);
