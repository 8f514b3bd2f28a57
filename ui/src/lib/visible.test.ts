import { expect, test } from "vitest";
import { visible } from "./visible";

test("what steers a line is a sign in it, and all else stays", () => {
  expect(visible("user\u202e\u2066// admin\u2069")).toBe("user‹U+202E›‹U+2066›// admin‹U+2069›");
  expect(visible("\u001b[31mred\u0007\u007f\u009b")).toBe("␛[31mred␇␡‹U+009B›");
  expect(visible("a\0b\r")).toBe("a␀b␍");
  for (const text of ["größe: 2\t# tab\n", "日本語", "👩‍🚀", "مرحبا"]) expect(visible(text)).toBe(text);
});
