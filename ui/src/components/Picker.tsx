import { ChevronsUpDown } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { FilterList, type ListEntry } from "./FilterList";
import { Floating } from "./Floating";
import styles from "./Picker.module.css";

/** A button that opens a list to choose from, with a field that filters it. */
export function Picker({
  label,
  value,
  entries,
  empty,
}: {
  label: string;
  /** What is chosen now, for reading. */
  value: string;
  /** What fits a query. */
  entries: (query: string) => ListEntry[];
  empty: string;
}): ReactNode {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={styles.trigger}
        aria-label={`${label}: ${value}`}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span className={styles.value} title={value}>
          {value}
        </span>
        <ChevronsUpDown aria-hidden size={13} strokeWidth={1.75} />
      </button>
      {open && (
        <Floating
          anchor={anchor}
          onClose={() => setOpen(false)}
          initialFocus={(panel) => panel.querySelector("input")}
          role="dialog"
          aria-label={label}
          className={styles.popup}
        >
          <Choices label={label} entries={entries} empty={empty} onClose={() => setOpen(false)} />
        </Floating>
      )}
    </>
  );
}

function Choices({
  label,
  entries,
  empty,
  onClose,
}: {
  label: string;
  entries: (query: string) => ListEntry[];
  empty: string;
  onClose: () => void;
}): ReactNode {
  const [query, setQuery] = useState("");
  return (
    <FilterList
      label={label}
      placeholder="Filter…"
      query={query}
      onQuery={setQuery}
      entries={entries(query)}
      empty={empty}
      onClose={onClose}
    />
  );
}
