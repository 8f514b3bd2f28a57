import { CircleStop, Crosshair, Hourglass, LayoutGrid, RefreshCw, Rows3, X } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { Chip, EnvironmentChip } from "../../components/Chip";
import { DetailPane } from "../../components/DetailPane";
import { Dialog } from "../../components/Dialog";
import { MarkLabel } from "../../components/Mark";
import { healthSentence, runSentence } from "../../components/RunSummary";
import { EmptyState, ErrorState, Notice, ProblemList, Skeleton } from "../../components/States";
import { SyncForm } from "../../components/SyncForm";
import {
  type Lane,
  type ProblemInfo,
  type RunInfo,
  toApiError,
  useAction,
  useCommand,
  useRepositoryId,
  useRun,
  useSyncTargets,
} from "../../ipc";
import { announce } from "../../lib/announce";
import { plural, resourceName, shortCommit, splitInstance } from "../../lib/format";
import { useNow } from "../../lib/hooks";
import { readList, type ScreenProps, usePlaces } from "../../lib/places";
import { phaseMark, taskMark } from "../../lib/state";
import { Chooser } from "./Chooser";
import { blockedBy, type Density, findTask, followTask, layoutWaves, type WaveLayout } from "./layout";
import { phaseName, WaveGraph } from "./WaveGraph";
import styles from "./Waves.module.css";

export function WavesScreen(props: ScreenProps<"waves">): ReactNode {
  const { search } = props;
  const instances = useMemo(() => readList(search.instances), [search.instances]);
  return (
    <div className={styles.screen}>
      {search.run !== undefined ? (
        <RunView key={search.run} id={search.run} {...props} />
      ) : instances.length > 0 ? (
        <PlanView instances={instances} {...props} />
      ) : (
        <Chooser onPlan={(list) => props.onSearch({ instances: list })} onRun={(run) => props.onSearch({ run })} />
      )}
    </div>
  );
}

function PlanView({ instances, search, onSearch }: ScreenProps<"waves"> & { instances: string[] }): ReactNode {
  const repository = useRepositoryId();
  const revision = search.revision ?? null;
  const plan = useCommand("sync_plan", { repository, instances, revision }, { keepPrevious: true });
  const [syncing, setSyncing] = useState(search.sync === "1");
  if (plan.error !== null) {
    return (
      <ErrorState
        title="The sync cannot be planned"
        error={toApiError(plan.error)}
        onRetry={() => void plan.refetch()}
      />
    );
  }
  if (plan.data === undefined) return <Skeleton label="Planning the sync" rows={14} height={36} />;
  const { lanes, problems } = plan.data;
  const tasks = lanes.reduce(
    (sum, lane) => sum + lane.columns.reduce((count, column) => count + column.tasks.length, 0),
    0,
  );
  const environments = [...new Set(lanes.map((lane) => lane.environment))];
  return (
    <>
      <GraphView
        lanes={lanes}
        problems={problems}
        search={search}
        onSearch={onSearch}
        head={
          <>
            <h1 className={styles.title}>Sync plan</h1>
            {environments.map((name) => (
              <EnvironmentChip key={name} name={name} />
            ))}
            <span className={styles.muted}>
              {plural(lanes.length, "application")}, {plural(tasks, "resource")}{" "}
              {revision === null ? "as on disk" : `at ${shortCommit(revision)}`}
            </span>
          </>
        }
        actions={
          <>
            <Button onClick={() => onSearch({ instances: "", revision: "", task: "" })}>Choose others</Button>
            <Button
              kind="primary"
              icon={RefreshCw}
              onClick={() => setSyncing(true)}
              disabledReason={tasks === 0 ? "There is nothing to sync" : null}
            >
              Sync…
            </Button>
          </>
        }
      />
      {syncing && (
        <SyncDialog
          repository={repository}
          instances={lanes.map((lane) => lane.instance)}
          revision={revision}
          resources={tasks}
          onClose={() => setSyncing(false)}
          onStarted={(run) => {
            setSyncing(false);
            onSearch({ run: run.id, instances: "", revision: "", sync: "", task: "" });
          }}
        />
      )}
    </>
  );
}

function SyncDialog({
  repository,
  instances,
  revision,
  resources,
  onClose,
  onStarted,
}: {
  repository: string;
  instances: string[];
  revision: string | null;
  resources: number;
  onClose: () => void;
  onStarted: (run: RunInfo) => void;
}): ReactNode {
  const targets = useSyncTargets(repository);
  const start = useAction("sync_start");
  const names = new Set(instances.map((instance) => splitInstance(instance).environment));
  return (
    <Dialog open onClose={onClose} title={`Sync ${plural(instances.length, "application")}`}>
      {start.error !== null && <ErrorState title="The sync did not start" error={toApiError(start.error)} />}
      <SyncForm
        instances={instances}
        environments={targets.environments.filter((environment) => names.has(environment.name))}
        sandbox={targets.sandbox}
        contexts={targets.contexts}
        resources={resources}
        busy={start.isPending}
        onContext={targets.setContext}
        onStart={(choice) => start.mutate({ repository, instances, revision, ...choice }, { onSuccess: onStarted })}
        onCancel={onClose}
      />
    </Dialog>
  );
}

