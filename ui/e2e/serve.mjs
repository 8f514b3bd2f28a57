// Starts the real program for tests, pictures and measurements, and puts a built page before it.
import { spawn } from "node:child_process";
import { existsSync, lchownSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const program = process.env.SLIPWAY ?? fileURLToPath(new URL("../../target/debug/slipway", import.meta.url));
/** A built page to use instead of the one inside the program, while one works on the page. */
export const builtPage = process.env.SLIPWAY_PAGE;

/** An environment in which the program finds nothing of the person who runs the tests. */
function environmentIn(folder) {
  const under = (name) => {
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
    // A file of its own: who makes commits is written there, by a rename that would replace a device.
    GIT_CONFIG_GLOBAL: join(folder, "gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
  };
}

function chownAll(folder, user) {
  lchownSync(folder, user, user);
  for (const name of readdirSync(folder, { recursive: true })) lchownSync(join(folder, name), user, user);
}

/** Waits for the line that says where the page is. */
function ready(server) {
  const said = [];
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${program} serve ${why}\n${said.join("\n")}`));
    const limit = setTimeout(() => fail("was not ready within a minute"), 60_000);
    server.once("error", (error) => fail(`cannot be started: ${error.message}`));
    server.once("exit", (code) => fail(`ended with ${code}`));
    for (const stream of [server.stdout, server.stderr]) {
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
async function end(server) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  const patience = setTimeout(() => server.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(patience);
}

/**
 * A `slipway serve` with a home of its own in `folder`. `what` names the repository, by default the sample; `user` is
 * the number of who runs it, where it is somebody else.
 */
export async function serve(folder, what = ["--sample"], user = undefined) {
  if (!existsSync(program)) throw new Error(`${program} is missing; build it, or name it in SLIPWAY`);
  const env = environmentIn(folder);
  if (user !== undefined) chownAll(folder, user);
  const server = spawn(program, ["serve", "--port", "0", ...what], {
    cwd: folder,
    env,
    ...(user === undefined ? {} : { uid: user, gid: user }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    return { address: await ready(server), end: () => end(server) };
  } catch (error) {
    await end(server);
    throw error;
  }
}

/** Answers requests for the page from the built one, where there is one. */
export async function replacePage(page, address) {
  if (builtPage === undefined) return;
  const { origin } = new URL(address);
  const replaced = (url) =>
    url.origin === origin &&
    url.search === "" &&
    (url.pathname.startsWith("/assets/") || ["/", "/slipway.svg"].includes(url.pathname));
  await page.route(replaced, (route) => {
    const { pathname } = new URL(route.request().url());
    const path = join(builtPage, pathname === "/" ? "index.html" : pathname);
    return existsSync(path) ? route.fulfill({ path }) : route.continue();
  });
}

/** Opens the printed address. A page that a redirection leads to cannot be replaced; one that is asked for can. */
export async function openPage(page, address) {
  await page.goto(address);
  if (builtPage !== undefined) await page.goto(new URL("/", address).href);
}

/** How Chromium is started; the same for tests, pictures and measurements. */
export const chromiumOptions = {
  executablePath: process.env.SLIPWAY_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // A replaced page has no address, and Chromium keeps such pages from loopback.
    ...(builtPage === undefined ? [] : ["--disable-features=LocalNetworkAccessChecks"]),
  ],
};
