import type { ReactNode } from "react";
import type { Lane, ResourceHealth, RunInfo } from "../ipc";
import { formatDuration, plural, resourceKey, resourceName } from "../lib/format";
import { healthMark, phaseMark } from "../lib/state";
import { MarkLabel, MarkShape } from "./Mark";
import styles from "./RunSummary.module.css";

/** How much of some tasks is done and how much failed, as a bar. */
export function ProgressBar({
  label,
  total,
  done,
  failed,
}: {
  label: string;
  total: number;
  done: number;
  failed: number;
}): ReactNode {
  const part = (value: number): string => `${total === 0 ? 0 : (100 * value) / total}%`;
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done + failed}
    >
      <span className={styles.done} style={{ width: part(done) }} />
      <span className={styles.failed} style={{ width: part(failed) }} />
    </div>
  );
}

export function laneCounts(lane: Lane): { total: number; done: number; failed: number } {
  const tasks = lane.columns.flatMap((column) => column.tasks);
  return {
    total: tasks.length,
    done: tasks.filter((task) => task.status === "synced" || task.status === "pruned" || task.status === "skipped")
      .length,
    failed: tasks.filter((task) => task.status === "failed" || task.status === "willNotStart").length,
  };
}

/** How a run stands, in one line. */
export function runSentence(run: RunInfo, now: number): string {
  const took = formatDuration((run.finishedAt ?? now) - run.startedAt);
  return `${run.done} of ${run.total} synced${run.failed > 0 ? `, ${run.failed} failed` : ""}, ${took}`;
}

/** A run lane by lane: for places that have no room for the graph. */
export function RunSummary({ run, now }: { run: RunInfo; now: number }): ReactNode {
  return (
    <div className={styles.summary}>
      <p className={styles.head}>
        <MarkLabel mark={phaseMark(run.phase)} />
        <span className={styles.sentence}>{runSentence(run, now)}</span>
      </p>
      {run.message !== null && <p className={styles.message}>{run.message}</p>}
      <ul className={styles.lanes} aria-label="Applications of the run">
        {run.lanes.map((lane) => {
          const counts = laneCounts(lane);
          const waiting = lane.columns.find((column) => column.gateText !== null);
          return (
            <li key={lane.instance} className={styles.lane}>
              <MarkShape mark={phaseMark(lane.phase)} />
              <span className={styles.laneName}>{lane.instance}</span>
              <span className={styles.count}>
                {counts.done}/{counts.total}
              </span>
              <ProgressBar label={`${lane.instance}: ${counts.done} of ${counts.total} synced`} {...counts} />
              {(lane.message ?? waiting?.gateText) != null && (
                <span className={styles.laneText}>{lane.message ?? waiting?.gateText}</span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const order = ["Degraded", "Missing", "Unknown", "Progressing", "Suspended", "Healthy"];

/** Whether everything is healthy. Nothing at all is not. */
export function allHealthy(health: readonly ResourceHealth[]): boolean {
  return health.length > 0 && health.every((entry) => entry.status === "Healthy" || entry.status === "Suspended");
}

export function healthSentence(health: readonly ResourceHealth[]): string {
  if (health.length === 0) return "No health is known yet";
  const bad = health.filter((entry) => entry.status !== "Healthy");
  return bad.length === 0
    ? `All ${plural(health.length, "resource")} healthy`
    : order
        .map((status) => [health.filter((entry) => entry.status === status).length, status.toLowerCase()] as const)
        .filter(([count]) => count > 0)
        .map(([count, word]) => `${count} ${word}`)
        .join(", ");
}

/** The health of what was applied: what is broken first. */
export function HealthList({ health }: { health: ResourceHealth[] }): ReactNode {
  const sorted = [...health].sort((left, right) => order.indexOf(left.status) - order.indexOf(right.status));
  return (
    <ul aria-label="Health">
      {sorted.map((entry) => (
        <li key={`${entry.instance} ${resourceKey(entry.resource)}`} className={styles.healthRow}>
          <MarkLabel mark={healthMark(entry.status)} />
          <span className={styles.healthName}>{resourceName(entry.resource)}</span>
          <span className={styles.instance}>{entry.instance}</span>
          {entry.message !== null && <span className={styles.healthMessage}>{entry.message}</span>}
        </li>
      ))}
    </ul>
  );
}
