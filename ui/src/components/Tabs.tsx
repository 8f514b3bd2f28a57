import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { formatCount } from "../lib/format";
import styles from "./Tabs.module.css";

export interface TabEntry<K extends string> {
  key: K;
  label: string;
  /** Shown behind the label. */
  count?: number;
}

/** A row of tabs with the panel of the chosen one. */
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
  return (
    <Base.Root
      className={styles.root}
      value={value}
      onValueChange={(next: unknown) => {
        const found = tabs.find((tab) => tab.key === next);
        if (found !== undefined) onChange(found.key);
      }}
    >
      <Base.List className={styles.list} aria-label={label}>
        {tabs.map((tab) => (
          <Base.Tab key={tab.key} value={tab.key} className={styles.tab}>
            {tab.label}
            {tab.count !== undefined && <span className={styles.count}> {formatCount(tab.count)}</span>}
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel value={value} className={styles.panel}>
        {children}
      </Base.Panel>
    </Base.Root>
  );
}
