import type { RunInfo } from "../ipc";

/** How a run moves on. */
export interface Pace {
  now: () => number;
  /** The pause between two steps, in milliseconds. */
  pace: number;
  /** The resource `KIND/NAME` whose sync fails. */
  failing: string | undefined;
  /** Tells that the run has changed. */
  tell: () => void;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Moves a run on, column by column, each lane for itself. */
export async function advance(run: RunInfo, { now, pace, failing, tell }: Pace): Promise<void> {
  const update = (): void => {
    const tasks = run.lanes.flatMap((lane) => lane.columns.flatMap((column) => column.tasks));
    run.done = tasks.filter((task) => task.status === "synced").length;
    run.failed = tasks.filter((task) => task.status === "failed").length;
    tell();
  };
  for (const lane of run.lanes) lane.phase = "running";
  const most = Math.max(0, ...run.lanes.map((lane) => lane.columns.length));
  for (let index = 0; index < most; index += 1) {
    for (const status of ["inProgress", "synced"] as const) {
      await pause(pace);
      if (run.finishedAt !== null) return;
      for (const lane of run.lanes) {
        const column = lane.columns[index];
        if (column === undefined || lane.phase === "failed") continue;
        column.gate = index === 0 ? "open" : "passed";
        for (const task of column.tasks) {
          const failed = status === "synced" && task.key === failing;
          task.status = failed ? "failed" : status;
          task.startedAt ??= now();
          if (status === "synced") task.finishedAt = now() + 4_000;
          if (failed) {
            task.message = "Job has reached the specified backoff limit";
            lane.phase = "failed";
            lane.message = `${task.key} failed`;
            for (const later of lane.columns.slice(index + 1)) {
              later.gate = "failed";
              later.gateText = `will not start: ${task.key} failed`;
              for (const other of later.tasks) other.status = "willNotStart";
            }
          }
        }
        const next = lane.columns[index + 1];
        if (next !== undefined && lane.phase !== "failed") {
          next.gate = status === "synced" ? "passed" : "waiting";
          next.gateText = status === "synced" ? null : `waiting for ${column.tasks.map((task) => task.key).join(", ")}`;
        }
      }
      update();
    }
  }
  for (const lane of run.lanes) if (lane.phase === "running") lane.phase = "succeeded";
  run.phase = run.lanes.some((lane) => lane.phase === "failed") ? "failed" : "succeeded";
  run.finishedAt = now();
  run.message = run.phase === "failed" ? "One application failed." : `${run.done} resources synced.`;
  run.health = run.lanes.flatMap((lane) =>
    lane.columns.flatMap((column) =>
      column.tasks.map((task) => ({
        instance: lane.instance,
        resource: task.resource,
        status: task.status === "failed" ? "Degraded" : task.status === "willNotStart" ? "Missing" : "Healthy",
        message: task.message,
      })),
    ),
  );
  update();
}
