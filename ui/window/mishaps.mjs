// What goes wrong with a window and how it gets on: the desktop program as it is started by hand, with processes that are
// stopped and killed and dialogs that are answered by keys.
import { execFile, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { environmentIn, signal } from "./driver.mjs";

const execute = promisify(execFile);
const limit = 60_000;

/** Asks until there is an answer. */
async function until(what, ask, within = limit) {
  const end = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`it does not come to this: ${what}`);
    await pause(50);
  }
}

function check(holds, what) {
  if (!holds) throw new Error(what);
}

/** What `/proc` says of a process; `null` where it is gone. */
function stat(process) {
  try {
    const text = readFileSync(`/proc/${process}/stat`, "utf8");
    const [state, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { name: text.slice(text.indexOf("(") + 1, text.lastIndexOf(")")), state, parent: Number(parent) };
  } catch {
    return null;
  }
}

function children(parent, name) {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((process) => {
      const known = stat(process);
      return known !== null && known.parent === parent && known.state !== "Z" && known.name.startsWith(name);
    });
}

/** One run of the program, in a group of its own. */
class Program {
  constructor(desktop, folder, args = [], { cwd = folder, env = {} } = {}) {
    this.child = spawn(desktop, args, {
      cwd,
      env: { ...environmentIn(folder), TAURI_AUTOMATION: "", TAURI_WEBVIEW_AUTOMATION: "", ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.said = "";
    this.child.stdout.on("data", (text) => (this.said += text));
    this.child.stderr.on("data", (text) => (this.said += text));
    this.gone = new Promise((resolve) => this.child.once("exit", (code, name) => resolve(code ?? name)));
    // A program that ends before its time must not leave a promise that nobody hears.
    this.child.once("error", (error) => (this.said += error.message));
  }

  get id() {
    return this.child.pid;
  }

  ready() {
    return until(`ready: (it said ${this.said})`, () => this.said.includes("ready: the window is open"));
  }

  /** Another start, which the program that runs takes. */
  async handedOver() {
    const code = await Promise.race([this.gone, pause(limit, "it goes on by itself", { ref: false })]);
    check(code === 0, `it is handed over: ${code}, ${this.said}`);
  }

  page() {
    return until("a page", () => children(this.id, "WebKitWebProces")[0]);
  }

  async end(name = "SIGTERM") {
    process.kill(this.id, name);
    await Promise.race([this.gone, pause(20_000, undefined, { ref: false })]);
    signal(this.id, "SIGKILL");
  }
}

async function xdotool(...args) {
  try {
    return (await execute("xdotool", args, { timeout: 20_000 })).stdout.trim();
  } catch (error) {
    // A search that finds nothing, and a window that is gone meanwhile.
    if (error.code === 1) return "";
    throw error;
  }
}

/** The windows of a program that are seen: title and size. */
async function windows(program) {
  const ids = (await xdotool("search", "--onlyvisible", "--pid", String(program.id), "--name", ".")).split("\n");
  const seen = [];
  for (const id of ids.filter((each) => each !== "")) {
    const geometry = await xdotool("getwindowgeometry", "--shell", id);
    const number = (name) => Number(new RegExp(`^${name}=(-?\\d+)$`, "m").exec(geometry)?.[1]);
    const size = { width: number("WIDTH"), height: number("HEIGHT"), x: number("X"), y: number("Y") };
    if (size.width > 100) seen.push({ id, title: await xdotool("getwindowname", id), ...size });
  }
  return seen;
}

/** The dialog of a program: smaller than any of its windows. */
const dialog = (program, within) =>
  until("a dialog", async () => (await windows(program)).find(({ width }) => width < 1000), within);

async function press(window, ...keys) {
  await xdotool("windowfocus", "--sync", window.id);
  for (const key of keys) await xdotool("key", "--clearmodifiers", key);
}

function environmentOf(program) {
  const text = readFileSync(`/proc/${program.id}/environ`, "utf8");
  return Object.fromEntries(text.split("\0").map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));
}

/** A repository with one application in two environments. */
function repository(folder, name) {
  const root = join(folder, name);
  for (const environment of ["staging", "production"]) {
    const place = join(root, "apps/web", environment);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "map.yaml"), `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`);
  }
  const git = (...args) => {
    const done = spawnSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], { cwd: root });
    check(done.status === 0, `git ${args.join(" ")}: ${done.stderr}`);
  };
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-qm", "everything");
  return root;
}

