import type { Page } from "@playwright/test";
import { expect, openSample, picture, test } from "./slipway";

/** Presses Tab until the element of a role and name has the focus. */
async function tabTo(page: Page, role: "button" | "tab", name: RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name });
  for (let presses = 0; presses < 80; presses += 1) {
    if ((await wanted.count()) > 0 && (await wanted.first().evaluate((it) => it === document.activeElement))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach the ${role} ${name}`);
}

/** Moves in the matrix until the cell that the keyboard is at belongs to an application. */
async function downTo(page: Page, application: string): Promise<void> {
  const grid = page.getByRole("grid", { name: "Promotion matrix" });
  for (let presses = 0; presses < 40; presses += 1) {
    const at = await grid.getAttribute("aria-activedescendant");
    const name = await page.evaluate((id) => document.getElementById(id)?.textContent ?? "", at ?? "");
    if (name === application) return;
    await page.keyboard.press("ArrowDown");
    await expect(grid).not.toHaveAttribute("aria-activedescendant", at ?? "");
  }
  throw new Error(`the arrows do not reach ${application}`);
}

test("a promotion needs no mouse", async ({ page, slipway }) => {
  await openSample(page, slipway);
  await page.keyboard.press("Control+3");
  const grid = page.getByRole("grid", { name: "Promotion matrix" });
  await grid.waitFor();
  await expect(grid.getByRole("gridcell", { name: /^storefront@production: .*Behind/ })).toBeVisible();
  for (let presses = 0; presses < 10; presses += 1) {
    if (await grid.evaluate((it) => it === document.activeElement)) break;
    await page.keyboard.press("F6");
  }
  await expect(grid).toBeFocused();

  await downTo(page, "payments-api");
  await page.keyboard.press("Space");
  await expect(page.getByText("1 selected")).toBeVisible();
  await downTo(page, "storefront");
  await page.keyboard.press("Space");
  await expect(page.getByText("2 selected")).toBeVisible();
  await picture(page, "keyboard-1-chosen");
  await page.keyboard.press("p");

  const pane = page.getByRole("complementary", { name: "Promote to production" });
  await expect(pane.getByRole("region", { name: "storefront", exact: true })).toBeVisible();
  await expect(pane.getByRole("button", { name: "Continue to commit" })).not.toHaveAttribute("aria-disabled", "true");
  await tabTo(page, "button", /^Continue to commit$/);
  await picture(page, "keyboard-2-review");
  await page.keyboard.press("Enter");
  await expect(pane.getByRole("radio", { name: "New branch" })).toBeChecked();
  await tabTo(page, "button", /^Commit to /);
  await page.keyboard.press("Enter");
  await expect(pane.getByText(/^Committed to /)).toBeVisible();
  await tabTo(page, "button", /^Continue to sync$/);
  await page.keyboard.press("Enter");
  await expect(pane.getByRole("radio", { name: "Sandbox" })).toBeChecked();
  await tabTo(page, "button", /^Sync 2 applications, \d+ resources$/);
  await page.keyboard.press("Enter");
  await expect(pane.getByRole("button", { name: "Verify" })).not.toHaveAttribute("aria-disabled", "true", {
    timeout: 120_000,
  });
  await tabTo(page, "button", /^Verify$/);
  await page.keyboard.press("Enter");
  await expect(pane.getByRole("status").filter({ hasText: /All \d+ resources healthy/ })).toBeVisible();
  await picture(page, "keyboard-3-verified");
  await page.keyboard.press("Escape");
  await expect(pane).toBeHidden();
  await expect(grid).toBeFocused();
});
