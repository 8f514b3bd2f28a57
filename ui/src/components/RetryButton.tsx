import { RotateCw } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { EnvironmentInfo, RunInfo } from "../ipc";
import { plural } from "../lib/format";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { TextField } from "./Field";

/**
 * Starts what did not succeed in a run again. A protected environment of a real cluster is typed first, as for any
 * sync.
 */
export function RetryButton({
  run,
  environments,
  busy,
  onRetry,
}: {
  run: RunInfo;
  environments: EnvironmentInfo[];
  busy: boolean;
  /** With the names of protected environments that were typed. */
  onRetry: (confirmed: string[]) => void;
}): ReactNode {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const failed = run.lanes.filter((lane) => lane.phase !== "succeeded");
  if (run.finishedAt === null || failed.length === 0) return null;
  const guarded =
    run.origin?.target.kind === "contexts" && !run.origin.dryRun
      ? environments.filter(
          (environment) => environment.protected && failed.some((lane) => lane.environment === environment.name),
        )
      : [];
  const names = guarded.map((environment) => environment.name).join(", ");
  const start = (): void => {
    setAsking(false);
    onRetry(guarded.map((environment) => environment.name));
  };
  return (
    <>
      <Button
        kind="primary"
        icon={RotateCw}
        disabledReason={busy ? "The sync is being started" : null}
        onClick={() => (guarded.length > 0 ? setAsking(true) : start())}
      >
        Retry {plural(failed.length, "application")}
        {guarded.length > 0 && "…"}
      </Button>
      {asking && (
        <Dialog
          open
          onClose={() => setAsking(false)}
          title={`Sync to ${names} again`}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>Cancel</Button>
              <Button
                kind="danger"
                onClick={start}
                disabledReason={typed === names ? null : `Type ${names} to confirm`}
              >
                Retry
              </Button>
            </>
          }
        >
          <ul>
            {failed.map((lane) => (
              <li key={lane.instance}>{lane.instance}</li>
            ))}
          </ul>
          <TextField
            label={`Type ${names} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </Dialog>
      )}
    </>
  );
}
