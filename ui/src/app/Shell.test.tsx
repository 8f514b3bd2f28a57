import { onlineManager } from "@tanstack/react-query";
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { failure } from "../ipc/fake";
import { find, showApp } from "../testing/render";

test("six places, the current one marked; Ctrl and a number goes there", async () => {
  const { user, path } = await showApp("environments");
  const rail = await find("navigation", "Places");
  expect(
    within(rail)
      .getAllByRole("link")
      .map((link) => link.textContent),
  ).toEqual(["Environments", "Waves", "Promotions", "Review", "Activity", "Settings"]);
  await user.keyboard("{Control>}3{/Control}");
  await waitFor(() => expect(path()).toBe("/promotions"));
  expect(screen.getByRole("link", { name: "Promotions" })).toHaveAttribute("aria-current", "page");
});

test("the palette finds an application and gives the focus back", async () => {
  const { user, path } = await showApp("environments");
  const tree = await find("tree", "Environments");
  tree.focus();
  await user.keyboard("{Control>}k{/Control}");
  const field = await find("combobox", "Search");
  await waitFor(() => expect(field).toHaveFocus());
  await user.type(field, "ledg");
  await screen.findByRole("option", { name: /payments-ledger development/ });
  await user.keyboard("{Escape}");
  await waitFor(() => expect(tree).toHaveFocus());
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await find("combobox", "Search"), "go to review{Enter}");
  await waitFor(() => expect(path()).toBe("/review"));
});

test("the top bar says branch, remote state and changed files", async () => {
  await showApp("environments");
  expect(await find("button", "Repository acme/gitops, branch main")).toBeVisible();
  expect(screen.getByRole("button", { name: "Git: up to date with origin" })).toBeVisible();
  expect(screen.getByRole("link", { name: "1 changed file" })).toHaveAttribute(
    "href",
    expect.stringContaining("to=working"),
  );
});

test("F6 goes from pane to pane", async () => {
  const { user } = await showApp("environments?at=payments-api%40production");
  await find("complementary", /^Detail/);
  const tree = screen.getByRole("tree", { name: "Environments" });
  tree.focus();
  await user.keyboard("{F6}");
  expect(screen.getByRole("complementary", { name: /^Detail/ })).toContainElement(
    document.activeElement as HTMLElement | null,
  );
  await user.keyboard("{Shift>}{F6}{/Shift}");
  expect(tree).toHaveFocus();
});

test("the theme button goes through dark, light and system", async () => {
  const { user, core } = await showApp("environments");
  await user.click(await find("button", "Theme"));
  await waitFor(() =>
    expect(core.calls.filter((call) => call.name === "settings_save").at(-1)?.request).toMatchObject({ theme: "dark" }),
  );
});

test("a repository that cannot be opened again leads to the welcome screen with the reason", async () => {
  sessionStorage.setItem("slipway.repository", JSON.stringify({ id: "gone", path: "/mnt/old/gitops" }));
  await showApp("environments");
  expect(await screen.findByRole("alert")).toHaveTextContent("/mnt/old/gitops is not in a Git repository");
  expect(screen.getByRole("button", { name: "Open sample" })).toBeVisible();
});

test("a restarted core gets the repository by its path", async () => {
  sessionStorage.setItem("slipway.repository", JSON.stringify({ id: "gone", path: "/home/ada/gitops" }));
  const { core } = await showApp("environments");
  expect(await find("tree", "Environments")).toBeVisible();
  expect(
    core.calls
      .map((call) => call.name)
      .filter((name) => name.startsWith("repository_"))
      .slice(0, 2),
  ).toEqual(["repository_info", "repository_open"]);
});

test("a branch is chosen from a list; a remote one becomes a local one", async () => {
  const { user, core } = await showApp("environments");
  await user.click(await find("button", "Branch: main"));
  await user.type(await find("combobox", "Branch"), "retry");
  await user.click(await find("option", /^origin\/payments\/retry/));
  await waitFor(() =>
    expect(core.calls.find((call) => call.name === "branch_switch")?.request).toMatchObject({
      to: { kind: "remote", branch: "origin/payments/retry", name: "payments/retry" },
    }),
  );
  expect(await find("button", "Branch: payments/retry")).toBeVisible();
  expect(await find("button", "Git: not on the remote yet")).toBeVisible();
});

test("a switch that would lose changes names the files and leaves everything", async () => {
  const lost = "apps/payments/values.yaml";
  const { user } = await showApp("environments", { lost });
  await user.click(await find("button", "Branch: main"));
  await user.click(await find("option", /^retry-budget/));
  const dialog = await find("dialog", "retry-budget was not checked out");
  expect(dialog).toHaveTextContent(lost);
  expect(dialog).toHaveTextContent("git stash");
  await user.click(within(dialog).getAllByRole("button", { name: "Close" })[0] as HTMLElement);
  expect(await find("button", "Branch: main")).toBeVisible();
});