function RunView({ id, search, onSearch }: ScreenProps<"waves"> & { id: string }): ReactNode {
  const places = usePlaces();
  const { observed, error } = useRun(id);
  const abort = useAction("run_abort");
  const [asking, setAsking] = useState(false);
  const now = useNow(1000);
  const run = observed?.run;
  const sentence =
    run === undefined ? "" : `${run.done} of ${run.total} synced${run.failed > 0 ? `, ${run.failed} failed` : ""}`;
  useEffect(() => {
    if (sentence !== "") announce(sentence);
  }, [sentence]);
  if (error !== null && run === undefined) {
    return <ErrorState title="The run cannot be shown" error={error} onRetry={() => onSearch({ run: "" })} />;
  }
  if (run === undefined) return <Skeleton label="Loading the run" rows={14} height={36} />;
  const ended = run.finishedAt !== null;
  return (
    <>
      <GraphView
        lanes={run.lanes}
        problems={[]}
        starting={!ended}
        search={search}
        onSearch={onSearch}
        notice={
          ended ? (
            <Notice
              tone={run.phase === "succeeded" ? "info" : run.phase === "aborted" ? "warning" : "degraded"}
              action={<Button onClick={() => places.go("activity", { run: run.id })}>Open activity</Button>}
            >
              {phaseMark(run.phase).word}: {runSentence(run, now)}. {run.message}{" "}
              {run.health.length > 0 && `${healthSentence(run.health)}.`}
            </Notice>
          ) : undefined
        }
        head={
          <>
            <h1 className={styles.title}>Sync to {run.target}</h1>
            <MarkLabel mark={phaseMark(run.phase)} />
            <span className={styles.muted}>
              {plural(run.lanes.length, "application")} at {shortCommit(run.revision)}
            </span>
          </>
        }
        counts={
          <span className={styles.muted}>
            {run.total === 0 && !ended ? "planning" : `${run.done} of ${run.total} synced`}
            {run.failed > 0 && (
              <>
                , <span className={styles.failedCount}>{run.failed} failed</span>
              </>
            )}
          </span>
        }
        actions={
          <Button
            kind="danger"
            icon={CircleStop}
            onClick={() => setAsking(true)}
            disabledReason={ended ? "The sync has ended" : abort.isPending ? "It is being aborted" : null}
          >
            Abort…
          </Button>
        }
      />
      <AbortDialog
        open={asking}
        run={run}
        onClose={() => setAsking(false)}
        onAbort={() => {
          abort.mutate({ run: run.id });
          setAsking(false);
        }}
      />
    </>
  );
}

