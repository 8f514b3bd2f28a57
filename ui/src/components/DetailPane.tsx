import type { ReactNode } from "react";
import { detailLimits } from "../lib/panes";
import styles from "./DetailPane.module.css";
import { Splitter, usePaneWidth } from "./Splitter";

/** The pane beside a list. Its left edge resizes it; Esc closes it. In narrow windows it lies over the list. */
export function DetailPane({
  label,
  name,
  initial = detailLimits.usual,
  onClose,
  children,
}: {
  label: string;
  /** Under which the width is remembered. */
  name: string;
  initial?: number;
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  const [width, setWidth] = usePaneWidth(name, initial, detailLimits);
  return (
    <aside
      className={styles.pane}
      style={{ width }}
      aria-label={label}
      data-pane
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <Splitter label={`Width of ${label}`} width={width} limits={detailLimits} side="left" onWidth={setWidth} />
      {children}
    </aside>
  );
}
