import { flushSync } from "react-dom";

/**
 * Calls `read` now, and whenever an element is scrolled or has another size, until what it returns is called. A scroll is
 * answered in its own frame: what came in the next one would leave a gap where one looks.
 */
export function followScroll(element: HTMLElement, read: () => void): () => void {
  read();
  const follow = (): void => flushSync(read);
  element.addEventListener("scroll", follow, { passive: true });
  const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(read);
  observer?.observe(element);
  return () => {
    element.removeEventListener("scroll", follow);
    observer?.disconnect();
  };
}
