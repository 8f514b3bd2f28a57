import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { commit, git, healthy, write } from "./hostile";
import { act, expectFocusSeen, keysOnly, pick, press, tabTo } from "./keys";
import { openPage } from "./serve.mjs";
import { expect, type Slipway, test } from "./slipway";

// What a person sets up once, and what Git does every day: by keys alone, to the end.

test.use({ what: [] });

/** Opens a folder from the first screen. */
async function open(page: Page, slipway: Slipway, folder: string): Promise<void> {
  await openPage(page, slipway.address);
  const field = page.getByRole("textbox", { name: "Folder", exact: true });
  await field.waitFor();
  await tabTo(page, "textbox", /^Folder$/);
  await page.keyboard.type(folder);
  await page.keyboard.press("Enter");
  await page.getByRole("tree", { name: "Environments" }).waitFor({ timeout: 60_000 });
}

/** Goes to a section of the settings through its link. */
async function section(page: Page, name: string): Promise<void> {
  await press(page, "Control+6");
  await act(page, new RegExp(`^${name}$`), "link");
  await page.getByRole("heading", { level: 1 }).waitFor();
}

const told = (page: Page, text: string | RegExp): Promise<void> =>
  expect(page.getByRole("region", { name: "Notifications" })).toContainText(text);

