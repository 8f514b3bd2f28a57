import { type ReactNode, useState } from "react";
import { Button } from "../../components/Button";
import { CheckField, FilterField, SelectField } from "../../components/Field";
import { MarkLabel } from "../../components/Mark";
import { runSentence } from "../../components/RunSummary";
import { EmptyState, ErrorState, Skeleton } from "../../components/States";
import { toApiError, useCommand, useRepositoryId } from "../../ipc";
import { formatClock, plural } from "../../lib/format";
import { useNow } from "../../lib/hooks";
import { writeList } from "../../lib/places";
import { phaseMark } from "../../lib/state";
import styles from "./Waves.module.css";

/** What is to be planned: applications of one environment, or a run of before. */
export function Chooser({
  onPlan,
  onRun,
}: {
  onPlan: (instances: string) => void;
  onRun: (run: string) => void;
}): ReactNode {
  const repository = useRepositoryId();
  const fleet = useCommand("fleet", { repository });
  const runs = useCommand("runs", { repository });
  const now = useNow(1000);
  const [environment, setEnvironment] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  if (fleet.error !== null) {
    return (
      <ErrorState
        title="The repository cannot be read"
        error={toApiError(fleet.error)}
        onRetry={() => void fleet.refetch()}
      />
    );
  }
  if (fleet.data === undefined) return <Skeleton label="Loading" />;
  const names = fleet.data.environments.map((entry) => entry.name);
  const name = environment ?? names.at(-2) ?? names[0];
  if (name === undefined)
    return <EmptyState title="Nothing to sync" text="No environment was found in this repository." />;
  const all = fleet.data.applications.flatMap((application) =>
    application.instances.filter((instance) => instance.environment === name && instance.status !== "failed"),
  );
  const instances = all.filter((instance) => instance.instance.toLowerCase().includes(text.trim().toLowerCase()));
  const list = writeList(all.filter((instance) => chosen.has(instance.instance)).map((instance) => instance.instance));
  const recent = runs.data?.runs ?? [];
  return (
    <div className={styles.chooser}>
      <h1 className={styles.chooserTitle}>Waves</h1>
      <p className={styles.muted}>
        Choose applications to see the order in which a sync applies their resources. Nothing is applied yet.
      </p>
      <div className={styles.row}>
        <SelectField
          inline
          label="Environment"
          value={name}
          options={names.map((value) => ({ value, label: value }))}
          onChange={(value) => {
            setEnvironment(value);
            setChosen(new Set());
          }}
        />
        <FilterField label="Filter applications" placeholder="Filter…" value={text} onChange={setText} />
        <Button onClick={() => setChosen(new Set(instances.map((instance) => instance.instance)))}>All</Button>
        <Button onClick={() => setChosen(new Set())}>None</Button>
      </div>
      <div className={styles.choices} role="group" aria-label={`Applications in ${name}`}>
        {instances.slice(0, 400).map((instance) => (
          <CheckField
            key={instance.instance}
            label={instance.instance.slice(0, instance.instance.lastIndexOf("@"))}
            checked={chosen.has(instance.instance)}
            onChange={(checked) => {
              const next = new Set(chosen);
              if (checked) next.add(instance.instance);
              else next.delete(instance.instance);
              setChosen(next);
            }}
          />
        ))}
        {instances.length > 400 && <p className={styles.muted}>{instances.length - 400} more; filter to see them.</p>}
      </div>
      <div className={styles.row}>
        <Button
          kind="primary"
          disabledReason={list === undefined ? "Choose applications first" : null}
          onClick={() => list !== undefined && onPlan(list)}
        >
          Plan {plural(chosen.size, "application")}
        </Button>
      </div>
      {recent.length > 0 && (
        <section aria-label="Runs">
          <h2 className={styles.heading}>Runs</h2>
          <ul>
            {recent.slice(0, 20).map((run) => (
              <li key={run.id}>
                <button type="button" className={styles.run} onClick={() => onRun(run.id)}>
                  <MarkLabel mark={phaseMark(run.phase)} />
                  <span>
                    {run.target} · {runSentence(run, now)}
                  </span>
                  <span className={styles.muted}>{formatClock(run.startedAt)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
