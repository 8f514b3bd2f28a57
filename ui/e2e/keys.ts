import type { Locator, Page } from "@playwright/test";
import { expect } from "./slipway";

/** Presses Tab until the element of a role and name has the focus. */
export async function tabTo(page: Page, role: "button" | "tab" | "searchbox" | "link", name: RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name });
  for (let presses = 0; presses < 90; presses += 1) {
    if ((await wanted.count()) > 0 && (await wanted.first().evaluate((it) => it === document.activeElement))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach the ${role} ${name}`);
}

/** Presses F6 until an element has the focus: it goes through the panes. */
export async function paneTo(page: Page, wanted: Locator): Promise<void> {
  for (let presses = 0; presses < 12; presses += 1) {
    if (await wanted.evaluate((it) => it.contains(document.activeElement))) return;
    await page.keyboard.press("F6");
  }
  throw new Error(`F6 does not reach ${wanted}`);
}

/** The words of the row or cell that a list with `aria-activedescendant` is at. */
export async function at(list: Locator): Promise<string> {
  return list.evaluate(
    (it) => document.getElementById(it.getAttribute("aria-activedescendant") ?? "")?.textContent ?? "",
  );
}

/** Waits until a list is at something. */
export async function expectAt(list: Locator, words: RegExp): Promise<void> {
  await expect.poll(() => at(list)).toMatch(words);
}
