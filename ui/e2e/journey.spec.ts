import { expect, openSample, picture, test } from "./slipway";

test("a release goes from staging to production and is healthy in the sandbox", async ({ page, slipway }) => {
  await openSample(page, slipway);
  const places = page.getByRole("navigation", { name: "Places" });

  await test.step("the tree shows every environment of an application, rendered", async () => {
    const tree = page.getByRole("tree", { name: "Environments" });
    await expect(tree.getByRole("treeitem", { name: /Pending/ })).toHaveCount(0);
    const filter = page.getByRole("searchbox", { name: "Filter environments" });
    await filter.fill("payments-api");
    await expect(tree.getByRole("treeitem", { name: /^payments-api@production: .*Rendered/ })).toBeVisible();
    await picture(page, "01-environments-filtered");
    await tree.getByRole("treeitem", { name: /^payments-api@production:/ }).click();
    await expect(page.getByRole("complementary", { name: /payments-api@production/ })).toBeVisible();
    await picture(page, "02-environments-detail");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("complementary", { name: /payments-api@production/ })).toBeHidden();
    await filter.fill("");
    await expect(page.getByText("Sandbox running · 3 clusters")).toBeVisible();
    await picture(page, "03-environments");
  });

  await test.step("staging compared with production", async () => {
    await places.getByRole("link", { name: "Review" }).click();
    await expect(page.getByRole("button", { name: "First side: staging" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Second side: production" })).toBeVisible();
    const list = page.getByRole("listbox", { name: "Resources that differ" });
    await list.getByRole("option", { name: /^Deployment payments-api of payments-api/ }).click();
    await expect(page.getByRole("region", { name: /compared with/ })).toBeVisible();
    await picture(page, "04-review");
    await page.getByRole("button", { name: "Promote to production…" }).click();
  });

  await test.step("two applications are chosen in the matrix", async () => {
    const grid = page.getByRole("grid", { name: "Promotion matrix" });
    await grid.getByRole("checkbox", { name: "Select payments-api", exact: true }).check();
    await grid.getByRole("checkbox", { name: "Select storefront", exact: true }).check();
    await expect(page.getByText("2 selected")).toBeVisible();
    await picture(page, "05-promotions");
    await page.getByRole("button", { name: "Promote 2 to production…" }).click();
  });

  const pane = page.getByRole("complementary", { name: "Promote to production" });
  await test.step("the plan shows what changes and how it renders", async () => {
    await expect(pane.getByRole("region", { name: "payments-api", exact: true })).toBeVisible();
    await expect(pane.getByRole("region", { name: "storefront", exact: true })).toBeVisible();
    await picture(page, "06-promote-changes");
    await pane.getByRole("tab", { name: /Rendered preview/ }).click();
    await expect(pane.getByRole("region", { name: /Deployment.* of payments-api@production/ }).first()).toBeVisible();
    await expect(pane.getByRole("region", { name: / of storefront@production/ }).first()).toBeVisible();
    await picture(page, "07-promote-preview");
    await pane.getByRole("tab", { name: /Files/ }).click();
    await picture(page, "08-promote-files");
    await pane.getByRole("button", { name: "Continue to commit" }).click();
  });

  await test.step("the promotion is committed", async () => {
    await pane.getByRole("radio", { name: "New branch" }).check();
    await picture(page, "09-promote-commit");
    await pane.getByRole("button", { name: /^Commit to / }).click();
    await expect(pane.getByText(/^Committed to /)).toBeVisible();
    await picture(page, "10-promote-committed");
    await pane.getByRole("button", { name: "Continue to sync" }).click();
  });

  await test.step("the waves show the order of the sync", async () => {
    await picture(page, "11-promote-sync");
    await pane.getByRole("button", { name: "See the waves" }).click();
    await expect(page.getByRole("heading", { name: "Sync plan" })).toBeVisible();
    await expect(page.getByText(/2 applications, \d+ resources/)).toBeVisible();
    await picture(page, "12-waves-plan");
  });

  await test.step("the sync to the sandbox ends with everything healthy", async () => {
    await page.getByRole("button", { name: "Sync…" }).click();
    const dialog = page.getByRole("dialog", { name: "Sync 2 applications" });
    await dialog.getByRole("radio", { name: "Sandbox" }).check();
    await picture(page, "13-sync-dialog");
    await dialog.getByRole("button", { name: /^Sync 2 applications, \d+ resources$/ }).click();
    await expect(page.getByRole("heading", { name: /^Sync to / })).toBeVisible();
    await expect(page.getByRole("toolbar", { name: "Sync" })).toContainText(/\d+ of [1-9]\d* synced/);
    await picture(page, "14-waves-running");
    const outcome = page.getByRole("note").filter({ hasText: /Succeeded: / });
    await expect(outcome).toBeVisible({ timeout: 120_000 });
    await expect(outcome).toContainText(/All \d+ resources healthy/);
    await picture(page, "15-waves-done");
    await page.getByRole("button", { name: "Open activity" }).click();
    await expect(places.getByRole("link", { name: "Activity" })).toHaveAttribute("aria-current", "page");
    await picture(page, "16-activity");
  });
});