test("a detached head is said, and a branch can be made there", async () => {
  const { user, core } = await showApp("environments");
  await user.click(await find("button", "Branch: main"));
  await user.type(await find("combobox", "Branch"), "9f2c1ab");
  await user.click(await find("option", /Look at 9f2c1ab without a branch/));
  await user.click(await find("button", "Branch: detached at 9f2c1ab"));
  expect(screen.getByRole("button", { name: "Git: on no branch" })).toBeVisible();
  await user.click(await find("option", "New branch here…"));
  const field = await find("textbox", "Name");
  await user.type(field, "main");
  expect(await screen.findByText("There is a branch main already")).toBeVisible();
  await user.clear(field);
  await user.type(field, "fix{Enter}");
  await waitFor(() =>
    expect(core.calls.filter((call) => call.name === "branch_switch").at(-1)?.request).toMatchObject({
      to: { kind: "new", name: "fix" },
    }),
  );
  expect(await find("button", "Branch: fix")).toBeVisible();
});

test("a pull says what came, and where both have commits how they differ", async () => {
  const { user } = await showApp("environments", { behind: 2 });
  await user.click(await find("button", "Git: 2 behind"));
  await user.click(await find("menuitem", /^Pull/));
  const pulled = await find("dialog", "Pulled");
  expect(within(pulled).getByRole("region", { name: "New" })).toHaveTextContent("9f2c1ab");
  await user.keyboard("{Escape}");
  expect(await find("button", "Git: up to date with origin")).toBeVisible();
});

test("branches that diverged are explained, and a rejected push as well", async () => {
  const { user } = await showApp("environments", { behind: 1, ahead: 1 });
  await user.click(await find("button", "Git: 1 ahead, 1 behind"));
  await user.click(await find("menuitem", /^Pull/));
  const diverged = await find("dialog", "The branches have diverged");
  expect(within(diverged).getByRole("region", { name: "A merge would conflict in" })).toHaveTextContent("values.yaml");
  expect(within(diverged).getByRole("region", { name: "Only here" })).toBeVisible();
  expect(within(diverged).getByRole("region", { name: "Only on the remote" })).toBeVisible();
  await user.keyboard("{Escape}");
  await user.click(await find("button", "Git: 1 ahead, 1 behind"));
  await user.click(await find("menuitem", /^Push/));
  expect(await find("dialog", "The remote did not take it")).toHaveTextContent("pull first");
});

test("a merge that is not finished is explained with its files", async () => {
  const { user } = await showApp("environments", { conflicted: ["apps/payments/values.yaml"] });
  await user.click(await find("button", "merge in progress, 1 conflict"));
  const dialog = await find("dialog", "A merge is in progress");
  expect(dialog).toHaveTextContent("apps/payments/values.yaml");
  expect(dialog).toHaveTextContent("git merge --abort");
});

test("who commits is asked before the first commit, not after it failed", async () => {
  const { user, core } = await showApp("promotions?from=staging&to=production&applications=payments-api&step=commit", {
    identity: null,
  });
  await user.click(await find("button", /^Commit/));
  const dialog = await find("dialog", "Who makes commits");
  expect(core.calls.some((call) => call.name === "promotion_commit")).toBe(false);
  await user.type(within(dialog).getByRole("textbox", { name: "Name" }), "Bea");
  await user.type(within(dialog).getByRole("textbox", { name: "Mail address" }), "nowhere");
  await user.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("a mail address holds an @");
  await user.type(within(dialog).getByRole("textbox", { name: "Mail address" }), "@acme.example{Enter}");
  await waitFor(() => expect(core.calls.some((call) => call.name === "promotion_commit")).toBe(true));
  const names = core.calls.map((call) => call.name);
  expect(names.indexOf("identity_save")).toBeLessThan(names.indexOf("promotion_commit"));
});

test("a repository that is gone is said, and what was read stays on screen", async () => {
  const { core, user } = await showApp("environments");
  expect(await find("tree", "Environments")).toBeVisible();
  core.handle({
    repository_info: () => {
      throw failure("the repository /home/ada/gitops is not there any more", { code: "repository-gone" });
    },
  });
  core.emit({ event: "repositoryChanged", repository: "repository-1" });
  expect(await screen.findByText(/is not there any more/, {}, { timeout: 5000 })).toBeVisible();
  expect(screen.getByRole("tree", { name: "Environments" })).toBeVisible();
  await user.click(await find("button", "Open another repository"));
  expect(await find("button", "Open sample")).toBeVisible();
});

const log = "/home/ada/.local/state/slipway/log/crash-1.txt";

