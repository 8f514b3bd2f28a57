import { afterEach, expect, test, vi } from "vitest";
import { dispatchKey, keyConflicts, keyLabel, setKeys } from "../lib/keymap";
import { nextZoom } from "./useAppearance";

afterEach(() => setKeys({}));

test.each([
  [100, 10, 110],
  [95, 10, 110],
  [300, 10, 300],
  [50, -10, 50],
  [170, 0, 100],
])("from %i %% by %i is %i %%", (before, by, after) => expect(nextZoom(before, by)).toBe(after));

function press(key: string) {
  return {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    target: null,
    defaultPrevented: false,
    preventDefault: vi.fn(),
  };
}

test("a key that was moved acts under its new name alone, and labels say the new one", () => {
  setKeys({ p: "y", s: "" });
  const promote = vi.fn();
  const sync = vi.fn();
  const handlers = { p: promote, s: sync };
  expect(dispatchKey(press("p"), handlers)).toBe(false);
  expect(dispatchKey(press("y"), handlers)).toBe(true);
  expect(dispatchKey(press("s"), handlers)).toBe(false);
  expect(promote).toHaveBeenCalledTimes(1);
  expect(sync).not.toHaveBeenCalled();
  expect(keyLabel("p", false)).toBe("Y");
});

test("two keys that are exchanged are no conflict", () => {
  expect(keyConflicts("p", "s", {})).toEqual(["s"]);
  expect(keyConflicts("p", "s", { s: "p" })).toEqual([]);
  setKeys({ p: "s", s: "p" });
  const promote = vi.fn();
  dispatchKey(press("s"), { p: promote });
  expect(promote).toHaveBeenCalled();
});
