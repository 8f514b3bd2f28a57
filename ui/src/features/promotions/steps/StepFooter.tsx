import { type ReactNode, useState } from "react";
import { Button } from "../../../components/Button";
import { Notice } from "../../../components/States";
import type { PromotionPlanInfo } from "../../../ipc";
import { fieldLabel, formatPair, plural, resourceName } from "../../../lib/format";
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

/** Whom else a plan changes, and in what. */
export function PlanNotices({ plan }: { plan: PromotionPlanInfo }): ReactNode {
  const [open, setOpen] = useState(false);
  const { alsoChanged } = plan;
  if (alsoChanged.length === 0) return null;
  const one = alsoChanged.length === 1;
  return (
    <Notice
      tone="warning"
      action={
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide" : "Show"}
        </Button>
      }
    >
      {plural(alsoChanged.length, "instance")} that {one ? "was" : "were"} not chosen {one ? "changes" : "change"} as
      well{open ? ":" : `: ${alsoChanged.slice(0, 3).join(", ")}${alsoChanged.length > 3 ? " and others" : ""}.`}
      {open && (
        <ul className={styles.also} aria-label="Instances that change as well">
          {alsoChanged.slice(0, 100).map((instance) => (
            <li key={instance}>
              {instance} <span className={styles.alsoChanges}>{changesOf(plan, instance)}</span>
            </li>
          ))}
          {alsoChanged.length > 100 && <li>and {alsoChanged.length - 100} more</li>}
        </ul>
      )}
    </Notice>
  );
}

/** `Deployment/web: image 1 → 2, replicas 2 → 3`. */
function changesOf(plan: PromotionPlanInfo, instance: string): string {
  return plan.preview.resources
    .filter((change) => change.instance === instance)
    .map((change) => {
      const fields = change.fields.slice(0, 3).map((field) => {
        const { before, after } = formatPair(field.old, field.new);
        return `${fieldLabel(field.path)} ${before} → ${after}`;
      });
      const more = change.fields.length > 3 ? [`${change.fields.length - 3} more`] : [];
      const what = fields.length === 0 ? change.change : [...fields, ...more].join(", ");
      return `${resourceName(change.resource)}: ${what}`;
    })
    .join("; ");
}
