import { CloudOff } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import { formatShortClock } from "../lib/format";
import { sideLimits } from "../lib/panes";
import { VisuallyHidden } from "./Mark";
import { Splitter, usePaneWidth } from "./Splitter";
import styles from "./Workspace.module.css";

/** Says that newer answers are missing since a time; nothing while there are some. */
export function StaleNote({ since }: { since: number | null }): ReactNode {
  return since === null ? null : (
    <p className={styles.stale} role="note">
      <CloudOff aria-hidden size={14} strokeWidth={1.75} />
      Not refreshed: states and versions are as of {formatShortClock(since)}.
    </p>
  );
}

/** The panes of a place beside each other. */
export function Workspace({
  title,
  stale = null,
  children,
}: {
  /** Its name, where nothing on it says so: for screen readers. */
  title?: string;
  /** When what is shown was read, in milliseconds since 1970, once newer answers are missing; `null` while it is fresh. */
  stale?: number | null;
  children: ReactNode;
}): ReactNode {
  return (
    <div className={styles.workspace} data-stale={stale === null ? undefined : ""}>
      <StaleNote since={stale} />
      {title !== undefined && (
        <h1>
          <VisuallyHidden>{title}</VisuallyHidden>
        </h1>
      )}
      <div className={styles.panes}>{children}</div>
    </div>
  );
}

/** The pane that takes the room: a toolbar above a list, a grid or a graph. */
export function ListPane({ label, children }: { label?: string; children: ReactNode }): ReactNode {
  return (
    <div className={styles.list} data-pane {...(label === undefined ? {} : { role: "region", "aria-label": label })}>
      {children}
    </div>
  );
}

/** A list at the left of what is chosen in it. Its right edge resizes it. */
export function SidePane({
  label,
  name,
  children,
}: {
  label: string;
  /** Under which the width is remembered. */
  name: string;
  children: ReactNode;
}): ReactNode {
  const [width, setWidth] = usePaneWidth(name, sideLimits.usual, sideLimits);
  return (
    <section className={styles.side} style={{ width }} aria-label={label} data-pane>
      {children}
      <Splitter label={`Width of ${label}`} width={width} limits={sideLimits} side="right" onWidth={setWidth} />
    </section>
  );
}

/** The row of controls above a pane. */
export function Toolbar({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div className={styles.bar} role="toolbar" aria-label={label}>
      {children}
    </div>
  );
}

/** Pushes what follows in a toolbar to its end. */
export function Space(): ReactNode {
  return <span className={styles.space} />;
}

/** Words in a toolbar. */
export function BarText({ strong, children }: { strong?: boolean; children: ReactNode }): ReactNode {
  return <span className={cx(styles.text, strong === true && styles.strong)}>{children}</span>;
}

/** The title of a place in its toolbar. */
export function BarTitle({ children }: { children: ReactNode }): ReactNode {
  return <h1 className={styles.title}>{children}</h1>;
}

/** The row below a pane: what is chosen, and what can be done with it. */
export function ActionBar({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div className={styles.actions} role="group" aria-label={label}>
      {children}
    </div>
  );
}

/** Notices between the toolbar and what it is about. */
export function Notices({ children }: { children: ReactNode }): ReactNode {
  return <div className={styles.notices}>{children}</div>;
}