test("the report of a crash is offered once", async () => {
  const { user, core } = await showApp("environments", {
    crash: { file: log, text: "thread main panicked", ended: false, lastRepository: null },
  });
  await user.click(await find("button", "Show the report…"));
  expect(await find("dialog", "Report of the last mistake")).toHaveTextContent("thread main panicked");
  await user.keyboard("{Escape}");
  await user.click(await find("button", "Dismiss"));
  await waitFor(() => expect(core.calls.some((call) => call.name === "crash_dismiss")).toBe(true));
  await waitFor(() => expect(screen.queryByText(/made a mistake/)).toBeNull());
});

test("after a crash the last repository is opened on request, and where the log is is said", async () => {
  const { user, core } = await showApp("environments", {
    initial: null,
    crash: { file: log, text: "the end of the log", ended: true, lastRepository: "/home/ada/gitops" },
  });
  const dialog = await find("dialog", "Slipway ended without being closed");
  expect(dialog).toHaveTextContent(log);
  await user.click(within(dialog).getByRole("button", { name: "Copy diagnostics" }));
  await waitFor(() => expect(core.calls.some((call) => call.name === "diagnostics")).toBe(true));
  expect(core.calls.some((call) => call.name === "repository_open")).toBe(false);
  await user.click(within(dialog).getByRole("button", { name: "Open gitops" }));
  expect(await find("tree", "Environments")).toBeVisible();
  await waitFor(() => expect(core.calls.some((call) => call.name === "crash_dismiss")).toBe(true));
});

test("after a crash the start goes on without the last repository", async () => {
  const { user, core } = await showApp("environments", {
    initial: null,
    crash: { file: log, text: "the end of the log", ended: true, lastRepository: "/home/ada/gitops" },
  });
  await user.click(await find("button", "Start without it"));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(core.calls.some((call) => call.name === "repository_open")).toBe(false);
  expect(await find("textbox", "Folder")).toBeVisible();
});

test("the palette pulls, and says why it cannot where it cannot", async () => {
  const { user, core } = await showApp("environments", { behind: 1 });
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await find("combobox", "Search"), "git: pull{Enter}");
  expect(await find("dialog", "Pulled")).toBeVisible();
  expect(core.calls.some((call) => call.name === "repository_pull")).toBe(true);
});

test("a server that wants another login gets it where the fetch failed", async () => {
  let known = false;
  const { user, core } = await showApp("environments", {
    handlers: {
      repository_fetch: async () => {
        if (!known) throw failure("the server did not accept the credentials", { code: "authentication" });
        return core.call("repository_info", { repository: "repository-1" });
      },
    },
  });
  await user.click(await find("button", /^Git:/));
  await user.click(await find("menuitem", /^Fetch/));
  await find("dialog", "Fetching failed");
  known = true;
  await user.type(screen.getByLabelText("Password or token"), "token{Enter}");
  await waitFor(() => expect(core.calls.filter((call) => call.name === "repository_fetch")).toHaveLength(2));
  expect(screen.queryByRole("dialog", { name: "Fetching failed" })).toBeNull();
});

test("an unfinished promotion is offered in the bottom bar and can be discarded", async () => {
  const draft = {
    id: "staging>production",
    changedAt: 0,
    request: {
      repository: "repository-1",
      from: "staging",
      to: ["production"],
      applications: ["payments-api"],
      include: [],
      exclude: [],
    },
    base: null,
    step: "review",
    target: null,
    targetName: null,
    message: null,
  };
  const { user, core } = await showApp("environments");
  await core.call("draft_save", { repository: "repository-1", draft });
  core.emit({ event: "draftsChanged", repository: "repository-1" });
  const link = await find("link", "Unfinished promotion staging → production");
  expect(link).toHaveAttribute("href", expect.stringContaining("step=review"));
  expect(link).toHaveAttribute("href", expect.stringContaining("applications=payments-api"));
  await user.click(await find("button", "Discard the unfinished promotion staging → production"));
  core.emit({ event: "draftsChanged", repository: "repository-1" });
  await waitFor(() => expect(screen.queryByRole("link", { name: /Unfinished promotion/ })).toBeNull());
});

test("a repository without a remote says so quietly, and how it gets one", async () => {
  const { core, user } = await showApp("environments");
  const info = await core.call("repository_info", { repository: "repository-1" });
  core.handle({ repository_info: () => ({ ...info, path: "/home/ada/my gitops", remote: null, upstream: null }) });
  core.emit({ event: "repositoryChanged", repository: "repository-1" });
  await user.click(await find("button", "Git: no remote"));
  await user.click(await find("menuitem", /^Copy the command that adds a remote/));
  await waitFor(async () =>
    expect(await navigator.clipboard.readText()).toBe("git -C '/home/ada/my gitops' remote add origin URL"),
  );
});

test("without a network the core is asked all the same", async () => {
  onlineManager.setOnline(false);
  try {
    await showApp("environments");
    expect(await find("treeitem", "payments-api")).toBeVisible();
  } finally {
    onlineManager.setOnline(true);
  }
});
