import { CircleStop, Crosshair, LayoutGrid, List, RefreshCw, Rows3 } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { EnvironmentChip } from "../../components/Chip";
import { Dialog } from "../../components/Dialog";
import { type FileActions, instanceSubject, resourceSubject, useFileActionsOf } from "../../components/FileActions";
import { MarkLabel } from "../../components/Mark";
import { RetryButton } from "../../components/RetryButton";
import { healthSentence, runSentence } from "../../components/RunSummary";
import { EmptyState, ErrorState, Notice, ProblemNotice, Skeleton } from "../../components/States";
import { SyncForm } from "../../components/SyncForm";
import { useToast } from "../../components/Toast";
import { BarText, BarTitle, ListPane, Notices, Space, Toolbar, Workspace } from "../../components/Workspace";
import {
  type Lane,
  type ProblemInfo,
  type RunInfo,
  toApiError,
  useAction,
  useCommand,
  useConnection,
  useFiles,
  usePrunePreview,
  useRepositoryId,
  useRun,
  useSyncTargets,
} from "../../ipc";
import { announce } from "../../lib/announce";
import { plural, resourceName, shortCommit, splitInstance } from "../../lib/format";
import { useElementWidth, useLatest, useNow, useStaleSince } from "../../lib/hooks";
import { readList, type ScreenProps, usePlaces, writeList } from "../../lib/places";
import { phaseMark } from "../../lib/state";
import { Chooser } from "./Chooser";
import { type Density, densities, followSpot, layoutWaves, type Named, unfinished } from "./layout";
import { TaskPane } from "./TaskPane";
import { WaveGraph } from "./WaveGraph";
import styles from "./Waves.module.css";

export function WavesScreen(props: ScreenProps<"waves">): ReactNode {
  const { search } = props;
  const instances = useMemo(() => readList(search.instances), [search.instances]);
  if (search.run !== undefined) return <RunView key={search.run} id={search.run} {...props} />;
  if (instances.length > 0) return <PlanView instances={instances} {...props} />;
  return <Chooser onPlan={(list) => props.onSearch({ instances: list })} onRun={(run) => props.onSearch({ run })} />;
}

function PlanView({ instances, search, onSearch }: ScreenProps<"waves"> & { instances: string[] }): ReactNode {
  const repository = useRepositoryId();
  const revision = search.revision ?? null;
  const plan = useCommand("sync_plan", { repository, instances, revision }, { keepPrevious: true });
  const [syncing, setSyncing] = useState(search.sync === "1");
  const stale = useStaleSince(useConnection() === "connected", plan.dataUpdatedAt);
  if (plan.data === undefined) {
    return (
      <Workspace title="Waves">
        {plan.error !== null ? (
          <ErrorState
            title="The sync cannot be planned"
            error={toApiError(plan.error)}
            onRetry={() => void plan.refetch()}
          />
        ) : (
          <Skeleton label="Planning the sync" rows={14} height={36} />
        )}
      </Workspace>
    );
  }
  const { lanes, problems } = plan.data;
  const tasks = lanes.reduce(
    (sum, lane) => sum + lane.columns.reduce((count, column) => count + column.tasks.length, 0),
    0,
  );
  const environments = [...new Set(lanes.map((lane) => lane.environment))];
  // What cannot be rendered has no resources either, and that is not the same.
  const broken = problems.find((problem) => problem.severity === "error");
  return (
    <Workspace stale={stale}>
      <GraphView
        lanes={lanes}
        problems={problems}
        empty={
          broken === undefined
            ? { title: "Nothing to sync", text: "The chosen applications render no resource." }
            : { title: "It cannot be planned", text: broken.message }
        }
        notice={
          plan.error === null ? undefined : (
            <Notice tone="degraded" action={<Button onClick={() => void plan.refetch()}>Try again</Button>}>
              It cannot be planned anew: {toApiError(plan.error).message}
            </Notice>
          )
        }
        search={search}
        onSearch={onSearch}
        head={
          <>
            <BarTitle>Sync plan</BarTitle>
            {environments.map((name) => (
              <EnvironmentChip key={name} name={name} />
            ))}
            <BarText>
              {plural(lanes.length, "application")}, {plural(tasks, "resource")}{" "}
              {revision === null ? "as on disk" : `at ${shortCommit(revision)}`}
            </BarText>
          </>
        }
        actions={
          <>
            <Button onClick={() => onSearch({ instances: "", revision: "", task: "" })}>Choose others</Button>
            <Button
              kind="primary"
              icon={RefreshCw}
              onClick={() => setSyncing(true)}
              disabledReason={
                tasks > 0
                  ? null
                  : broken === undefined
                    ? "There is nothing to sync"
                    : "What is chosen cannot be rendered"
              }
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
          lanes={lanes}
          onClose={() => setSyncing(false)}
          onStarted={(run) => {
            setSyncing(false);
            onSearch({ run: run.id, instances: "", revision: "", sync: "", task: "" });
          }}
        />
      )}
    </Workspace>
  );
}

