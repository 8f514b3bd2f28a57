import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { RemotesFetched } from "../../ipc";
import { failure } from "../../ipc/fake";
import { withoutContent } from "../../testing/missing";
import { find, showApp } from "../../testing/render";

test("the tree shows directories, applications and environments with their level", async () => {
  await showApp("environments");
  expect(await find("treeitem", /^apps\/payments, 4 applications/)).toHaveAttribute("aria-level", "2");
  expect(screen.getByRole("treeitem", { name: "payments-api" })).toHaveAttribute("aria-expanded", "true");
  expect(
    screen.getByRole("treeitem", { name: /^payments-api@production: Behind 1, Rendered, version 2\.11\.4/ }),
  ).toHaveAttribute("aria-level", "4");
});

test("a person walks the tree with the keyboard, opens the detail and closes it", async () => {
  const { user, path } = await showApp("environments?q=payments-api");
  const tree = await find("tree", "Environments");
  tree.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(document.getElementById(tree.getAttribute("aria-activedescendant") ?? "")).toHaveAccessibleName(
    /^payments-api@production/,
  );
  await user.keyboard("{Enter}");
  const pane = await find("complementary", "Detail of payments-api@production");
  expect(await within(pane).findByText("What differs from staging")).toBeVisible();
  expect(path()).toContain("at=payments-api%40production");
  within(pane).getByRole("tab", { name: "Overview" }).focus();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("complementary")).toBeNull());
  expect(tree).toHaveFocus();
});

test("left closes a row, right opens it again", async () => {
  const { user } = await showApp("environments?q=payments-api");
  (await find("tree", "Environments")).focus();
  await user.keyboard("{ArrowDown}{ArrowLeft}");
  expect(screen.getByRole("treeitem", { name: "payments-api" })).toHaveAttribute("aria-expanded", "false");
  expect(screen.queryByRole("treeitem", { name: /payments-api@/ })).toBeNull();
  await user.keyboard("{ArrowRight}");
  expect(screen.getAllByRole("treeitem", { name: /payments-api@/ })).toHaveLength(3);
});

test("the tree has the keyboard at once, and leaves Alt and arrows to the history", async () => {
  await showApp("environments");
  const tree = await find("tree", "Environments");
  await waitFor(() => expect(tree).toHaveFocus());
  const pressed = new KeyboardEvent("keydown", { key: "ArrowDown", altKey: true, bubbles: true, cancelable: true });
  const at = tree.getAttribute("aria-activedescendant");
  tree.dispatchEvent(pressed);
  expect(tree).toHaveAttribute("aria-activedescendant", at);
});

test("chips are toggles with counts and live in the address", async () => {
  const { user, path } = await showApp("environments");
  const chip = await find("button", "Failed 1");
  await user.click(chip);
  expect(chip).toHaveAttribute("aria-pressed", "true");
  await waitFor(() => expect(screen.getAllByRole("treeitem", { name: /@/ })).toHaveLength(1));
  expect(path()).toContain("state=failed");
  expect(screen.getByText("1 of 41 instances")).toBeVisible();
});

