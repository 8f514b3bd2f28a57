import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { act, expectFocusSeen, keysOnly, press, tabTo } from "./keys";
import { expect, openSample, type Slipway, test } from "./slipway";

// What opens over a page takes the focus in, keeps it where it is modal, closes with Escape and gives the focus back.

const focusIn = (it: Element): boolean => it.contains(document.activeElement);

/** What is open has the focus; with `modal` Tab stays in it and keys of what lies below do nothing. Escape closes it. */
async function expectOpen(page: Page, opened: Locator, back: Locator | null, modal = true): Promise<void> {
  await expect(opened).toBeVisible();
  await expect.poll(() => opened.evaluate(focusIn), "the focus goes in").toBe(true);
  if (modal) {
    const address = page.url();
    for (let presses = 0; presses < 14; presses += 1) {
      await press(page, presses % 5 === 4 ? "Shift+Tab" : "Tab");
      await expect.poll(() => opened.evaluate(focusIn), "Tab stays in it").toBe(true);
    }
    await page.keyboard.press("Control+6");
    await page.keyboard.press("F6");
    expect(page.url(), "what lies below has no keys").toBe(address);
    expect(await opened.evaluate(focusIn), "F6 stays in it").toBe(true);
  }
  await page.keyboard.press("Escape");
  await expect(opened).toBeHidden();
  await expectFocusSeen(page, "Escape");
  if (back !== null) await expect(back).toBeFocused();
}

/** A menu: its first entry has the focus, arrows move, Escape closes. */
async function expectMenu(page: Page, name: RegExp): Promise<void> {
  const button = page.getByRole("button", { name });
  await tabTo(page, "button", name);
  for (const key of ["Enter", "ArrowDown"]) {
    await press(page, key);
    const entries = page.getByRole("menuitem");
    await expect(entries.first()).toBeFocused();
    await press(page, "End");
    await expect(entries.last()).toBeFocused();
    await expectOpen(page, page.getByRole("menu"), button, false);
  }
}

/** Goes to a place, and waits for what is in it. */
async function go(page: Page, slipway: Slipway, path: string, ready: Locator): Promise<void> {
  await page.goto(`${new URL("/", slipway.address).href}#/${path}`);
  await ready.waitFor();
}

test("everything of the frame opens and closes by keyboard", async ({ page, slipway }) => {
  await keysOnly(page);
  await openSample(page, slipway);
  const tree = page.getByRole("tree", { name: "Environments" });
  await expect(tree).toBeFocused();

  await test.step("palette and help", async () => {
    await page.keyboard.press("Control+k");
    await expectOpen(page, page.getByRole("dialog", { name: "Search" }), tree);
    await page.keyboard.press("?");
    await expectOpen(page, page.getByRole("dialog", { name: "Keyboard shortcuts" }), tree);
    await act(page, /^Keyboard shortcuts$/);
    const button = page.getByRole("button", { name: "Keyboard shortcuts" });
    await expectOpen(page, page.getByRole("dialog", { name: "Keyboard shortcuts" }), button);
  });

  await test.step("menus and pickers of the top bar", async () => {
    await expectMenu(page, /^Repository /);
    await expectMenu(page, /^Git: /);
    await act(page, /^Branch: /);
    const branch = page.getByRole("button", { name: /^Branch: / });
    await expectOpen(page, page.getByRole("dialog").filter({ has: page.getByRole("combobox") }), branch, false);
  });

  await test.step("a new branch, and who makes commits", async () => {
    await act(page, /^Branch: /);
    await page.keyboard.type("new branch");
    await page.keyboard.press("Enter");
    await expectOpen(page, page.getByRole("dialog", { name: "New branch" }), null);
    await tabTo(page, "button", /^Repository /, "Shift+Tab");
    await press(page, "Enter", "End", "Enter");
    await expectOpen(page, page.getByRole("dialog", { name: "Who makes commits" }), null);
  });

  await test.step("the edge of a pane", async () => {
    await tree.focus();
    await press(page, "Home", "ArrowDown", "ArrowDown", "Enter");
    const detail = page.getByRole("complementary");
    await tabTo(page, "separator", /^Width of Detail/);
    const width = (): Promise<number> => detail.evaluate((it) => it.clientWidth);
    const before = await width();
    await press(page, "ArrowLeft");
    expect(await width()).toBeGreaterThan(before);
    await press(page, "ArrowRight");
    expect(await width()).toBe(before);
    await press(page, "End");
    expect(await width()).toBeGreaterThan(before);
    await press(page, "Home");
    expect(await width()).toBeLessThanOrEqual(before);
    await page.keyboard.press("Escape");
    await expect(detail).toBeHidden();
    await expect(tree).toBeFocused();
  });
});

