import { type KeyboardEvent, memo, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { moveChoice, typeAheadIn } from "../lib/choice";
import { cx } from "../lib/cx";
import { useLatest } from "../lib/hooks";
import { dispatchKey, isTyped } from "../lib/keymap";
import { useVirtualRows } from "../lib/useVirtualRows";
import { useTyped } from "../lib/useTyped";
import { TickBox } from "./TickBox";
import styles from "./TickList.module.css";

export interface TickEntry {
  key: string;
  label: string;
  /** Behind the label: why one would tick it. Several stand in columns below each other. */
  detail?: string | readonly string[];
}

/** Many things of which some are ticked. The focus stays on the list; only rows on screen are painted. */
export function TickList({
  label,
  entries,
  ticked,
  onTicked,
}: {
  label: string;
  entries: readonly TickEntry[];
  ticked: ReadonlySet<string>;
  onTicked: (ticked: ReadonlySet<string>) => void;
}): ReactNode {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(0);
  const at = Math.min(cursor, entries.length - 1);
  const typed = useTyped();
  const list = useVirtualRows({ count: entries.length, scroller, size: 28 });
  const { scrollTo } = list;
  useEffect(() => scrollTo(at), [at, scrollTo]);
  const latest = useLatest({ ticked, onTicked });

  function toggle(index: number): void {
    const entry = entries[index];
    if (entry === undefined) return;
    const next = new Set(latest.current.ticked);
    if (!next.delete(entry.key)) next.add(entry.key);
    latest.current.onTicked(next);
  }

  function extend(step: 1 | -1): void {
    const to = Math.min(Math.max(0, at + step), entries.length - 1);
    const next = new Set(ticked);
    for (const entry of entries.slice(Math.min(at, to), Math.max(at, to) + 1)) next.add(entry.key);
    onTicked(next);
    setCursor(to);
  }

  function key(event: KeyboardEvent): void {
    const handled = dispatchKey(event, {
      Space: () => toggle(at),
      "Shift+ArrowDown": () => extend(1),
      "Shift+ArrowUp": () => extend(-1),
      "Mod+A": () => onTicked(new Set([...ticked, ...entries.map((entry) => entry.key)])),
    });
    if (handled || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = moveChoice(at, entries.length, event.key);
    if (to !== null) setCursor(to);
    else if (isTyped(event)) {
      const names = entries.map((entry) => entry.label);
      const found = typeAheadIn(names, at, typed.add(event.key));
      if (found !== null) setCursor(found);
    } else return;
    event.preventDefault();
  }

  return (
    <div
      ref={scroller}
      role="listbox"
      aria-multiselectable
      aria-label={label}
      aria-activedescendant={entries.length === 0 ? undefined : `${id}-${at}`}
      tabIndex={0}
      data-pane-focus
      className={styles.list}
      onKeyDown={key}
    >
      <div role="presentation" className={styles.body} style={list.room}>
        {list.rows.map((item) => {
          const entry = entries[item.index];
          return entry === undefined ? null : (
            <Row
              key={entry.key}
              id={`${id}-${item.index}`}
              entry={entry}
              active={item.index === at}
              ticked={ticked.has(entry.key)}
              place={item.index + 1}
              count={entries.length}
              onPress={() => {
                setCursor(item.index);
                toggle(item.index);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  entry: TickEntry;
  active: boolean;
  ticked: boolean;
  place: number;
  count: number;
  onPress: () => void;
}

const Row = memo(
  function Row({ id, entry, active, ticked, place, count, onPress }: RowProps): ReactNode {
    return (
      <div
        id={id}
        role="option"
        tabIndex={-1}
        aria-selected={ticked}
        aria-setsize={count}
        aria-posinset={place}
        className={cx(styles.row, active && styles.active)}
        onClick={onPress}
      >
        <TickBox ticked={ticked} />
        <span className={styles.label} title={entry.label}>
          {entry.label}
        </span>
        {typeof entry.detail === "string" && <span className={styles.detail}>{entry.detail}</span>}
        {typeof entry.detail === "object" && (
          <span className={styles.columns}>
            {entry.detail.map((text, index) => (
              <span key={index} className={styles.column}>
                {text}
              </span>
            ))}
          </span>
        )}
      </div>
    );
  },
  (before, after) =>
    before.id === after.id &&
    before.entry.key === after.entry.key &&
    String(before.entry.detail) === String(after.entry.detail) &&
    before.active === after.active &&
    before.ticked === after.ticked &&
    before.count === after.count,
);
