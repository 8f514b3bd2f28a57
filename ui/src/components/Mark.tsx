import {
  ArrowDown,
  ArrowUp,
  Check,
  CircleDashed,
  CircleHelp,
  CircleX,
  Equal,
  Flag,
  GitFork,
  Heart,
  Hourglass,
  Loader,
  type LucideIcon,
  Minus,
  Pause,
  TriangleAlert,
} from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../lib/cx";
import type { Mark, Shape, Tone } from "../lib/state";
import styles from "./Mark.module.css";

const icons: Record<Shape, LucideIcon> = {
  check: Check,
  equal: Equal,
  up: ArrowUp,
  down: ArrowDown,
  fork: GitFork,
  failed: CircleX,
  spokes: Loader,
  dashed: CircleDashed,
  question: CircleHelp,
  start: Flag,
  hourglass: Hourglass,
  minus: Minus,
  heart: Heart,
  bars: Pause,
  triangle: TriangleAlert,
};

const tones: Record<Tone, string | undefined> = {
  healthy: styles.healthy,
  progressing: styles.progressing,
  warning: styles.warning,
  degraded: styles.degraded,
  paused: styles.paused,
  none: styles.none,
};

/** The shape of a status in its colour. The word belongs beside it; where there is no room use `MarkIcon` with `labelled`. */
export function MarkIcon({ mark, size = 14 }: { mark: Mark; size?: number }): ReactNode {
  const Icon = icons[mark.shape];
  return <Icon aria-hidden size={size} strokeWidth={1.75} className={cx(styles.icon, tones[mark.tone])} />;
}

/** Shape and word. The word of what is well stays in the colour of text, so that the rest is loud. */
export function MarkLabel({ mark, title, quiet }: { mark: Mark; title?: string; quiet?: boolean }): ReactNode {
  const loud = quiet !== true && mark.tone !== "healthy" && mark.tone !== "none";
  return (
    <span className={cx(styles.label, loud && tones[mark.tone])} title={title}>
      <MarkIcon mark={mark} />
      {mark.word}
    </span>
  );
}

/** Only the shape, with the word as a tooltip and for screen readers; `silent` where they are not told what it is in. */
export function MarkShape({
  mark,
  title,
  size,
  silent,
}: {
  mark: Mark;
  title?: string;
  size?: number;
  silent?: boolean;
}): ReactNode {
  return (
    <span className={styles.shape} title={title ?? mark.word}>
      <MarkIcon mark={mark} {...(size === undefined ? {} : { size })} />
      {silent !== true && <VisuallyHidden>{title ?? mark.word}</VisuallyHidden>}
    </span>
  );
}

export function VisuallyHidden({ children }: { children: ReactNode }): ReactNode {
  return <span className={styles.hidden}>{children}</span>;
}
