import { ChevronDown, ChevronRight } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { ValuePair } from "../../../components/ChangeCard";
import { VisuallyHidden } from "../../../components/Mark";
import { PathText } from "../../../components/PathText";
import { EmptyState, ProblemNotice } from "../../../components/States";
import { VirtualStack } from "../../../components/VirtualStack";
import type { PromotionPlanInfo } from "../../../ipc";
import { cx } from "../../../lib/cx";
import { fieldLabel, formatValue, plural, resourceName } from "../../../lib/format";
import { type Cause, causesOf, previewRowKey, previewRows, type RenderedChange } from "../causes";
import { classNames } from "../ticks";
import styles from "../Wizard.module.css";

/** What the plan does to what is rendered, grouped by what causes it. */
export function Preview({ plan }: { plan: PromotionPlanInfo }): ReactNode {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const causes = useMemo(() => causesOf(plan), [plan]);
  const rows = useMemo(() => previewRows(causes, closed), [causes, closed]);
  const { preview } = plan;
  const toggle = (key: string): void => {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  };
  if (preview.resources.length === 0)
    return <EmptyState title="Nothing renders differently" text="The ticked changes do not reach any manifest." />;
  return (
    <>
      <div className={styles.previewHead}>
        <h3 className={styles.heading}>
          {plural(preview.resources.length, "resource")} by {plural(causes.length, "cause")}
        </h3>
        <button
          type="button"
          className={styles.textButton}
          onClick={() => setClosed(closed.size > 0 ? new Set() : new Set(causes.map((cause) => cause.key)))}
        >
          {closed.size > 0 ? "Open all" : "Close all"}
        </button>
      </div>
      {preview.problems.length > 0 && (
        <ProblemNotice
          problems={preview.problems}
          what={`${plural(preview.problems.length, "instance")} could not be compared.`}
        />
      )}
      <VirtualStack
        label="What changes"
        items={rows}
        keyOf={previewRowKey}
        estimate={72}
        render={(row) =>
          row.kind === "cause" ? (
            <CauseHead cause={row.cause} open={!closed.has(row.cause.key)} onToggle={() => toggle(row.cause.key)} />
          ) : (
            <ChangeRow change={row.change} />
          )
        }
      />
    </>
  );
}

function CauseHead({ cause, open, onToggle }: { cause: Cause; open: boolean; onToggle: () => void }): ReactNode {
  const Icon = open ? ChevronDown : ChevronRight;
  const letter = cause.class?.toUpperCase();
  return (
    <div className={styles.cause}>
      <button type="button" className={styles.causeLine} aria-expanded={open} onClick={onToggle}>
        <Icon aria-hidden size={14} strokeWidth={1.75} />
        <span className={styles.causeLabel}>{cause.label}</span>
        {cause.class !== null && (
          <span className={styles.class} title={`Class ${letter}, ${classNames[cause.class]}: ${cause.reason}`}>
            <VisuallyHidden>class </VisuallyHidden>
            {letter}
          </span>
        )}
        <span className={styles.values}>
          {cause.before !== "" && <ValuePair before={cause.before} after={cause.after} />}
        </span>
        <span className={styles.causeCount}>{plural(cause.changes.length, "change")}</span>
      </button>
      {cause.kind === "also" && (
        <p className={styles.causeNote}>They read the same files. Take their edits out, or promote them knowingly.</p>
      )}
      {cause.edits.slice(0, 3).map((edit) => (
        <PathText key={edit} text={edit} quiet />
      ))}
      {cause.edits.length > 3 && <p className={styles.causeNote}>and {cause.edits.length - 3} more places</p>}
    </div>
  );
}

function ChangeRow({ change }: { change: RenderedChange }): ReactNode {
  const { field, resource, instance } = change;
  return (
    <section
      className={cx(styles.change, styles.lines)}
      aria-label={`${resourceName(resource)} of ${instance}${field === null ? "" : `: ${fieldLabel(field.path)}`}`}
    >
      <p className={styles.changeHead}>
        <span className={styles.changeName}>{resourceName(resource)}</span>
        <span className={styles.cardNote}>{instance}</span>
      </p>
      {field === null ? (
        <p className={styles.causeNote}>{change.change === "removed" ? "goes" : change.change}</p>
      ) : (
        <>
          <PathText text={field.path} quiet />
          {field.old !== null && <div className={styles.removed}>{formatValue(field.old)}</div>}
          {field.new !== null && <div className={styles.added}>{formatValue(field.new)}</div>}
        </>
      )}
    </section>
  );
}
