import type { ReactNode } from "react";
import { Button } from "../../../components/Button";
import { Notice } from "../../../components/States";
import type { PromotionPlanInfo } from "../../../ipc";
import { plural } from "../../../lib/format";
import styles from "../Wizard.module.css";

/** Back, a note, and the one way on. */
export function StepFooter({
  onBack,
  note,
  next,
}: {
  onBack?: () => void;
  note?: ReactNode;
  next: ReactNode;
}): ReactNode {
  return (
    <footer className={styles.footer}>
      {onBack !== undefined && <Button onClick={onBack}>Back</Button>}
      <span className={styles.footerNote}>{note}</span>
      {next}
    </footer>
  );
}

/** What is in the way of a plan, and whom else it changes. */
export function PlanNotices({ plan }: { plan: PromotionPlanInfo }): ReactNode {
  return (
    plan.alsoChanged.length > 0 && (
      <Notice tone="warning">
        {plural(plan.alsoChanged.length, "instance")} that {plan.alsoChanged.length === 1 ? "was" : "were"} not chosen{" "}
        {plan.alsoChanged.length === 1 ? "changes" : "change"} as well: {plan.alsoChanged.join(", ")}.
      </Notice>
    )
  );
}
