import { useEffect } from "react";

const panes = "[data-pane], [role='dialog']";
/** What of a pane takes the focus: its list, else its first control. The edge that resizes it comes last. */
const lists = "[data-pane-focus]";
const controls =
  "[tabindex='0']:not([role='separator']), :is(a[href], button, input, textarea):not([tabindex='-1'], :disabled)";

function focusPane(pane: HTMLElement | undefined): void {
  (pane?.querySelector<HTMLElement>(lists) ?? pane?.querySelector<HTMLElement>(controls) ?? pane)?.focus();
}

/** Moves the focus to the next pane, or the previous one. */
export function movePane(step: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>("[data-pane]")];
  const current = all.findIndex((pane) => pane.contains(document.activeElement));
  focusPane(all[(current + step + all.length) % all.length]);
}

/**
 * Moves the focus into the place that is shown: to its list. A place that says why it has none gets it where it offers
 * what to do. Until either is there the place itself has it.
 */
export function enterPlace(): void {
  const main = document.getElementById("main");
  const said = main?.querySelector("[data-state]") ?? null;
  const control = said?.querySelector<HTMLElement>(controls) ?? (said && main?.querySelector<HTMLElement>(controls));
  (main?.querySelector<HTMLElement>(lists) ?? control ?? main)?.focus();
}

/** How long a closed dialog or popup has to give the focus back by itself, in milliseconds. */
const patience = 40;

/**
 * Keeps the focus on the page. What has it may go away under it: a step of the wizard ends, a list becomes another
 * one. Browsers then let it fall to the body, where no key does anything. It goes to the pane that the lost element
 * was in, and where that is gone too, into the place.
 */
export function useFocusKeeper(): void {
  useEffect(() => {
    let last: Element | null = null;
    let pane: Element | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const remember = (): void => {
      last = document.activeElement;
      pane = last?.closest(panes) ?? null;
    };
    const keep = (): void => {
      timer = undefined;
      const own = document.activeElement;
      if (own !== null && own !== document.body) {
        // The place was entered before its list was there.
        if (own.id === "main") enterPlace();
        return;
      }
      if (last === null || (last.isConnected && !last.matches(":disabled"))) return;
      // The pane itself says its name to a screen reader, and Tab goes on to what is in it now.
      if (pane instanceof HTMLElement && pane.isConnected) {
        pane.focus();
        if (document.activeElement !== pane) focusPane(pane);
      }
      if (document.activeElement === document.body) enterPlace();
    };
    const observer = new MutationObserver(() => {
      timer ??= setTimeout(keep, patience);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    document.addEventListener("focusin", remember);
    enterPlace();
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      document.removeEventListener("focusin", remember);
    };
  }, []);
}
