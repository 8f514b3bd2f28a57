import type { ReactNode } from "react";
import { Button } from "../../../components/Button";
import { RunSummary } from "../../../components/RunSummary";
import { ErrorState, ProblemList, Skeleton } from "../../../components/States";
import { SyncForm } from "../../../components/SyncForm";
import {
  type RunInfo,
  toApiError,
  useAction,
  useCommand,
  usePrunePreview,
  useRun,
  useSyncTargets,
  type Written,
} from "../../../ipc";
import { splitInstance } from "../../../lib/format";
import { useNow } from "../../../lib/hooks";
import { usePlaces, writeList } from "../../../lib/places";
import { StepFooter } from "./StepFooter";
import styles from "../Wizard.module.css";

/** Syncs exactly what was committed. */
export function SyncStep({
  repository,
  written,
  run,
  onRun,
  onBack,
  onNext,
}: {
  repository: string;
  written: Written;
  run: string | null;
  onRun: (run: string) => void;
  onBack: () => void;
  onNext: () => void;
}): ReactNode {
  const { observed } = useRun(run);
  return run === null ? (
    <Start repository={repository} written={written} onRun={onRun} onBack={onBack} />
  ) : observed === undefined ? (
    <Skeleton label="Starting the sync" height={36} rows={4} />
  ) : (
    <Progress run={observed.run} onNext={onNext} />
  );
}

function Start({
  repository,
  written,
  onRun,
  onBack,
}: {
  repository: string;
  written: Written;
  onRun: (run: string) => void;
  onBack: () => void;
}): ReactNode {
  const places = usePlaces();
  const targets = useSyncTargets(repository);
  const start = useAction("sync_start");
  const instances = written.instances;
  const pruned = usePrunePreview(repository, instances, written.commit);
  const names = new Set(instances.map((instance) => splitInstance(instance).environment));
  const plan = useCommand("sync_plan", { repository, instances, revision: written.commit });
  const resources =
    plan.data?.lanes.reduce(
      (sum, lane) => sum + lane.columns.reduce((count, column) => count + column.tasks.length, 0),
      0,
    ) ?? null;
  const list = writeList(instances);
  return (
    <>
      <div className={styles.content}>
        <p className={styles.intro}>
          Commit <span className={styles.mono}>{written.commit?.slice(0, 7)}</span> is synced in waves, each application
          for itself.
        </p>
        {plan.error !== null && (
          <ErrorState
            title="The sync cannot be planned"
            error={toApiError(plan.error)}
            onRetry={() => void plan.refetch()}
          />
        )}
        {plan.data !== undefined && plan.data.problems.length > 0 && <ProblemList problems={plan.data.problems} />}
        {start.error !== null && <ErrorState title="The sync did not start" error={toApiError(start.error)} />}
        <SyncForm
          instances={instances}
          environments={targets.environments.filter((environment) => names.has(environment.name))}
          sandbox={targets.sandbox}
          contexts={targets.contexts}
          resources={resources}
          {...(plan.data === undefined ? {} : { lanes: plan.data.lanes })}
          pruned={pruned}
          busy={start.isPending}
          onContext={targets.setContext}
          onStart={(choice) =>
            start.mutate(
              { repository, instances, revision: written.commit, ...choice },
              { onSuccess: (started) => onRun(started.id) },
            )
          }
        />
      </div>
      <StepFooter
        onBack={onBack}
        next={
          <Button
            onClick={() =>
              places.go("waves", {
                ...(list === undefined ? {} : { instances: list }),
                ...(written.commit === null ? {} : { revision: written.commit }),
              })
            }
          >
            See the waves
          </Button>
        }
      />
    </>
  );
}

function Progress({ run, onNext }: { run: RunInfo; onNext: () => void }): ReactNode {
  const places = usePlaces();
  const abort = useAction("run_abort");
  const now = useNow(1000);
  return (
    <>
      <div className={styles.content}>
        <RunSummary run={run} now={now} />
        <div className={styles.rowActions}>
          <Button onClick={() => places.go("waves", { run: run.id })}>Open waves</Button>
          <Button
            kind="danger"
            onClick={() => abort.mutate({ run: run.id })}
            disabledReason={
              run.finishedAt !== null ? "The sync has ended" : abort.isPending ? "It is being aborted" : null
            }
          >
            Abort
          </Button>
        </div>
      </div>
      <StepFooter
        note={run.target}
        next={
          <Button
            kind="primary"
            onClick={onNext}
            disabledReason={run.finishedAt === null ? "The sync is running" : null}
          >
            Verify
          </Button>
        }
      />
    </>
  );
}
