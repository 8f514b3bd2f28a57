import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, openSample, picture, test } from "./slipway";

test("a folder that is no repository is named, with what to do", async ({ page, slipway }) => {
  const folder = join(slipway.folder, "only-files");
  mkdirSync(folder);
  writeFileSync(join(folder, "values.yaml"), "replicas: 2\n");
  await openSample(page, slipway);
  await page.getByRole("button", { name: /^Repository tidewater-config/ }).click();
  await page.getByRole("menuitem", { name: "Open another repository…" }).click();

  await page.getByRole("textbox", { name: "Folder", exact: true }).fill(folder);
  await page.getByRole("button", { name: "Open repository" }).click();
  const alert = page.getByRole("alert").filter({ hasText: "The repository cannot be opened" });
  await expect(alert).toContainText(folder);
  await expect(alert.getByRole("listitem").first()).toBeVisible();
  await picture(page, "welcome-no-repository");

  await page.getByRole("textbox", { name: "Folder", exact: true }).fill(join(slipway.folder, "nowhere"));
  await page.getByRole("button", { name: "Open repository" }).click();
  await expect(alert).toContainText("nowhere");

  await page.getByRole("button", { name: "Open sample" }).click();
  await expect(page.getByRole("tree", { name: "Environments" })).toBeVisible();
});

test("a reload keeps the place, and back leads to the one before", async ({ page, slipway }) => {
  await openSample(page, slipway);
  await page.getByRole("searchbox", { name: "Filter environments" }).fill("storefront");
  await page.getByRole("treeitem", { name: /^storefront@production:/ }).click();
  const detail = page.getByRole("complementary", { name: "Detail of storefront@production" });
  await detail.getByRole("tab", { name: "YAML" }).click();
  await expect(page).toHaveURL(/tab=yaml/);
  await page.reload();
  await expect(detail.getByRole("tab", { name: "YAML" })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("searchbox", { name: "Filter environments" })).toHaveValue("storefront");

  await page.keyboard.press("Control+4");
  await page.getByRole("option", { name: /^Deployment storefront of storefront/ }).click();
  await expect(page).toHaveURL(/at=/);
  const address = page.url();
  await page.reload();
  await expect(page.getByRole("option", { name: /^Deployment storefront of storefront/ })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await page.goBack();
  await expect(detail).toBeVisible();

  // Another tab of the same browser is signed in and may be sent the address.
  const second = await page.context().newPage();
  await second.goto(address);
  await expect(second.getByRole("option", { name: /^Deployment storefront of storefront/ })).toHaveAttribute(
    "aria-selected",
    "true",
  );
});

test("the address that was printed keeps working in the browser that used it", async ({ page, slipway }) => {
  await openSample(page, slipway);
  await page.goto(slipway.address);
  await expect(page.getByRole("tree", { name: "Environments" })).toBeVisible();
  expect(page.url()).not.toContain("token");
});
