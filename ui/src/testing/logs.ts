import type { RunInfo } from "../ipc";

/** Events, pods and logs of the runs of the core in memory: one job that fails. */
export function logCommands(runs: readonly RunInfo[]) {
  return {
    run_events: ({ run: id }: { run: string }) => ({
      events: (runs.find((candidate) => candidate.id === id)?.lanes ?? []).slice(0, 1).map((lane) => ({
        time: "2026-11-23T12:00:41.001Z",
        warning: true,
        reason: "BackOff",
        message: "Back-off restarting failed container migrate",
        count: 4,
        resource: { group: "", kind: "Pod", namespace: "payments", name: "migrate-x7k2" },
        owner: { group: "batch", kind: "Job", namespace: "payments", name: "migrate" },
        instance: lane.instance,
      })),
      problems: [],
    }),
    run_pods: ({ run: id }: { run: string }) => ({
      pods: (runs.find((candidate) => candidate.id === id)?.lanes ?? []).slice(0, 1).map((lane) => ({
        instance: lane.instance,
        namespace: "payments",
        name: "migrate-x7k2",
        owner: { group: "batch", kind: "Job", namespace: "payments", name: "migrate" },
        phase: "Failed",
        containers: [{ name: "migrate", init: false, restarts: 4, state: "ended: Error (1)" }],
      })),
      problems: [],
    }),
    log_open: () => ({ stream: "log-1" }),
    log_read: ({ after }: { after: number }) => ({
      lines: [
        { number: 1, time: "2026-11-23T12:00:40.001Z", text: "INFO  migration 0042 begins" },
        { number: 2, time: "2026-11-23T12:00:41.001Z", text: "ERROR migration 0042 failed: lock timeout" },
      ].filter((line) => line.number > after),
      newest: 2,
      dropped: 0,
      open: false,
      error: null,
    }),
    log_close: () => ({}),
  };
}
