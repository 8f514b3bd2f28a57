import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from "react";
import { Search } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { cx } from "../lib/cx";
import { useOnceSettled } from "../lib/hooks";
import { Kbd } from "./Chip";
import styles from "./FilterList.module.css";

export interface ListEntry {
  key: string;
  group: string;
  label: string;
  detail?: string;
  keys?: string;
  icon: LucideIcon;
  onSelect: () => void;
}

/** A text field above the list of what fits it: for the palette and for choosing one of many. */
export function FilterList({
  label,
  placeholder,
  query,
  onQuery,
  settled = true,
  entries,
  empty,
  onClose,
}: {
  label: string;
  placeholder: string;
  query: string;
  onQuery: (query: string) => void;
  /** Whether the entries are those of the query: they may come after it. */
  settled?: boolean;
  entries: ListEntry[];
  empty: string;
  onClose: () => void;
}): ReactNode {
  const id = useId();
  const [active, setActive] = useState(0);
  const current = Math.min(active, entries.length - 1);
  useEffect(() => {
    document.getElementById(`${id}-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [current, id]);

  function take(entry: ListEntry | undefined): void {
    if (entry === undefined) return;
    onClose();
    entry.onSelect();
  }
  const choose = useOnceSettled<null>(settled, () => take(entries[current]));

  function key(event: KeyboardEvent): void {
    const last = entries.length - 1;
    if (event.key === "ArrowDown") setActive(current >= last ? 0 : current + 1);
    else if (event.key === "ArrowUp") setActive(current <= 0 ? last : current - 1);
    else if (event.key === "Home") setActive(0);
    else if (event.key === "End") setActive(last);
    else if (event.key === "Enter") choose(null);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div className={styles.head}>
        <Search aria-hidden size={16} strokeWidth={1.75} className={styles.icon} />
        <input
          role="combobox"
          aria-label={label}
          aria-expanded={entries.length > 0}
          aria-controls={entries.length === 0 ? undefined : `${id}-list`}
          aria-activedescendant={entries.length === 0 ? undefined : `${id}-${current}`}
          className={styles.input}
          placeholder={placeholder}
          value={query}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setActive(0);
            onQuery(event.target.value);
          }}
          onKeyDown={key}
        />
        <Kbd>Esc</Kbd>
      </div>
      {entries.length === 0 && (
        <p role="status" className={styles.empty}>
          {empty}
        </p>
      )}
      <div id={`${id}-list`} role="listbox" aria-label={label} className={styles.list} hidden={entries.length === 0}>
        {entries.map((entry, index) => {
          const heading = entry.group === entries[index - 1]?.group ? null : entry.group;
          const Icon = entry.icon;
          return (
            <div key={entry.key} role="presentation">
              {heading !== null && (
                <div role="presentation" className={styles.group}>
                  {heading}
                </div>
              )}
              <div
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === current}
                className={cx(styles.entry)}
                onPointerMove={() => setActive(index)}
                onClick={() => take(entry)}
              >
                <Icon aria-hidden size={14} strokeWidth={1.75} className={styles.entryIcon} />
                <span className={styles.entryLabel}>{entry.label}</span>
                {entry.detail !== undefined && <span className={styles.detail}>{entry.detail}</span>}
                {entry.keys !== undefined && <Kbd>{entry.keys}</Kbd>}
              </div>
            </div>
          );
        })}
      </div>
    </>
  );
}