test("an empty result names the filter and offers to clear it", async () => {
  const { user } = await showApp("environments?q=no-such-thing");
  expect(await screen.findByText(/“no-such-thing”/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear filter" }));
  expect(await find("tree", "Environments")).toBeVisible();
});

test("slash goes to the filter, escape clears it", async () => {
  const { user } = await showApp("environments");
  await find("tree", "Environments");
  await user.keyboard("/");
  const filter = screen.getByRole("searchbox", { name: "Filter environments" });
  expect(filter).toHaveFocus();
  await user.type(filter, "checkout");
  await waitFor(() => expect(screen.queryByRole("treeitem", { name: "web" })).toBeNull());
  await user.keyboard("{Escape}");
  expect(filter).toHaveValue("");
});

test("a failed instance says why, where and shows the lines", async () => {
  await showApp("environments?at=reporting%40production");
  const why = await find("region", "Why it fails");
  expect(within(why).getByText("apps/insight/reporting/templates/cronjob.yaml:14:15")).toBeVisible();
  expect(within(why).getByText(/concurrencyPolicy: Forbid/)).toBeVisible();
  for (const code of within(why).getAllByText("schedule", { selector: "code" })) expect(code).toBeVisible();
});

test("YAML of one resource is reached from the list of resources", async () => {
  const { user, core } = await showApp("environments?at=payments-api%40production");
  await user.click(await find("tab", /^Resources/));
  await user.click(await find("button", /^Secret\/payments-api/));
  expect(await find("region", "YAML of payments-api@production")).toHaveTextContent("DATABASE_URL: ••••••••");
  expect(screen.getByText(/secret values are masked/)).toBeVisible();
  expect(core.calls.filter((call) => call.name === "manifest").at(-1)?.request).toMatchObject({
    resource: { kind: "Secret" },
  });
});

test("loading says so after a while, not at once", async () => {
  await showApp("environments", { handlers: { fleet: () => new Promise(() => {}) } });
  expect(screen.queryByRole("status", { name: "Loading environments" })).toBeNull();
  expect(await screen.findByRole("status", { name: "Loading environments" })).toBeInTheDocument();
});

test("an error says what failed and what to do, and can be tried again", async () => {
  let broken = true;
  const { user, core } = await showApp("environments");
  const good = await core.call("fleet", { repository: "repository-1" });
  core.handle({
    fleet: () => {
      if (broken)
        throw failure("the index of the repository is locked", { hints: ["Wait for the other Git process."] });
      return good;
    },
  });
  await user.click(screen.getByRole("button", { name: "Refresh" }));
  // What is known stays on screen while a newer answer fails.
  expect(screen.getByRole("tree", { name: "Environments" })).toBeVisible();
  broken = false;
});

test("without any answer the error takes the place of the tree", async () => {
  let broken = true;
  const { user, core } = await showApp("environments", {
    handlers: {
      fleet: () => {
        throw failure("the index of the repository is locked", { hints: ["Wait for the other Git process."] });
      },
    },
  });
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("the index of the repository is locked");
  expect(alert).toHaveTextContent("Wait for the other Git process.");
  expect(within(alert).getByRole("button", { name: "Copy details" })).toBeVisible();
  core.handle({ fleet: () => (broken ? Promise.reject(failure("still locked")) : Promise.reject(failure("never"))) });
  await user.click(within(alert).getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("still locked")).toBeVisible();
  broken = false;
});

test("p promotes the row onwards, d reviews it, s plans its sync", async () => {
  const { user, path } = await showApp("environments?q=payments-api&at=payments-api%40staging");
  const tree = await find("tree", "Environments");
  tree.focus();
  await user.keyboard("p");
  await waitFor(() =>
    expect(path()).toMatch(/^\/promotions\?from=staging&to=production&applications=payments-api&step=review/),
  );
});

test("when the connection is lost the data say their age", async () => {
  const { core } = await showApp("environments");
  await find("tree", "Environments");
  core.setConnection("reconnecting");
  expect(await screen.findByText("No answer from Slipway, trying again")).toBeVisible();
  expect(screen.getByText(/^as of /)).toBeVisible();
  core.setConnection("connected");
  await waitFor(() => expect(screen.queryByText("No answer from Slipway, trying again")).toBeNull());
});

test("an event of a higher generation reads the fleet again", async () => {
  const { core } = await showApp("environments");
  await find("tree", "Environments");
  const before = core.calls.filter((call) => call.name === "fleet").length;
  core.emit({
    event: "fleetChanged",
    repository: "repository-1",
    generation: 2,
    progress: { total: 41, rendered: 12, failed: 0 },
  });
  expect(await screen.findByText("Rendering 12 of 41")).toBeVisible();
  await waitFor(() => expect(core.calls.filter((call) => call.name === "fleet").length).toBe(before + 1));
  core.emit({
    event: "fleetChanged",
    repository: "repository-1",
    generation: 3,
    progress: { total: 41, rendered: 41, failed: 1 },
  });
  expect(await screen.findByText("41 instances rendered, 1 failed"), "who sees no bar is told").toHaveAttribute(
    "role",
    "status",
  );
});

test("while instances render, what is known is shown with how far it is", async () => {
  const { core } = await showApp("environments");
  await find("tree", "Environments");
  const known = await core.call("fleet", { repository: "repository-1" });
  core.handle({ fleet: () => ({ ...known, progress: { total: 210, rendered: 38, failed: 1 } }) });
  core.emit({
    event: "fleetChanged",
    repository: "repository-1",
    generation: 2,
    progress: { total: 210, rendered: 38, failed: 1 },
  });
  expect(await screen.findByText(/^Rendered 38 of 210 instances/, {}, { timeout: 3000 })).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Rendered 38 of 210" })).toBeVisible();
  expect(screen.getByRole("tree", { name: "Environments" })).toBeVisible();
});

test("an instance that only cannot be compared says whose fault it is", async () => {
  const { user, core, path } = await showApp("environments?at=payments-api%40production");
  await find("tab", /^Resources/);
  const known = await core.call("instance", { repository: "repository-1", instance: "payments-api@production" });
  core.handle({ instance: () => ({ ...known, state: { kind: "failed" } }) });
  core.emit({
    event: "fleetChanged",
    repository: "repository-1",
    generation: 2,
    progress: { total: 41, rendered: 41, failed: 1 },
  });
  const pane = await find("complementary", "Detail of payments-api@production");
  expect(await within(pane).findByText("Not comparable")).toBeVisible();
  expect(within(pane).getByText(/staging does not render, so there is nothing to compare with/)).toBeVisible();
  expect(within(pane).getByRole("button", { name: "Sync…" })).not.toHaveAttribute("aria-disabled");
  await user.click(within(pane).getByRole("button", { name: "Show it" }));
  await waitFor(() => expect(path()).toContain("at=payments-api%40staging"));
});

test("states are stale after a connection is lost for long", async () => {
  const { core } = await showApp("environments");
  await find("tree", "Environments");
  core.setConnection("reconnecting");
  expect(await screen.findByText(/^Not refreshed: states and versions are as of/, {}, { timeout: 3000 })).toBeVisible();
  expect(document.querySelector("[data-stale]")).not.toBeNull();
  core.setConnection("connected");
  await waitFor(() => expect(document.querySelector("[data-stale]")).toBeNull());
});

test("typing goes to a name; a shortcut's letter does with Shift", async () => {
  const { user } = await showApp("environments");
  const tree = await find("tree", "Environments");
  const at = (): HTMLElement | null => document.getElementById(tree.getAttribute("aria-activedescendant") ?? "");
  tree.focus();
  await user.keyboard("web");
  await waitFor(() => expect(at()).toHaveAccessibleName("web"));
  await user.keyboard("{Home}");
  await new Promise((resolve) => setTimeout(resolve, 750));
  await user.keyboard("{Shift>}S{/Shift}ea");
  await waitFor(() => expect(at()).toHaveAccessibleName("search"));
});

test("the address of a selection, a tab and filters opens all of them", async () => {
  await showApp("environments?q=payments&state=behind&at=payments-api%40production&tab=history");
  expect(await find("searchbox", "Filter environments")).toHaveValue("payments");
  expect(screen.getByRole("button", { name: /^Behind/ })).toHaveAttribute("aria-pressed", "true");
  expect(await find("tab", "History")).toHaveAttribute("aria-selected", "true");
});

test("all applications are closed and opened with one button", async () => {
  const { user } = await showApp("environments?state=behind");
  await user.click(await find("button", "Close all"));
  await waitFor(() => expect(screen.queryByRole("treeitem", { name: /@/ })).toBeNull());
  await user.click(screen.getByRole("button", { name: "Open all" }));
  expect((await screen.findAllByRole("treeitem", { name: /@/ })).length).toBeGreaterThan(5);
});

test("the files that were read are listed, filtered, opened and their paths copied", async () => {
  const { core, user } = await showApp("environments?at=payments-api%40production&tab=files");
  const list = within(await find("list", "Files"));
  const file = "apps/payments/payments-api/overlays/production/kustomization.yaml";
  await user.click(list.getByRole("button", { name: `Open ${file}` }));
  expect(core.calls).toContainEqual({
    name: "file_edit",
    request: { repository: "repository-1", file, line: null, column: null },
  });
  await user.click(list.getByRole("button", { name: `Copy the path ${file}` }));
  await waitFor(async () => expect(await navigator.clipboard.readText()).toBe(file));
  await user.type(screen.getByRole("searchbox", { name: "Filter files" }), "overlays");
  expect(await screen.findByText("1 of 4 files")).toBeVisible();
});

test("the detail opens, shows and copies by menu and by key", async () => {
  const { core, user } = await showApp("environments?at=payments-api%40production");
  await user.click(await find("button", "More for payments-api@production"));
  await user.click(await find("menuitem", /^Copy name/));
  await waitFor(async () => expect(await navigator.clipboard.readText()).toBe("payments-api@production"));
  await user.keyboard("{Alt>}o{/Alt}");
  await waitFor(() => expect(core.calls.some((call) => call.name === "file_edit")).toBe(true));
  await user.keyboard("{Alt>}r{/Alt}");
  await waitFor(() => expect(core.calls.some((call) => call.name === "file_reveal")).toBe(true));
  await user.keyboard("{Alt>}y{/Alt}");
  await waitFor(async () => expect(await navigator.clipboard.readText()).toMatch(/^apiVersion: /));
});

test("a row tells the commit that changed it last and how long ago that was", async () => {
  await showApp("environments?q=payments-api");
  expect(
    await screen.findByRole("treeitem", { name: /^payments-api@production: .*, changed by [0-9a-f]{7}$/ }),
  ).toBeVisible();
});

test("what is not here is named with who names it, fetched on request, and a failure says why", async () => {
  const { user } = await showApp("environments?at=payments-api%40production", { handlers: withoutContent(true) });
  const panel = await find("region", "Needs content that is not here");
  expect(within(panel).getByText(/^named in .*Chart\.yaml:9$/)).toBeVisible();
  await user.click(within(panel).getByRole("button", { name: "Fetch" }));
  expect(await within(panel).findByRole("alert")).toHaveTextContent(/has no version 15\.x\.x/);
  expect(within(panel).getByRole("button", { name: "Fetch" })).toBeEnabled();
});

test("a fetch that goes on can be cancelled, which is no failure of what it was at", async () => {
  let end: ((answer: RemotesFetched) => void) | undefined;
  const cancelled: string[] = [];
  const asked: string[] = [];
  const { user } = await showApp("environments?at=payments-api%40production", {
    handlers: {
      ...withoutContent(false),
      remotes_fetch: ({ operation }) => {
        asked.push(operation);
        return new Promise((resolve) => {
          end = resolve;
        });
      },
      operation_cancel: ({ operation }) => {
        cancelled.push(operation);
        const remote = { key: "chart", kind: "chart" as const, text: "chart" };
        const failure = { code: "cancelled", message: "It was cancelled.", hints: [], location: null };
        end?.({ results: [{ remote, resolved: null, failure, notes: [] }] });
        return {};
      },
    },
  });
  const panel = await find("region", "Needs content that is not here");
  await user.click(within(panel).getByRole("button", { name: "Fetch" }));
  await user.click(await within(panel).findByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(within(panel).getByRole("button", { name: "Fetch" })).toBeEnabled());
  expect(cancelled).toEqual(asked);
  expect(within(panel).queryByRole("alert")).toBeNull();
});

test("a failure of what only fetched content names is shown, and what was fetched is announced", async () => {
  const remote = { key: "inner", kind: "repository" as const, text: "https://git.example.com/inner at v1" };
  const failure = { code: "network", message: "The server does not answer.", hints: [], location: null };
  const outer = { ...remote, key: "outer" };
  const { user } = await showApp("environments?at=payments-api%40production", {
    handlers: {
      ...withoutContent(false),
      remotes_fetch: () => ({
        results: [
          { remote: outer, resolved: "1d77c06", failure: null, notes: ["The submodule `x` was left out"] },
          { remote, resolved: null, failure, notes: [] },
        ],
      }),
    },
  });
  const panel = await find("region", "Needs content that is not here");
  await user.click(within(panel).getByRole("button", { name: "Fetch" }));
  expect(await within(panel).findByText(remote.text)).toBeVisible();
  expect(within(panel).getByRole("alert")).toHaveTextContent("The server does not answer.");
  expect(await screen.findByText("Fetched 1 of 2 references")).toBeVisible();
  expect(screen.getByText("The submodule `x` was left out")).toBeVisible();
});