test("what places open closes by keyboard", async ({ page, slipway }) => {
  await keysOnly(page);
  await openSample(page, slipway);
  const text = page.getByRole("region", { name: /compared with .*change/ });

  await test.step("review: pickers, menus, find", async () => {
    await go(page, slipway, "review", text);
    for (const name of [/^First side: /, /^Second side: /]) {
      await act(page, name);
      const picker = page.getByRole("dialog").filter({ has: page.getByRole("combobox") });
      await expectOpen(page, picker, page.getByRole("button", { name }), false);
    }
    await expectMenu(page, /^Copy$/);
    await text.focus();
    await press(page, "Control+f");
    await expect(page.getByRole("searchbox", { name: "Find in this resource" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(text, "Escape leads from the search to the text").toBeFocused();
  });

  await test.step("promotions: choices, the YAML of an application, a pin", async () => {
    const review = "promotions?from=staging&to=production&applications=payments-api,storefront&step=review";
    await go(page, slipway, review, page.getByRole("region", { name: "storefront", exact: true }));
    await tabTo(page, "combobox", /^From$/);
    await press(page, "Enter");
    const from = page.getByRole("combobox", { name: "From" });
    await expect(from).toHaveAttribute("aria-expanded", "true");
    await page.keyboard.press("Escape");
    await expect(from).toHaveAttribute("aria-expanded", "false");
    await expect(from).toBeFocused();
    // The changes are one stop of Tab, and arrows go through them.
    const changes = page.getByRole("group", { name: "Changes" });
    const opener = page.locator(":focus");
    const opens = async (): Promise<void> => {
      const label = (await opener.getAttribute("aria-label")) ?? "";
      await press(page, "Enter");
      await expectOpen(page, page.getByRole("dialog"), page.getByRole("button", { name: label, exact: true }));
    };
    await tabTo(page, "button", /^View YAML diff of payments-api$/);
    await opens();
    await press(page, "ArrowDown");
    await expect(opener).toHaveAccessibleName(/^image of Deployment\/payments-api in payments-api@production$/);
    await expect(opener).toHaveAccessibleDescription(/becomes/);
    const first = changes.getByRole("checkbox").first();
    await press(page, "Space");
    await expect(first).not.toBeChecked();
    await expect(first).toBeFocused();
    await press(page, "Space");
    await expect(first).toBeChecked();
    await press(page, "ArrowRight");
    await expect(opener).toHaveAccessibleName(/^Pin image of /);
    await opens();
    await press(page, "Tab");
    await expect(page.getByRole("button", { name: "Back", exact: true })).toBeFocused();
    await press(page, "Shift+Tab");
    await expect(opener, "Tab comes back to where the list was left").toHaveAccessibleName(/^Pin image of /);
    await press(page, "ArrowLeft", "End");
    await expect(changes.getByRole("checkbox").last()).toBeFocused();
    await press(page, "Home");
    await expect(changes.getByRole("button", { name: "View YAML diff of payments-api" })).toBeFocused();
    await press(page, "s", "t");
    await expect(changes.getByRole("button", { name: "View YAML diff of storefront" })).toBeFocused();
    await press(page, "Shift+Tab");
    await expect(page.getByRole("group", { name: "Promotion" })).toBeFocused();
  });

  await test.step("waves: the sync with pruning", async () => {
    const plan = "waves?instances=payments-api@production,storefront@production";
    await go(page, slipway, plan, page.getByRole("group", { name: "Waves" }));
    await act(page, /^Sync…$/);
    await expectOpen(page, page.getByRole("dialog"), page.getByRole("button", { name: "Sync…" }));
    await press(page, "Enter");
    await tabTo(page, "checkbox", /^Prune/);
    await press(page, "Space");
    await expect(page.getByText("Nothing would be pruned now.")).toBeVisible();
    await expectOpen(page, page.getByRole("dialog"), page.getByRole("button", { name: "Sync…" }));
  });

  await test.step("settings: the text of a licence", async () => {
    const list = page.getByRole("group", { name: "Built-in components" });
    await go(page, slipway, "settings?section=about", list);
    await tabTo(page, "searchbox", /^Filter components$/);
    await press(page, "Tab", "ArrowDown", "ArrowDown");
    const opener = page.locator(":focus");
    const label = (await opener.getAttribute("aria-label")) ?? "";
    await press(page, "Enter");
    await expectOpen(page, page.getByRole("dialog"), page.getByRole("button", { name: label, exact: true }));
  });

  await test.step("an unfinished promotion goes on, and is discarded", async () => {
    const tree = page.getByRole("tree", { name: "Environments" });
    await go(page, slipway, "environments", tree);
    await tabTo(page, "link", /^Unfinished promotion/);
    await press(page, "Enter");
    await expect(page).toHaveURL(/step=review/);
    await page.getByRole("region", { name: "storefront", exact: true }).waitFor();
    await press(page, "Control+1");
    await tree.waitFor();
    await act(page, /^Discard the unfinished promotion/);
    await expect(page.getByRole("link", { name: /^Unfinished promotion/ })).toHaveCount(0);
    await expect(page.getByRole("region", { name: "Notifications" })).toContainText("promotion is discarded");
    await expectFocusSeen(page, "discarding");
  });
});

/** The menu of the row that a list is at: by the key, with the person's keys in it; Escape leads back to the list. */
async function expectRowMenu(page: Page, list: Locator, name: RegExp, entries: readonly string[], key = "Shift+F10") {
  await list.focus();
  const before = page.locator(":focus");
  const own = await before.evaluate((it) => it.outerHTML.slice(0, 60));
  await press(page, key);
  const menu = page.getByRole("menu", { name });
  await expect(menu.getByRole("menuitem").first()).toBeFocused();
  for (const entry of entries) await expect(menu.getByRole("menuitem", { name: entry, exact: true })).toBeVisible();
  await expectOpen(page, menu, null, false);
  expect(await before.evaluate((it) => it.outerHTML.slice(0, 60))).toBe(own);
}

test("the menu of a row opens by keyboard and gives the focus back", async ({ page, context, slipway }) => {
  await keysOnly(page);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openSample(page, slipway);
  const tree = page.getByRole("tree", { name: "Environments" });
  const files = ["Open in the editor Alt O", "Show in the file manager Alt R", "Copy path Alt P", "Copy YAML Alt Y"];
  await expect(page.getByRole("treeitem", { name: /Pending/ })).toHaveCount(0);

  await test.step("the tree", async () => {
    await tree.focus();
    await press(page, "Home");
    await expectRowMenu(page, tree, /^Menu of apps$/, ["Close ←", "Sync… S", "Copy path Alt P"]);
    await press(page, "ArrowDown", "ArrowDown");
    const instance = /^Menu of accounts-api@development$/;
    await expectRowMenu(page, tree, instance, ["Open the detail Enter", "Promote… P", ...files], "ContextMenu");
    await press(page, "Shift+F10", "End", "ArrowUp", "Enter");
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("accounts-api@development");
    await expect(tree).toBeFocused();
  });
  await test.step("the matrix", async () => {
    const grid = page.getByRole("grid");
    await go(page, slipway, "promotions", grid);
    await expectRowMenu(page, grid, /^Menu of accounts-api$/, ["Select the row Space"]);
    await press(page, "ArrowRight");
    await expectRowMenu(page, grid, /^Menu of accounts-api@/, ["Mark for comparing C", ...files]);
  });
  await test.step("the review", async () => {
    const list = page.getByRole("listbox", { name: "Resources that differ" });
    await go(page, slipway, "review", list);
    const entries = ["Go to the text Enter", "Leave it out of the promotion Shift X", ...files];
    await expectRowMenu(page, list, /^Menu of Deployment/, entries);
  });
  await test.step("the waves", async () => {
    const node = page.locator("[data-task][tabindex='0']");
    await go(page, slipway, "waves?instances=payments-api@production", node);
    await expectRowMenu(page, node, /^Menu of Job\/payments-migrate$/, ["Show what it waits for B", ...files]);
    await expect(node).toBeFocused();
  });
});

test("a protected environment of a cluster is typed before a sync", async ({ page, slipway }) => {
  await keysOnly(page);
  const folder = join(slipway.folder, "home", ".kube");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "config"),
    `apiVersion: v1
kind: Config
clusters: [{ name: nowhere, cluster: { server: "http://127.0.0.1:1" } }]
users: [{ name: nobody, user: {} }]
contexts: [{ name: production-eu, context: { cluster: nowhere, user: nobody } }]
current-context: production-eu
`,
  );
  await openSample(page, slipway);
  await go(page, slipway, "waves?instances=storefront@production", page.getByRole("group", { name: "Waves" }));
  await act(page, /^Sync…$/);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("radio", { name: "Sandbox" })).toBeFocused();
  await press(page, "ArrowDown");
  await expect(dialog.getByRole("radio", { name: "Clusters of the kubeconfig" })).toBeChecked();
  await tabTo(page, "combobox", /^Context of production$/);
  await press(page, "Enter", "ArrowDown", "Enter");
  await expect(dialog.getByRole("combobox", { name: "Context of production" })).toContainText("production-eu");
  const start = dialog.getByRole("button", { name: /^Sync 1 application/ });
  await expect(start).toHaveAttribute("aria-disabled", "true");
  await tabTo(page, "textbox", /^Type production to confirm$/);
  await page.keyboard.type("production");
  await expect(start).not.toHaveAttribute("aria-disabled", "true");
  await expectOpen(page, dialog, page.getByRole("button", { name: "Sync…" }));
});
