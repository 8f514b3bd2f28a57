import { type KeyboardEvent, type ReactNode, useId } from "react";
import { formatCount } from "../lib/format";
import styles from "./Tabs.module.css";

export interface TabEntry<K extends string> {
  key: K;
  label: string;
  /** Shown behind the label. */
  count?: number;
}

function key(event: KeyboardEvent<HTMLElement>): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[role='tab']")];
  const at = all.findIndex((tab) => tab === document.activeElement);
  const to = {
    ArrowRight: (at + 1) % all.length,
    ArrowLeft: (at - 1 + all.length) % all.length,
    Home: 0,
    End: all.length - 1,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[to]?.focus();
}

/** A row of tabs with the panel of the chosen one. Arrows move the focus along the row; Enter chooses. */
export function Tabs<K extends string>({
  label,
  tabs,
  value,
  onChange,
  children,
}: {
  label: string;
  tabs: TabEntry<K>[];
  value: K;
  onChange: (key: K) => void;
  children: ReactNode;
}): ReactNode {
  const id = useId();

  return (
    <div className={styles.root}>
      <div className={styles.list} role="tablist" aria-label={label} onKeyDown={key}>
        {tabs.map((tab) => (
          <button
            key={tab.key}
            id={`${id}-${tab.key}`}
            type="button"
            role="tab"
            tabIndex={tab.key === value ? 0 : -1}
            aria-selected={tab.key === value}
            aria-controls={tab.key === value ? `${id}-panel` : undefined}
            className={styles.tab}
            onClick={() => onChange(tab.key)}
          >
            {tab.label}
            {tab.count !== undefined && <span className={styles.count}> {formatCount(tab.count)}</span>}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" tabIndex={0} aria-labelledby={`${id}-${value}`} className={styles.panel}>
        {children}
      </div>
    </div>
  );
}
