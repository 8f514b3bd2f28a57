import type { Locator, Page } from "@playwright/test";
import { act, downTo, expectAt, expectFocusSeen, keysOnly, paneTo, pick, press, tabTo } from "./keys";
import { isThere, unpack } from "./repositories.mjs";
import { openPage } from "./serve.mjs";
import { expect, picture, type Slipway, test } from "./slipway";

// The whole way of a release by keyboard alone: open, find, compare, promote, plan, sync, verify, set, close.

interface Journey {
  /** The repository beside the checkout; `null` for the sample inside the program. */
  repository: string | null;
  from: string;
  to: string;
  /** The first is looked for and compared. */
  applications: readonly string[];
  /** How many rows the tree has at least. */
  instances: number;
  /** How many applications the sync is of: those that render otherwise after the commit. */
  synced: number;
  /** How the sync to the sandbox ends. */
  ends: RegExp;
  /** What Verify says of the health. */
  health: RegExp;
  /** An instance that cannot be rendered, and the file that its detail blames; `null` where all can. */
  fails: { instance: string; file: RegExp } | null;
  /** A resource that no edit carries without changing other environments: it is left out in the review. */
  leftOut: { application: string; resource: RegExp } | null;
}

const journeys: readonly Journey[] = [
  {
    repository: null,
    from: "staging",
    to: "production",
    applications: ["payments-api", "storefront"],
    instances: 30,
    synced: 2,
    ends: /Succeeded: /,
    health: /All \d+ resources healthy/,
    fails: null,
    leftOut: null,
  },
  {
    repository: "codefresh-many-appsets",
    from: "staging",
    to: "prod-us",
    applications: ["invoices", "orders"],
    instances: 12,
    synced: 2,
    ends: /Succeeded: /,
    health: /All \d+ resources healthy/,
    fails: null,
    leftOut: null,
  },
  {
    repository: "fineract-gitops",
    from: "dev",
    to: "uat",
    applications: ["fineract-ingress", "fineract-keycloak"],
    instances: 50,
    synced: 1,
    ends: /Succeeded: /,
    health: /All \d+ resources healthy/,
    fails: { instance: "monitoring@dev", file: /apps\/monitoring\/base\/kustomization\.yaml:13/ },
    leftOut: { application: "fineract-keycloak", resource: /^Deployment keycloak of / },
  },
];

/** The first screen: the folder is typed, or the sample is chosen. */
async function open(page: Page, slipway: Slipway, repository: string | null): Promise<Locator> {
  const tree = page.getByRole("tree", { name: "Environments" });
  await openPage(page, slipway.address);
  await page.getByRole("heading", { name: "Slipway", level: 1 }).waitFor();
  const folder = page.getByRole("textbox", { name: "Folder", exact: true });
  await expect(folder).toBeFocused();
  if (repository === null) await act(page, /^Open sample$/);
  else {
    await page.keyboard.type(unpack(repository, slipway.folder));
    await page.keyboard.press("Enter");
  }
  await tree.waitFor({ timeout: 60_000 });
  await expect(tree).toBeFocused();
  await expect(page.getByText(/^Rendered \d/)).toHaveCount(0);
  return tree;
}

