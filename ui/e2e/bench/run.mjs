// Measures the page with the real program on a generated repository, in Chromium without a graphics card:
// `node e2e/bench/run.mjs [APPLICATIONS] [--waves N]`. `SLIPWAY` names the program (a release build, best), `SLIPWAY_PAGE` a built
// page instead of the one inside it. Times are of this machine and only printed; what must hold everywhere are the
// tests. The figures of ui.md stand behind each line.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { chromiumOptions, openPage, replacePage, serve } from "../serve.mjs";
import { applicationName, environments, writeRepository } from "./repository.mjs";

const argument = process.argv[2];
const applications = Number(argument === undefined || argument.startsWith("--") ? 2000 : argument);
const option = process.argv.indexOf("--waves");
const inWaves = Math.min(applications, option === -1 ? 100 : Number(process.argv[option + 1]));
const results = [];

function at(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** Prints p50, p95 and the longest of some times, with what the design asks for. */
function report(name, times, wanted = "") {
  const sorted = [...times].sort((left, right) => left - right);
  const [p50, p95, max] = [at(sorted, 0.5), at(sorted, 0.95), sorted.at(-1) ?? 0].map((time) =>
    Number(time.toFixed(1)),
  );
  results.push({ name, p50, p95, max, count: sorted.length });
  console.log(
    `${name.padEnd(44)} p50 ${String(p50).padStart(7)}  p95 ${String(p95).padStart(7)}  max ${String(max).padStart(7)} ms${wanted === "" ? "" : `   (${wanted})`}`,
  );
}

/** The times between frames while a region scrolls by some pixels a frame. */
function scroll(page, selector, step, frames = 120) {
  return page.evaluate(
    async ([wanted, pixels, count]) => {
      const region = document.querySelector(wanted);
      if (region === null) throw new Error(`${wanted} is not there`);
      const times = [];
      let last = performance.now();
      for (let frame = 0; frame < count; frame += 1) {
        region.scrollTop += pixels;
        const now = await new Promise((resolve) => requestAnimationFrame(resolve));
        times.push(now - last);
        last = now;
        if (region.scrollTop + region.clientHeight >= region.scrollHeight - 1) region.scrollTop = 0;
      }
      region.scrollTop = 0;
      return times.slice(5);
    },
    [selector, step, frames],
  );
}

/** From a press to the second frame after an element is there, in milliseconds. */
function until(page, act, selector) {
  return page.evaluate(
    async ([what, wanted]) => {
      const start = performance.now();
      if (what.hash !== undefined) window.location.hash = what.hash;
      if (what.click !== undefined) document.querySelector(what.click)?.click();
      for (;;) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (document.querySelector(wanted) !== null) break;
        if (performance.now() - start > 120_000) throw new Error(`${wanted} did not come`);
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return performance.now() - start;
    },
    [act, selector],
  );
}

/** The times between frames for some seconds, whatever happens. */
function idle(page, milliseconds) {
  return page.evaluate(async (length) => {
    const times = [];
    const start = performance.now();
    let last = start;
    while (last - start < length) {
      const now = await new Promise((resolve) => requestAnimationFrame(resolve));
      times.push(now - last);
      last = now;
    }
    return times.slice(2);
  }, milliseconds);
}

async function elements(page, name) {
  const count = await page.evaluate(() => document.querySelectorAll("*").length);
  results.push({ name: `${name}: elements`, count });
  console.log(`${`${name}: elements`.padEnd(44)} ${count}   (≤ 2,500)`);
}

const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
const repository = join(folder, "repository");
const home = join(folder, "home-of-the-program");
mkdirSync(repository);
mkdirSync(home);
const browser = await chromium.launch(chromiumOptions);
let server;
try {
  writeRepository(repository, applications);
  console.log(`${applications} applications × ${environments.length} environments`);
  server = await serve(home, [repository]);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
  await replacePage(page, server.address);
  const begin = Date.now();
  await openPage(page, server.address);
  await page.locator("[role=tree] [role=treeitem]").first().waitFor({ timeout: 120_000 });
  report("open to the tree", [Date.now() - begin]);
  report("frames while everything renders", await idle(page, 3_000));
  await page.waitForFunction(() => !/Rendering \d+ of/.test(document.body.textContent ?? ""), undefined, {
    timeout: 600_000,
    polling: 500,
  });
  report("open to everything rendered", [Date.now() - begin]);
  await elements(page, "tree");

  report("tree scroll, 15 rows a frame", await scroll(page, "[role=tree]", 420), "16.7/16.8/16.8");
  await page.locator("[role=tree]").focus();
  await page.keyboard.press("Home");
  const opening = await page.evaluate(async () => {
    const tree = document.querySelector("[role=tree]");
    const start = performance.now();
    tree.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - start;
  });
  report("arrow in the tree to the second frame", [opening], "≤ 50");
  const keystrokes = await page.evaluate(async () => {
    const field = document.querySelector("[data-filter]");
    field.focus();
    const times = [];
    for (const word of ["worker", "team-07", "gateway production", "1.9"]) {
      for (const character of word) {
        const start = performance.now();
        document.execCommand("insertText", false, character);
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        times.push(performance.now() - start);
      }
      field.select();
      document.execCommand("delete");
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return times;
  });
  report("filter keystroke to the second frame", keystrokes, "p50 33, ≤ 50");

  const switches = [
    ["#/promotions", "[role=grid] [role=gridcell]"],
    ["#/waves", "[role=listbox] [role=option]"],
    ["#/review", "[role=listbox] [role=option]"],
    ["#/settings", "main h1"],
    ["#/environments", "[role=tree] [role=treeitem]"],
  ];
  for (const [hash, selector] of switches) {
    report(`first time ${hash}`, [await until(page, { hash }, selector)]);
    if (hash === "#/promotions") {
      await elements(page, "matrix");
      report("matrix scroll, 15 rows a frame", await scroll(page, "[role=grid]", 480), "16.7/33/50");
    }
    if (hash === "#/review") {
      await page.locator("[role=region][aria-label*='compared with']").waitFor({ timeout: 120_000 });
      await elements(page, "review");
      report("list of changes, 15 rows a frame", await scroll(page, "[role=listbox]", 540), "16.7/16.8/16.8");
    }
  }
  const again = [];
  for (let round = 0; round < 4; round += 1)
    for (const [hash, selector] of switches) again.push(await until(page, { hash }, selector));
  report("screen switch, known data", again, "≤ 100");

  const chosen = Array.from({ length: inWaves }, (_, index) => `${applicationName(index)}@production`);
  const waves = `#/waves?instances=${encodeURIComponent(chosen.join(","))}`;
  report(`open waves of ${inWaves * 5} resources`, [await until(page, { hash: waves }, "[data-task]")], "65");
  await elements(page, "waves");
  report("waves scroll", await scroll(page, "[aria-label=Waves]", 300), "16.7/16.8/33");
  for (const density of ["compact", "summary"]) {
    const before = page.url();
    const index = density === "compact" ? 2 : 3;
    const selector = `[aria-label=Density] button:nth-child(${index})`;
    report(
      `switch to ${density}`,
      [await until(page, { click: selector }, `${selector}[aria-pressed=true]`)],
      density === "compact" ? "53" : "",
    );
    report(`waves scroll, ${density}`, await scroll(page, "[aria-label=Waves]", 300), "16.7/16.8/33");
    if (page.url() === before) throw new Error("the density is not in the address");
  }
  await page.getByRole("button", { name: "Resources", exact: true }).click();
  await page.getByRole("button", { name: "Sync…" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Sync / })
    .click();
  await page.getByRole("heading", { name: /^Sync to/ }).waitFor({ timeout: 120_000 });
  await page
    .locator("[data-task]")
    .first()
    .waitFor({ timeout: 60_000 })
    .catch(async (error) => {
      throw new Error(`the sync shows no resource: ${await page.locator("main").innerText()}`, { cause: error });
    });
  report("frames while a sync runs", await idle(page, 8_000), "16.7/16.8/33");
  await elements(page, "running waves");

  const output = fileURLToPath(new URL("../../test-results/", import.meta.url));
  mkdirSync(output, { recursive: true });
  writeFileSync(join(output, "bench.json"), `${JSON.stringify(results, null, 2)}\n`);
} finally {
  await browser.close();
  await server?.end();
  rmSync(folder, { recursive: true, force: true });
}
