// The window test: the desktop program, driven through WebKitWebDriver by keys alone, in the display of `DISPLAY`.
// It prints its result as Playwright does: `1 passed (12.3s)`.
import { execFile } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort, Session, startDriver } from "./driver.mjs";
import { isThere, unpack } from "../e2e/repositories.mjs";
import { journey, journeys, quit } from "./journey.mjs";
import { mishap, mishaps } from "./mishaps.mjs";

const execute = promisify(execFile);
const desktop =
  process.env.SLIPWAY_DESKTOP ?? fileURLToPath(new URL("../../target/debug/slipway-desktop", import.meta.url));
const pictures = fileURLToPath(new URL("../test-results/window/", import.meta.url));
const attempts = 2;
const limit = 240_000;

function find(program) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Then it is in another folder, or nowhere.
    }
  }
  return null;
}

/** Keeps a picture of the display. A window that shows one colour has painted nothing. */
async function picture(name) {
  const file = join(pictures, `${name}.png`);
  await execute("import", ["-silent", "-window", "root", file], { timeout: 20_000 });
  const { stdout } = await execute("identify", ["-format", "%k %[fx:standard_deviation]", file], { timeout: 20_000 });
  const [colours, deviation] = stdout.split(" ").map(Number);
  if (!(colours > 64 && deviation > 0.01)) {
    throw new Error(`the window is blank in ${file}: ${colours} colours, deviation ${deviation}`);
  }
}

async function attempt(driverProgram, wanted) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-window-"));
  const port = await freePort();
  const driver = startDriver(driverProgram, port, folder);
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${limit / 1000} s`)), limit);
  });
  const drive = async () => {
    const session = await Session.open(port, {
      alwaysMatch: { "webkitgtk:browserOptions": { binary: desktop, args: [] } },
    });
    const passed = [];
    try {
      for (const what of wanted) {
        const begin = Date.now();
        await journey(session, what, what.repository === null ? null : unpack(what.repository, folder), picture);
        passed.push(`${what.repository ?? "the sample"} (${((Date.now() - begin) / 1000).toFixed(1)}s)`);
      }
      await quit(session);
      return passed;
    } catch (error) {
      await picture("failed").catch(() => {});
      throw error;
    }
  };
  try {
    return await Promise.race([drive(), tooLong, driver.failure]);
  } catch (error) {
    throw new Error(`${error.message}\n${driver.said()}`, { cause: error });
  } finally {
    clearTimeout(timer);
    await driver.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function main() {
  const driverProgram = find("WebKitWebDriver");
  const missing = ["import", "identify"].find((program) => find(program) === null);
  if (driverProgram === null) return skip("WebKitWebDriver is missing");
  if (missing !== undefined) return skip(`${missing} of ImageMagick is missing`);
  if (process.env.DISPLAY === undefined) return skip("there is no display");
  accessSync(desktop, constants.X_OK);
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  const begin = Date.now();
  const count = { passed: 0, failed: 0 };
  await theJourneys(driverProgram, count);
  if (find("xdotool") === null) skip("xdotool is missing, so no dialog is answered");
  else await theMishaps(count);
  if (count.failed > 0) {
    console.log(`\n  ${count.failed} failed`);
    process.exitCode = 1;
  }
  console.log(`\n  ${count.passed} passed (${((Date.now() - begin) / 1000).toFixed(1)}s)`);
}

async function theJourneys(driverProgram, count) {
  // The driver loses a session now and then before the page is there: a second attempt, with a fresh driver, counts.
  const wanted = journeys.filter(({ repository }) => repository === null || isThere(repository, "the window"));
  for (let number = 1; number <= attempts; number += 1) {
    try {
      for (const name of await attempt(driverProgram, wanted)) console.log(`  ok the window, by keys alone: ${name}`);
      count.passed += wanted.length;
      return;
    } catch (error) {
      console.log(`attempt ${number} of ${attempts}: ${error.message}`);
    }
  }
  count.failed += 1;
}

async function theMishaps(count) {
  for (const name of Object.keys(mishaps)) {
    try {
      await mishap(desktop, name);
      console.log(`  ok ${name}`);
      count.passed += 1;
    } catch (error) {
      console.log(`${name}: ${error.message}`);
      count.failed += 1;
    }
  }
}

function skip(reason) {
  console.log(`skipped: window: ${reason}`);
}

await main();
