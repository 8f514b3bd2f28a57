import { CircleCheck, X } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { DetailPane } from "../../components/DetailPane";
import { ErrorState, Notice } from "../../components/States";
import { type Progress, progressText, Waiting } from "../../components/Waiting";
import {
  type Matrix,
  type PromotionPlanInfo,
  type PromotionRequest,
  toApiError,
  useLongCommand,
  usePromotionDraft,
  type Written,
} from "../../ipc";
import { useDelayed } from "../../lib/hooks";
import { readList } from "../../lib/places";
import type { Way } from "./matrix";
import { ChooseStep } from "./steps/ChooseStep";
import { CommitStep } from "./steps/CommitStep";
import { ReviewStep } from "./steps/ReviewStep";
import { SyncStep } from "./steps/SyncStep";
import { type StepName, stepNames } from "./steps/names";
import { VerifyStep } from "./steps/VerifyStep";
import { leaveOut, noTicks, type Ticks } from "./ticks";
import styles from "./Wizard.module.css";

const labels: Record<StepName, string> = {
  choose: "Choose",
  review: "Review",
  commit: "Commit",
  sync: "Sync",
  verify: "Verify",
};

/** A promotion from choosing to seeing it healthy, beside the matrix. */
export function PromotionPane({
  repository,
  matrix,
  way,
  applications,
  step,
  without,
  onStep,
  onApplications,
  onClose,
}: {
  repository: string;
  matrix: Matrix;
  way: Way;
  applications: string[];
  step: StepName;
  /** Resources that the review left out. */
  without: string | undefined;
  onStep: (step: StepName) => void;
  onApplications: (applications: string[]) => void;
  onClose: () => void;
}): ReactNode {
  const { draft, change, drop } = usePromotionDraft(repository, way.from, way.to);
  // What was ticked before a reload; from then on the draft follows the ticks and not the other way round.
  const [known, setTicks] = useState<Ticks | null>(null);
  if (known === null && draft !== undefined) {
    setTicks(draft === null ? noTicks : { include: draft.request.include, exclude: draft.request.exclude });
  }
  const ticks = known ?? noTicks;
  // What was written ends the planning: the plan of before must not be made again from its own result.
  const [written, setWritten] = useState<{ written: Written; plan: PromotionPlanInfo } | null>(null);
  const [run, setRun] = useState<string | null>(null);
  const request: PromotionRequest = useMemo(
    () => ({
      repository,
      from: way.from,
      to: [way.to],
      applications: [...applications].sort(),
      include: [...ticks.include].sort(),
      exclude: [...ticks.exclude].sort(),
    }),
    [repository, way, applications, ticks],
  );
  const current: StepName = reachable(step, applications.length > 0, written?.written ?? null, run);
  const planning = draft !== undefined && written === null && (current === "review" || current === "commit");
  const { query, ...planningNow } = useLongCommand("promotion_plan", planning ? request : null, {
    keepPrevious: true,
  });
  const plan = written?.plan ?? query.data;
  const base = query.data?.base ?? null;
  // What was chosen and ticked so far survives a reload and a restart.
  useEffect(() => {
    if (planning) change({ request, step: current, base });
  }, [planning, change, request, current, base]);
  const leftOut = useMemo(() => new Set(readList(without)), [without]);
  // What the review left out becomes ticks of the first plan; after that the person decides tick by tick.
  const [applied, setApplied] = useState<ReadonlySet<string> | null>(null);
  if (leftOut.size > 0 && applied !== leftOut && query.data !== undefined && !query.isPlaceholderData) {
    setApplied(leftOut);
    setTicks(leaveOut(ticks, query.data.items, leftOut));
  }
  const planned = (body: (plan: PromotionPlanInfo) => ReactNode): ReactNode =>
    query.error !== null && written === null ? (
      <ErrorState
        title="The promotion cannot be planned"
        error={toApiError(query.error)}
        onRetry={() => void query.refetch()}
      />
    ) : plan === undefined ? (
      <Waiting
        label="Planning the promotion"
        progress={planningNow.progress}
        cancelled={planningNow.cancelled}
        onCancel={planningNow.cancel}
        onRetry={() => void query.refetch()}
        rows={8}
        height={36}
      />
    ) : (
      <>
        {written === null && (query.isPlaceholderData || query.isFetching) && (
          <PlanningAgain
            progress={planningNow.progress}
            cancelled={planningNow.cancelled}
            onCancel={planningNow.cancel}
            onRetry={() => void query.refetch()}
          />
        )}
        {body(plan)}
      </>
    );
  const at = stepNames.indexOf(current);
  // The button that led to a step is gone with the step before; the keyboard goes on from the head of the new one.
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current === current) return;
    shown.current = current;
    heading.current?.focus();
  }, [current]);

  return (
    <DetailPane label={`Promote to ${way.to}`} name="promotions" onClose={onClose}>
      <header className={styles.head}>
        <div className={styles.titleRow}>
          <h2 ref={heading} tabIndex={-1} className={styles.title}>
            Promote to {way.to}
          </h2>
          <IconButton label="Close" hint="Esc" icon={X} onClick={onClose} />
        </div>
        <ol className={styles.steps} aria-label="Steps">
          {stepNames.map((name, index) => (
            <li key={name} style={{ display: "contents" }}>
              {index > 0 && <span aria-hidden className={styles.rule} />}
              <span className={styles.step} aria-current={name === current ? "step" : undefined}>
                {index < at ? (
                  <CircleCheck role="img" aria-label="done" size={16} strokeWidth={1.75} className={styles.done} />
                ) : (
                  <span className={styles.number}>{index + 1}</span>
                )}
                {labels[name]}
              </span>
            </li>
          ))}
        </ol>
      </header>
      {current === "choose" && (
        <ChooseStep
          matrix={matrix}
          way={way}
          applications={applications}
          onApplications={onApplications}
          onNext={() => onStep("review")}
        />
      )}
      {current === "review" &&
        planned((ready) => (
          <ReviewStep
            repository={repository}
            plan={ready}
            way={way}
            outdated={query.isPlaceholderData || query.isFetching}
            ticks={ticks}
            onTicks={setTicks}
            onBack={() => onStep("choose")}
            onNext={() => onStep("commit")}
          />
        ))}
      {current === "commit" &&
        planned((ready) => (
          <CommitStep
            repository={repository}
            plan={ready}
            request={request}
            outdated={query.isPlaceholderData || query.isFetching}
            written={written?.written ?? null}
            draft={draft ?? null}
            onDraft={change}
            onWritten={(result) => {
              setWritten({ written: result, plan: ready });
              drop();
            }}
            onUndone={() => setWritten(null)}
            onReplan={() => {
              void query.refetch();
              onStep("review");
            }}
            onBack={() => onStep("review")}
            onNext={() => onStep("sync")}
          />
        ))}
      {current === "sync" && written !== null && (
        <SyncStep
          repository={repository}
          written={written.written}
          run={run}
          onRun={setRun}
          onBack={() => onStep("commit")}
          onNext={() => onStep("verify")}
        />
      )}
      {current === "verify" && <VerifyStep run={run} onBack={() => onStep("sync")} onClose={onClose} />}
    </DetailPane>
  );
}

/** What is on screen is the plan of before the last tick. */
function PlanningAgain({
  progress,
  cancelled,
  onCancel,
  onRetry,
}: {
  progress: Progress | undefined;
  cancelled: boolean;
  onCancel: () => void;
  onRetry: () => void;
}): ReactNode {
  const late = useDelayed(!cancelled);
  if (!late && !cancelled) return null;
  return (
    <Notice
      tone={cancelled ? "warning" : "info"}
      action={cancelled ? <Button onClick={onRetry}>Plan again</Button> : <Button onClick={onCancel}>Cancel</Button>}
    >
      {cancelled
        ? "Planning was cancelled: what is shown is the plan of before."
        : progressText("Planning again", progress)}
    </Notice>
  );
}

/** The step that can be shown: after a reload what was written is no longer known, and planning begins again. */
function reachable(step: StepName, chosen: boolean, written: Written | null, run: string | null): StepName {
  if (written !== null && (step === "choose" || step === "review")) return "commit";
  if (!chosen && written === null) return "choose";
  if (step === "verify" && run === null) return written === null ? "review" : "sync";
  if (step === "sync" && written === null) return "review";
  return step;
}
