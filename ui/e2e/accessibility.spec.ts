import type { Page } from "@playwright/test";
import { violations } from "./axe";
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
