import { Pin } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { Button, IconButton } from "../../../components/Button";
import { ValuePair } from "../../../components/ChangeCard";
import { DiffText } from "../../../components/DiffText";
import { Dialog } from "../../../components/Dialog";
import { SelectField } from "../../../components/Field";
import { VisuallyHidden } from "../../../components/Mark";
import { MiddleText } from "../../../components/MiddleText";
import { EmptyState, ErrorState, Notice, ProblemList, Skeleton } from "../../../components/States";
import { PathText } from "../../../components/PathText";
import { Tabs } from "../../../components/Tabs";
import { useToast } from "../../../components/Toast";
import { VirtualStack } from "../../../components/VirtualStack";
import {
  type FilePlace,
  type PromotionItemInfo,
  type PromotionPlanInfo,
  type ResourceInfo,
  toApiError,
  useCommand,
  useFiles,
} from "../../../ipc";
import { formatPair, formatValue, plural, resourceKey, resourceName, splitInstance } from "../../../lib/format";
import { useArrows } from "../../../lib/useArrows";
import type { Way } from "../matrix";
import { itemLabel } from "../causes";
import {
  classNames,
  type FileEdits,
  groupEdits,
  groupItems,
  type ItemGroup,
  planCounts,
  type Ticks,
  toggleTick,
} from "../ticks";
import { PinDialog } from "./PinDialog";
import { Preview } from "./Preview";
import { PlanNotices, StepFooter } from "./StepFooter";
import styles from "../Wizard.module.css";

/** What a screen reader says of the list; to who sees it, the rows say as much. */
const arrowHint = "Up and down go through the changes, Space ticks, right leads to the pin of a change.";

type Tab = "changes" | "preview" | "files" | "problems";

/** What goes along, and what it does to what is rendered, before anything is written. */
export function ReviewStep({
  repository,
  plan,
  way,
  outdated,
  ticks,
  onTicks,
  onBack,
  onNext,
}: {
  repository: string;
  plan: PromotionPlanInfo;
  way: Way;
  outdated: boolean;
  ticks: Ticks;
  onTicks: (ticks: Ticks) => void;
  onBack: () => void;
  onNext: () => void;
}): ReactNode {
  const [tab, setTab] = useState<Tab>("changes");
  const hint = useId();
  const [yaml, setYaml] = useState<ItemGroup | null>(null);
  const [pinning, setPinning] = useState<PromotionItemInfo | null>(null);
  const files = useFiles(repository);
  const toast = useToast();
  const openFile = (place: FilePlace): void =>
    void files.edit(place).then(
      (program) => toast(`Opened in ${program}`),
      (reason: unknown) => toast(toApiError(reason).message),
    );
  const arrows = useArrows();
  const counts = planCounts(plan);
  const groups = groupItems(plan.items);
  const errors = plan.problems.filter((problem) => problem.severity === "error").length;
  return (
    <>
      <Tabs
        label="Review of the promotion"
        value={tab}
        onChange={setTab}
        tabs={[
          { key: "changes", label: "Changes", count: plan.items.length },
          { key: "preview", label: "Rendered preview", count: plan.preview.resources.length },
          { key: "files", label: "Files", count: counts.files },
          { key: "problems", label: "Problems", count: plan.problems.length },
        ]}
      >
        <div className={styles.content} aria-busy={outdated} tabIndex={0} role="group" aria-label="Promotion">
          <p className={styles.intro}>
            {plural(counts.applications, "application")}, {plural(counts.files, "file")},{" "}
            {plural(counts.changes, "change")}. Only values that differ between <strong>{way.from}</strong> and{" "}
            <strong>{way.to}</strong> are listed. Unticked changes stay out of the commit.
          </p>
          <PlanNotices plan={plan} />
          {errors > 0 && tab !== "problems" && (
            <Notice tone="degraded" action={<Button onClick={() => setTab("problems")}>Show</Button>}>
              {plural(errors, "problem")} in the way.
            </Notice>
          )}
          {tab === "changes" &&
            (groups.length === 0 ? (
              <EmptyState
                title="Nothing differs"
                text={`The chosen applications render the same in ${way.from} and ${way.to}.`}
              />
            ) : (
              <div {...arrows} className={styles.ticks} role="group" aria-label="Changes" aria-describedby={hint}>
                <p id={hint} hidden>
                  {arrowHint}
                </p>
                <VirtualStack
                  label="Applications"
                  items={groups}
                  keyOf={instanceOf}
                  estimate={160}
                  gap={12}
                  render={(group) => (
                    <ItemCard
                      group={group}
                      ticks={ticks}
                      onTicks={onTicks}
                      onYaml={() => setYaml(group)}
                      onPin={setPinning}
                      onOpenFile={openFile}
                    />
                  )}
                />
              </div>
            ))}
          {tab === "preview" && <Preview plan={plan} />}
          {tab === "files" && <Files plan={plan} />}
          {tab === "problems" &&
            (plan.problems.length === 0 ? (
              <EmptyState title="No problems" text="Nothing is in the way of this promotion." />
            ) : (
              <ProblemList problems={plan.problems} />
            ))}
        </div>
      </Tabs>
      <StepFooter
        onBack={onBack}
        note={
          <>
            to <MiddleText className={styles.mono} text={plan.branch} />
          </>
        }
        next={
          <Button
            kind="primary"
            onClick={onNext}
            disabledReason={
              outdated
                ? "The plan is being made again"
                : errors > 0
                  ? "A problem is in the way"
                  : counts.changes === 0
                    ? "Nothing is ticked"
                    : null
            }
          >
            Continue to commit
          </Button>
        }
      />
      {pinning !== null && <PinDialog repository={repository} item={pinning} onClose={() => setPinning(null)} />}
      {yaml !== null && <YamlDialog repository={repository} group={yaml} way={way} onClose={() => setYaml(null)} />}
    </>
  );
}

