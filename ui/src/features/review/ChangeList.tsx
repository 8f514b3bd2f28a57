import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import type { ResourceChangeInfo } from "../../ipc";
import { VisuallyHidden } from "../../components/Mark";
import { cx } from "../../lib/cx";
import { useVirtualRows } from "../../lib/useVirtualRows";
import styles from "./Review.module.css";
import { changeCount, changeKey, changeSigns } from "./resources";

/** The resources that differ. */
export function ChangeList({
  changes,
  selected,
  onSelect,
}: {
  changes: ResourceChangeInfo[];
  selected: number;
  onSelect: (index: number) => void;
}): ReactNode {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualRows({ count: changes.length, scroller, size: 36 });
  const { scrollTo } = list;
  useEffect(() => scrollTo(selected), [selected, scrollTo]);
  function key(event: KeyboardEvent): void {
    const next = { ArrowDown: selected + 1, ArrowUp: selected - 1, Home: 0, End: changes.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(Math.min(Math.max(0, next), changes.length - 1));
  }
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label="Resources that differ"
      aria-activedescendant={`${id}-${selected}`}
      tabIndex={0}
      data-pane-focus
      className={styles.list}
      onKeyDown={key}
    >
      <div role="presentation" className={styles.listBody} style={{ height: list.total }}>
        {list.rows.map((item) => {
          const change = changes[item.index];
          if (change === undefined) return null;
          const { sign, word } = changeSigns[change.change];
          return (
            <div
              key={changeKey(change)}
              id={`${id}-${item.index}`}
              role="option"
              tabIndex={-1}
              aria-selected={item.index === selected}
              className={styles.entry}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(item.index)}
            >
              <span
                aria-hidden
                className={cx(
                  styles.sign,
                  change.change === "added" && styles.signAdded,
                  change.change === "removed" && styles.signRemoved,
                )}
              >
                {sign}
              </span>
              <VisuallyHidden>{`${change.resource.kind} ${change.resource.name} of ${change.instance}: ${word}`}</VisuallyHidden>
              <span aria-hidden className={styles.entryText}>
                <span className={styles.entryName}>{change.resource.name}</span>
                <span className={styles.entryKind}>
                  {change.resource.kind} · {change.instance}
                </span>
              </span>
              <span aria-hidden className={styles.entryCount}>
                {changeCount(change)}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
