// The page in Chromium without a graphics card, before `slipway serve`.
import { readFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import { chromiumOptions, openPage, replacePage, serve } from "../serve.mjs";
import { install } from "./measure.mjs";

export const name = "Chromium";

/** Opens the page on a repository. `folder` becomes the home of the program. */
export async function open(repository, folder) {
  const browser = await chromium.launch(chromiumOptions);
  let server;
  try {
    server = await serve(folder, [repository]);
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
    // Events for the page are put into its own socket.
    await page.addInitScript(() => {
      const Real = window.WebSocket;
      window.WebSocket = class extends Real {
        constructor(...words) {
          super(...words);
          window.slipwaySocket = this;
        }
      };
    });
    await page.addInitScript(install);
    await replacePage(page, server.address);
    await openPage(page, server.address);
    const session = await page.context().newCDPSession(page);
    return {
      run: (what, ...words) => page.evaluate(([named, given]) => window.slipwayBench[named](...given), [what, words]),
      reload: () => page.reload({ waitUntil: "commit" }),
      picture: (path) => page.screenshot({ path }),
      /** Megabytes: the heap of the page, and its process as a whole. */
      async memory() {
        await session.send("HeapProfiler.collectGarbage");
        await session.send("Performance.enable");
        const { metrics } = await session.send("Performance.getMetrics");
        const heap = metrics.find((metric) => metric.name === "JSHeapUsedSize").value;
        const whole = await browser.newBrowserCDPSession();
        const { processInfo } = await whole.send("SystemInfo.getProcessInfo");
        const sizes = processInfo.filter((each) => each.type === "renderer").map((each) => proportional(each.id));
        return { heap: heap / 1e6, process: Math.max(...sizes) };
      },
      async end() {
        await browser.close();
        await server.end();
      },
    };
  } catch (error) {
    await browser.close();
    await server?.end();
    throw error;
  }
}

/** The memory of a process in megabytes; pages that it shares count in part. */
export function proportional(process) {
  const text = readFileSync(`/proc/${process}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)[1]) / 1e3;
}
