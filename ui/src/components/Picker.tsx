import { Popover } from "@base-ui/react/popover";
import { ChevronsUpDown } from "lucide-react";
import { type ReactNode, useState } from "react";
import styles from "./Picker.module.css";
import { FilterList, type ListEntry } from "./FilterList";

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
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={styles.trigger} aria-label={`${label}: ${value}`}>
        <span className={styles.value} title={value}>
          {value}
        </span>
        <ChevronsUpDown aria-hidden size={13} strokeWidth={1.75} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className={styles.positioner} sideOffset={4} align="start">
          <Popover.Popup className={styles.popup} aria-label={label}>
            <Choices label={label} entries={entries} empty={empty} onClose={() => setOpen(false)} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
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
