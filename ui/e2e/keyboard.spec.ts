import { expectAt, paneTo, tabTo } from "./keys";
import { expect, openSample, picture, test } from "./slipway";

test("the tree, the review and the waves need no mouse", async ({ page, slipway }) => {
  await openSample(page, slipway);
  const tree = page.getByRole("tree", { name: "Environments" });
  await expect(tree.getByRole("treeitem", { name: /Pending/ })).toHaveCount(0);

  await test.step("the tree: type ahead, open and close, the detail and its tabs", async () => {
    await paneTo(page, tree);
    await page.keyboard.type("cat");
    await expectAt(tree, /^catalog-api/);
    await page.waitForTimeout(750);
    await page.keyboard.press("ArrowLeft");
    await expect(tree.getByRole("treeitem", { name: "catalog-api", exact: true })).toHaveAttribute(
      "aria-expanded",
      "false",
    );
    await page.keyboard.press("*");
    await expect(tree.getByRole("treeitem", { name: "catalog-api", exact: true })).toHaveAttribute(
      "aria-expanded",
      "true",
    );
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const detail = page.getByRole("complementary", { name: "Detail of catalog-api@staging" });
    await expect(detail.getByRole("region", { name: "What differs from development" })).toBeVisible();
    await paneTo(page, detail);
    await tabTo(page, "tab", /^Overview/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect(detail.getByRole("tab", { name: /^Resources/ })).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Escape");
    await expect(detail).toBeHidden();
    await expect(tree).toBeFocused();
  });

  await test.step("the filter: slash, chips by Tab, Escape clears", async () => {
    await page.keyboard.press("/");
    const filter = page.getByRole("searchbox", { name: "Filter environments" });
    await expect(filter).toBeFocused();
    await page.keyboard.type("orders");
    await expect(page.getByText(/^\d+ of \d+ instances$/).first()).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: /^3 of 36 instances$/ }), "it is said").toHaveCount(1);
    await page.keyboard.press("Escape");
    await expect(filter).toHaveValue("");
    await tabTo(page, "button", /^Failed/);
    await page.keyboard.press("Space");
    await expect(page).toHaveURL(/state=failed/);
    await page.keyboard.press("Space");
    await expect(page).not.toHaveURL(/state=/);
  });

  await test.step("d leads from a row to its review; the diff is walked", async () => {
    await paneTo(page, tree);
    await page.keyboard.press("Home");
    await page.keyboard.type("orders-api");
    await expectAt(tree, /^orders-api/);
    await page.waitForTimeout(750);
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("ArrowDown");
    await expectAt(tree, /^orders-api@production/);
    await page.keyboard.press("d");
    const text = page.getByRole("region", { name: /compared with .*change/ });
    await text.waitFor();
    await paneTo(page, page.getByRole("region", { name: "Difference", exact: true }));
    await tabTo(page, "button", /^Next change/);
    await page.keyboard.press("Tab");
    await expect(text).toBeFocused();
    await page.keyboard.press("n");
    const first = page.url();
    await page.keyboard.press("]");
    await expect(page).toHaveURL(/at=/);
    expect(page.url()).not.toBe(first);
    await expect(page.getByRole("region", { name: /compared with .*change/ })).toBeFocused();
    await page.keyboard.press("u");
    await expect(page.getByRole("button", { name: "Unified" })).toBeVisible();
    await page.keyboard.press("w");
    await expect(page.getByRole("button", { name: "Wrap long lines" })).toHaveAttribute("aria-pressed", "true");
    await page.keyboard.press("Control+f");
    await page.keyboard.type("name");
    await page.keyboard.press("Enter");
    await expect(page.getByText(/^1 of \d+ lines?$/)).toBeVisible();
    await page.keyboard.press("Escape");
    await picture(page, "keyboard-review");
  });

  await test.step("two environments: a resource is left out, Ctrl Enter promotes the rest", async () => {
    await page.keyboard.press("Control+3");
    await page.getByRole("grid", { name: "Promotion matrix" }).waitFor();
    await page.keyboard.press("Control+4");
    const list = page.getByRole("listbox", { name: "Resources that differ" });
    await list.waitFor();
    await paneTo(page, list);
    await page.keyboard.press("Shift+X");
    await expect(page.getByText("1 left out")).toBeVisible();
    await page.keyboard.press("Control+Enter");
    await expect(page).toHaveURL(/#\/promotions\?.*without=/);
    const grid = page.getByRole("grid", { name: "Promotion matrix" });
    await paneTo(page, grid);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("c");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("c");
    await expect(page).toHaveURL(/#\/review\?from=instance/);
  });

  await test.step("waves: chosen by keyboard, walked by arrows and brackets", async () => {
    await page.keyboard.press("Control+2");
    const list = page.getByRole("listbox", { name: "Applications in staging" });
    await list.waitFor();
    await paneTo(page, list);
    await page.keyboard.type("pay");
    await expectAt(list, /^payments-api/);
    await page.waitForTimeout(750);
    await page.keyboard.press("Space");
    await tabTo(page, "button", /^Plan 1 application$/);
    await page.keyboard.press("Enter");
    const waves = page.getByRole("group", { name: "Waves" });
    await waves.waitFor();
    await paneTo(page, waves);
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? "");
    await expect.poll(focused).toMatch(/^Job payments-migrate: Waiting, Pre-sync wave 0/);
    await page.keyboard.press("]");
    await expect.poll(focused).toMatch(/Sync wave -1/);
    await page.keyboard.press("ArrowDown");
    await expect.poll(focused).toMatch(/Sync wave -1/);
    await page.keyboard.press("b");
    const pane = page.getByRole("complementary", { name: /^Detail of / });
    await expect(pane.getByRole("region", { name: "What it waits for" })).toContainText("payments-migrate");
    await paneTo(page, pane);
    await page.keyboard.press("Escape");
    await expect(pane).toBeHidden();
    await tabTo(page, "button", /^Summary$/);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/density=summary/);
    await picture(page, "keyboard-waves");
  });

  await test.step("back and forward go through the places", async () => {
    await page.keyboard.press("Control+1");
    await tree.waitFor();
    await page.keyboard.press("Alt+ArrowLeft");
    await expect(page).toHaveURL(/#\/waves/);
    await page.keyboard.press("Alt+ArrowRight");
    await expect(page).toHaveURL(/#\/environments/);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("Escape");
  });
});
