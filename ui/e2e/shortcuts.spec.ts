import type { Locator, Page } from "@playwright/test";
import { isFixedKey, keyLabel, setKeys, type Shortcut, shortcuts } from "../src/lib/keymap";
import { act, downTo, expectAt, expectFocusSeen, tabTo } from "./keys";
import { expect, openSample, type Slipway, test } from "./slipway";

// Each key of the help does what the help says, where it was left and where a person moved it.

const table = shortcuts.filter((shortcut) => shortcut.window !== true);

/** Every key that can be moved, at a place of its own: `Alt Shift A`, `Alt Shift B`, … */
function allMoved(): Record<string, string> {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const places = ["Alt+Shift+", "Mod+Alt+Shift+"].flatMap((start) => letters.map((letter) => start + letter));
  const movable = [...new Set(table.map(({ keys }) => keys))].filter((keys) => !isFixedKey(keys));
  return Object.fromEntries(movable.map((keys, index) => [keys, places[index] ?? ""]));
}

/** Presses keys of the table as the person has them, and remembers which were pressed. */
class Presser {
  readonly pressed = new Set<string>();
  constructor(
    readonly page: Page,
    readonly own: Readonly<Record<string, string>>,
  ) {}

  async press(scope: Shortcut["scope"], keys: string, key = this.own[keys] ?? keys): Promise<void> {
    this.pressed.add(`${scope} ${keys}`);
    await this.page.keyboard.press(key.replace("Mod+", "Control+"));
    await expectFocusSeen(this.page, `${scope}: ${key}`);
  }

  /** Presses keys that ask the core for something, which is all that a browser shows of them. */
  async asks(scope: Shortcut["scope"], keys: string, command: string): Promise<void> {
    const request = this.page.waitForRequest(new RegExp(`/ipc/${command}$`));
    await this.press(scope, keys);
    await request;
  }
}

/** Goes to an address of the page, with the focus in something. */
async function go(page: Page, slipway: Slipway, path: string, focus: Locator): Promise<void> {
  await page.goto(`${new URL("/", slipway.address).href}#/${path}`);
  await focus.waitFor();
  await expect(page.getByRole("treeitem", { name: /Pending/ })).toHaveCount(0);
  await focus.focus();
}

