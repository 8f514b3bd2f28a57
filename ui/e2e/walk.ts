import type { Page } from "@playwright/test";
import { hiddenFocus } from "./focus.mjs";
import { expect } from "./slipway";

// Walks through a page with Tab, as a person without a mouse does, and looks what it did not reach.

/** What a walk keeps in the page: the elements that had the focus. */
interface Walked {
  reached: Set<Element>;
}

/** What is wrong with where the focus is: it is not seen, or its ring is cut off. Runs in the page. */
function stopAt(): { end: boolean; again: boolean; wrong: string } {
  const walked = (globalThis as unknown as { walked: Walked }).walked;
  const own = document.activeElement;
  // Behind the last one the focus leaves the page, or begins again.
  const [first] = walked.reached;
  if (own === null || own === document.body || own === first) return { end: true, again: false, wrong: "" };
  const again = walked.reached.has(own);
  walked.reached.add(own);
  // The ring is drawn inside the element or around it; what scrolls or hides around it may cut it.
  const style = getComputedStyle(own);
  const around = style.outlineStyle === "none" ? 0 : Math.max(0, Number.parseFloat(style.outlineOffset) + 2);
  const box = own.getBoundingClientRect();
  const name = `${own.localName} "${own.getAttribute("aria-label") ?? own.textContent.slice(0, 40)}"`;
  for (let up = own.parentElement; up !== null; up = up.parentElement) {
    const over = getComputedStyle(up);
    if (over.overflowX === "visible" && over.overflowY === "visible") continue;
    const room = up.getBoundingClientRect();
    const wide = box.width + 2 * around > room.width + 1;
    const high = box.height + 2 * around > room.height + 1;
    const cutX = !wide && (box.left - around < room.left - 1 || box.right + around > room.right + 1);
    const cutY = !high && (box.top - around < room.top - 1 || box.bottom + around > room.bottom + 1);
    if (cutX || cutY) return { end: false, again, wrong: `${name} is cut by ${up.localName}.${up.className}` };
  }
  return { end: false, again, wrong: "" };
}

/** What a person sees and could press, and the walk did not come to. Runs in the page. */
function notReached(): string[] {
  const { reached } = (globalThis as unknown as { walked: Walked }).walked;
  // The arrows reach what is in these, once Tab has reached them.
  const lists =
    "[role='tree'], [role='grid'], [role='listbox'], [role='tablist'], [role='menu'], [data-task], [data-arrows]";
  const byArrows = (element: Element): boolean => {
    if (element instanceof HTMLInputElement && element.type === "radio")
      return [...document.querySelectorAll<HTMLInputElement>(`input[name="${CSS.escape(element.name)}"]`)].some((one) =>
        reached.has(one),
      );
    const list = element.closest(lists);
    if (list === null) return false;
    const around = element.closest("[role='group'][aria-label='Waves']") ?? list;
    return [...reached].some((one) => around.contains(one));
  };
  const wanted = document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex], [role='button'], [role='tab'], [role='option'], [role='treeitem']",
  );
  return (
    [...wanted]
      .filter(
        (element) =>
          element.checkVisibility({ visibilityProperty: true }) &&
          element.getClientRects().length > 0 &&
          !element.matches(":disabled, [inert] *, [aria-hidden='true'], [aria-hidden='true'] *"),
      )
      .filter((element) => !element.matches("[data-base-ui-focus-guard]"))
      // Containers that the page itself moves the focus to.
      .filter((element) => !element.matches("main, :is([data-pane], h1, h2, div:not([role]))[tabindex='-1']"))
      // The box of a change in a text has a key, x, and so has its resource.
      .filter((element) => !element.matches("[role='region'] input[tabindex='-1']"))
      .filter((element) => !reached.has(element) && !byArrows(element))
      .map(
        (element) =>
          `${element.localName}[${element.getAttribute("role") ?? ""}] "${element.getAttribute("aria-label") ?? element.textContent.slice(0, 60)}"`,
      )
  );
}

/**
 * Presses Tab from the beginning of the page until the focus leaves it at the end. Fails where the focus is not seen,
 * where it is caught, and where something that can be pressed was not reached.
 */
export async function expectWalk(page: Page, where: string): Promise<void> {
  await page.evaluate(() => {
    const first = document.querySelector<HTMLElement>("#root :is(a[href], button, input)");
    first?.focus();
    (globalThis as unknown as { walked: Walked }).walked = { reached: new Set(first === null ? [] : [first]) };
  });
  const wrong = new Set<string>();
  for (let presses = 0; ; presses += 1) {
    if (presses > 600) throw new Error(`${where}: Tab does not come to the end of the page`);
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(stopAt);
    if (stop.end) break;
    if (stop.again)
      throw new Error(
        `${where}: Tab comes again to ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`,
      );
    if (stop.wrong !== "") wrong.add(stop.wrong);
    const hidden = await page.evaluate(hiddenFocus);
    if (hidden !== "") wrong.add(hidden);
  }
  expect.soft([...wrong], `${where}: the focus is seen everywhere`).toEqual([]);
  expect.soft(await page.evaluate(notReached), `${where}: Tab reaches everything`).toEqual([]);
}

/** What a row of controls hides at its side, and what can be pressed beside the window. Runs in the page. */
function outside(): string[] {
  const rows = [...document.querySelectorAll("[role='toolbar'], header, footer")]
    .filter((row) => row.scrollWidth > row.clientWidth + 1)
    .map((row) => `${row.localName} "${row.getAttribute("aria-label") ?? ""}" scrolls sideways`);
  // These scroll, and the arrows bring what is in them on screen.
  const lists = "[role='grid'], [role='tree'], [data-task], [role='region'][tabindex], pre";
  const controls = [...document.querySelectorAll("#root :is(a[href], button, input, [role='tab'], [role='combobox'])")]
    .filter((control) => control.checkVisibility({ visibilityProperty: true }) && control.closest(lists) === null)
    .filter((control) => {
      const { left, right, width } = control.getBoundingClientRect();
      return width > 1 && (left < -1 || right > innerWidth + 1);
    })
    .map(
      (control) => `"${control.getAttribute("aria-label") ?? control.textContent.slice(0, 40)}" is beside the window`,
    );
  return [...rows, ...controls];
}

/** Zooms to 200 %, which halves the window, and looks whether everything is still there without scrolling sideways. */
export async function expectFits(page: Page, where: string): Promise<void> {
  const size = page.viewportSize();
  if (size === null) throw new Error("the page has no size");
  await page.setViewportSize({ width: size.width / 2, height: size.height / 2 });
  // What measures itself paints again.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100))));
  expect.soft(await page.evaluate(outside), `${where}: at 200 %`).toEqual([]);
  await page.setViewportSize(size);
}
