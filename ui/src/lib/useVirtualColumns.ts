import { type RefObject, useCallback, useLayoutEffect, useState } from "react";
import { followScroll } from "./followScroll";
import { useLatest } from "./hooks";
import { evenRows, rowsIn, scrollFor } from "./virtualRows";

export interface VirtualColumns {
  /** The first to paint. */
  first: number;
  /** The one after the last to paint. */
  last: number;
  /** Whether all of them have room beside each other, so that they may be wider than the least. */
  fit: boolean;
  scrollTo: (index: number) => void;
}

/**
 * Which of many columns are on screen. They are `size` wide where not all of them have room; `covered` is what stays
 * over the left of the scroller. Paints when the columns change, not with every scrolled pixel.
 */
export function useVirtualColumns({
  count,
  scroller,
  size,
  covered,
}: {
  count: number;
  scroller: RefObject<HTMLElement | null>;
  size: number;
  covered: number;
}): VirtualColumns {
  const [view, setView] = useState({ left: 0, width: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const read = (): void =>
      setView((last) => {
        const left = Math.floor(element.scrollLeft / size) * size;
        const width = element.clientWidth;
        return last.left === left && last.width === width ? last : { left, width };
      });
    return followScroll(element, read);
  }, [scroller, size]);
  const latest = useLatest(count);
  const scrollTo = useCallback(
    (index: number): void => {
      const element = scroller.current;
      if (element === null) return;
      const window = { top: element.scrollLeft, height: element.clientWidth, before: covered, covered };
      const to = scrollFor(evenRows(latest.current, size), index, "nearest", window);
      if (to !== null) element.scrollTo({ left: to, behavior: "instant" });
    },
    [scroller, size, covered, latest],
  );
  const fit = covered + count * size <= view.width;
  // A window begins and ends inside a column.
  const [first, last] = fit
    ? [0, count]
    : rowsIn(evenRows(count, size), view.left, Math.max(size, view.width - covered) + size, 1);
  return { first, last, fit, scrollTo };
}
