import { type ReactNode, useState } from "react";
import type { ContextInfo, EnvironmentInfo, Lane, PruneAnswer, SandboxInfo, SyncTarget } from "../ipc";
import { plural, resourceName } from "../lib/format";
import { Button } from "./Button";
import { CheckField, RadioGroup, SelectField, TextField } from "./Field";
import { Notice, ProblemNotice } from "./States";
import styles from "./SyncForm.module.css";
import { VirtualStack } from "./VirtualStack";

export interface SyncChoice {
  target: SyncTarget;
  prune: boolean;
  dryRun: boolean;
  confirmed: string[];
}

/** Where a sync goes and how, with what must be typed for protected environments. */
export function SyncForm({
  instances,
  environments,
  sandbox,
  contexts,
  resources,
  lanes,
  pruned,
  busy,
  disabledReason,
  onContext,
  onStart,
  onCancel,
}: {
  /** `APP@ENV` of what is synced. */
  instances: string[];
  /** Those environments that the instances are in. */
  environments: EnvironmentInfo[];
  sandbox: SandboxInfo | undefined;
  contexts: ContextInfo[];
  /** How many resources the plan holds, where it is known. */
  resources: number | null;
  /** What the plan holds, where it is known: listed, so that one sees exactly what is applied. */
  lanes?: Lane[];
  /** What pruning would remove; it is asked when pruning is chosen. */
  pruned: PruneAnswer;
  busy: boolean;
  disabledReason?: string | null;
  onContext: (environment: string, context: string) => void;
  onStart: (choice: SyncChoice) => void;
  onCancel?: () => void;
}): ReactNode {
  const [target, setTarget] = useState<SyncTarget["kind"]>("sandbox");
  const [prune, setPrune] = useState(false);
  const [dryRun, setDryRun] = useState(false);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const unmapped = environments.filter((environment) => environment.context === null);
  const guarded = target === "contexts" && !dryRun ? environments.filter((environment) => environment.protected) : [];
  const missing = guarded.filter((environment) => typed[environment.name] !== environment.name);
  const reason =
    disabledReason ??
    (busy
      ? "The sync is being started"
      : instances.length === 0
        ? "Nothing is chosen"
        : target === "contexts" && unmapped.length > 0
          ? `Choose a context for ${unmapped.map((environment) => environment.name).join(", ")}`
          : prune && pruned.preview === undefined && pruned.error === null
            ? "It is being asked what would be pruned"
            : missing.length > 0
              ? `Type ${missing.map((environment) => environment.name).join(", ")} to confirm`
              : null);
  const what = `${plural(instances.length, "application")}${resources === null ? "" : `, ${plural(resources, "resource")}`}`;
  return (
    <div className={styles.form}>
      <RadioGroup
        label="Target"
        value={target}
        onChange={(kind) => {
          setTarget(kind);
          if (prune) pruned.ask({ kind });
        }}
        entries={[
          {
            value: "sandbox",
            label: "Sandbox",
            hint:
              sandbox?.running === true
                ? "Virtual clusters on this machine. They are running."
                : "Virtual clusters on this machine, one for each environment. They are started now.",
          },
          {
            value: "contexts",
            label: "Clusters of the kubeconfig",
            disabledReason: contexts.length === 0 ? "No kubeconfig with a context was found" : null,
            hint: "Each environment goes to the context that you gave it.",
          },
        ]}
      />
      {target === "contexts" && (
        <fieldset className={styles.contexts}>
          <legend className={styles.legend}>Contexts</legend>
          {environments.map((environment) => (
            <SelectField
              key={environment.name}
              inline
              label={`Context of ${environment.name}`}
              value={environment.context ?? ""}
              options={[
                { value: "", label: "choose…" },
                ...contexts.map((context) => ({ value: context.name, label: `${context.name} (${context.server})` })),
              ]}
              onChange={(context) => onContext(environment.name, context)}
            />
          ))}
        </fieldset>
      )}
      <CheckField
        label="Prune"
        hint="Objects of these applications that are no longer rendered are deleted."
        checked={prune}
        onChange={(checked) => {
          setPrune(checked);
          pruned.ask(checked ? { kind: target } : null);
        }}
      />
      {prune && <Pruned answer={pruned} />}
      <CheckField
        label="Dry run"
        hint="The cluster checks everything; nothing is written."
        checked={dryRun}
        onChange={setDryRun}
      />
      {lanes !== undefined && lanes.length > 0 && <Exactly lanes={lanes} open={guarded.length > 0} />}
      {guarded.length > 0 && (
        <Notice tone="warning">
          {guarded.map((environment) => environment.name).join(", ")} {guarded.length === 1 ? "is" : "are"} protected.{" "}
          {what} are applied
          {guarded.map((environment) => (environment.context === null ? "" : ` in ${environment.context}`)).join(",")}
          {prune ? "; what is no longer rendered is deleted." : "."}
        </Notice>
      )}
      {guarded.map((environment) => (
        <TextField
          key={environment.name}
          label={`Type ${environment.name} to confirm`}
          value={typed[environment.name] ?? ""}
          onChange={(event) => setTyped((before) => ({ ...before, [environment.name]: event.target.value }))}
        />
      ))}
      <div className={styles.actions}>
        {onCancel !== undefined && (
          <Button onClick={onCancel} autoFocus={guarded.length > 0}>
            Cancel
          </Button>
        )}
        <Button
          kind="primary"
          disabledReason={reason}
          onClick={() =>
            onStart({
              target: { kind: target },
              prune,
              dryRun,
              confirmed: guarded.map((environment) => environment.name),
            })
          }
        >
          {dryRun ? `Try ${what}` : `Sync ${what}`}
        </Button>
      </div>
    </div>
  );
}

