import { Box, Check, CircleX, Copy, Info, RotateCw, Workflow } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "../../components/Button";
import { Chip } from "../../components/Chip";
import { useContextMenu } from "../../components/ContextMenu";
import { fileEntries, instanceSubject, useFileActionsOf } from "../../components/FileActions";
import { MarkIcon, MarkLabel, VisuallyHidden } from "../../components/Mark";
import { RetryButton } from "../../components/RetryButton";
import { Picker } from "../../components/Picker";
import { HealthList, healthSentence, runSentence } from "../../components/RunSummary";
import { EmptyState, ErrorState, Skeleton } from "../../components/States";
import { Tabs } from "../../components/Tabs";
import { useToast } from "../../components/Toast";
import { StaleNote } from "../../components/Workspace";
import {
  type ObservedRun,
  type RunInfo,
  type Sighting,
  toApiError,
  useAction,
  useCommand,
  useConnection,
  useFiles,
  useRepositoryId,
  useRun,
  useSyncTargets,
} from "../../ipc";
import { copyText } from "../../lib/clipboard";
import { cx } from "../../lib/cx";
import { formatClock, formatDateTime, plural, shortCommit } from "../../lib/format";
import { fuzzyFilter } from "../../lib/fuzzy";
import { useNow, useStaleSince } from "../../lib/hooks";
import { useArrows } from "../../lib/useArrows";
import { type ScreenProps, usePlaces } from "../../lib/places";
import { phaseMark } from "../../lib/state";
import styles from "./Activity.module.css";
import { Events } from "./Events";
import { healthExplanation } from "./health";
import { Logs } from "./Logs";
import { messages, report, type Step, steps, ticks } from "./timeline";

export function ActivityScreen({ search, onSearch }: ScreenProps<"activity">): ReactNode {
  const repository = useRepositoryId();
  const places = usePlaces();
  const runs = useCommand("runs", { repository });
  const stale = useStaleSince(useConnection() === "connected", runs.dataUpdatedAt);
  if (runs.error !== null) {
    return (
      <div className={styles.screen}>
        <h1>
          <VisuallyHidden>Activity</VisuallyHidden>
        </h1>
        <ErrorState
          title="The runs cannot be shown"
          error={toApiError(runs.error)}
          onRetry={() => void runs.refetch()}
        />
      </div>
    );
  }
  if (runs.data === undefined) {
    return (
      <div className={styles.screen}>
        <h1>
          <VisuallyHidden>Activity</VisuallyHidden>
        </h1>
        <Skeleton label="Loading activity" rows={12} height={32} />
      </div>
    );
  }
  const list = runs.data.runs;
  const id = search.run ?? list[0]?.id ?? null;
  if (id === null) {
    return (
      <div className={styles.screen}>
        <h1>
          <VisuallyHidden>Activity</VisuallyHidden>
        </h1>
        <EmptyState
          title="No sync yet"
          text="A sync shows its steps, messages and health here, while it runs and afterwards."
          action={
            <Button kind="primary" onClick={() => places.go("waves")}>
              Plan a sync
            </Button>
          }
        />
      </div>
    );
  }
  return (
    <div className={styles.screen}>
      <StaleNote since={stale} />
      <RunActivity
        key={id}
        id={id}
        runs={list}
        tab={tabs.find((tab) => tab === search.tab) ?? "health"}
        onRun={(run) => onSearch({ run })}
        onTab={(tab) => onSearch({ tab }, { replace: true })}
      />
    </div>
  );
}

const tabs = ["logs", "events", "health", "messages"] as const;
type TabName = (typeof tabs)[number];

function runName(run: RunInfo): string {
  const number = run.number === undefined ? "" : ` #${run.number}`;
  return `Sync${number} to ${run.target} · ${formatClock(run.startedAt)}`;
}

