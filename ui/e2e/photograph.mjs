// Photographs every place with the real program, in both themes and three sizes, for comparing with the design:
// `node e2e/photograph.mjs [--out FOLDER] [--repo PATH] [--size 1440x900] [--theme dark] [--gallery] [NAME…]`.
// It also counts the elements of each page, since ui.md allows 2,500.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { chromiumOptions, openPage, replacePage, serve } from "./serve.mjs";

const options = new Map();
const names = [];
for (let index = 2; index < process.argv.length; index += 1) {
  const argument = process.argv[index];
  if (argument === "--gallery") options.set("gallery", "1");
  else if (argument.startsWith("--")) options.set(argument.slice(2), process.argv[++index]);
  else names.push(argument);
}
const out = options.get("out") ?? fileURLToPath(new URL("../test-results/photographs/", import.meta.url));
const sizes = (options.get("size") ?? "1440x900,1280x800,1024x640")
  .split(",")
  .map((text) => text.split("x").map(Number));
const themes = (options.get("theme") ?? "dark,light").split(",");
mkdirSync(out, { recursive: true });

const encode = (list) => encodeURIComponent(list.map((item) => item.replaceAll("%", "%25")).join(","));

const nameOf = (instance) => instance.instance.slice(0, instance.instance.lastIndexOf("@"));
const press = (role, name) => (page) => page.getByRole(role, { name }).first().click();

/** The scenes of a repository. `act` presses what leads there. */
function scenesOf(fleet) {
  const environments = fleet.environments.map((entry) => entry.name);
  const [last, before] = [environments.at(-1), environments.at(-2) ?? environments.at(-1)];
  const instances = fleet.applications.flatMap((application) => application.instances);
  const good = instances.filter((instance) => instance.status === "ok");
  const failed = instances.find((instance) => instance.status === "failed");
  const inLast = good.filter((instance) => instance.environment === last);
  const shown = inLast.find((instance) => ["behind", "drifted"].includes(instance.state.kind)) ?? inLast[0] ?? good[0];
  const moving = inLast.filter((instance) => ["behind", "drifted"].includes(instance.state.kind)).slice(0, 6);
  const chosen = encode((moving.length > 0 ? moving : inLast.slice(0, 3)).map(nameOf));
  const many = encode(inLast.slice(0, 8).map((instance) => instance.instance));
  const at = shown === undefined ? "" : `?at=${encodeURIComponent(shown.instance)}`;
  const promotion = `promotions?from=${before}&to=${last}&applications=${chosen}`;
  return [
    { name: "environments", path: "environments" },
    { name: "environments-detail", path: `environments${at}` },
    { name: "environments-resources", path: `environments${at}&tab=resources` },
    { name: "environments-source", path: `environments${at}&tab=source` },
    { name: "environments-yaml", path: `environments${at}&tab=yaml` },
    { name: "environments-history", path: `environments${at}&tab=history` },
    ...(failed === undefined
      ? []
      : [{ name: "environments-failed", path: `environments?at=${encodeURIComponent(failed.instance)}` }]),
    { name: "environments-empty", path: "environments?q=no-such-name&state=failed" },
    { name: "waves-choose", path: "waves" },
    { name: "waves-plan", path: `waves?instances=${many}` },
    { name: "waves-compact", path: `waves?instances=${many}&density=compact` },
    { name: "waves-summary", path: `waves?instances=${many}&density=summary` },
    {
      name: "waves-task",
      path: `waves?instances=${many}`,
      act: (page) => page.locator("[data-task]").first().click(),
    },
    { name: "waves-sync", path: `waves?instances=${many}&sync=1` },
    { name: "promotions", path: "promotions" },
    { name: "promotions-choose", path: "promotions?step=choose" },
    { name: "promotions-review", path: `${promotion}&step=review` },
    {
      name: "promotions-preview",
      path: `${promotion}&step=review`,
      act: press("tab", /^Rendered preview/),
    },
    { name: "promotions-files", path: `${promotion}&step=review`, act: press("tab", /^Files/) },
    { name: "promotions-commit", path: `${promotion}&step=commit` },
    { name: "review", path: `review?from=environment%3A${before}&to=environment%3A${last}` },
    { name: "review-unified", path: `review?from=environment%3A${before}&to=environment%3A${last}&view=unified` },
    {
      name: "review-find",
      path: `review?from=environment%3A${before}&to=environment%3A${last}`,
      act: async (page) => {
        await page.getByRole("button", { name: /^Find/ }).click();
        await page.keyboard.type("name");
      },
    },
    { name: "review-pick", path: "review", act: press("button", /^First side/) },
    { name: "activity", path: "activity" },
    { name: "settings", path: "settings" },
    {
      name: "palette",
      path: "environments",
      act: async (page) => {
        await page.keyboard.press("Control+k");
        await page.keyboard.type("pay");
      },
    },
    { name: "shortcuts", path: "environments", act: (page) => page.keyboard.press("?") },
  ];
}

