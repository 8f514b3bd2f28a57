// A small client of the WebDriver protocol, and the driver process it talks to.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A port that nothing listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(address.port));
    });
  });
}

/** An environment in which the window finds nothing of the person who runs the tests, and lets itself be driven. */
export function environmentIn(folder) {
  const under = (name) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  return {
    PATH: process.env.PATH,
    LANG: "C.UTF-8",
    DISPLAY: process.env.DISPLAY,
    ...(process.env.XAUTHORITY === undefined ? {} : { XAUTHORITY: process.env.XAUTHORITY }),
    HOME: under("home"),
    XDG_CONFIG_HOME: under("config"),
    XDG_DATA_HOME: under("data"),
    XDG_CACHE_HOME: under("cache"),
    XDG_STATE_HOME: under("state"),
    XDG_RUNTIME_DIR: under("runtime"),
    // A file of its own: who makes commits is written there, by a rename that would replace a device.
    GIT_CONFIG_GLOBAL: join(folder, "gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
    // The names that Tauri and wry read to open a window that WebDriver may drive.
    TAURI_AUTOMATION: "true",
    TAURI_WEBVIEW_AUTOMATION: "true",
    // No session bus: the accessibility bus of a desktop would be waited for.
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent",
    GDK_BACKEND: "x11",
  };
}

/** Starts the driver in a process group of its own, so that the window it opens ends with it. */
export function startDriver(program, port, folder) {
  const driver = spawn(program, [`--port=${port}`, "--host=127.0.0.1"], {
    cwd: folder,
    env: environmentIn(folder),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = [];
  const keep = (chunk) => {
    said.push(String(chunk));
    if (said.length > 200) said.shift();
  };
  driver.stdout.on("data", keep);
  driver.stderr.on("data", keep);
  const failure = new Promise((_, reject) => driver.once("error", reject));
  failure.catch(() => {});
  return {
    process: driver.pid,
    failure,
    said: () => said.join(""),
    async end() {
      if (driver.pid === undefined) return;
      const gone =
        driver.exitCode !== null || driver.signalCode !== null
          ? Promise.resolve()
          : new Promise((resolve) => driver.once("exit", resolve));
      signal(driver.pid, "SIGTERM");
      await Promise.race([gone, pause(3_000, undefined, { ref: false })]);
      // What of the group is still there: the window and the processes of its web view.
      signal(driver.pid, "SIGKILL");
    },
  };
}

/** Tells every process of a group; one that is gone is told nothing. */
export function signal(group, name) {
  try {
    process.kill(-group, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** An answer of the driver that says no. */
export class DriverError extends Error {
  constructor(code, message) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** A session: one window. Every call has its own limit in time. */
export class Session {
  static async open(port, capabilities) {
    const base = `http://127.0.0.1:${port}`;
    await answering(base);
    const value = await call(base, "POST", "/session", { capabilities }, 60_000);
    return new Session(`${base}/session/${value.sessionId}`);
  }

  constructor(base) {
    this.base = base;
  }

  /** Runs the body of a function in the page; what it returns comes back. */
  run(script, args = []) {
    return call(this.base, "POST", "/execute/sync", { script, args }, 15_000);
  }

  /** Runs the body of a function in the page; what it gives to its last argument comes back, within `limit` milliseconds. */
  async runAsync(script, args, limit) {
    await call(this.base, "POST", "/timeouts", { script: limit }, 10_000);
    return call(this.base, "POST", "/execute/async", { script, args }, limit + 5_000);
  }

  /** Presses and lets go of keys, one after the other: `[["keyDown", "a"], ["keyUp", "a"]]`. */
  keys(steps) {
    const actions = steps.map(([type, value]) => ({ type, value }));
    return call(this.base, "POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] }, 15_000);
  }

  close() {
    return call(this.base, "DELETE", "", undefined, 10_000);
  }
}

/** Waits until the driver listens. */
async function answering(base) {
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      await call(base, "GET", "/status", undefined, 5_000);
      return;
    } catch (error) {
      if (error instanceof DriverError) return;
      if (Date.now() > end) throw new Error("the driver does not answer", { cause: error });
      await pause(100);
    }
  }
}

async function call(base, method, path, body, limit) {
  const response = await fetch(`${base}${path}`, {
    method,
    signal: AbortSignal.timeout(limit),
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(body) }),
  });
  const { value } = await response.json();
  if (!response.ok) throw new DriverError(value?.error ?? `status ${response.status}`, value?.message ?? "no message");
  return value;
}
