import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
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
