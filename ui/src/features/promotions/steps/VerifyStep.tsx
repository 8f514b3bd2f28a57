import type { ReactNode } from "react";
import { Button } from "../../../components/Button";
import { allHealthy, HealthList, healthSentence, RunSummary } from "../../../components/RunSummary";
import { MarkIcon } from "../../../components/Mark";
import { ErrorState, Skeleton } from "../../../components/States";
import { useRun } from "../../../ipc";
import { useNow } from "../../../lib/hooks";
import { usePlaces } from "../../../lib/places";
import { StepFooter } from "./StepFooter";
import styles from "../Wizard.module.css";

/** Whether what was synced is healthy. */
export function VerifyStep({
  run: id,
  onBack,
  onClose,
}: {
  run: string | null;
  onBack: () => void;
  onClose: () => void;
}): ReactNode {
  const places = usePlaces();
  const { observed, error } = useRun(id);
  const now = useNow(1000);
  if (error !== null) return <ErrorState title="The run cannot be shown" error={error} />;
  if (observed === undefined) return <Skeleton label="Loading health" />;
  const { run } = observed;
  const healthy = allHealthy(run.health);
  return (
    <>
      <div className={styles.content} tabIndex={0} role="group" aria-label="Verification">
        <div role="status">
          <h3 className={styles.title}>
            <MarkIcon
              mark={
                healthy
                  ? { shape: "heart", word: "Healthy", tone: "healthy" }
                  : { shape: "triangle", word: "Not healthy", tone: "warning" }
              }
              size={16}
            />{" "}
            {healthSentence(run.health)}
          </h3>
        </div>
        <RunSummary run={run} now={now} />
        <HealthList health={run.health} />
      </div>
      <StepFooter
        onBack={onBack}
        note={<Button onClick={() => places.go("activity", { run: run.id })}>Open activity</Button>}
        next={
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        }
      />
    </>
  );
}
