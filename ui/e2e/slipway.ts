import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test as base, type Page } from "@playwright/test";

const program = process.env.SLIPWAY ?? fileURLToPath(new URL("../../target/debug/slipway", import.meta.url));
// A built page to use instead of the one inside the program, while one works on the page.
const builtPage = process.env.SLIPWAY_PAGE;
const pictures = fileURLToPath(new URL("../test-results/browser/", import.meta.url));

/** A `slipway serve --sample` of one test, with a home of its own. */
export interface Slipway {
  /** The printed address, with its one-time token. */
  address: string;
  /** A folder for files of the test; it is removed afterwards. */
  folder: string;
}

/** An environment in which the program finds nothing of the person who runs the tests. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  const under = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  return {
    PATH: process.env.PATH,
    LANG: "C.UTF-8",
    HOME: under("home"),
    XDG_CONFIG_HOME: under("config"),
    XDG_DATA_HOME: under("data"),
    XDG_CACHE_HOME: under("cache"),
    XDG_STATE_HOME: under("state"),
    XDG_RUNTIME_DIR: under("runtime"),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
  };
}

/** Waits for the line that says where the page is. */
function ready(server: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${program} serve ${why}\n${said.join("\n")}`));
    const limit = setTimeout(() => fail("was not ready within a minute"), 60_000);
    server.once("error", (error) => fail(`cannot be started: ${error.message}`));
    server.once("exit", (code) => fail(`ended with ${code}`));
    for (const stream of [server.stdout, server.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const address = /^ready: (http:\S+)/.exec(line)?.[1];
        if (address === undefined) return;
        clearTimeout(limit);
        resolve(address);
      });
    }
  });
}

/** Ends the server and waits until it is gone. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  const patience = setTimeout(() => server.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(patience);
}

export const test = base.extend<{ slipway: Slipway }>({
  // The runner reads the names of the fixtures that a fixture needs from its first parameter.
  // oxlint-disable-next-line no-empty-pattern
  slipway: async ({}, use) => {
    if (!existsSync(program)) throw new Error(`${program} is missing; build it, or name it in SLIPWAY`);
    const folder = mkdtempSync(join(tmpdir(), "slipway-browser-"));
    const server = spawn(program, ["serve", "--sample", "--port", "0"], {
      cwd: folder,
      env: environmentIn(folder),
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      await use({ address: await ready(server), folder });
    } finally {
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    }
  },
  /** A page that throws, or that its own policy stops, fails the test even when it looks right. */
  page: async ({ page, slipway }, use) => {
    if (builtPage !== undefined) {
      const { origin } = new URL(slipway.address);
      const replaced = (url: URL): boolean =>
        url.origin === origin &&
        url.search === "" &&
        (url.pathname.startsWith("/assets/") || ["/", "/slipway.svg"].includes(url.pathname));
      await page.route(replaced, (route) => {
        const { pathname } = new URL(route.request().url());
        const path = join(builtPage, pathname === "/" ? "index.html" : pathname);
        return existsSync(path) ? route.fulfill({ path }) : route.continue();
      });
    }
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
  await page.goto(slipway.address);
  // A page that a redirection leads to cannot be replaced; the one that is asked for itself can.
  if (builtPage !== undefined) await page.goto(new URL("/", slipway.address).href);
  await page.getByRole("tree", { name: "Environments" }).waitFor();
}

/** Keeps a picture of a step in `test-results/browser`. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
}
