/** What can be pressed. */
const controls = "button, a[href], label, summary, [role='tab'], [role='menuitem']";

function nameOf(element: Element): string {
  return element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
}

/** Presses what has these names, one after another, each as soon as it is there. Returns what ends the waiting. */
export function pressAll(names: readonly string[]): () => void {
  const left = [...names];
  const timer = setInterval(() => {
    const [name] = left;
    if (name === undefined) {
      clearInterval(timer);
      return;
    }
    const found = [...document.querySelectorAll<HTMLElement>(controls)].find(
      (element) => nameOf(element).startsWith(name) && element.getAttribute("aria-disabled") !== "true",
    );
    if (found === undefined) return;
    left.shift();
    found.click();
  }, 60);
  return () => clearInterval(timer);
}
