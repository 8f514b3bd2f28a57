// Measures the page with the real program on a generated repository: `node e2e/bench/run.mjs [--applications N]
// [--waves N] [--engine chromium|webkit] [--only STEP,…] [--json FILE]`. `SLIPWAY` names the program, `SLIPWAY_PAGE` a
// built page instead of the one inside it, `SLIPWAY_DESKTOP` the window (release builds, best). Times are of this
// machine and only printed; what must hold everywhere are the tests.
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as chromium from "./chromium.mjs";
import { Figures } from "./figures.mjs";
import { journey } from "./journey.mjs";
import { environments, writeRepository } from "./repository.mjs";
import * as webkit from "./webkit.mjs";

const engines = { chromium, webkit };

function read(words) {
  const asked = { applications: 2_000, waves: 100, engine: Object.keys(engines), only: [], json: null };
  for (let index = 0; index < words.length; index += 2) {
    const name = words[index].replace(/^--/, "");
    const value = words[index + 1];
    if (!Object.hasOwn(asked, name) || value === undefined) throw new Error(`there is no argument ${words[index]}`);
    if (name === "applications" || name === "waves") asked[name] = Number(value);
    else if (name === "json") asked.json = value;
    else asked[name] = value.split(",");
  }
  if (!(asked.applications >= 10)) throw new Error("--applications takes a number from 10 on");
  asked.waves = Math.min(asked.waves, asked.applications - 1);
  return asked;
}

function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Then it is in another folder, or nowhere.
      return false;
    }
  });
}

/** Why an engine cannot be measured here; `null` where it can. */
function missing(engine) {
  if (engine === "chromium") return isOnPath("chromium") || process.env.SLIPWAY_CHROMIUM ? null : "chromium is missing";
  if (!isOnPath("WebKitWebDriver")) return "WebKitWebDriver is missing";
  return process.env.DISPLAY === undefined ? "there is no display" : null;
}

const asked = read(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
const output = fileURLToPath(new URL("../../test-results/bench/", import.meta.url));
const all = [];
try {
  const repository = join(folder, "repository");
  mkdirSync(repository);
  writeRepository(repository, asked.applications);
  console.log(
    `${asked.applications.toLocaleString("en")} applications × ${environments.length} environments, load ${loadavg()[0].toFixed(1)}`,
  );
  for (const engine of asked.engine) {
    const reason = missing(engine);
    if (reason !== null) {
      console.log(`skipped: ${engines[engine].name}: ${reason}`);
      continue;
    }
    console.log(`\n${engines[engine].name}`);
    const home = join(folder, engine);
    const pictures = join(output, engine);
    for (const each of [home, pictures]) mkdirSync(each, { recursive: true });
    const figures = new Figures(engines[engine].name);
    const page = await engines[engine].open(repository, home);
    try {
      await journey(page, figures, { folder: pictures, inWaves: asked.waves, only: asked.only });
    } catch (error) {
      await page.picture(join(pictures, "failed.png")).catch(() => {});
      throw error;
    } finally {
      await page.end();
    }
    all.push(...figures.all);
  }
  const result = {
    applications: asked.applications,
    environments: environments.length,
    load: loadavg()[0],
    figures: all,
  };
  console.log(`\n${JSON.stringify(result)}`);
  if (asked.json !== null) writeFileSync(asked.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
