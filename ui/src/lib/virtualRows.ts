/** Where rows below each other begin: of one height, or of heights of which some are known. Lengths in CSS pixels. */
export interface Rows {
  count: number;
  total: number;
  startOf(index: number): number;
  /** The row that covers a height, clamped to the rows there are. */
  indexAt(offset: number): number;
}

export function evenRows(count: number, size: number): Rows {
  return {
    count,
    total: count * size,
    startOf: (index) => index * size,
    indexAt: (offset) => clamp(Math.floor(offset / size), count),
  };
}

/** Rows of different heights with a gap between them. `sizeOf` gives what was measured, or what is expected. */
export function unevenRows(count: number, gap: number, sizeOf: (index: number) => number): Rows {
  const starts = new Float64Array(count + 1);
  let next = 0;
  for (let index = 0; index < count; index += 1) {
    starts[index] = next;
    next += sizeOf(index) + (index < count - 1 ? gap : 0);
  }
  starts[count] = next;
  return {
    count,
    total: next,
    startOf: (index) => starts[Math.min(Math.max(0, index), count)] ?? 0,
    indexAt: (offset) => {
      let low = 0;
      let high = count - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return clamp(low, count);
    },
  };
}

function clamp(index: number, count: number): number {
  return Math.min(Math.max(0, index), Math.max(0, count - 1));
}

/** The rows to paint for a window on them: the first, and the one after the last. */
export function rowsIn(rows: Rows, top: number, height: number, overscan: number): [number, number] {
  if (rows.count === 0 || height <= 0) return [0, 0];
  const first = Math.max(0, rows.indexAt(top) - overscan);
  const last = Math.min(rows.count, rows.indexAt(top + height) + 1 + overscan);
  return [first, last];
}

/**
 * Where to scroll so that a row is in view; `null` where it is. `covered` is what lies over the top of the window,
 * such as heads that stay.
 */
export function scrollFor(
  rows: Rows,
  index: number,
  align: "nearest" | "center",
  window: { top: number; height: number; before: number; covered: number },
): number | null {
  if (index < 0 || index >= rows.count) return null;
  const start = window.before + rows.startOf(index);
  const end = window.before + rows.startOf(index + 1);
  if (align === "center") return Math.max(0, start - (window.height - (end - start)) / 2);
  if (start < window.top + window.covered) return Math.max(0, start - window.covered);
  return end > window.top + window.height ? end - window.height : null;
}
