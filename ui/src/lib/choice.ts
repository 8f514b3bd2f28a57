/** Where a key leads in a short list of choices. `null` for keys that move nothing. */
export function moveChoice(at: number, count: number, key: string): number | null {
  if (count === 0) return null;
  switch (key) {
    case "ArrowDown":
      return Math.min(count - 1, at + 1);
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "Home":
    case "PageUp":
      return 0;
    case "End":
    case "PageDown":
      return count - 1;
    default:
      return null;
  }
}

/**
 * The next entry whose name begins with what was typed, from `at` on and around the end. One character goes on from
 * the entry after `at`, so that pressing it again steps through those that begin with it.
 */
export function typeAheadIn(names: readonly string[], at: number, typed: string): number | null {
  const wanted = typed.toLowerCase();
  if (wanted === "") return null;
  const start = wanted.length === 1 ? at + 1 : Math.max(0, at);
  for (let offset = 0; offset < names.length; offset += 1) {
    const index = (start + offset + names.length) % names.length;
    if (names[index]?.toLowerCase().startsWith(wanted) === true) return index;
  }
  return null;
}
