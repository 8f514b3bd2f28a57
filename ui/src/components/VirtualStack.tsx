import { type ReactNode, type RefObject, useCallback, useLayoutEffect, useRef } from "react";
import { useVirtualRows } from "../lib/useVirtualRows";
import styles from "./VirtualStack.module.css";

/** From how many items on only those on screen are painted. */
const threshold = 30;

/**
 * Things of different heights below each other, inside whatever scrolls around them. Long stacks paint only what is
 * on screen; short ones everything, so that finding in the page and printing work.
 */
export function VirtualStack<T>({
  label,
  items,
  keyOf,
  estimate,
  gap = 0,
  render,
}: {
  label: string;
  items: readonly T[];
  keyOf: (item: T, index: number) => string;
  /** The height that is expected until an item was on screen, in CSS pixels. */
  estimate: number;
  gap?: number;
  render: (item: T, index: number) => ReactNode;
}): ReactNode {
  const anchor = useRef<HTMLUListElement>(null);
  if (items.length > threshold) {
    return (
      <Long anchor={anchor} label={label} items={items} keyOf={keyOf} estimate={estimate} gap={gap} render={render} />
    );
  }
  return (
    <ul className={styles.short} style={{ gap }} aria-label={label}>
      {items.map((item, index) => (
        <li key={keyOf(item, index)}>{render(item, index)}</li>
      ))}
    </ul>
  );
}

/** The element that scrolls around another one. */
function scrollerOf(element: HTMLElement | null): HTMLElement | null {
  for (let parent = element?.parentElement ?? null; parent !== null; parent = parent.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(parent).overflowY)) return parent;
  }
  return element?.parentElement ?? null;
}

function Long<T>({
  anchor,
  label,
  items,
  keyOf,
  estimate,
  gap,
  render,
}: {
  anchor: RefObject<HTMLUListElement | null>;
  label: string;
  items: readonly T[];
  keyOf: (item: T, index: number) => string;
  estimate: number;
  gap: number;
  render: (item: T, index: number) => ReactNode;
}): ReactNode {
  const scroller = useRef<HTMLElement | null>(null);
  // Runs before the effects of the rows, which then find it.
  useLayoutEffect(() => {
    scroller.current = scrollerOf(anchor.current);
  }, [anchor]);
  const name = useCallback(
    (index: number): string => {
      const item = items[index];
      return item === undefined ? String(index) : keyOf(item, index);
    },
    [items, keyOf],
  );
  const list = useVirtualRows({
    count: items.length,
    scroller,
    size: estimate,
    keyOf: name,
    gap,
    overscan: 6,
    holder: anchor,
  });
  return (
    <ul ref={anchor} className={styles.long} style={{ height: list.total }} aria-label={label}>
      {list.rows.map((place) => {
        const item = items[place.index];
        return item === undefined ? null : (
          <li
            key={name(place.index)}
            ref={list.measure}
            data-index={place.index}
            aria-setsize={items.length}
            aria-posinset={place.index + 1}
            className={styles.place}
            style={{ transform: `translateY(${place.start}px)` }}
          >
            {render(item, place.index)}
          </li>
        );
      })}
    </ul>
  );
}
