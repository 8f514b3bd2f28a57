import type { Page } from "@playwright/test";
import { violations } from "./axe";
import { clear, floats } from "./floats";
import { expect, openSample, picture, test } from "./slipway";

const places: readonly [name: string, path: string, ready: (page: Page) => Promise<unknown>][] = [
  [
    "environments",
    "environments?at=storefront@production",
    (page) =>
      page
        .getByRole("complementary", { name: /storefront@production/ })
        .getByRole("heading", { name: "Where it comes from" })
        .waitFor(),
  ],
  [
    "waves",
    "waves?instances=payments-api@production,storefront@production",
    (page) => page.getByRole("heading", { name: "Sync plan" }).waitFor(),
  ],
  [
    "promotions",
    "promotions?from=staging&to=production&applications=payments-api,storefront&step=review",
    (page) => page.getByRole("region", { name: "storefront", exact: true }).waitFor(),
  ],
  ["review", "review", (page) => page.getByRole("region", { name: /compared with/ }).waitFor()],
  ["activity", "activity", (page) => page.getByRole("heading", { name: "No sync yet" }).waitFor()],
  ["settings", "settings", (page) => page.getByRole("heading", { level: 1 }).waitFor()],
];

for (const theme of ["dark", "light"] as const) {
  test(`axe finds nothing in the ${theme} theme`, async ({ page, slipway }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await openSample(page, slipway);
    const tree = page.getByRole("tree", { name: "Environments" });
    await expect(tree.getByRole("treeitem", { name: /Pending/ })).toHaveCount(0);
    const origin = new URL("/", slipway.address).href;
    for (const [name, path, ready] of places) {
      await test.step(name, async () => {
        await page.goto(`${origin}#/${path}`);
        await ready(page);
        await picture(page, `axe-${name}-${theme}`);
        expect.soft(await violations(page), name).toEqual([]);
      });
    }
  });
}

for (const theme of ["dark", "light"] as const) {
  test(`axe finds nothing where something floats in the ${theme} theme`, async ({ page, slipway }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await openSample(page, slipway);
    const origin = new URL("/", slipway.address).href;
    for (const { name, place, open } of floats) {
      await test.step(name, async () => {
        const [, path, ready] = places.find(([known]) => known === place) ?? ["", place, async () => {}];
        await page.goto("about:blank");
        await page.goto(`${origin}#/${path}`);
        await ready(page);
        await open(page);
        await picture(page, `floats-${name.replaceAll(" ", "-")}-${theme}`);
        expect.soft(await violations(page), name).toEqual([]);
        await clear(page);
      });
    }
  });
}

/** Whether everything that can take the focus lies inside what can be scrolled to. */
async function outOfReach(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("a[href], button, input, [tabindex='0']")]
      // The way past the navigation shows itself when it gets the focus.
      .filter((element) => element.textContent !== "Skip to content")
      .filter((element) => element.checkVisibility() && element.getClientRects().length > 0)
      .filter((element) => {
        element.scrollIntoView({ block: "nearest", inline: "nearest" });
        const box = element.getBoundingClientRect();
        return box.right < 1 || box.bottom < 1 || box.left > innerWidth - 1 || box.top > innerHeight - 1;
      })
      .map((element) => element.getAttribute("aria-label") ?? element.textContent ?? element.outerHTML.slice(0, 80)),
  );
}

test("at 200 % zoom and in forced colours nothing is lost", async ({ page, slipway }) => {
  await openSample(page, slipway);
  const origin = new URL("/", slipway.address).href;
  // What a window of 1,440 × 900 shows at 200 %.
  await page.setViewportSize({ width: 720, height: 450 });
  for (const [name, path, ready] of places) {
    await test.step(`${name} at 200 %`, async () => {
      await page.goto(`${origin}#/${path}`);
      await ready(page);
      await picture(page, `zoom-${name}`);
      expect.soft(await outOfReach(page), name).toEqual([]);
      expect
        .soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} is as wide`)
        .toBeLessThanOrEqual(0);
    });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  for (const [name, path, ready] of places) {
    await test.step(`${name} in forced colours`, async () => {
      await page.goto(`${origin}#/${path}`);
      await ready(page);
      await picture(page, `forced-colours-${name}`);
    });
  }
  await page.goto(`${origin}#/environments?at=storefront@production`);
  const row = page.getByRole("treeitem", { selected: true });
  await row.waitFor();
  expect(await row.evaluate((it) => getComputedStyle(it).outlineStyle), "what is selected has an outline").toBe(
    "solid",
  );
});

test("motion stops where it is asked to, and news are said", async ({ page, slipway }) => {
  await openSample(page, slipway);
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll("*")].filter((element) => {
        const style = getComputedStyle(element);
        return style.animationName !== "none" || !/^0s(, 0s)*$/.test(style.transitionDuration);
      }).length,
  );
  expect(moving).toBe(0);
  const regions = await page.evaluate(() => document.querySelectorAll("[role=status][aria-live=polite]").length);
  expect(regions, "one place where news are said").toBe(1);
});

test("F6 goes through the panes and back, and a dialog gives the focus back", async ({ page, slipway }) => {
  await openSample(page, slipway);
  const tree = page.getByRole("tree", { name: "Environments" });
  await tree.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: /^Detail of / }).waitFor();
  const pane = (): Promise<string> =>
    page.evaluate(() => {
      const own = document.activeElement?.closest("[data-pane]");
      return own === null || own === undefined ? "" : (own.getAttribute("aria-label") ?? own.localName);
    });
  const seen: string[] = [];
  for (let presses = 0; presses < 5; presses += 1) {
    await page.keyboard.press("F6");
    seen.push(await pane());
  }
  expect(new Set(seen).size, `five panes in ${seen.join(", ")}`).toBe(5);
  await page.keyboard.press("Shift+F6");
  expect(await pane()).toBe(seen[3]);
  await tree.focus();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Search" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(tree).toBeFocused();
});
