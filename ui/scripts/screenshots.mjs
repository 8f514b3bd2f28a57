// Takes pictures of the screens with the fake core, in both themes: `node scripts/screenshots.mjs [NAME…]`.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { createServer } from "vite";
import { shots } from "./shots.mjs";

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const themes = process.argv.includes("--dark")
  ? ["dark"]
  : process.argv.includes("--light")
    ? ["light"]
    : ["dark", "light"];
const folder = fileURLToPath(new URL("../test-results/shots/", import.meta.url));
mkdirSync(folder, { recursive: true });
const server = await createServer({
  root: fileURLToPath(new URL("..", import.meta.url)),
  server: { port: 0, strictPort: false },
  logLevel: "warn",
});
await server.listen();
const base = server.resolvedUrls?.local[0] ?? "";
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  for (const theme of themes) {
    for (const shot of shots.filter((entry) => wanted.length === 0 || wanted.includes(entry.name))) {
      const context = await browser.newContext({
        viewport: shot.viewport ?? { width: 1440, height: 900 },
        colorScheme: theme,
      });
      const page = await context.newPage();
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning")
          console.log(`${shot.name} ${message.type()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => console.log(`${shot.name} page error: ${error.message}`));
      try {
        await page.goto(`${base}?transport=fake&${shot.query ?? ""}#/${shot.path ?? "environments"}`);
        await page.waitForTimeout(500);
        if (shot.act !== undefined) await shot.act(page);
        await page.waitForTimeout(shot.wait ?? 350);
      } catch (error) {
        console.log(`${shot.name}: ${error.message.split("\n").slice(0, 6).join("\n")}`);
      }
      await page.screenshot({ path: `${folder}${shot.name}-${theme}.png` });
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.close();
}
