// Looks at the focus in the page, for the tests in the browser and those in the window.

/** What is wrong with the place of the focus; empty where a person sees it. Runs in the page. */
export function hiddenFocus() {
  const own = document.activeElement;
  if (own === null || own === document.body) return "the focus is nowhere";
  const name = `${own.localName} ${own.getAttribute("role") ?? ""} "${own.getAttribute("aria-label") ?? own.textContent.slice(0, 60)}"`;
  // A list keeps the focus itself and names the row that the keyboard is at.
  const named = own.getAttribute("aria-activedescendant");
  const row = named === null ? null : document.getElementById(named);
  if (named !== null && row === null) return `${name} is at a row that is not there`;
  const box = (row ?? own).getBoundingClientRect();
  if (box.width < 1 || box.height < 1) return `${name} has no size`;
  if (box.right < 1 || box.bottom < 1 || box.left > innerWidth - 1 || box.top > innerHeight - 1)
    return `${name} lies outside of the window`;
  if (own instanceof HTMLInputElement && own.selectionStart !== null) return "";
  // The ring is drawn on the element, on the row, or on what wraps it closely.
  for (const start of [own, row]) {
    let element = start;
    for (let up = 0; element !== null && up < 3; up += 1, element = element.parentElement) {
      const style = getComputedStyle(element);
      if (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0) return "";
      if (style.boxShadow !== "none") return "";
    }
  }
  return `${name} shows no ring`;
}