async function settled(page) {
  await page.waitForLoadState("networkidle").catch(() => {});
  await page
    .waitForFunction(() => document.querySelector("[role=status][aria-label^='Loading'],[aria-busy=true]") === null, {
      timeout: 15_000,
    })
    .catch(() => {});
  await page.waitForTimeout(150);
}

const folder = mkdtempSync(join(tmpdir(), "slipway-photograph-"));
const counts = {};
const browser = await chromium.launch(chromiumOptions);
const server = await serve(folder, options.has("repo") ? [options.get("repo")] : ["--sample"]);
try {
  const page = await browser.newPage({ reducedMotion: "reduce" });
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await replacePage(page, server.address);
  await openPage(page, server.address);
  const origin = new URL("/", server.address).href;
  const call = (name, request) =>
    page.evaluate(
      async ([command, body]) =>
        (
          await fetch(`/ipc/${command}`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          })
        ).json(),
      [name, request],
    );
  const { initialRepository } = await call("app_info", {});
  const { id } = await call("repository_open", { path: initialRepository });
  let fleet = await call("fleet", { repository: id });
  for (let tries = 0; tries < 600 && fleet.progress.rendered < fleet.progress.total; tries += 1) {
    await page.waitForTimeout(500);
    fleet = await call("fleet", { repository: id });
  }
  const scenes = scenesOf(fleet).filter((scene) => names.length === 0 || names.includes(scene.name));
  for (const [width, height] of sizes) {
    for (const theme of themes) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const scene of scenes) {
        const before = complaints.length;
        try {
          await page.goto("about:blank");
          await page.goto(`${origin}#/${scene.path}`);
          await settled(page);
          if (scene.act !== undefined) {
            await scene.act(page);
            await settled(page);
          }
        } catch (error) {
          console.log(`${scene.name}: ${error.message.split("\n")[0]}`);
        }
        const count = await page.evaluate(() => document.querySelectorAll("*").length);
        counts[scene.name] = Math.max(counts[scene.name] ?? 0, count);
        await page.mouse.move(0, 0);
        await page.screenshot({ path: join(out, `${scene.name}-${theme}-${width}.png`), animations: "disabled" });
        for (const complaint of complaints.slice(before)) console.log(`${scene.name}: ${complaint}`);
      }
    }
  }
  writeFileSync(join(out, "elements.json"), `${JSON.stringify(counts, null, 2)}\n`);
  const over = Object.entries(counts).filter(([, count]) => count > 2500);
  console.log(`${Object.keys(counts).length} places; most elements ${Math.max(0, ...Object.values(counts))}`);
  for (const [name, count] of over) console.log(`${name}: ${count} elements`);
} finally {
  await browser.close();
  await server.end();
  rmSync(folder, { recursive: true, force: true });
}