const titled = (program, title) =>
  until(`a window with the title ${title}`, async () => (await windows(program)).find((each) => each.title === title));

const geometry = ({ width, height, x, y }) => `${width}×${height} at ${x},${y}`;

/** A page that never paints: its process is stopped as soon as it is there. */
async function unpainted(program) {
  const page = await program.page();
  // Not before it has told the program who it is.
  await pause(60);
  process.kill(page, "SIGSTOP");
  check(!program.said.includes("ready:"), "the page painted before it could be stopped");
  return page;
}

const software = ["WEBKIT_DISABLE_DMABUF_RENDERER", "WEBKIT_DISABLE_COMPOSITING_MODE", "LIBGL_ALWAYS_SOFTWARE"];

/** Each gets the program and a folder of its own. */
export const mishaps = {
  "a page that does not paint: restart with software rendering": async (desktop, folder) => {
    const program = new Program(desktop, folder, [], { env: { [software[0]]: "0" } });
    try {
      await unpainted(program);
      const asked = await dialog(program, 30_000);
      await press(asked, "Return");
      await until("a new start in the place of the old", () => environmentOf(program)[software[2]] === "1");
      await program.ready();
      const set = environmentOf(program);
      check(set[software[0]] === "0" && set[software[1]] === "1", `what the user set is kept: ${JSON.stringify(set)}`);
      check((await windows(program)).length === 1, "one window");
    } finally {
      await program.end();
    }
  },

  "a page that does not paint: open in browser": async (desktop, folder) => {
    // A desktop whose opener keeps the address.
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "xdg-open"),
      `#!/bin/sh\nprintf %s "$1" > '${folder}/address.new'\nmv '${folder}/address.new' '${folder}/address'\n`,
      { mode: 0o755 },
    );
    const program = new Program(desktop, folder, [], { env: { PATH: `${bin}:${process.env.PATH}` } });
    try {
      await unpainted(program);
      await press(await dialog(program, 30_000), "Right", "Return");
      const address = await until("an address", () => {
        try {
          return readFileSync(join(folder, "address"), "utf8");
        } catch {
          return null;
        }
      });
      check(
        /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{40,}$/.test(address),
        `a loopback address with a token: ${address}`,
      );
      const first = await fetch(address, { redirect: "manual" });
      const cookie = (first.headers.get("set-cookie") ?? "").split(";")[0];
      check(cookie !== "", "the token is exchanged for a cookie");
      const page = await fetch(new URL("/", address), { headers: { cookie } });
      check(/<div id="root">/.test(await page.text()), "the page is served");
      const again = await fetch(address, { redirect: "manual" });
      check(again.status >= 400, "the token works once");
      await titled(program, "Slipway is open in the browser; closing this window ends it");
    } finally {
      await program.end();
    }
  },

  "the process of a page that is killed: loaded again, then asked": async (desktop, folder) => {
    const root = repository(folder, "gitops");
    const program = new Program(desktop, folder, [root]);
    try {
      await program.ready();
      await titled(program, "gitops – Slipway");
      const first = await program.page();
      process.kill(first, "SIGKILL");
      const second = await until("a page in its place", () =>
        children(program.id, "WebKitWebProces").find((id) => id !== first),
      );
      // The page tells its repository again, which is why it still has it.
      await until("the page asked again", async () => /process of the page/.test(program.said));
      await pause(3_000);
      check((await windows(program)).length === 1, "no dialog after one");
      process.kill(second, "SIGKILL");
      const asked = await dialog(program, 30_000);
      await press(asked, "Escape");
      await until("a third page", () =>
        children(program.id, "WebKitWebProces").find((id) => id !== first && id !== second),
      );
      await until("no dialog", async () => (await windows(program)).length === 1);
      await titled(program, "gitops – Slipway");
    } finally {
      await program.end();
    }
  },

  "a program that is killed is told at the next start, one that is closed or asked to end is not": async (
    desktop,
    folder,
  ) => {
    const root = repository(folder, "gitops");
    const reports = () => readdirSync(join(folder, "state/slipway/log")).filter((name) => name.startsWith("crash-"));
    for (const [end, expected] of [
      ["SIGTERM", 0],
      ["SIGHUP", 0],
      ["SIGKILL", 0],
      ["SIGTERM", 1],
      ["SIGINT", 1],
    ]) {
      const program = new Program(desktop, folder, [root]);
      await program.ready();
      check(reports().length === expected, `before ${end}: ${reports().length} reports, not ${expected}`);
      await program.end(end);
    }
  },

  "other starts: a link, a relative path, a folder below, another repository, several at once": async (
    desktop,
    folder,
  ) => {
    const [one, two] = [repository(folder, "one"), repository(folder, "two")];
    symlinkSync(one, join(folder, "link"));
    const program = new Program(desktop, folder, [one]);
    const others = [];
    const other = (args, options) => {
      const started = new Program(desktop, folder, args, options);
      others.push(started);
      return started;
    };
    try {
      // While the first still starts.
      await until("a place that is taken", () => existsSync(join(folder, "runtime/slipway/window.sock")));
      other(["apps"], { cwd: join(folder, "link") });
      other(["../two"], { cwd: one });
      other([two]);
      other([join(folder, "link")]);
      for (const each of others) await each.handedOver();
      await program.ready();
      await titled(program, "one – Slipway");
      await titled(program, "two – Slipway");
      other([join(two, "apps/web")]);
      other([]);
      for (const each of others) await each.handedOver();
      await pause(1_000);
      const titles = (await windows(program)).map(({ title }) => title).toSorted();
      check(titles.join() === "one – Slipway,two – Slipway", `one window for each: ${titles.join()}`);
    } finally {
      for (const each of others) signal(each.id, "SIGKILL");
      await program.end();
    }
  },

  "two windows come back where they were; one that is out of sight and one whose folder is gone do not": async (
    desktop,
    folder,
  ) => {
    const [one, two, three] = ["one", "two", "three"].map((name) => repository(folder, name));
    let program = new Program(desktop, folder, [one]);
    await program.ready();
    await new Program(desktop, folder, [two]).handedOver();
    await new Program(desktop, folder, [three]).handedOver();
    const [first, second] = [await titled(program, "one – Slipway"), await titled(program, "two – Slipway")];
    await titled(program, "three – Slipway");
    await xdotool("windowsize", "--sync", first.id, "1100", "700");
    await xdotool("windowmove", "--sync", first.id, "90", "70");
    await xdotool("windowsize", "--sync", second.id, "1040", "660");
    await xdotool("windowmove", "--sync", second.id, "5000", "70");
    await pause(2_000);
    await program.end();
    rmSync(three, { recursive: true });

    program = new Program(desktop, folder);
    try {
      await program.ready();
      await until(
        "the first is where it was",
        async () => geometry(await titled(program, "one – Slipway")) === "1100×700 at 90,70",
      );
      await until("the second is on the screen", async () => {
        const { width, height, x } = await titled(program, "two – Slipway");
        return width === 1040 && height === 660 && x < 1500;
      });
      check((await windows(program)).length === 2, "the third is gone");
    } finally {
      await program.end();
    }
  },
};

/** Runs one, in a folder that goes with it. */
export async function mishap(desktop, name) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-mishap-"));
  try {
    await mishaps[name](desktop, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