/** The settings; then the repository is closed, which is the end: the window of a browser is its own. */
async function leave(page: Page): Promise<void> {
  await test.step("settings", async () => {
    await press(page, "Control+6");
    await tabTo(page, "link", /^Appearance$/);
    await press(page, "Enter");
    await tabTo(page, "radio", /^System/);
    await press(page, "ArrowDown", "ArrowDown");
    await expect(page.getByRole("radio", { name: "Light" })).toBeChecked();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
    await press(page, "ArrowUp");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  });
  await test.step("close", async () => {
    await tabTo(page, "link", /^Repositories$/, "Shift+Tab");
    await press(page, "Enter");
    const refused: string[] = [];
    page.on("response", (answer) => {
      if (answer.status() === 422) refused.push(new URL(answer.url()).pathname);
    });
    const closed = page.waitForResponse(/repository_close$/);
    await act(page, /^Close$/);
    await expect(page.getByRole("heading", { name: "Slipway", level: 1 })).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Folder", exact: true })).toBeFocused();
    await closed;
    await expect(page, "the next repository begins at its tree").toHaveURL(/#\/environments$/);
    expect(refused, "what is asked of a repository that is closed").toEqual([]);
  });
}

for (const journey of journeys) {
  const { repository, from, to, applications, ends, health } = journey;
  const name = repository ?? "the sample";
  if (repository !== null && !isThere(repository, "journey by keyboard")) continue;
  test.describe(name, () => {
    test.use({ what: [] });
    test(`by keyboard alone from opening ${name} to verifying a promotion`, async ({ page, slipway }) => {
      await keysOnly(page);
      const shot = (step: string): Promise<void> => picture(page, `journey-${repository ?? "sample"}-${step}`);
      const tree = await test.step("open", () => open(page, slipway, repository));
      const first = applications[0] ?? "";

      await test.step("find", async () => {
        await shot("1-open");
        await press(page, "/");
        await page.keyboard.type(first);
        await expect(page.getByText(/^\d+ of \d+ instances$/)).toBeVisible();
        await press(page, "ArrowDown");
        await expect(tree).toBeFocused();
        await downTo(page, tree, new RegExp(`^${first}@${to}`));
        await press(page, "Enter");
        const detail = page.getByRole("complementary", { name: `Detail of ${first}@${to}` });
        await expect(detail.getByRole("region", { name: /^What differs from / })).toBeVisible();
        await shot("2-find");
      });

      const { fails, leftOut } = journey;
      if (fails !== null)
        await test.step("why one fails", async () => {
          await press(page, "Escape", "/", "Control+a");
          await page.keyboard.type(fails.instance.split("@")[0] ?? "");
          await press(page, "ArrowDown", "Home");
          await downTo(page, tree, new RegExp(`^${fails.instance}`));
          await press(page, "Enter");
          const detail = page.getByRole("complementary", { name: `Detail of ${fails.instance}` });
          await expect(detail.getByRole("region", { name: "Why it fails" })).toContainText(fails.file);
          await shot("2-fails");
          await paneTo(page, detail);
          await press(page, "Escape");
          await expect(detail).toBeHidden();
          await expect(tree).toBeFocused();
        });

      await test.step("compare", async () => {
        await press(page, "Control+4");
        const list = page.getByRole("listbox", { name: "Resources that differ" });
        await pick(page, /^First side: /, from);
        await pick(page, /^Second side: /, to);
        await expect(page.getByRole("button", { name: `Second side: ${to}` })).toBeFocused();
        await list.waitFor();
        await tabTo(page, "searchbox", /^Filter resources$/, "Shift+Tab");
        await page.keyboard.type(first);
        await press(page, "Tab");
        await expect(list).toBeFocused();
        await expectAt(list, new RegExp(` of ${first}@`));
        await press(page, "End", "Enter");
        await expect(page.getByRole("region", { name: /compared with .*change/ })).toBeFocused();
        await press(page, "n");
        await shot("3-compare");
        if (leftOut !== null) {
          await press(page, "/", "Control+a");
          await page.keyboard.type(leftOut.application);
          await press(page, "Tab", "Home");
          await downTo(page, list, leftOut.resource);
          await press(page, "Shift+X");
          await expect(page.getByText("1 left out")).toBeVisible();
        }
        await press(page, "Control+Enter");
        await expect(page).toHaveURL(/#\/promotions\?/);
      });

      const grid = page.getByRole("grid", { name: "Promotion matrix" });
      const pane = page.getByRole("complementary", { name: `Promote to ${to}` });
      await test.step("promote: choose", async () => {
        await expect(grid).toBeFocused();
        await press(page, "Control+Home");
        for (const application of applications) {
          await downTo(page, grid, new RegExp(`^${application}$`));
          await press(page, "Space");
        }
        await expect(page.getByText(`${applications.length} selected`)).toBeVisible();
        await shot("4-choose");
        await press(page, "p");
      });

      await test.step("promote: review", async () => {
        for (const application of applications)
          await expect(pane.getByRole("region", { name: application, exact: true })).toBeVisible();
        await expectFocusSeen(page, "the plan");
        await tabTo(page, "tab", /^Changes/);
        await press(page, "ArrowRight");
        await press(page, "Enter");
        await expect(pane.getByRole("region", { name: new RegExp(` of ${first}@${to}`) }).first()).toBeVisible();
        await shot("5-review");
        await act(page, /^Continue to commit$/);
      });

      await test.step("promote: commit", async () => {
        await expect(pane.getByRole("radio", { name: "New branch" })).toBeChecked();
        await act(page, /^Commit to /);
        if (repository !== null) {
          const who = page.getByRole("dialog", { name: "Who makes commits" });
          await expect(who.getByRole("textbox", { name: "Name" })).toBeFocused();
          await page.keyboard.type("Ada Byron");
          await press(page, "Tab");
          await page.keyboard.type("ada@example.com");
          await page.keyboard.press("Enter");
          await expect(who).toBeHidden();
        }
        await expect(pane.getByText(/^Committed to /)).toBeVisible();
        await expectFocusSeen(page, "the commit");
        await shot("6-committed");
        await act(page, /^Continue to sync$/);
      });

      const synced = `Sync ${journey.synced} application${journey.synced === 1 ? "" : "s"}`;
      const runs = `${synced}, `;
      if (repository === null) {
        await test.step("sync and verify in the wizard", async () => {
          await expect(pane.getByRole("radio", { name: "Sandbox" })).toBeChecked();
          await act(page, new RegExp(`^${runs}\\d+ resources$`));
          await expectFocusSeen(page, "the start of the sync");
          const verify = pane.getByRole("button", { name: "Verify" });
          await expect(verify).not.toHaveAttribute("aria-disabled", "true", { timeout: 120_000 });
          await act(page, /^Verify$/);
          await expect(pane.getByRole("status").filter({ hasText: health })).toBeVisible();
          await shot("8-verified");
          await press(page, "Escape");
          await expect(pane).toBeHidden();
          await expect(grid).toBeFocused();
        });
        await leave(page);
        return;
      }

      await test.step("plan", async () => {
        await act(page, /^See the waves$/);
        await page.getByRole("heading", { name: "Sync plan" }).waitFor();
        const waves = page.getByRole("group", { name: "Waves" });
        await expect(waves).toContainText(first);
        await expectFocusSeen(page, "the plan of the sync");
        await shot("7-plan");
      });

      await test.step("sync", async () => {
        await act(page, /^Sync…$/);
        const dialog = page.getByRole("dialog", { name: synced });
        await expect(dialog.getByRole("radio", { name: "Sandbox" })).toBeFocused();
        await act(page, new RegExp(`^${runs}\\d+ resources$`));
        await page.getByRole("heading", { name: /^Sync to / }).waitFor();
        await expectFocusSeen(page, "the start of the sync");
        await expect(page.getByRole("note").or(page.getByRole("alert")).filter({ hasText: ends })).toBeVisible({
          timeout: 120_000,
        });
        await shot("8-synced");
      });

      await test.step("verify", async () => {
        await act(page, /^Open activity$/);
        await tabTo(page, "tab", /^Health/);
        const tabs = page.getByRole("tabpanel");
        await expect(tabs).toContainText(health);
        await expectFocusSeen(page, "the activity");
        await shot("9-verified");
      });
      await leave(page);
    });
  });
}