/** The exact objects that pruning deletes, as the clusters have them now. */
function Pruned({ answer }: { answer: PruneAnswer }): ReactNode {
  const { preview, error, retry } = answer;
  if (error !== null) {
    return (
      <Notice tone="warning" action={<Button onClick={retry}>Ask again</Button>}>
        What would be pruned is not known: {error}
      </Notice>
    );
  }
  if (preview === undefined) {
    return (
      <p className={styles.entry} role="status">
        Asking what would be pruned…
      </p>
    );
  }
  const entries = preview.pruned.map(({ instance, resource }) => ({
    key: `${instance} ${resource.group} ${resource.kind} ${resource.namespace} ${resource.name}`,
    text: `${instance}: ${resourceName(resource)}${resource.namespace === "" ? "" : ` in ${resource.namespace}`}`,
  }));
  return (
    <>
      {preview.problems.length > 0 && (
        <ProblemNotice
          problems={preview.problems}
          tone="warning"
          what={`Of ${plural(preview.problems.length, "application")} it is not known what would be pruned.`}
        />
      )}
      {entries.length === 0 ? (
        preview.problems.length === 0 && <p className={styles.entry}>Nothing would be pruned now.</p>
      ) : (
        <details className={styles.exactly} open>
          <summary className={styles.summary}>{plural(entries.length, "resource")} will be pruned</summary>
          <div className={styles.entries} role="group" aria-label="What is pruned" tabIndex={0}>
            <VirtualStack
              label="Pruned resources"
              items={entries}
              keyOf={keyOfEntry}
              estimate={20}
              render={(entry) => <p className={styles.entry}>{entry.text}</p>}
            />
          </div>
        </details>
      )}
    </>
  );
}

/** The exact resources, in the order in which they are applied. Open where a protected environment is changed. */
function Exactly({ lanes, open }: { lanes: Lane[]; open: boolean }): ReactNode {
  const entries = lanes.flatMap((lane) =>
    lane.columns.flatMap((column) =>
      column.tasks.map((task) => ({
        key: `${lane.instance} ${column.phase} ${column.wave} ${task.key}`,
        text: `${lane.instance}: ${resourceName(task.resource)}`,
        action: task.action,
      })),
    ),
  );
  return (
    <details className={styles.exactly} open={open}>
      <summary className={styles.summary}>
        {plural(entries.length, "resource")} of {plural(lanes.length, "application")}
      </summary>
      <div className={styles.entries} role="group" aria-label="What is applied" tabIndex={0}>
        <VirtualStack
          label="Resources"
          items={entries}
          keyOf={keyOfEntry}
          estimate={20}
          render={(entry) => (
            <p className={styles.entry}>
              {entry.text}
              {entry.action === "prune" && <strong> will be pruned</strong>}
            </p>
          )}
        />
      </div>
    </details>
  );
}

function keyOfEntry(entry: { key: string }): string {
  return entry.key;
}
