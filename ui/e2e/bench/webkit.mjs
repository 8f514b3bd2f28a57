// The page in the real window, over WebKitWebDriver, in the display of `DISPLAY`.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort, Session, startDriver } from "../../window/driver.mjs";
import { proportional } from "./chromium.mjs";
import { install } from "./measure.mjs";

export const name = "WebKit";

const desktop =
  process.env.SLIPWAY_DESKTOP ?? fileURLToPath(new URL("../../../target/debug/slipway-desktop", import.meta.url));

/** Opens the window on a repository. `folder` becomes the home of the program. */
export async function open(repository, folder) {
  const port = await freePort();
  const driver = startDriver("WebKitWebDriver", port, folder);
  try {
    const session = await Promise.race([
      Session.open(port, {
        alwaysMatch: { "webkitgtk:browserOptions": { binary: desktop, args: [repository, "--alone"] } },
      }),
      driver.failure,
    ]);
    const installed = `if (window.slipwayBench === undefined) (${install})();`;
    return {
      async run(what, ...words) {
        const answer = await session.runAsync(
          `${installed}
          const [named, given, done] = arguments;
          Promise.resolve().then(() => window.slipwayBench[named](...given)).then(
            (value) => done({ value: value === undefined ? null : value }),
            (error) => done({ error: String(error) }),
          );`,
          [what, words],
          600_000,
        );
        if (answer.error !== undefined) throw new Error(`${what}: ${answer.error}`);
        return answer.value;
      },
      reload: () => session.run("window.location.reload()"),
      picture: (path) => promisify(execFile)("import", ["-silent", "-window", "root", path], { timeout: 20_000 }),
      async memory() {
        const sizes = descendants(driver.process)
          .filter((each) => readFileSync(`/proc/${each}/comm`, "utf8").startsWith("WebKitWebProc"))
          .map(proportional);
        return { heap: null, process: Math.max(...sizes) };
      },
      async end() {
        await session.close().catch(() => {});
        await driver.end();
      },
    };
  } catch (error) {
    await driver.end();
    throw new Error(`${error.message}\n${driver.said()}`, { cause: error });
  }
}

/** The processes that a process started, and those that they started. */
function descendants(process) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]));
    } catch (error) {
      // It ended meanwhile.
      if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
    }
  }
  const isBelow = (id) => id !== undefined && id > 1 && (id === process || isBelow(parents.get(id)));
  return [...parents.keys()].filter((id) => id !== process && isBelow(id));
}