test("the settings are set by keyboard, and the focus stays where one was", async ({ page, slipway }) => {
  await keysOnly(page);
  mkdirSync(join(slipway.folder, "home", ".kube"), { recursive: true });
  writeFileSync(
    join(slipway.folder, "home", ".kube", "config"),
    `apiVersion: v1
kind: Config
clusters: [{ name: nowhere, cluster: { server: "http://127.0.0.1:1" } }]
users: [{ name: nobody, user: {} }]
contexts: [{ name: anywhere, context: { cluster: nowhere, user: nobody } }]
`,
  );
  const other = healthy(join(slipway.folder, "other"));
  await open(page, slipway, healthy(join(slipway.folder, "repository")));
  const focus = page.locator(":focus");

  await test.step("another repository is opened, and forgotten", async () => {
    await section(page, "Repositories");
    await act(page, /^Open another…$/);
    await page.getByRole("textbox", { name: "Folder", exact: true }).waitFor();
    await tabTo(page, "textbox", /^Folder$/);
    await page.keyboard.type(join(slipway.folder, "nowhere"));
    await press(page, "Enter");
    await expect(page.getByRole("alert").filter({ hasText: "nowhere" })).toBeVisible();
    await tabTo(page, "textbox", /^Folder$/, "Shift+Tab");
    await press(page, "Control+a");
    await page.keyboard.type(other);
    await press(page, "Enter");
    await page.getByRole("tree", { name: "Environments" }).waitFor();
    await section(page, "Repositories");
    await act(page, /^Forget repository$/);
    await told(page, "repository forgotten");
    await expect(page.getByRole("button", { name: "Forget repository" })).toHaveCount(0);
    await expectFocusSeen(page, "forgetting");
  });

  await test.step("credentials: the keyring is missing; the encrypted file keeps one, and loses it", async () => {
    await section(page, "Credentials");
    await expect(page.getByRole("main")).toContainText("Credentials cannot be kept");
    await tabTo(page, "textbox", /^Passphrase$/);
    await page.keyboard.type("correct horse");
    await press(page, "Enter");
    await told(page, "The encrypted file is open");
    await expectFocusSeen(page, "the file opened");
    await tabTo(page, "button", /^Add a server…$/, "Shift+Tab");
    await press(page, "Enter");
    await expect(focus).toHaveAccessibleName("Server");
    await page.keyboard.type("https://git.acme.example");
    await press(page, "Tab", "Tab");
    await page.keyboard.type("secret");
    await press(page, "Enter");
    await told(page, "Credential kept");
    await expect(focus).toHaveAccessibleName("Add a server…");
    await tabTo(page, "button", /^Replace https:/, "Shift+Tab");
    await press(page, "Enter");
    await expect(focus).toHaveAccessibleName("User");
    await act(page, /^Cancel$/);
    await expect(focus).toHaveAccessibleName(/^Replace https:/);
    await act(page, /^Remove https:/);
    await told(page, "Credentials of https://git.acme.example removed");
    await expect(page.getByRole("button", { name: /^Replace/ })).toHaveCount(0);
    await expectFocusSeen(page, "removing");
  });

  await test.step("who makes commits", async () => {
    await section(page, "Identity");
    for (const [field, text] of [
      [/^user\.name$/, "Ada"],
      [/^user\.email$/, "ada@acme.example"],
    ] as const) {
      await tabTo(page, "textbox", field);
      await press(page, "Control+a");
      await page.keyboard.type(text);
    }
    await press(page, "Enter");
    await told(page, "Saved in Git's configuration");
    await expect(page.getByRole("main")).toContainText("Ada <ada@acme.example>");
    await expect(page.getByRole("form", { name: "Git's configuration" }).locator(":focus")).toHaveCount(1);
  });

  await test.step("an environment gets its context", async () => {
    await section(page, "Clusters");
    await tabTo(page, "combobox", /^Context of staging$/);
    await press(page, "Enter");
    await page.keyboard.type("any");
    await press(page, "Enter");
    const context = page.getByRole("combobox", { name: "Context of staging" });
    await expect(context).toContainText("anywhere");
    await expect(context).toBeFocused();
  });

  await test.step("the theme is seen at once", async () => {
    await section(page, "Appearance");
    await tabTo(page, "radio", /^(System|Dark|Light)/);
    await press(page, "ArrowDown", "ArrowDown");
    await expect(page.getByRole("radio", { name: /^Light/ })).toBeChecked();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
    await press(page, "ArrowUp", "ArrowUp");
  });

  await test.step("a key is moved; one that is taken is refused with what has it; reset", async () => {
    await section(page, "Shortcuts");
    await act(page, /^Change Read again from disk$/);
    await expect(focus).toHaveAccessibleName("Press the new key");
    await press(page, "Control+k");
    await expect(focus).toHaveAccessibleName(/^New key: Ctrl K/);
    await expect(page.getByRole("status").filter({ hasText: "It is the key of: Search applications" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Use", exact: true })).toHaveAttribute("aria-disabled", "true");
    await press(page, "Control+y");
    await act(page, /^Use$/);
    await expect(focus).toHaveAccessibleName("Change Read again from disk");
    const asked = page.waitForRequest(/\/ipc\/repository_refresh$/);
    await press(page, "Control+y");
    await asked;
    await act(page, /^Reset Read again from disk$/);
    await expect(page.getByRole("button", { name: /^Reset/ })).toHaveCount(0);
    await expect(focus).toHaveAccessibleName("Change Read again from disk");
  });

  await test.step("tools and the text of a licence", async () => {
    await section(page, "Tools");
    await tabTo(page, "textbox", /^helm$/);
    await page.keyboard.type("/nowhere/helm");
    await press(page, "Enter");
    await told(page, "Settings saved");
    await expect(focus).toHaveAccessibleName("helm");
    await section(page, "About");
    await tabTo(page, "searchbox", /^Filter components$/);
    await page.keyboard.type("serde_json");
    await press(page, "Tab", "Enter");
    await expect(page.getByRole("dialog").getByRole("region", { name: "Licence text of serde_json" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(focus).toHaveAccessibleName(/^Licence text of serde_json/);
  });
});

test("branches, fetch, pull and push are done by keyboard, and say why not", async ({ page, slipway }) => {
  await keysOnly(page);
  const mine = healthy(join(slipway.folder, "mine"));
  const remote = join(slipway.folder, "remote.git");
  git(slipway.folder, "clone", "-q", "--bare", mine, remote);
  git(mine, "remote", "add", "origin", remote);
  git(mine, "fetch", "-q");
  git(mine, "branch", "-q", "--set-upstream-to=origin/main", "main");
  git(mine, "branch", "-q", "other");
  const theirs = join(slipway.folder, "theirs");
  git(slipway.folder, "clone", "-q", remote, theirs);
  const push = (file: string, text: string): void => {
    write(theirs, { [file]: text });
    commit(theirs, `change ${file}`);
    git(theirs, "push", "-q");
  };
  await open(page, slipway, mine);
  const dialog = page.getByRole("dialog");
  const state = page.getByRole("button", { name: /^Git: / });
  /** Opens the menu of Git and takes an entry by its first letters. */
  const menu = async (letters: string): Promise<void> => {
    await tabTo(page, "button", /^Git: /);
    await press(page, "Enter");
    await expect(page.getByRole("menu")).toBeVisible();
    await page.keyboard.type(letters);
    await press(page, "Enter");
  };
  const close = async (): Promise<void> => {
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await expect(state, "the focus goes back to where the menu was opened").toBeFocused();
  };

  await test.step("a branch is switched, and what is in the way is explained", async () => {
    await pick(page, /^Branch: /, "other");
    await told(page, "Switched to other");
    await expect(page.getByRole("button", { name: "Branch: other" })).toBeFocused();
    write(mine, { "apps/new.yaml": "a: 1\n" });
    commit(mine, "only on other");
    git(mine, "switch", "-q", "main");
    write(mine, { "apps/new.yaml": "a: 2\n" });
    await expect(page.getByRole("button", { name: "Branch: main" })).toBeVisible();
    await pick(page, /^Branch: /, "other");
    await expect(dialog).toContainText("other was not checked out");
    await expect(dialog).toContainText("apps/new.yaml");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: "Branch: main" })).toBeFocused();
    git(mine, "clean", "-qfd");
  });

  await test.step("fetch tells how far one is behind, pull goes forward", async () => {
    push("apps/shop/one.txt", "1\n");
    await menu("fet");
    await expect(page.getByRole("button", { name: "Git: 1 behind" })).toBeVisible();
    await expect(state).toBeFocused();
    await menu("pul");
    await expect(dialog).toContainText("change apps/shop/one.txt");
    await close();
    await expect(page.getByRole("button", { name: "Git: up to date with origin" })).toBeVisible();
  });

  await test.step("a push that is refused, and branches that diverged, say what to do", async () => {
    push("apps/shop/two.txt", "2\n");
    write(mine, { "apps/shop/mine.txt": "m\n" });
    commit(mine, "mine");
    await expect(page.getByRole("button", { name: "Git: 1 ahead" })).toBeVisible();
    await menu("pus");
    await expect(dialog).toContainText("The remote did not take it");
    await expect(dialog.getByRole("list", { name: "What can be done" })).toBeVisible();
    await close();
    await menu("pul");
    await expect(dialog).toContainText("The branches have diverged");
    await expect(dialog.getByRole("region", { name: "Only on the remote" })).toContainText("two.txt");
    await expect(dialog.getByRole("list", { name: "What can be done" })).toBeVisible();
    await close();
  });

  await test.step("after a merge the push is taken", async () => {
    git(mine, "merge", "-q", "--no-edit", "origin/main");
    await expect(page.getByRole("button", { name: "Git: 2 ahead" })).toBeVisible();
    await menu("pus");
    await told(page, "Pushed");
    await expect(state).toBeFocused();
  });
});
