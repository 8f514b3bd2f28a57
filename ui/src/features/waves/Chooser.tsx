import { type ReactNode, useState } from "react";
import { Button } from "../../components/Button";
import { FilterField, SelectField } from "../../components/Field";
import { MarkLabel } from "../../components/Mark";
import { runSentence } from "../../components/RunSummary";
import { EmptyState, ErrorState, Notice, Skeleton } from "../../components/States";
import { type TickEntry, TickList } from "../../components/TickList";
import { ActionBar, BarTitle, ListPane, Notices, Space, Toolbar, Workspace } from "../../components/Workspace";
import { type Fleet, toApiError, useCommand, useConnection, useRepositoryId } from "../../ipc";
import { formatClock, formatCount, plural, splitInstance } from "../../lib/format";
import { useNow, useStaleSince } from "../../lib/hooks";
import { usePlaces, writeList } from "../../lib/places";
import { phaseMark, stateMark } from "../../lib/state";
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
  const stale = useStaleSince(useConnection() === "connected", fleet.dataUpdatedAt);
  return (
    <Workspace stale={stale} {...(fleet.data === undefined ? { title: "Waves" } : {})}>
      {fleet.data !== undefined ? (
        <Choices fleet={fleet.data} onPlan={onPlan} onRun={onRun} />
      ) : fleet.error !== null ? (
        <ErrorState
          title="The repository cannot be read"
          error={toApiError(fleet.error)}
          onRetry={() => void fleet.refetch()}
        />
      ) : (
        <Skeleton label="Loading" />
      )}
    </Workspace>
  );
}

/** The applications of an environment that render, and the instances that do not. */
function choicesIn(fleet: Fleet, environment: string): { usable: TickEntry[]; failed: string[] } {
  const all = fleet.applications.flatMap((application) =>
    application.instances.filter((instance) => instance.environment === environment),
  );
  const usable = all.filter((instance) => instance.status !== "failed");
  return {
    failed: all.filter((instance) => instance.status === "failed").map((instance) => instance.instance),
    usable: usable.map((instance) => ({
      key: instance.instance,
      label: splitInstance(instance.instance).application,
      detail: [stateMark(instance.state).word, plural(instance.resources, "resource"), instance.version],
    })),
  };
}

function Choices({
  fleet,
  onPlan,
  onRun,
}: {
  fleet: Fleet;
  onPlan: (instances: string) => void;
  onRun: (run: string) => void;
}): ReactNode {
  const go = usePlaces();
  const [environment, setEnvironment] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const names = fleet.environments.map((entry) => entry.name);
  const name = environment ?? names.at(-2) ?? names[0] ?? "";
  const choices = choicesIn(fleet, name);
  const wanted = text.trim().toLowerCase();
  const shown = choices.usable.filter((entry) => entry.key.toLowerCase().includes(wanted));
  if (names.length === 0)
    return <EmptyState title="Nothing to sync" text="No environment was found in this repository." />;
  const { usable, failed } = choices;
  const list = writeList(usable.map((entry) => entry.key).filter((instance) => chosen.has(instance)));
  return (
    <ListPane>
      <Toolbar label="Applications">
        <BarTitle>Waves</BarTitle>
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
        <FilterField
          label="Filter applications"
          placeholder="Filter…"
          value={text}
          found={plural(shown.length, "application")}
          onChange={setText}
        />
        <Space />
        <Button
          keys="Mod+A"
          onClick={() => setChosen(new Set([...chosen, ...shown.map((entry) => entry.key)]))}
          disabledReason={shown.length === 0 ? "The filter hides everything" : null}
        >
          All
        </Button>
        <Button onClick={() => setChosen(new Set())} disabledReason={chosen.size === 0 ? "Nothing is chosen" : null}>
          None
        </Button>
      </Toolbar>
      {failed.length > 0 && (
        <Notices>
          <Notice
            tone="warning"
            action={
              <Button onClick={() => go.go("environments", { state: "failed", q: name, at: failed[0] ?? "" })}>
                Show
              </Button>
            }
          >
            {plural(failed.length, "application")} of {name} {failed.length === 1 ? "does" : "do"} not render and cannot
            be synced.
          </Notice>
        </Notices>
      )}
      <div className={styles.chooser}>
        <p className={styles.note}>
          Choose applications to see the order in which a sync applies their resources. Nothing is applied yet.
        </p>
        {shown.length === 0 ? (
          <EmptyState
            title={text.trim() === "" ? "Nothing to sync" : "The filter hides everything"}
            text={
              text.trim() === ""
                ? `${name} has no application that renders.`
                : `${plural(usable.length, "application")} of ${name} ${usable.length === 1 ? "does" : "do"} not match “${text}”.`
            }
            {...(text.trim() === "" ? {} : { action: <Button onClick={() => setText("")}>Clear filter</Button> })}
          />
        ) : (
          <TickList label={`Applications in ${name}`} entries={shown} ticked={chosen} onTicked={setChosen} />
        )}
        <Runs onRun={onRun} />
      </div>
      <ActionBar label="Selection">
        <span>
          {formatCount(chosen.size)} of {plural(usable.length, "application")} chosen
        </span>
        <Space />
        <Button
          kind="primary"
          disabledReason={list === undefined ? "Choose applications first" : null}
          onClick={() => list !== undefined && onPlan(list)}
        >
          Plan {plural(chosen.size, "application")}
        </Button>
      </ActionBar>
    </ListPane>
  );
}

function Runs({ onRun }: { onRun: (run: string) => void }): ReactNode {
  const repository = useRepositoryId();
  const runs = useCommand("runs", { repository });
  const now = useNow(1000);
  const recent = runs.data?.runs ?? [];
  if (runs.error !== null) {
    return (
      <Notice tone="warning" action={<Button onClick={() => void runs.refetch()}>Try again</Button>}>
        Earlier runs cannot be listed: {toApiError(runs.error).message}
      </Notice>
    );
  }
  if (recent.length === 0) return null;
  return (
    <section aria-label="Runs" className={styles.runs}>
      <h2 className={styles.heading}>Runs</h2>
      <ul>
        {recent.slice(0, 20).map((run) => (
          <li key={run.id}>
            <button type="button" className={styles.run} onClick={() => onRun(run.id)}>
              <MarkLabel mark={phaseMark(run.phase)} />
              <span>
                {run.target} · {runSentence(run, now)}
              </span>
              <span className={styles.note}>{formatClock(run.startedAt)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
