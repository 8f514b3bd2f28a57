import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { createServer, type ViteDevServer } from "vite";
import { screens } from "../src/features/gallery/screens";
import { violations } from "./axe";
import { clear, type Float, floats } from "./floats";

// Every state of every place, with the core in memory: axe finds nothing in either theme, nothing is logged as an
// error, and no page holds more elements than the design allows.

const mostElements = 2500;
let server: ViteDevServer;
test.beforeAll(async () => {
  server = await createServer({
    root: fileURLToPath(new URL("..", import.meta.url)),
    server: { port: 0, strictPort: false, hmr: false },
    // Bundled anew before the first page: a package that is found later is served beside the old bundle.
    optimizeDeps: { force: true },
    logLevel: "error",
  });
  await server.listen();
  await server.warmupRequest("/src/main.tsx");
  await server.waitForRequestsIdle();
});
test.afterAll(() => server.close());

const places = ["Components", ...new Set(screens.map((entry) => entry.name.split(":", 1)[0] ?? ""))];

for (const place of places) {
  const names =
    place === "Components"
      ? [place]
      : screens.map((entry) => entry.name).filter((name) => name === place || name.startsWith(`${place}:`));
  test(`${place}: every state is accessible and small in both themes`, async ({ page }) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`console: ${message.text()}`);
    });
    await page.goto(`${server.resolvedUrls?.local[0] ?? ""}?transport=fake#/gallery`);
    for (const name of names) {
      const says = screens.find((entry) => entry.name === name)?.says;
      await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
      await page.evaluate((entry) => {
        window.location.hash = `#/gallery?alone=1&entry=${encodeURIComponent(entry)}`;
      }, name);
      await page
        .getByText(says ?? /^Buttons$/)
        .first()
        .waitFor();
      // Skeletons come after 200 ms, staleness after two missed answers.
      await page.waitForTimeout(name.endsWith("stale") ? 2_000 : /loading$|planning$/.test(name) ? 350 : 60);
      expect.soft(await violations(page), `${name} in the dark theme`).toEqual([]);
      const elements = await page.evaluate(() => document.querySelectorAll("*").length);
      expect.soft(elements, `elements of ${name}`).toBeLessThanOrEqual(mostElements);
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
      await page.locator("html[data-theme=light]").waitFor();
      expect.soft(await violations(page, "colours"), `${name} in the light theme`).toEqual([]);
      expect.soft(complaints.splice(0), `what ${name} logs`).toEqual([]);
    }
  });
}

const entries: Partial<Record<Float["place"], string>> = {
  environments: "Environments",
  promotions: "Promotions",
  review: "Review",
  waves: "Waves: plan",
};

test("what floats is accessible in both themes, over every place", async ({ page }) => {
  await page.goto(`${server.resolvedUrls?.local[0] ?? ""}?transport=fake#/gallery`);
  const show = async (entry: string, says: RegExp): Promise<void> => {
    // By way of another, so that what was open before is gone.
    for (const [name, text] of [
      ["Settings: tools", /^Network$/],
      [entry, says],
    ] as const) {
      await page.evaluate((chosen) => {
        window.location.hash = `#/gallery?alone=1&entry=${encodeURIComponent(chosen)}`;
      }, name);
      await page.getByText(text).first().waitFor();
    }
  };
  const components: Float[] = [
    {
      name: "menu of the gallery",
      place: "settings",
      open: (under) => under.getByRole("button", { name: "Menu" }).click(),
    },
    {
      name: "list of the gallery",
      place: "settings",
      open: (under) => under.getByRole("combobox", { name: "Environment" }).click(),
    },
    {
      name: "dialog of the gallery",
      place: "settings",
      open: (under) => under.getByRole("button", { name: "Dialog" }).click(),
    },
  ];
  for (const { name, place, open } of [...floats, ...components]) {
    const entry = entries[place] ?? "Components";
    await test.step(name, async () => {
      await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
      await show(entry, screens.find((screen) => screen.name === entry)?.says ?? /^Buttons$/);
      await open(page);
      expect.soft(await violations(page), `${name} in the dark theme`).toEqual([]);
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
      await page.locator("html[data-theme=light]").waitFor();
      expect.soft(await violations(page, "colours"), `${name} in the light theme`).toEqual([]);
      await clear(page);
    });
  }
});