function ItemCard({
  group,
  ticks,
  onTicks,
  onYaml,
  onPin,
  onOpenFile,
}: {
  group: ItemGroup;
  ticks: Ticks;
  onTicks: (ticks: Ticks) => void;
  onYaml: () => void;
  onPin: (item: PromotionItemInfo) => void;
  onOpenFile: (place: FilePlace) => void;
}): ReactNode {
  const { application } = splitInstance(group.instance);
  return (
    <section className={styles.card} aria-label={application}>
      <div className={styles.cardHead} data-row={application}>
        <h3 className={styles.cardName}>{application}</h3>
        <Button kind="ghost" tabIndex={-1} onClick={onYaml} aria-label={`View YAML diff of ${application}`}>
          view YAML diff
        </Button>
      </div>
      <ul>
        {group.items.map((item) => (
          <Item
            key={item.key}
            item={item}
            ambiguous={group.items.some((other) => other !== item && itemLabel(other) === itemLabel(item))}
            onToggle={() => onTicks(toggleTick(ticks, item))}
            onPin={() => onPin(item)}
            onOpenFile={onOpenFile}
          />
        ))}
      </ul>
    </section>
  );
}

function itemValues(item: PromotionItemInfo): ReactNode {
  if (item.path === "")
    return (
      <span className={styles.mono}>
        {item.old === null || item.old === undefined ? "new resource" : "removed resource"}
      </span>
    );
  const pair = formatPair(item.old, item.new);
  return <ValuePair before={pair.before} after={pair.after} />;
}

