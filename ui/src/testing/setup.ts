import { cleanup } from "@testing-library/react";
import "@testing-library/jest-dom/vitest";
import { afterEach, beforeEach, vi } from "vitest";
import { runStore } from "../ipc/runs";

/** Nothing changes its size in a page without layout. */
class StillResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

// The virtual lists ask for the size of their scroller; a page without layout says 0.
beforeEach(() => {
  for (const [name, size] of [
    ["clientHeight", 2400],
    ["clientWidth", 1200],
    ["offsetHeight", 20],
    ["offsetWidth", 1200],
  ] as const) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size });
  }
  HTMLElement.prototype.scrollIntoView = () => {};
  vi.stubGlobal("ResizeObserver", StillResizeObserver);
  localStorage.clear();
  sessionStorage.clear();
  for (const key of runStore.keys()) runStore.delete(key);
});

afterEach(cleanup);
