import type { ReactNode } from "react";
import { formatCount } from "../lib/format";
import { useDelayed } from "../lib/hooks";
import { Button } from "./Button";
import { ProgressBar } from "./RunSummary";
import { EmptyState, Skeleton } from "./States";
import styles from "./Waiting.module.css";

export interface Progress {
  step: string;
  done: number;
  total: number;
}

/** `Rendering main 38 of 210`. */
export function progressText(label: string, progress: Progress | undefined): string {
  if (progress === undefined) return label;
  const { step, done, total } = progress;
  if (total > 0) return `${step} ${formatCount(done)} of ${formatCount(total)}`;
  return done > 0 ? `${step} ${formatCount(done)}` : step;
}

/** Something that takes its time: after 200 ms what is being done and how far, and a way to end it. */
export function Waiting({
  label,
  progress,
  cancelled,
  onCancel,
  onRetry,
  rows,
  height,
}: {
  label: string;
  progress: Progress | undefined;
  /** It was ended; `onRetry` begins it again. */
  cancelled: boolean;
  onCancel: () => void;
  onRetry: () => void;
  rows?: number;
  height?: 20 | 28 | 32 | 36;
}): ReactNode {
  const late = useDelayed(!cancelled);
  if (cancelled) {
    return (
      <EmptyState
        title="Cancelled"
        text={`${label} was ended before it was done.`}
        action={<Button onClick={onRetry}>Start again</Button>}
      />
    );
  }
  return (
    <>
      {late && (
        <div className={styles.bar}>
          <span className={styles.text}>{progressText(label, progress)}</span>
          <span className={styles.track}>
            {progress !== undefined && progress.total > 0 && (
              <ProgressBar label={label} total={progress.total} done={progress.done} failed={0} />
            )}
          </span>
          <Button onClick={onCancel}>Cancel</Button>
        </div>
      )}
      <Skeleton label={label} {...(rows === undefined ? {} : { rows })} {...(height === undefined ? {} : { height })} />
    </>
  );
}
