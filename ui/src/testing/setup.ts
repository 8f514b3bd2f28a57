import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

// The virtual lists ask for the size of their scroller; a page without layout says 0.
beforeEach(() => {
  Object.defineProperty(HTMLElement.prototype, "offsetHeight", { configurable: true, get: () => 800 });
  Object.defineProperty(HTMLElement.prototype, "offsetWidth", { configurable: true, get: () => 1200 });
  HTMLElement.prototype.scrollIntoView = () => {};
  localStorage.clear();
  sessionStorage.clear();
  window.location.hash = "";
});

afterEach(cleanup);
