import { Check } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import type { ResourceChangeInfo } from "../../ipc";
import { VisuallyHidden } from "../../components/Mark";
import { moveChoice } from "../../lib/choice";
import { cx } from "../../lib/cx";
import { dispatchKey } from "../../lib/keymap";
import { useVirtualRows } from "../../lib/useVirtualRows";
import styles from "./Review.module.css";
import { changeCount, changeKey, changeSigns } from "./resources";

/** The resources that differ. */
export function ChangeList({
  changes,
  selected,
  onSelect,
  without,
  onToggle,
  keys,
}: {
  changes: ResourceChangeInfo[];
  selected: number;
  onSelect: (index: number) => void;
  /** Those that the promotion leaves out. */
  without: ReadonlySet<string>;
  /** Takes one in or out; `null` where nothing can be promoted. */
  onToggle: ((change: ResourceChangeInfo) => void) | null;
  /** Keys of the screen that act here as well. */
  keys: Record<string, (() => void) | undefined>;
}): ReactNode {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualRows({ count: changes.length, scroller, size: 36 });
  const { scrollTo } = list;
  useEffect(() => scrollTo(selected), [selected, scrollTo]);
  function key(event: KeyboardEvent): void {
    const current = changes[selected];
    const handled = dispatchKey(event, {
      ...keys,
      "]": () => onSelect(Math.min(selected + 1, changes.length - 1)),
      "[": () => onSelect(Math.max(0, selected - 1)),
      Space: onToggle === null || current === undefined ? undefined : () => onToggle(current),
      Enter: () => document.querySelector<HTMLElement>("[aria-label='Difference'] [role='region']")?.focus(),
    });
    if (handled || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = moveChoice(selected, changes.length, event.key);
    if (to === null) return;
    event.preventDefault();
    onSelect(to);
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
          const out = without.has(changeKey(change));
          return (
            <div
              key={changeKey(change)}
              id={`${id}-${item.index}`}
              role="option"
              tabIndex={-1}
              aria-selected={item.index === selected}
              className={cx(styles.entry, out && styles.out)}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => onSelect(item.index)}
            >
              {onToggle !== null && (
                <span
                  aria-hidden
                  className={styles.box}
                  title={out ? "Take it into the promotion" : "Leave it out of the promotion"}
                  onClick={(event) => {
                    event.stopPropagation();
                    onToggle(change);
                  }}
                >
                  <span className={styles.tick}>{!out && <Check size={12} strokeWidth={2.5} />}</span>
                </span>
              )}
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
              <VisuallyHidden>{`${change.resource.kind} ${change.resource.name} of ${change.instance}: ${word}${out ? ", left out" : ""}`}</VisuallyHidden>
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