function RunActivity({
  id,
  runs,
  tab,
  onRun,
  onTab,
}: {
  id: string;
  runs: RunInfo[];
  tab: TabName;
  onRun: (run: string) => void;
  onTab: (tab: string) => void;
}): ReactNode {
  const places = usePlaces();
  const toast = useToast();
  const { observed, error } = useRun(id);
  const now = useNow(500);
  if (observed === undefined) {
    return (
      <>
        <h1>
          <VisuallyHidden>Activity</VisuallyHidden>
        </h1>
        {error !== null ? (
          <ErrorState title="The run cannot be shown" error={error} />
        ) : (
          <Skeleton label="Loading the run" rows={12} height={32} />
        )}
      </>
    );
  }
  const { run } = observed;
  const said = messages(run);
  return (
    <>
      <div className={styles.bar} role="toolbar" aria-label="Activity">
        <h1 className={styles.title}>Activity</h1>
        <Picker
          label="Run"
          value={runName(run)}
          empty="No run has this name."
          entries={(query) =>
            fuzzyFilter(runs, query, (entry) => `${runName(entry)} ${entry.phase} ${entry.revision}`, 50).map(
              (entry) => ({
                key: entry.id,
                group: "Runs",
                label: runName(entry),
                detail: `${phaseMark(entry.phase).word} · ${entry.done}/${entry.total}`,
                icon: RotateCw,
                onSelect: () => onRun(entry.id),
              }),
            )
          }
        />
        <MarkLabel mark={phaseMark(run.phase)} />
        <span className={styles.muted} title={formatDateTime(run.startedAt)}>
          revision <code className={styles.mono}>{shortCommit(run.revision)}</code> · {runSentence(run, now)}
        </span>
        <span className={styles.space} />
        <Retry run={run} onRun={onRun} />
        <Button icon={Workflow} onClick={() => places.go("waves", { run: run.id })}>
          Open wave graph
        </Button>
        <Button
          icon={Copy}
          onClick={() =>
            void copyText(report(run, formatClock)).then((done) =>
              toast(done ? "Report copied" : "The clipboard cannot be written"),
            )
          }
        >
          Copy report
        </Button>
      </div>
      <div className={styles.body}>
        <div className={styles.main}>
          <Timeline observed={observed} now={now} />
          <section className={styles.dock} aria-label="Logs, events and health" data-pane>
            <Tabs
              label="Logs, events and health"
              value={tab}
              onChange={onTab}
              tabs={[
                { key: "logs", label: "Logs" },
                { key: "events", label: "Events" },
                { key: "health", label: "Health", count: run.health.length },
                { key: "messages", label: "Messages", count: said.length },
              ]}
            >
              {tab === "logs" && <Logs run={run} />}
              {tab === "events" && <Events run={run} />}
              {tab === "health" && <Health run={run} />}
              {tab === "messages" && (
                <div className={styles.dockBody}>
                  {said.length === 0 ? (
                    <p className={styles.muted}>The cluster said nothing.</p>
                  ) : (
                    <ul>
                      {said.map((entry) => (
                        <li key={entry.key} className={styles.message}>
                          <span className={styles.strong}>{entry.title}</span>
                          <span className={styles.feedText}>{entry.text}</span>
                        </li>
                      ))}
                    </ul>
                  )}
                </div>
              )}
            </Tabs>
          </section>
        </div>
        <Feed observed={observed} />
      </div>
    </>
  );
}

function Health({ run }: { run: RunInfo }): ReactNode {
  const explanation = healthExplanation(run);
  if (run.health.length === 0) {
    return (
      <div className={styles.dockBody}>
        <p className={styles.muted}>
          {run.finishedAt === null ? "Health is read when the sync has ended." : (explanation ?? "No health was read.")}
        </p>
      </div>
    );
  }
  return (
    <div className={styles.dockBody}>
      <p className={styles.strong}>{healthSentence(run.health)}</p>
      {explanation !== null && <p className={styles.muted}>{explanation}</p>}
      <HealthList health={run.health} />
    </div>
  );
}

function Retry({ run, onRun }: { run: RunInfo; onRun: (run: string) => void }): ReactNode {
  const toast = useToast();
  const retry = useAction("run_retry");
  const targets = useSyncTargets(run.repository);
  return (
    <RetryButton
      run={run}
      environments={targets.environments}
      busy={retry.isPending}
      onRetry={(confirmed) =>
        retry.mutate(
          { run: run.id, confirmed },
          {
            onSuccess: (next) => onRun(next.id),
            onError: (reason) => toast("It cannot be tried again", toApiError(reason).message),
          },
        )
      }
    />
  );
}