async function everywhere(keys: Presser, slipway: Slipway): Promise<void> {
  const { page } = keys;
  const tree = page.getByRole("tree", { name: "Environments" });
  await go(page, slipway, "environments", tree);
  await keys.press("Everywhere", "Mod+K");
  await expect(page.getByRole("combobox", { name: "Search" })).toBeFocused();
  await keys.press("Everywhere", "Escape");
  await expect(tree).toBeFocused();
  const places = ["Environments", "Waves", "Promotions", "Review", "Activity", "Settings"];
  for (const [index, place] of places.entries()) {
    await keys.press("Everywhere", "Mod+1…6", `Mod+${index + 1}`);
    const link = page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: place });
    await expect(link).toHaveAttribute("aria-current", "page");
    // Nothing ran yet: what can be done has the focus, not the whole place.
    if (place === "Activity") await expect(page.getByRole("button", { name: "Plan a sync" })).toBeFocused();
  }
  await keys.press("Everywhere", "Alt+ArrowLeft");
  await expect(page).toHaveURL(/#\/activity/);
  await keys.press("Everywhere", "Alt+ArrowRight");
  await expect(page).toHaveURL(/#\/settings/);
  await go(page, slipway, "environments", tree);
  await keys.press("Everywhere", "/");
  await expect(page.getByRole("searchbox", { name: "Filter environments" })).toBeFocused();
  await tree.focus();
  const pane = (): Promise<string> =>
    page.evaluate(() => {
      const own = document.activeElement?.closest("[data-pane]");
      return own?.getAttribute("aria-label") ?? own?.localName ?? "";
    });
  const first = await pane();
  await keys.press("Everywhere", "F6");
  expect(await pane()).not.toBe(first);
  await keys.press("Everywhere", "Shift+F6");
  expect(await pane()).toBe(first);
  await keys.asks("Everywhere", "Mod+R", "repository_refresh");
  await tree.focus();
  await keys.press("Everywhere", "Shift+F10");
  await expect(page.getByRole("menu", { name: /^Menu of / })).toBeVisible();
  await keys.press("Everywhere", "Escape");
  await expect(tree).toBeFocused();
  await keys.press("Everywhere", "?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  const listed = help.locator("dl > div");
  await expect(listed).toHaveText(table.map(({ keys: each, label }) => `${label}${keyLabel(each, false)}`));
  await keys.press("Everywhere", "Escape");
  await expect(help).toBeHidden();
}

async function files(keys: Presser, scope: Shortcut["scope"]): Promise<void> {
  const { page } = keys;
  await keys.asks(scope, "Alt+O", "file_edit");
  await keys.asks(scope, "Alt+R", "file_reveal");
  const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  for (const [key, text] of [
    ["Alt+P", /\.ya?ml$/],
    ["Alt+N", /payments-api/],
    ["Alt+Y", /^apiVersion: |\nkind: /],
  ] as const) {
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await keys.press(scope, key);
    await expect.poll(copied, key).toMatch(text);
  }
}

async function environments(keys: Presser, slipway: Slipway): Promise<void> {
  const { page } = keys;
  const tree = page.getByRole("tree", { name: "Environments" });
  await go(page, slipway, "environments", tree);
  const directory = tree.getByRole("treeitem", { name: /^apps/ });
  await page.keyboard.press("Home");
  await keys.press("Environments", "ArrowLeft");
  await expect(directory).toHaveAttribute("aria-expanded", "false");
  await keys.press("Environments", "ArrowRight");
  await expect(directory).toHaveAttribute("aria-expanded", "true");
  await keys.press("Environments", "ArrowRight");
  await expectAt(tree, /^accounts-api/);
  await keys.press("Environments", "ArrowLeft");
  const application = tree.getByRole("treeitem", { name: "accounts-api", exact: true });
  await expect(application).toHaveAttribute("aria-expanded", "false");
  await keys.press("Environments", "*");
  await expect(application).toHaveAttribute("aria-expanded", "true");
  await keys.press("Environments", "A…Z", "c");
  await expectAt(tree, /^catalog-api/);
  await page.waitForTimeout(750);
  const row = async (): Promise<void> => {
    await go(page, slipway, "environments?q=payments-api", tree);
    await page.keyboard.press("Home");
    await downTo(page, tree, /^payments-api@production/);
  };
  await row();
  await keys.press("Environments", "Enter");
  const detail = page.getByRole("complementary", { name: "Detail of payments-api@production" });
  await detail.getByRole("tab", { name: /^Overview/ }).waitFor();
  await files(keys, "Environments");
  await page.keyboard.press("Escape");
  await expect(detail).toBeHidden();
  // What the keys do to the row needs no detail beside it.
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await keys.press("Environments", "Alt+N");
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("payments-api@production");
  await keys.asks("Environments", "r", "repository_refresh");
  for (const [key, address] of [
    ["d", /#\/review\?.*payments-api/],
    ["s", /#\/waves\?.*payments-api/],
    ["p", /#\/promotions\?.*payments-api/],
  ] as const) {
    await row();
    await keys.press("Environments", key);
    await expect(page).toHaveURL(address);
  }
}

async function promotions(keys: Presser, slipway: Slipway): Promise<void> {
  const { page } = keys;
  const grid = page.getByRole("grid", { name: "Promotion matrix" });
  await go(page, slipway, "promotions", grid);
  await tabTo(page, "checkbox", /^Select all rows$/);
  await page.keyboard.press("Space");
  await expect(page.getByText("12 selected")).toBeVisible();
  await page.keyboard.press("Space");
  await expect(page.getByText("0 selected")).toBeVisible();
  await grid.focus();
  await page.keyboard.press("Home");
  await keys.press("Promotions", "Space");
  await expect(page.getByText("1 selected")).toBeVisible();
  await keys.press("Promotions", "Shift+ArrowDown");
  await expect(page.getByText("2 selected")).toBeVisible();
  await keys.press("Promotions", "Mod+A");
  await expect(page.getByText("12 selected")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowRight");
  await keys.press("Promotions", "c");
  await page.keyboard.press("ArrowRight");
  await keys.press("Promotions", "c");
  await expect(page).toHaveURL(/#\/review\?from=instance/);
  await go(page, slipway, "promotions?q=payments-api", grid);
  await page.keyboard.press("End");
  await files(keys, "Promotions");
  await go(page, slipway, "promotions?applications=payments-api", grid);
  await keys.press("Promotions", "p");
  await expect(page).toHaveURL(/step=review/);
}

async function review(keys: Presser, slipway: Slipway): Promise<void> {
  const { page } = keys;
  const text = page.getByRole("region", { name: /compared with .*change/ });
  const list = page.getByRole("listbox", { name: "Resources that differ" });
  await go(page, slipway, "review?q=payments-api", list);
  await page.keyboard.press("Home");
  await downTo(page, list, /^Deployment payments-api /);
  await page.keyboard.press("Enter");
  await expect(text).toBeFocused();
  const line = (): Promise<string> => text.locator("[class*='current']").first().innerText();
  await keys.press("Review", "n");
  const first = await line();
  await keys.press("Review", "n");
  await expect.poll(line).not.toBe(first);
  await keys.press("Review", "Shift+N");
  await expect.poll(line).toBe(first);
  await keys.press("Review", "x");
  await expect(page.getByText(/^1 change left out$/).first()).toBeVisible();
  await keys.press("Review", "x");
  await expect(page.getByText(/left out$/)).toHaveCount(0);
  await keys.press("Review", "Shift+X");
  await expect(page.getByText(/^1 left out$/)).toBeVisible();
  await keys.press("Review", "Shift+X");
  await expect(page.getByText(/left out$/)).toHaveCount(0);
  await keys.press("Review", "u");
  await expect(page.getByRole("button", { name: "Unified" })).toBeVisible();
  await keys.press("Review", "w");
  const wrap = page.getByRole("button", { name: "Wrap long lines" });
  await expect(wrap).toHaveAttribute("aria-pressed", "true");
  const folds = text.getByRole("button", { name: /unchanged/ });
  const before = await folds.count();
  await keys.press("Review", "z");
  await expect(folds).toHaveCount(0);
  await keys.press("Review", "z");
  await expect(folds).toHaveCount(before);
  await files(keys, "Review");
  await list.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(text).toBeFocused();
  const at = async (): Promise<string> => (await list.getAttribute("aria-activedescendant")) ?? "";
  const resource = await at();
  await keys.press("Review", "]");
  await expect.poll(at).not.toBe(resource);
  await expect(text).toBeFocused();
  await keys.press("Review", "[");
  await expect.poll(at).toBe(resource);
  await expect(text).toBeFocused();
  await keys.press("Review", "Mod+F");
  await expect(page.getByRole("searchbox", { name: "Find in this resource" })).toBeFocused();
  await page.keyboard.press("Escape");
  await keys.press("Review", "Mod+Enter");
  await expect(page).toHaveURL(/#\/promotions\?/);
}

async function wavesAndLogs(keys: Presser, slipway: Slipway): Promise<void> {
  const { page } = keys;
  const graph = page.getByRole("group", { name: "Waves" });
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? "");
  await go(page, slipway, "waves?instances=payments-api@production", graph.locator("[data-task][tabindex='0']"));
  await expect.poll(focused).toMatch(/^Job payments-migrate/);
  await keys.press("Waves", "]");
  await expect.poll(focused).toMatch(/Sync wave -1/);
  const first = await focused();
  await keys.press("Waves", "ArrowDown");
  await expect.poll(focused).not.toBe(first);
  await keys.press("Waves", "[");
  await expect.poll(focused).toMatch(/Pre-sync/);
  await keys.press("Waves", "]");
  await expect.poll(focused).toMatch(/Sync wave -1/);
  await page.keyboard.press("ArrowDown");
  await files(keys, "Waves");
  const follow = page.getByRole("button", { name: "Follow what is in progress" });
  await keys.press("Waves", "f");
  await expect(follow).toHaveAttribute("aria-pressed", "true");
  await keys.press("Waves", "f");
  await expect(follow).toHaveAttribute("aria-pressed", "false");
  await keys.press("Waves", "b");
  await expect(page.getByRole("complementary", { name: /^Detail of / })).toBeVisible();
  await act(page, /^Sync…$/);
  await act(page, /^Sync 1 application, /);
  await expect(page.getByRole("note").filter({ hasText: /Succeeded: / })).toBeVisible({ timeout: 120_000 });
  await graph.locator("[data-task][tabindex='0']").focus();
  await keys.press("Waves", "l");
  await expect(page).toHaveURL(/#\/activity\?run=/);
  // The steps of the run are one stop of Tab; each has a menu.
  await tabTo(page, "button", /Show in the wave graph$/);
  const step = await focused();
  await page.keyboard.press("ArrowDown");
  await expect.poll(focused).not.toBe(step);
  await page.keyboard.press("ArrowUp");
  await keys.press("Everywhere", "Shift+F10");
  await expect(page.getByRole("menu", { name: /^Menu of payments-api@production PreSync 0$/ })).toBeVisible();
  await keys.press("Everywhere", "Escape");
  await expect.poll(focused).toBe(step);
  await tabTo(page, "tab", /^Health/);
  for (const key of ["ArrowLeft", "ArrowLeft", "Enter"]) await page.keyboard.press(key);
  const log = page.getByRole("log", { name: "Log" });
  await log.waitFor();
  await log.focus();
  const following = page.getByRole("button", { name: /^Follow/ });
  await keys.press("Logs", "f");
  await expect(following).toHaveAttribute("aria-pressed", "false");
  await keys.press("Logs", "Shift+G");
  await expect(following).toHaveAttribute("aria-pressed", "true");
  await keys.press("Logs", "g");
  await expect(following).toHaveAttribute("aria-pressed", "false");
}

for (const [where, own] of [
  ["where it was left", {}],
  ["where it was moved", allMoved()],
] as const) {
  test(`each key of the help does what it says, ${where}`, async ({ page, context, slipway }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await openSample(page, slipway);
    await page.evaluate(async (keys) => {
      const post = { method: "POST", headers: { "content-type": "application/json" } };
      const answer = await fetch("ipc/settings", { ...post, body: "{}" });
      const settings = (await answer.json()) as object;
      await fetch("ipc/settings_save", { ...post, body: JSON.stringify({ ...settings, keys }) });
    }, own);
    await page.reload();
    setKeys(own);
    const keys = new Presser(page, own);
    await test.step("everywhere", () => everywhere(keys, slipway));
    await test.step("environments", () => environments(keys, slipway));
    await test.step("promotions", () => promotions(keys, slipway));
    await test.step("review", () => review(keys, slipway));
    await test.step("waves and logs", () => wavesAndLogs(keys, slipway));
    const all = table.map(({ scope, keys: each }) => `${scope} ${each}`);
    expect([...keys.pressed].sort(), "every key of the table was pressed").toEqual(all.sort());
  });
}