function SyncDialog({
  repository,
  instances,
  revision,
  resources,
  lanes,
  onClose,
  onStarted,
}: {
  repository: string;
  instances: string[];
  revision: string | null;
  resources: number;
  lanes: Lane[];
  onClose: () => void;
  onStarted: (run: RunInfo) => void;
}): ReactNode {
  const targets = useSyncTargets(repository);
  const start = useAction("sync_start");
  const pruned = usePrunePreview(repository, instances, revision);
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
        lanes={lanes}
        pruned={pruned}
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
  const retry = useAction("run_retry");
  const targets = useSyncTargets(useRepositoryId());
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const now = useNow(1000);
  const run = observed?.run;
  const sentence =
    run === undefined
      ? ""
      : `${phaseMark(run.phase).word}: ${run.done} of ${run.total} synced${run.failed > 0 ? `, ${run.failed} failed` : ""}`;
  // A sync of hundreds of resources is told in quarters, and when it goes another way.
  const told =
    run === undefined ? "" : `${run.phase} ${run.failed} ${Math.floor((4 * run.done) / Math.max(1, run.total))}`;
  const latest = useLatest(sentence);
  useEffect(() => {
    if (told !== "") announce(latest.current);
  }, [told, latest]);
  const connected = useConnection() === "connected";
  const stale = useStaleSince(connected, observed?.sightings.at(-1)?.at ?? run?.startedAt ?? 0);
  if (run === undefined) {
    return (
      <Workspace title="Waves">
        {error !== null ? (
          <ErrorState title="The run cannot be shown" error={error} onRetry={() => onSearch({ run: "" })} />
        ) : (
          <Skeleton label="Loading the run" rows={14} height={36} />
        )}
      </Workspace>
    );
  }
  const ended = run.finishedAt !== null;
  const again = writeList(unfinished(run.lanes));
  return (
    <Workspace stale={stale}>
      <GraphView
        lanes={run.lanes}
        problems={[]}
        empty={
          ended
            ? { title: "Nothing was synced", text: run.message ?? "The run ended before a resource was known." }
            : null
        }
        search={search}
        onSearch={onSearch}
        onLogs={() => places.go("activity", { run: run.id })}
        notice={
          ended ? (
            <Notice
              tone={run.phase === "succeeded" ? "info" : run.phase === "aborted" ? "warning" : "degraded"}
              action={
                <>
                  <RetryButton
                    run={run}
                    environments={targets.environments}
                    busy={retry.isPending}
                    onRetry={(confirmed) =>
                      retry.mutate(
                        { run: run.id, confirmed },
                        {
                          onSuccess: (next) => onSearch({ run: next.id, task: "" }),
                          onError: (reason) => toast("It cannot be tried again", toApiError(reason).message),
                        },
                      )
                    }
                  />
                  {run.phase !== "succeeded" && again !== undefined && (
                    <Button onClick={() => onSearch({ run: "", task: "", instances: again })}>
                      Plan {run.lanes.length === 1 ? "it" : "what did not succeed"} again
                    </Button>
                  )}
                  <Button onClick={() => places.go("activity", { run: run.id })}>Open activity</Button>
                </>
              }
            >
              {phaseMark(run.phase).word}: {runSentence(run, now)}. {run.message}{" "}
              {run.health.length > 0 && `${healthSentence(run.health)}.`}
            </Notice>
          ) : undefined
        }
        head={
          <>
            <BarTitle>Sync to {run.target}</BarTitle>
            <MarkLabel mark={phaseMark(run.phase)} />
            <BarText>
              {plural(run.lanes.length, "application")} at {shortCommit(run.revision)}
            </BarText>
          </>
        }
        counts={
          <BarText>
            {run.total === 0 && !ended ? "planning" : `${run.done} of ${run.total} synced`}
            {run.failed > 0 && (
              <>
                , <span className={styles.failedCount}>{run.failed} failed</span>
              </>
            )}
          </BarText>
        }
        actions={
          <Button
            kind="danger"
            icon={CircleStop}
            onClick={() => setAsking(true)}
            disabledReason={
              ended
                ? "The sync has ended"
                : abort.isPending
                  ? "It is being aborted"
                  : connected
                    ? null
                    : "Slipway does not answer"
            }
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
    </Workspace>
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
          <p className={styles.note}>In progress now:</p>
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

const densityLooks = {
  resources: { label: "Resources", icon: Rows3 },
  compact: { label: "Compact", icon: LayoutGrid },
  summary: { label: "Summary", icon: List },
} as const;

function GraphView({
  lanes,
  problems,
  search,
  onSearch,
  head,
  counts,
  actions,
  notice,
  empty,
  onLogs,
}: Pick<ScreenProps<"waves">, "search" | "onSearch"> & {
  lanes: Lane[];
  problems: ProblemInfo[];
  head: ReactNode;
  counts?: ReactNode;
  actions: ReactNode;
  notice?: ReactNode;
  /** What is said where there is no resource; `null` while they are still being rendered. */
  empty: { title: string; text: string } | null;
  onLogs?: () => void;
}): ReactNode {
  const density: Density = densities.find((name) => name === search.density) ?? "resources";
  const place = useRef<HTMLDivElement>(null);
  const width = useElementWidth(place);
  // A detail that opens beside the graph takes room, but must not move what is looked at.
  const [room, setRoom] = useState({ window: 0, width: 0 });
  if (width > room.width || window.innerWidth !== room.window) setRoom({ window: window.innerWidth, width });
  const layout = useMemo(() => layoutWaves(lanes, density, room.width), [lanes, density, room.width]);
  const [follow, setFollow] = useState(false);
  const [asked, setAsked] = useState<{ key: string } | null>(null);
  const selected = search.task ?? null;
  const target = follow ? followSpot(layout) : null;
  const request = useMemo(() => (target === null ? asked : { key: target }), [target, asked]);
  const followNow = (): void => {
    const key = followSpot(layout);
    if (key !== null) setAsked({ key });
    setFollow((before) => !before);
  };
  const select = (key: string | null): void => onSearch({ task: key ?? "" }, { replace: true });
  const places = usePlaces();
  const files = useFiles(useRepositoryId());
  const fileActions = useFileActionsOf(files);
  const filesOf = ({ lane, task }: Named): FileActions =>
    fileActions(
      task === null ? instanceSubject(files, lane.instance) : resourceSubject(files, lane.instance, task.resource),
    );
  return (
    <>
      <ListPane>
        <Toolbar label="Sync">
          {head}
          <Space />
          {counts}
          <span className={styles.densities} role="group" aria-label="Density">
            {densities.map((name) => {
              const { label, icon: Icon } = densityLooks[name];
              return (
                <button
                  key={name}
                  type="button"
                  className={styles.density}
                  aria-pressed={density === name}
                  onClick={() => onSearch({ density: name === "resources" ? "" : name }, { replace: true })}
                >
                  <Icon aria-hidden size={14} strokeWidth={1.75} /> {label}
                </button>
              );
            })}
          </span>
          <IconButton
            kind="plain"
            label="Follow what is in progress"
            keys="f"
            icon={Crosshair}
            aria-pressed={follow}
            onClick={followNow}
          />
          {actions}
        </Toolbar>
        {(notice !== undefined || problems.length > 0) && (
          <Notices>
            {notice}
            {problems.length > 0 && <ProblemNotice problems={problems} />}
          </Notices>
        )}
        <div ref={place} className={styles.room}>
          {layout.columns.length === 0 ? (
            empty === null ? (
              <Skeleton label="Planning the sync" rows={14} height={36} />
            ) : (
              <EmptyState title={empty.title} text={empty.text} />
            )
          ) : (
            <WaveGraph
              layout={layout}
              selected={selected}
              onSelect={select}
              onFollow={followNow}
              onLogs={onLogs}
              onApplication={(instance) => places.go("environments", { at: instance, tab: "resources" })}
              filesOf={filesOf}
              focusRequest={request}
            />
          )}
        </div>
      </ListPane>
      {selected !== null && (
        <TaskPane lanes={lanes} selected={selected} onSelect={select} onLogs={onLogs} onClose={() => select(null)} />
      )}
    </>
  );
}
