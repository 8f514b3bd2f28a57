import { createLucideIcon, Lock } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import { formatCount } from "../lib/format";
import { MarkIcon } from "./Mark";
import { MiddleText } from "./MiddleText";
import type { Mark } from "../lib/state";
import styles from "./Chip.module.css";

/** A short word in a box: an environment, a kind, a wave. */
export function Chip({
  children,
  title,
  tone,
  sign,
}: {
  children?: ReactNode;
  title?: string;
  tone?: "warning" | "paused" | "degraded";
  /** Shown, but no text of the page: what the chip is in has a name that says it. */
  sign?: string;
}): ReactNode {
  return (
    <span
      data-sign={sign}
      className={cx(
        styles.chip,
        tone === "warning" && styles.warning,
        tone === "paused" && styles.paused,
        tone === "degraded" && styles.degraded,
      )}
      title={title}
    >
      {children}
    </span>
  );
}

/** The name of an environment; a lock says that it asks before it is changed. */
export function EnvironmentChip({ name, isProtected }: { name: string; isProtected?: boolean }): ReactNode {
  return (
    <span className={cx(styles.chip, styles.environment)}>
      {/* A path of environments differs at its end. */}
      <MiddleText text={name} />
      {isProtected === true && <Lock role="img" aria-label="protected" size={11} strokeWidth={1.75} />}
    </span>
  );
}

/** The shape of drift as one line: the matrix shows it hundreds of times, and `GitFork` has five. */
const Fork = createLucideIcon("fork", [
  [
    "path",
    {
      d: "M9 18a3 3 0 1 0 6 0a3 3 0 1 0-6 0M3 6a3 3 0 1 0 6 0a3 3 0 1 0-6 0M15 6a3 3 0 1 0 6 0a3 3 0 1 0-6 0M18 9v2c0 .6-.4 1-1 1H7c-.6 0-1-.4-1-1V9M12 12v3",
      key: "fork",
    },
  ],
]);

/** Settings that differ from the previous environment; what it is in says so as well. */
export function ConfigChip({ title }: { title: string }): ReactNode {
  return (
    <span className={cx(styles.chip, styles.config)} title={title} data-sign="config">
      <Fork aria-hidden size={11} strokeWidth={1.75} className={styles.icon} />
    </span>
  );
}

/** A filter that is on or off, with the count of what it selects. */
export function FilterChip({
  mark,
  count,
  pressed,
  onToggle,
}: {
  mark: Mark;
  count: number;
  pressed: boolean;
  onToggle: () => void;
}): ReactNode {
  const tone = {
    healthy: styles.toneHealthy,
    progressing: styles.toneProgressing,
    warning: styles.toneWarning,
    degraded: styles.toneDegraded,
    paused: styles.tonePaused,
    none: styles.toneNone,
  }[mark.tone];
  return (
    <button type="button" className={styles.filter} aria-pressed={pressed} onClick={onToggle}>
      <MarkIcon mark={mark} />
      <span className={cx(styles.word, tone)}>{mark.word}</span>{" "}
      <span className={styles.count}>{formatCount(count)}</span>
    </button>
  );
}

/** A key; nothing where a person took it away. */
export function Kbd({ children }: { children: string }): ReactNode {
  return children === "" ? null : <kbd className={styles.kbd}>{children}</kbd>;
}
