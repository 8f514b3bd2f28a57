import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { withEnvironments } from "../testing/environments";
import { find, showApp } from "../testing/render";

// What is in the page of a repository of 2,000 applications in three environments: rows that are on screen, whatever
// there is besides. The same places are counted in real engines by `npm run bench`.
const applications = 2_000;
const mostElements = 2_500;
const mostRows = 90;
const height = 900;

beforeEach(() => {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => height });
});

/** Many rows are meant, those on screen are there, and the rest of the page stays small as well. */
function expectFewOf(rows: number, meant: number): void {
  expect(meant).toBeGreaterThanOrEqual(applications);
  expect(rows).toBeGreaterThan(height / 40);
  expect(rows).toBeLessThanOrEqual(mostRows);
  expect(document.querySelectorAll("*").length).toBeLessThanOrEqual(mostElements);
}

/** How many rows of a height the element that holds them has room for. */
function roomFor(list: HTMLElement, rowHeight: number): number {
  const holder = list.querySelector<HTMLElement>("[role=presentation]");
  return Number.parseInt(holder?.style.height ?? "0", 10) / rowHeight;
}

test("environments: 6,000 instances, closed and all open", async () => {
  await showApp("environments", { scale: applications });
  const tree = await find("tree", "Environments");
  const rows = (): number => tree.querySelectorAll("[role=treeitem]").length;
  await waitFor(() => expectFewOf(rows(), roomFor(tree, 28)));
  fireEvent.click(screen.getByRole("button", { name: /^Open all/ }));
  await waitFor(() => expect(roomFor(tree, 28)).toBeGreaterThan(4 * applications));
  expectFewOf(rows(), roomFor(tree, 28));
  // Somewhere in the middle it is the same.
  act(() => {
    tree.scrollTop = 28 * applications;
    fireEvent.scroll(tree);
  });
  expect(tree.querySelector("[role=treeitem]")?.id).not.toMatch(/-0$/);
  expectFewOf(rows(), roomFor(tree, 28));
});

test("promotions: 2,000 rows", async () => {
  await showApp("promotions", { scale: applications });
  const grid = await find("grid", "Promotion matrix");
  expectFewOf(grid.querySelectorAll("[role=row]").length, Number(grid.getAttribute("aria-rowcount")));
});

test("promotions: 2,000 rows × 60 environments, every cell with all it can show", async () => {
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 1_366 });
  const { user } = await showApp("promotions", { scale: applications, handlers: withEnvironments(60) });
  const grid = await find("grid", "Promotion matrix");
  const names = (role: string): (string | null)[] =>
    [...grid.querySelectorAll(`[role=${role}]`)].map((cell) => cell.getAttribute("aria-colindex"));
  expect(grid).toHaveAttribute("aria-colcount", "62");
  expectFewOf(grid.querySelectorAll("[role=row]").length, Number(grid.getAttribute("aria-rowcount")));
  expect(new Set(names("gridcell")).size).toBeLessThan(14);
  expect(names("columnheader").length).toBeLessThan(14);
  // The last environment: the keyboard goes there, and its column comes into view.
  grid.focus();
  const press = async (keys: string): Promise<void> => {
    await user.keyboard(keys);
    // An engine tells of its scrolling by itself.
    fireEvent.scroll(grid);
  };
  await press("{End}");
  const current = (): HTMLElement | null => document.getElementById(grid.getAttribute("aria-activedescendant") ?? "");
  await waitFor(() => expect(current()).toHaveAttribute("aria-colindex", "62"));
  expect(current()).toHaveAccessibleName(/@environment-60: /);
  expect(names("columnheader")).toContain("62");
  expect(names("columnheader")).toEqual(expect.arrayContaining(["1", "2"]));
  expect(names("columnheader")).not.toContain("3");
  expectFewOf(grid.querySelectorAll("[role=row]").length, Number(grid.getAttribute("aria-rowcount")));
  await press("{Home}{ArrowRight}");
  await waitFor(() => expect(current()).toHaveAccessibleName(/@environment-1: /));
});

test("waves: 2,000 applications to choose from", async () => {
  await showApp("waves", { scale: applications });
  const list = await find("listbox", /^Applications in /);
  expectFewOf(list.querySelectorAll("[role=option]").length, roomFor(list, 28));
});

test("review: the changes of 2,000 applications", async () => {
  await showApp("review", { scale: applications });
  const list = await find("listbox", "Resources that differ");
  expectFewOf(list.querySelectorAll("[role=option]").length, roomFor(list, 36));
});

test("waves: hundreds of resources, in every density", async () => {
  const kinds = ["api", "worker", "web", "gateway", "scheduler", "indexer", "cache", "router", "mailer", "ledger"];
  const chosen = ["01", "02"].flatMap((team) =>
    [1, 2, 3, 4, 5].flatMap((number) => kinds.map((kind) => `team-${team}-${kind}-${number}@production`)),
  );
  await showApp(`waves?instances=${encodeURIComponent(chosen.join(","))}`, { scale: applications });
  const sentence = (await screen.findByText(/^100 applications, /)).textContent ?? "";
  expect(Number(/, (\d+) resources/.exec(sentence)?.[1])).toBeGreaterThanOrEqual(500);
  for (const density of ["Resources", "Compact", "Summary"]) {
    fireEvent.click(screen.getByRole("button", { name: density }));
    await waitFor(() => expect(screen.getByRole("button", { name: density })).toHaveAttribute("aria-pressed", "true"));
    expect(document.querySelectorAll("[data-task]").length).toBeGreaterThan(10);
    expect(document.querySelectorAll("*").length).toBeLessThanOrEqual(mostElements);
  }
});
