import { afterEach, expect, test, vi } from "vitest";
import {
  dispatchKey,
  isSingleCharacter,
  isTyped,
  keyConflicts,
  keyLabel,
  keyName,
  setKeys,
  setSingleCharacters,
  shortcuts,
} from "./keymap";

const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

afterEach(() => {
  setSingleCharacters(true);
  setKeys({});
});

test.each([
  [{ ...plain, key: "k", ctrlKey: true }, "Mod+K"],
  [{ ...plain, key: "k", metaKey: true }, "Mod+K"],
  [{ ...plain, key: "N", shiftKey: true }, "Shift+N"],
  [{ ...plain, key: "n" }, "n"],
  [{ ...plain, key: "?", shiftKey: true }, "?"],
  [{ ...plain, key: " " }, "Space"],
  [{ ...plain, key: "ArrowDown", shiftKey: true }, "Shift+ArrowDown"],
  [{ ...plain, key: "ArrowLeft", altKey: true }, "Alt+ArrowLeft"],
])("%o is %s", (press, name) => expect(keyName(press)).toBe(name));

function press(key: string, target: EventTarget | null = null) {
  return { ...plain, key, target, defaultPrevented: false, preventDefault: vi.fn() };
}

test("single letters do nothing while someone types", () => {
  const handler = vi.fn();
  expect(dispatchKey(press("p", document.createElement("input")), { p: handler })).toBe(false);
  expect(dispatchKey(press("p", document.createElement("div")), { p: handler })).toBe(true);
  expect(handler).toHaveBeenCalledTimes(1);
});

test("single letters can be switched off, other keys stay", () => {
  setSingleCharacters(false);
  const handler = vi.fn();
  expect(dispatchKey(press("p"), { p: handler })).toBe(false);
  expect(dispatchKey(press("Escape"), { Escape: handler })).toBe(true);
});

test("a key that was handled is not handled again", () => {
  const handler = vi.fn();
  expect(dispatchKey({ ...press("Escape"), defaultPrevented: true }, { Escape: handler })).toBe(false);
});

test("labels follow the platform", () => {
  expect(keyLabel("Mod+K", false)).toBe("Ctrl K");
  expect(keyLabel("Mod+K", true)).toBe("⌘ K");
});

test("no scope binds a key twice", () => {
  const seen = shortcuts.map((shortcut) => `${shortcut.scope} ${shortcut.keys}`);
  expect(new Set(seen).size).toBe(seen.length);
});

test("characters are single, names of keys are not", () => {
  expect(isSingleCharacter("/")).toBe(true);
  expect(isSingleCharacter("Shift+N")).toBe(true);
  expect(isSingleCharacter("Mod+K")).toBe(false);
});

test.each([
  ["Mod+3", ["Mod+1…6"]],
  ["Mod+7", []],
  ["Escape", ["Escape"]],
  ["y", []],
])("a key that is wanted is in the way of the one that holds it: %s", (wanted, expected) =>
  expect(keyConflicts("d", wanted, {})).toEqual(expected),
);

test("a character types into a list, unless it is a shortcut of everywhere", () => {
  const typed = ["a", "Z", "*", "/", "?", " "].filter((key) => isTyped(press(key)));
  expect(typed).toEqual(["a", "Z", "*"]);
  expect(isTyped({ ...press("a"), ctrlKey: true })).toBe(false);
  setKeys({ "/": "ö" });
  expect([press("/"), press("ö")].map(isTyped)).toEqual([true, false]);
  setSingleCharacters(false);
  expect(isTyped(press("ö"))).toBe(true);
});

test("the plus sign is a key as well", () => {
  expect(keyLabel("Mod++", false)).toBe("Ctrl +");
  expect(keyLabel("Mod+-", false)).toBe("Ctrl -");
});

test("a key that was taken away has no label", () => {
  setKeys({ n: "" });
  expect(keyLabel("n")).toBe("");
});