/** The steps of a run: one stop of Tab, with a menu for each step. Enter shows a step in the graph. */
function Timeline({ observed, now }: { observed: ObservedRun; now: number }): ReactNode {
  const list = steps(observed, now);
  const places = usePlaces();
  const files = useFiles(observed.run.repository);
  const fileActions = useFileActionsOf(files);
  const arrows = useArrows();
  const show = (step: Step): void => places.go("waves", { run: observed.run.id, task: step.key });
  const context = useContextMenu((element) => {
    const key = element.closest<HTMLElement>("[data-step]")?.dataset.step;
    const step = list.find((entry) => entry.key === key);
    if (step === undefined) return null;
    const { instance } = step;
    return {
      label: `Menu of ${step.instance} ${step.phase} ${step.wave}`,
      groups: [
        [
          { label: "Show in the wave graph", keys: "Enter", icon: Workflow, onSelect: () => show(step) },
          { label: "Open application", icon: Box, onSelect: () => places.go("environments", { at: instance }) },
        ],
        // Without keys: in this place they belong to the logs.
        ...fileEntries(fileActions(instanceSubject(files, instance))).map((group) =>
          group.map(({ label, icon, onSelect }) => ({ label, onSelect, ...(icon === undefined ? {} : { icon }) })),
        ),
      ],
    };
  });
  const unseen = list.length > 0 && list.every((step) => step.bar === null) && observed.run.finishedAt !== null;
  return (
    <section {...arrows} {...context.props} className={styles.timeline} aria-label="Timeline" data-pane data-pane-focus>
      {context.menu}
      <div className={styles.axis}>
        <span>Application · step</span>
        <span className={styles.ticks}>
          {ticks(observed.run, now).map((time, index, { length }) => (
            <span key={index}>
              {index > 0 && index === length - 1 && observed.run.finishedAt === null ? "now" : formatClock(time)}
            </span>
          ))}
        </span>
      </div>
      {unseen && (
        <p className={styles.note}>This page did not watch the run, so the times of its steps are not known.</p>
      )}
      <ul>
        {list.map((step) => (
          <TimelineRow key={step.key} step={step} onShow={() => show(step)} />
        ))}
      </ul>
    </section>
  );
}

const barTones = {
  healthy: styles.barDone,
  progressing: styles.barProgress,
  degraded: styles.barFailed,
  warning: styles.barWarning,
  paused: styles.barDone,
  none: styles.barDone,
};

function TimelineRow({ step, onShow }: { step: Step; onShow: () => void }): ReactNode {
  return (
    <li className={styles.row} data-row={step.application} data-step={step.key}>
      <button type="button" tabIndex={-1} className={styles.name} title={step.instance} onClick={onShow}>
        <VisuallyHidden>
          {`${step.instance} ${step.phase} wave ${step.wave}: ${step.mark.word}, ${step.done} of ${step.total}. Show in the wave graph`}
        </VisuallyHidden>
        <span aria-hidden className={styles.sign}>
          <MarkIcon mark={step.mark} />
        </span>
        <span aria-hidden className={styles.application}>
          {step.application}
        </span>
        <span aria-hidden className={styles.muted}>
          {step.phase} {step.wave}
        </span>
      </button>
      <span className={styles.track}>
        {step.bar !== null && (
          <span
            className={cx(styles.barFill, barTones[step.mark.tone])}
            style={{ left: `${step.bar.start * 100}%`, width: `max(2px, ${(step.bar.end - step.bar.start) * 100}%)` }}
          />
        )}
        {step.bar === null && (
          <span className={styles.trackText}>
            {step.text ?? `${step.mark.word.toLowerCase()} ${step.done}/${step.total}`}
          </span>
        )}
      </span>
    </li>
  );
}

const feedIcons = { started: Info, finished: Check, failed: CircleX, progress: Info };
const feedTones: Record<Sighting["kind"], string | undefined> = {
  started: styles.feedInfo,
  finished: styles.feedDone,
  failed: styles.feedFailed,
  progress: styles.feedInfo,
};

function Feed({ observed }: { observed: ObservedRun }): ReactNode {
  const [onlyFailed, setOnlyFailed] = useState(false);
  const list = observed.sightings.filter((entry) => !onlyFailed || entry.kind === "failed").toReversed();
  const failed = observed.sightings.filter((entry) => entry.kind === "failed" && entry.instance !== null).length;
  return (
    <section className={styles.feed} aria-label="Feed" data-pane>
      <div className={styles.feedHead}>
        <h2 className={styles.strong}>Feed</h2>
        {failed > 0 && (
          <button
            type="button"
            className={styles.feedFilter}
            aria-pressed={onlyFailed}
            onClick={() => setOnlyFailed(!onlyFailed)}
          >
            <Chip tone="degraded">{plural(failed, "failure")}</Chip>
          </button>
        )}
      </div>
      {list.length === 0 ? (
        <p className={styles.feedEmpty}>What happens in a run is listed here.</p>
      ) : (
        <ol>
          {list.map((entry) => {
            const Icon = feedIcons[entry.kind];
            return (
              <li key={entry.id} className={styles.feedEntry}>
                <Icon aria-hidden size={14} strokeWidth={1.75} className={feedTones[entry.kind]} />
                <span className={styles.feedTitle}>
                  {entry.kind === "failed" && <VisuallyHidden>failure: </VisuallyHidden>}
                  {entry.title}
                </span>
                <time className={styles.feedTime} dateTime={new Date(entry.at).toISOString()}>
                  {formatClock(entry.at)}
                </time>
                {entry.text !== null && <span className={styles.feedText}>{entry.text}</span>}
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