function AbortDialog({
  open,
  run,
  onClose,
  onAbort,
}: {
  open: boolean;
  run: RunInfo;
  onClose: () => void;
  onAbort: () => void;
}): ReactNode {
  const cancel = useRef<HTMLButtonElement>(null);
  const busy = run.lanes.flatMap((lane) =>
    lane.columns.flatMap((column) =>
      column.tasks
        .filter((task) => task.status === "inProgress")
        .map((task) => `${resourceName(task.resource)} of ${lane.instance}`),
    ),
  );
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Abort the sync to ${run.target}?`}
      initialFocus={cancel}
      footer={
        <>
          <Button ref={cancel} onClick={onClose}>
            Keep running
          </Button>
          <Button kind="danger" onClick={onAbort}>
            Abort sync
          </Button>
        </>
      }
    >
      <p>
        {plural(run.done, "resource")} {run.done === 1 ? "is" : "are"} applied and stay{run.done === 1 ? "s" : ""} so;{" "}
        {plural(run.total - run.done, "resource")} will not start.
      </p>
      {busy.length > 0 && (
        <>
          <p className={styles.muted}>In progress now:</p>
          <ul>
            {busy.slice(0, 20).map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function GraphView({
  lanes,
  problems,
  search,
  onSearch,
  head,
  counts,
  actions,
  notice,
  starting,
}: Pick<ScreenProps<"waves">, "search" | "onSearch"> & {
  lanes: Lane[];
  problems: ProblemInfo[];
  head: ReactNode;
  counts?: ReactNode;
  actions: ReactNode;
  notice?: ReactNode;
  /** Whether the resources are not known yet: they are being rendered. */
  starting?: boolean;
}): ReactNode {
  const density: Density = search.density === "compact" ? "compact" : "resources";
  const layout = useMemo(() => layoutWaves(lanes, density), [lanes, density]);
  const [follow, setFollow] = useState(false);
  const [asked, setAsked] = useState<{ key: string } | null>(null);
  const selected = search.task ?? null;
  const target = follow ? followTask(layout) : null;
  const request = useMemo(() => (target === null ? asked : { key: target }), [target, asked]);
  const setDensity = (next: Density) => () =>
    onSearch({ density: next === "compact" ? "compact" : "" }, { replace: true });
  const followNow = (): void => {
    const key = followTask(layout);
    if (key !== null) setAsked({ key });
    setFollow((before) => !before);
  };
  return (
    <>
      <div className={styles.left}>
        <div className={styles.bar} role="toolbar" aria-label="Sync">
          {head}
          <span className={styles.space} />
          {counts}
          <span className={styles.densities} role="group" aria-label="Density">
            <button
              type="button"
              className={styles.density}
              aria-pressed={density === "resources"}
              onClick={setDensity("resources")}
            >
              <Rows3 aria-hidden size={14} strokeWidth={1.75} /> Resources
            </button>
            <button
              type="button"
              className={styles.density}
              aria-pressed={density === "compact"}
              onClick={setDensity("compact")}
            >
              <LayoutGrid aria-hidden size={14} strokeWidth={1.75} /> Compact
            </button>
          </span>
          <IconButton
            kind="plain"
            label="Follow what is in progress"
            hint="F"
            icon={Crosshair}
            aria-pressed={follow}
            onClick={followNow}
          />
          {actions}
        </div>
        {(notice !== undefined || problems.length > 0) && (
          <div className={styles.notices}>
            {notice}
            {problems.length > 0 && <ProblemList problems={problems} />}
          </div>
        )}
        {layout.columns.length === 0 ? (
          starting === true ? (
            <Skeleton label="Planning the sync" rows={14} height={36} />
          ) : (
            <EmptyState title="Nothing to sync" text="The chosen applications render no resource." />
          )
        ) : (
          <WaveGraph
            layout={layout}
            density={density}
            selected={selected}
            onSelect={(key) => onSearch({ task: key ?? "" }, { replace: true })}
            onFollow={followNow}
            focusRequest={request}
          />
        )}
      </div>
      {selected !== null && (
        <TaskPane layout={layout} selected={selected} onClose={() => onSearch({ task: "" }, { replace: true })} />
      )}
    </>
  );
}

function TaskPane({
  layout,
  selected,
  onClose,
}: {
  layout: WaveLayout;
  selected: string;
  onClose: () => void;
}): ReactNode {
  const places = usePlaces();
  const found = findTask(layout, selected);
  if (found === null) return null;
  const { task } = found.task;
  const { lane } = found.lane;
  const column = layout.columns[found.task.column];
  const blocks = blockedBy(lane, task);
  const gate = found.lane.gates.find((entry) => entry.column === found.task.column);
  return (
    <DetailPane label={`Detail of ${resourceName(task.resource)}`} name="waves" initial={340} onClose={onClose}>
      <div className={styles.detail}>
        <div className={styles.detailHead}>
          <div className={styles.crumbs}>
            <span>
              {task.resource.kind} · {lane.instance}
            </span>
            <IconButton label="Close detail" hint="Esc" icon={X} onClick={onClose} />
          </div>
          <h2 className={styles.detailTitle}>{task.resource.name}</h2>
          <MarkLabel mark={taskMark(task.status)} />
        </div>
        {task.message !== null && (
          <p className={task.status === "failed" ? styles.failure : styles.section}>{task.message}</p>
        )}
        {gate !== undefined && gate.text !== null && (
          <p className={styles.blocked}>
            <Hourglass aria-hidden size={13} strokeWidth={1.75} /> {gate.text}
          </p>
        )}
        <section className={styles.section} aria-label="What waits for it">
          <h3 className={styles.heading}>What waits for it</h3>
          {blocks.length === 0 ? (
            <p className={styles.note}>Nothing in this application waits for it.</p>
          ) : (
            <ul>
              {blocks.map((block) => (
                <li key={`${block.phase} ${block.wave}`} className={styles.blocked}>
                  <Hourglass aria-hidden size={13} strokeWidth={1.75} /> {phaseName(block.phase)} · wave {block.wave} ·{" "}
                  {plural(block.tasks, "resource")}
                </li>
              ))}
            </ul>
          )}
          {layout.lanes.length > 1 && (
            <p className={styles.note}>Other applications run independently; no order between them is enforced.</p>
          )}
        </section>
        <dl className={styles.facts}>
          <dt>Action</dt>
          <dd>{task.action}</dd>
          {column !== undefined && (
            <>
              <dt>Runs in</dt>
              <dd>
                {phaseName(column.phase)} · wave {column.wave}
              </dd>
            </>
          )}
          {task.hooks.length > 0 && (
            <>
              <dt>Hook</dt>
              <dd>
                {task.hooks.map((hook) => (
                  <Chip key={hook}>{hook}</Chip>
                ))}
              </dd>
            </>
          )}
          {task.resource.namespace !== "" && (
            <>
              <dt>Namespace</dt>
              <dd>{task.resource.namespace}</dd>
            </>
          )}
          <dt>Next wave</dt>
          <dd>{task.waitsForHealth ? "waits for its health" : "does not wait for its health"}</dd>
        </dl>
        <div className={styles.row}>
          <Button onClick={() => places.go("environments", { at: lane.instance, tab: "resources" })}>
            Open application
          </Button>
        </div>
      </div>
    </DetailPane>
  );
}
