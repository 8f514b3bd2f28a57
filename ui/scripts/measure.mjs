// Measures the dense screens with the fake core: times in milliseconds, elements of the page, frames while
// scrolling. Times depend on the machine; the number of elements does not and is held to 2,500.
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { createServer } from "vite";

const limit = 2500;
const server = await createServer({
  root: fileURLToPath(new URL("..", import.meta.url)),
  server: { port: 0, strictPort: false },
  logLevel: "warn",
});
await server.listen();
const base = server.resolvedUrls?.local[0] ?? "";
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
let failed = false;

async function elements(name) {
  const count = await page.evaluate(() => document.querySelectorAll("*").length);
  console.log(`${name}: ${count} elements`);
  if (count > limit) failed = true;
}

/** Frames while a region scrolls by 15 rows a frame: median, 95th percentile and longest, in milliseconds. */
async function scroll(name, selector) {
  const frames = await page.evaluate(async (wanted) => {
    const region = document.querySelector(wanted);
    const times = [];
    let last = performance.now();
    for (let frame = 0; frame < 90; frame += 1) {
      region.scrollTop += 420;
      const now = await new Promise((resolve) => requestAnimationFrame(resolve));
      times.push(now - last);
      last = now;
    }
    region.scrollTop = 0;
    return times.slice(5).sort((left, right) => left - right);
  }, selector);
  const at = (part) => frames[Math.min(frames.length - 1, Math.floor(frames.length * part))].toFixed(1);
  console.log(`${name}: frames ${at(0.5)} / ${at(0.95)} / ${at(1)} ms`);
}

async function timed(name, act) {
  const start = Date.now();
  await act();
  console.log(`${name}: ${Date.now() - start} ms`);
}

try {
  await timed("2,014 applications: start to tree", async () => {
    await page.goto(`${base}?transport=fake&scale=2000#/environments`);
    await page.getByRole("treeitem").first().waitFor();
  });
  await elements("tree");
  await page.getByRole("tree").focus();
  await scroll("tree", "[role=tree]");
  for (const key of ["w", "o", "r", "k"]) {
    const spent = await page.evaluate(async (character) => {
      const field = document.querySelector("[data-filter]");
      field.focus();
      const start = performance.now();
      document.execCommand("insertText", false, character);
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return performance.now() - start;
    }, key);
    console.log(`filter keystroke to the second frame: ${spent.toFixed(0)} ms`);
  }
  await timed("open matrix", async () => {
    await page.getByRole("link", { name: "Promotions" }).click();
    await page.getByRole("gridcell").first().waitFor();
  });
  await elements("matrix");
  await scroll("matrix", "[role=grid]");
  await timed("open review of two environments", async () => {
    await page.getByRole("link", { name: "Review" }).click();
    await page.getByRole("option").first().waitFor();
  });
  await elements("review");
  await timed("plan waves of 100 applications", async () => {
    await page.getByRole("link", { name: "Waves" }).click();
    await page.getByRole("searchbox").fill("team-0");
    await page.getByRole("button", { name: "All" }).click();
    await page.getByRole("button", { name: /^Plan/ }).click();
    await page.locator("[data-task]").first().waitFor();
  });
  await elements("waves");
  await scroll("waves", "[aria-label=Waves]");
} finally {
  await browser.close();
  await server.close();
}
if (failed) {
  console.error(`a screen has more than ${limit} elements`);
  process.exit(1);
}
