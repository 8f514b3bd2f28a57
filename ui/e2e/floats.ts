import type { Page } from "@playwright/test";
import type { Place } from "../src/lib/places";

/** Something that floats over a place, and how a person opens it. What it is, is waited for. */
export interface Float {
  name: string;
  place: Place;
  open: (page: Page) => Promise<unknown>;
}

const press = (page: Page, role: "button" | "combobox", name: string | RegExp): Promise<void> =>
  page.getByRole(role, { name }).first().click();
const comes = (page: Page, role: "menu" | "listbox" | "dialog", name?: string | RegExp): Promise<void> =>
  page
    .getByRole(role, name === undefined ? {} : { name })
    .first()
    .waitFor();

async function menu(page: Page, name: string | RegExp): Promise<void> {
  await press(page, "button", name);
  await comes(page, "menu");
}

async function list(page: Page, name: string): Promise<void> {
  await press(page, "combobox", name);
  await comes(page, "listbox", name);
}

async function dialog(page: Page, name: string | RegExp): Promise<void> {
  await press(page, "button", name);
  await comes(page, "dialog");
}

/** The palette with something typed into it. */
async function palette(page: Page, text: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search" }).fill(text);
}

/** Menus, lists, panels, tooltips, toasts and dialogs that every repository has. */
export const floats: readonly Float[] = [
  { name: "menu of repositories", place: "environments", open: (page) => menu(page, /^Repository /) },
  { name: "menu of Git", place: "environments", open: (page) => menu(page, /^Git: /) },
  { name: "list of branches", place: "environments", open: (page) => dialog(page, /^Branch: /) },
  { name: "menu of an instance", place: "environments", open: (page) => menu(page, /^More for /) },
  {
    name: "menu of a row",
    place: "environments",
    open: async (page) => {
      await page.getByRole("tree").press("Shift+F10");
      await comes(page, "menu", /^Menu of /);
    },
  },
  {
    name: "tooltip at the pointer",
    place: "promotions",
    open: async (page) => {
      await page.getByRole("button", { name: "Compare", exact: true }).hover();
      await page.locator("[role=tooltip]").first().waitFor();
    },
  },
  {
    name: "tooltip at the focus",
    place: "environments",
    open: async (page) => {
      await page.getByRole("button", { name: "Refresh" }).first().focus();
      await page.keyboard.press("Tab");
      await page.locator("[role=tooltip]").first().waitFor();
    },
  },
  { name: "palette", place: "environments", open: (page) => palette(page, "pay") },
  { name: "palette without a result", place: "environments", open: (page) => palette(page, "qqqzzz") },
  { name: "shortcuts", place: "environments", open: (page) => dialog(page, /shortcuts$/) },
  { name: "list of environments", place: "promotions", open: (page) => list(page, "From") },
  {
    name: "toast",
    place: "promotions",
    open: async (page) => {
      await page.getByRole("grid").focus();
      await page.keyboard.press("Home");
      // The first environment has none before it to compare with.
      for (const key of ["ArrowRight", "c", "c"]) await page.keyboard.press(key);
      await page.getByText("Nothing to compare").waitFor();
    },
  },
  { name: "list of sides", place: "review", open: (page) => dialog(page, /^First side/) },
  { name: "menu of copying", place: "review", open: (page) => menu(page, /^Copy$/) },
  { name: "dialog of a sync", place: "waves", open: (page) => dialog(page, /^Sync…$/) },
  {
    name: "list in a dialog",
    place: "promotions",
    open: async (page) => {
      await dialog(page, /^Pin /);
      await list(page, "Class");
    },
  },
];

/** Takes away what floats, and the pointer from what it is over. */
export async function clear(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  for (let presses = 0; presses < 2; presses += 1) await page.keyboard.press("Escape");
}
