import type { Page } from "@playwright/test";
import { expect, openSample, test } from "./slipway";
import { expectFits, expectWalk } from "./walk";

// Everything that can be pressed is reached by Tab, or by the arrows of what Tab reaches; the focus is always seen.
// At 200 % nothing is pushed out of sight.

const places: readonly [name: string, path: string, ready: (page: Page) => Promise<unknown>][] = [
  ["environments", "environments", (page) => page.getByRole("treeitem").first().waitFor()],
  ...["overview", "resources", "problems", "yaml", "source", "files", "history"].map(
    (tab): [string, string, (page: Page) => Promise<unknown>] => [
      `environments: ${tab}`,
      `environments?at=payments-api@production&tab=${tab}`,
      (page) => page.getByRole("tabpanel").waitFor(),
    ],
  ),
  ["waves: choosing", "waves", (page) => page.getByRole("listbox").first().waitFor()],
  [
    "waves: plan",
    "waves?instances=payments-api@production,storefront@production",
    (page) => page.getByRole("group", { name: "Waves" }).waitFor(),
  ],
  ["promotions", "promotions", (page) => page.getByRole("grid").waitFor()],
  [
    "promotions: choose",
    "promotions?from=staging&to=production&step=choose",
    (page) => page.getByRole("complementary", { name: "Promote to production" }).waitFor(),
  ],
  [
    "promotions: review",
    "promotions?from=staging&to=production&applications=payments-api,storefront&step=review",
    (page) => page.getByRole("region", { name: "storefront", exact: true }).waitFor(),
  ],
  [
    "promotions: commit",
    "promotions?from=staging&to=production&applications=payments-api,storefront&step=commit",
    (page) => page.getByRole("button", { name: /^Commit to / }).waitFor(),
  ],
  ["review", "review", (page) => page.getByRole("region", { name: /compared with/ }).waitFor()],
  ["activity", "activity", (page) => page.getByRole("heading", { name: "No sync yet" }).waitFor()],
  ...["repositories", "credentials", "identity", "clusters", "tools", "appearance", "shortcuts", "about"].map(
    (section): [string, string, (page: Page) => Promise<unknown>] => [
      `settings: ${section}`,
      `settings?section=${section}`,
      (page) => page.getByRole("heading", { level: 1 }).waitFor(),
    ],
  ),
];

test("Tab reaches everything in every place", async ({ page, slipway }) => {
  test.setTimeout(400_000);
  await openSample(page, slipway);
  await expect(page.getByRole("treeitem", { name: /Pending/ })).toHaveCount(0);
  const origin = new URL("/", slipway.address).href;
  for (const [name, path, ready] of places) {
    await test.step(name, async () => {
      await page.goto(`${origin}#/${path}`);
      await ready(page);
      await expect(page.locator("[role='status'][aria-label]")).toHaveCount(0);
      // A screen reader goes by these.
      for (const mark of ["h1", "main", "nav[aria-label='Places']"])
        await expect.soft(page.locator(mark), `${name}: one ${mark}`).toHaveCount(1);
      await expectWalk(page, name);
      await expectFits(page, name);
    });
  }
  await test.step("the first screen", async () => {
    await page.goto(`${origin}#/settings`);
    await page.getByRole("button", { name: "Open another…" }).press("Enter");
    await page.getByRole("heading", { name: "Slipway", level: 1 }).waitFor();
    await expectWalk(page, "the first screen");
    await expectFits(page, "the first screen");
  });
});
