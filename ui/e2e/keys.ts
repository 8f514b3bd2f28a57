import type { Locator, Page } from "@playwright/test";
import { hiddenFocus } from "./focus.mjs";
import { expect } from "./slipway";

// Everything here presses keys as a person does, and after each looks whether that person sees where they are.

/** Waits until the focus is somewhere that a person sees. */
export async function expectFocusSeen(page: Page, after: string): Promise<void> {
  const intervals = [20, 50, 100, 250];
  await expect
    .poll(() => page.evaluate(hiddenFocus), { message: `after ${after}`, timeout: 10_000, intervals })
    .toBe("");
}

/** A test that calls this fails when a pointer is used: it is driven by keys alone. */
export async function keysOnly(page: Page): Promise<void> {
  await page.addInitScript(() => {
    for (const type of ["pointerdown", "wheel"])
      addEventListener(type, () => console.error(`${type}: this test uses keys only`), {
        capture: true,
        passive: true,
      });
  });
}

/** Presses a key, and looks where the focus is. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await expectFocusSeen(page, key);
  }
}

type Role = "button" | "tab" | "searchbox" | "link" | "textbox" | "combobox" | "separator" | "checkbox" | "radio";

/** Presses Tab until the element of a role and name has the focus. */
export async function tabTo(page: Page, role: Role, name: RegExp, key = "Tab"): Promise<void> {
  const wanted = page.getByRole(role, { name });
  for (let presses = 0; presses < 90; presses += 1) {
    if ((await wanted.count()) > 0 && (await wanted.first().evaluate((it) => it === document.activeElement))) return;
    await page.keyboard.press(key);
    // Behind the last control the focus leaves the page, to the browser's own; the next Tab comes to the first one.
    if (await page.evaluate(() => document.activeElement === document.body)) await page.keyboard.press(key);
    await expectFocusSeen(page, `${key} on the way to ${name}`);
  }
  throw new Error(`${key} does not reach the ${role} ${name}`);
}

/** Goes to a button by Tab, waits until it can act, and presses Enter. */
export async function act(page: Page, name: RegExp, role: "button" | "link" | "tab" = "button"): Promise<void> {
  await tabTo(page, role, name);
  await expect(page.getByRole(role, { name }).first()).not.toHaveAttribute("aria-disabled", "true");
  await press(page, "Enter");
}

/** Presses F6 until an element has the focus: it goes through the panes. */
export async function paneTo(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 12; presses += 1) {
    if (await wanted.evaluate((it) => it.contains(document.activeElement))) return;
    await press(page, "F6");
  }
  throw new Error(`F6 does not reach ${wanted}`);
}

/** The words of the row or cell that a list with `aria-activedescendant` is at, as a screen reader says them. */
export async function at(list: Locator): Promise<string> {
  return list.evaluate((it) => {
    const row = document.getElementById(it.getAttribute("aria-activedescendant") ?? "")?.cloneNode(true);
    if (!(row instanceof HTMLElement)) return "";
    for (const hidden of row.querySelectorAll("[aria-hidden='true']")) hidden.remove();
    return row.textContent;
  });
}

/** Waits until a list is at something. */
export async function expectAt(list: Locator, words: RegExp): Promise<void> {
  await expect.poll(() => at(list)).toMatch(words);
}

/** Presses the arrow until a list is at something. */
export async function downTo(page: Page, list: Locator, words: RegExp, key = "ArrowDown"): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    const here = await at(list);
    if (words.test(here)) return;
    const before = await list.getAttribute("aria-activedescendant");
    await press(page, key);
    await expect(list).not.toHaveAttribute("aria-activedescendant", before ?? "");
  }
  throw new Error(`${key} does not reach ${words}`);
}

/** Opens a picker with Enter, filters it and takes what is first. */
export async function pick(page: Page, button: RegExp, name: string): Promise<void> {
  await tabTo(page, "button", button);
  await press(page, "Enter");
  await page.keyboard.type(name);
  await expect(page.getByRole("dialog").getByRole("option", { selected: true })).toContainText(name);
  await press(page, "Enter");
}