function Item({
  item,
  ambiguous,
  onToggle,
  onPin,
  onOpenFile,
}: {
  item: PromotionItemInfo;
  ambiguous: boolean;
  onToggle: () => void;
  onPin: () => void;
  onOpenFile: (place: FilePlace) => void;
}): ReactNode {
  const { pinned } = item;
  const label = itemLabel(item);
  const id = useId();
  return (
    <li className={item.chosen ? styles.item : `${styles.item} ${styles.kept}`} data-row={label}>
      <input
        type="checkbox"
        id={id}
        tabIndex={-1}
        checked={item.chosen}
        // Not `disabled`: the keyboard comes to it, and hears why.
        aria-disabled={item.problem !== null || undefined}
        onChange={item.problem === null ? onToggle : nothing}
        aria-label={`${label} of ${resourceName(item.resource)} in ${item.instance}`}
        aria-describedby={`${id}-values ${id}-why`}
      />
      <label htmlFor={id} className={styles.itemLabel} title={`${resourceName(item.resource)} ${item.path}`}>
        {label}
        {ambiguous && <span className={styles.itemKind}>{item.resource.kind}</span>}
      </label>
      <span
        className={styles.class}
        title={`Class ${item.class.toUpperCase()}, ${classNames[item.class]}: ${item.reason}`}
      >
        <VisuallyHidden>class </VisuallyHidden>
        {item.class.toUpperCase()}
      </span>
      <span id={`${id}-values`} className={styles.values}>
        {itemValues(item)}
      </span>
      {item.path === "" ? (
        <span />
      ) : (
        <IconButton
          label={`${pinned === undefined ? "Pin" : "Change the pin of"} ${label} of ${resourceName(item.resource)} in ${item.instance}`}
          icon={Pin}
          size={13}
          tabIndex={-1}
          aria-pressed={pinned !== undefined}
          onClick={onPin}
        />
      )}
      {pinned !== undefined ? (
        <span id={`${id}-why`} className={styles.reason}>
          Pinned{pinned.reason === "" ? "" : `: ${pinned.reason}`} ·{" "}
          <button
            type="button"
            tabIndex={-1}
            className={styles.textButton}
            title={`Open ${pinned.file}`}
            onClick={() => onOpenFile({ file: pinned.file, line: pinned.line })}
          >
            {pinned.line === null ? pinned.file : `${pinned.file}:${pinned.line}`}
          </button>
        </span>
      ) : (
        !item.chosen && (
          <span id={item.problem === null ? `${id}-why` : undefined} className={styles.reason}>
            {item.reason}
          </span>
        )
      )}
      {item.problem !== null && (
        <span id={pinned === undefined ? `${id}-why` : undefined} className={styles.problem}>
          {item.problem}
        </span>
      )}
    </li>
  );
}

function nothing(): void {}

function Files({ plan }: { plan: PromotionPlanInfo }): ReactNode {
  const files = groupEdits(plan.edits);
  if (files.length === 0) return <EmptyState title="No file changes" text="Tick a change first." />;
  return (
    <VirtualStack
      label="Files"
      items={files}
      keyOf={fileOf}
      estimate={120}
      gap={12}
      render={({ file, edits }) => (
        <section className={styles.card} aria-label={file}>
          <div className={styles.cardHead}>
            <PathText text={file} />
          </div>
          <div className={styles.lines}>
            {edits.map((edit, index) => (
              <div key={`${edit.operation} ${edit.path ?? ""} ${index}`}>
                <div className={styles.path} title={`${edit.operation} ${edit.path ?? ""}`}>
                  {edit.operation} {edit.path ?? ""}
                </div>
                {edit.old !== undefined && edit.old !== null && (
                  <div className={styles.removed}>{formatValue(edit.old)}</div>
                )}
                {edit.new !== undefined && edit.new !== null && (
                  <div className={styles.added}>{formatValue(edit.new)}</div>
                )}
              </div>
            ))}
          </div>
        </section>
      )}
    />
  );
}

function instanceOf(group: ItemGroup): string {
  return group.instance;
}

function fileOf(entry: FileEdits): string {
  return entry.file;
}

/** The whole difference between target and source, as text; the ticks choose from it. */
function YamlDialog({
  repository,
  group,
  way,
  onClose,
}: {
  repository: string;
  group: ItemGroup;
  way: Way;
  onClose: () => void;
}): ReactNode {
  const { application } = splitInstance(group.instance);
  const resources = new Map<string, ResourceInfo>(
    group.items.map((item) => [resourceKey(item.resource), item.resource]),
  );
  const [key, setKey] = useState(() => resources.keys().next().value ?? "");
  const resource = resources.get(key);
  const source = `${application}@${way.from.replaceAll("@", "%40")}`;
  const diff = useCommand(
    "text_diff",
    resource === undefined
      ? null
      : {
          repository,
          from: { kind: "instance", instance: group.instance, revision: null },
          to: { kind: "instance", instance: source, revision: null },
          instance: source,
          resource,
          renamedFrom: null,
        },
  );
  return (
    <Dialog open onClose={onClose} title={`${application}: ${way.to} compared with ${way.from}`} size="large">
      <div className={styles.dialogBody}>
        <SelectField
          inline
          label="Resource"
          value={key}
          options={[...resources].map(([value, entry]) => ({ value, label: resourceName(entry) }))}
          onChange={setKey}
        />
        {diff.error !== null ? (
          <ErrorState
            title="The texts cannot be compared"
            error={toApiError(diff.error)}
            onRetry={() => void diff.refetch()}
          />
        ) : diff.data === undefined ? (
          <Skeleton label="Comparing" height={20} />
        ) : (
          <DiffText diff={diff.data} unified wrap={false} find="" />
        )}
      </div>
    </Dialog>
  );
}
