import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useState } from "react";
import { followScroll } from "./followScroll";
import { useLatest } from "./hooks";
import { evenRows, rowsIn, scrollFor, unevenRows } from "./virtualRows";

export interface VirtualRow {
  index: number;
  /** From the top of the first row, in CSS pixels. */
  start: number;
}

export interface VirtualRows {
  /** Those to paint. */
  rows: VirtualRow[];
  /** The height of all. */
  total: number;
  /** The style of what holds rows in the flow: the height of all, and the room of those before the first. */
  room: { height: number; paddingTop: number };
  scrollTo: (index: number, align?: "nearest" | "center") => void;
  /** For rows of different heights: the `ref` of each, which carries its number as `data-index`. */
  measure: (element: HTMLElement | null) => (() => void) | undefined;
}

export interface VirtualOptions {
  count: number;
  scroller: RefObject<HTMLElement | null>;
  /** The height of each row, or what is expected of one until it was on screen. */
  size: number;
  /** Names a row while it moves; needed where heights are measured. */
  keyOf?: (index: number) => string;
  gap?: number;
  overscan?: number;
  /** What scrolls along above the rows. */
  before?: number;
  /** The element that holds the rows, where what is above it in the scroller has no fixed height. */
  holder?: RefObject<HTMLElement | null>;
  /** What stays over the top of the scroller. */
  covered?: number;
}

const nothingKnown: ReadonlyMap<string, number> = new Map();

/** Which of many rows are on screen. Paints when that changes, not with every scrolled pixel. */
export function useVirtualRows({
  count,
  scroller,
  size,
  keyOf,
  gap = 0,
  overscan = 6,
  before = 0,
  holder,
  covered = 0,
}: VirtualOptions): VirtualRows {
  const [known, setKnown] = useState(nothingKnown);
  const rows = useMemo(
    () =>
      keyOf === undefined ? evenRows(count, size) : unevenRows(count, gap, (index) => known.get(keyOf(index)) ?? size),
    [count, size, gap, keyOf, known],
  );
  const above = useCallback(
    (element: HTMLElement): number => {
      const own = holder?.current ?? null;
      if (own === null) return before;
      return own.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop;
    },
    [holder, before],
  );
  const latest = useLatest({ rows, keyOf, known });
  const [view, setView] = useState({ top: 0, height: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const read = (): void =>
      setView((last) => {
        // In steps of a row: a scroll inside one shows the same rows.
        const top = Math.floor((element.scrollTop - above(element)) / size) * size;
        const height = element.clientHeight + size;
        return last.top === top && last.height === height ? last : { top, height };
      });
    return followScroll(element, read);
  }, [scroller, size, above]);

  const take = useCallback(
    (element: HTMLElement): void => {
      const { rows: placed, keyOf: name, known: sizes } = latest.current;
      const index = Number(element.dataset.index);
      const height = element.offsetHeight;
      if (name === undefined || height === 0 || !Number.isInteger(index) || index >= placed.count) return;
      const key = name(index);
      const last = sizes.get(key);
      if (last === height) return;
      setKnown((all) => (all.get(key) === height ? all : new Map(all).set(key, height)));
      // What is above the window may not push what is read away.
      const around = scroller.current;
      if (last !== undefined && around !== null && above(around) + placed.startOf(index) < around.scrollTop)
        around.scrollBy(0, height - last);
    },
    [latest, scroller, above],
  );
  const [observer] = useState(() =>
    typeof ResizeObserver === "undefined"
      ? null
      : new ResizeObserver((entries) => {
          for (const entry of entries) if (entry.target instanceof HTMLElement) take(entry.target);
        }),
  );
  useEffect(() => () => observer?.disconnect(), [observer]);
  const measure = useCallback(
    (element: HTMLElement | null): (() => void) | undefined => {
      if (element === null) return undefined;
      take(element);
      observer?.observe(element);
      return () => observer?.unobserve(element);
    },
    [take, observer],
  );

  const scrollTo = useCallback(
    (index: number, align: "nearest" | "center" = "nearest"): void => {
      const element = scroller.current;
      if (element === null) return;
      const to = scrollFor(latest.current.rows, index, align, {
        top: element.scrollTop,
        height: element.clientHeight,
        before: above(element),
        covered,
      });
      if (to !== null) element.scrollTo({ top: to, behavior: "instant" });
    },
    [scroller, latest, above, covered],
  );

  const [first, last] = rowsIn(rows, view.top, view.height, overscan);
  const shown: VirtualRow[] = [];
  for (let index = first; index < last; index += 1) shown.push({ index, start: rows.startOf(index) });
  const room = { height: rows.total, paddingTop: rows.startOf(first) };
  return { rows: shown, total: rows.total, room, scrollTo, measure };
}
