import { Cloud, CloudOff, ListTodo, TriangleAlert, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Kbd } from "../components/Chip";
import { useToast } from "../components/Toast";
import {
  type ClusterAnswer,
  type FleetProgress,
  type PromotionDraft,
  type RunInfo,
  toApiError,
  useAction,
  useCommand,
  useConnection,
  useDrafts,
  useFleetProgress,
  useRepositoryId,
  useSyncTargets,
} from "../ipc";
import { announce } from "../lib/announce";
import { cx } from "../lib/cx";
import { formatAge, formatShortClock, plural } from "../lib/format";
import { useNow } from "../lib/hooks";
import { keyLabel } from "../lib/keymap";
import { type Searches, usePlaces, writeList } from "../lib/places";
import styles from "./Shell.module.css";

/** Where one is not: clusters, jobs, age of what is shown. */
export function BottomBar({ onHelp }: { onHelp: () => void }): ReactNode {
  const repository = useRepositoryId();
  const go = usePlaces();
  const connection = useConnection();
  const sandbox = useCommand("sandbox", { repository });
  const runs = useCommand("runs", { repository });
  const fleet = useCommand("fleet", { repository });
  const progress = useFleetProgress(repository) ?? fleet.data?.progress;
  const drafts = useDrafts(repository);
  const draft = drafts[0];
  const discard = useAction("draft_remove");
  const toast = useToast();
  const now = useNow(1000);
  const running = (runs.data?.runs ?? []).filter((run) => run.finishedAt === null);
  const first = running[0];
  useFinishedRuns(runs.data?.runs);
  useRenderedSaid(progress);
  const age = fleet.dataUpdatedAt === 0 ? null : Math.max(0, (now - fleet.dataUpdatedAt) / 1000);
  return (
    <footer className={styles.bottom} aria-label="State" data-pane>
      {connection === "reconnecting" && (
        <span className={cx(styles.bottomItem, styles.lost)} role="status">
          <CloudOff aria-hidden size={12} strokeWidth={1.75} />
          No answer from Slipway, trying again
        </span>
      )}
      {sandbox.data !== undefined && (
        <a className={styles.bottomButton} href={go.href("settings", { section: "clusters" })}>
          <Cloud
            aria-hidden
            size={12}
            strokeWidth={1.75}
            className={sandbox.data.running ? styles.stateMark : undefined}
          />
          {sandbox.data.running
            ? `Sandbox running · ${plural(sandbox.data.clusters.length, "cluster")}`
            : "Sandbox not running"}
        </a>
      )}
      <Clusters repository={repository} />
      {progress !== undefined && progress.rendered < progress.total && (
        <span className={cx(styles.bottomItem, styles.running)}>
          Rendering {progress.rendered} of {progress.total}
        </span>
      )}
      <span className={styles.space} />
      {draft !== undefined && (
        <span className={styles.bottomGroup}>
          <a
            className={styles.bottomButton}
            href={go.href("promotions", draftSearch(draft))}
            title={`Changed at ${formatShortClock(draft.changedAt)}`}
          >
            <ListTodo aria-hidden size={12} strokeWidth={1.75} />
            <span className={styles.fits}>
              {drafts.length === 1
                ? `Unfinished promotion ${draft.request.from} → ${draft.request.to.join(", ")}`
                : plural(drafts.length, "unfinished promotion")}
            </span>
          </a>
          <button
            type="button"
            className={styles.bottomButton}
            aria-label={`Discard the unfinished promotion ${draft.request.from} → ${draft.request.to.join(", ")}`}
            title="Discard"
            onClick={() =>
              discard.mutate(
                { repository, id: draft.id },
                {
                  onSuccess: () => toast("The unfinished promotion is discarded"),
                  onError: (reason) => toast("It was not discarded", toApiError(reason).message),
                },
              )
            }
          >
            <X aria-hidden size={12} strokeWidth={1.75} />
          </button>
        </span>
      )}
      {first !== undefined && (
        <a className={cx(styles.bottomButton, styles.running)} href={go.href("waves", { run: first.id })}>
          {plural(running.length, "sync", "syncs")} running
        </a>
      )}
      {age !== null && (
        <span
          className={connection === "reconnecting" ? styles.stale : undefined}
          title={`Read at ${formatShortClock(fleet.dataUpdatedAt)}`}
        >
          {connection === "reconnecting"
            ? `as of ${formatShortClock(fleet.dataUpdatedAt)}`
            : age < 2
              ? "Read just now"
              : `Read ${formatAge(age)} ago`}
        </span>
      )}
      <button type="button" className={styles.bottomButton} onClick={onHelp} aria-label="Keyboard shortcuts">
        <Kbd>{keyLabel("?")}</Kbd>
        shortcuts
      </button>
    </footer>
  );
}

/** Tells screen readers that everything is rendered, once it was not. */
function useRenderedSaid(progress: FleetProgress | undefined): void {
  const going = useRef(false);
  const { total = 0, rendered = 0, failed = 0 } = progress ?? {};
  useEffect(() => {
    if (going.current && rendered >= total)
      announce(`${plural(total, "instance")} rendered${failed > 0 ? `, ${failed} failed` : ""}`);
    going.current = rendered < total;
  }, [total, rendered, failed]);
}

/** Says in a toast that a run has ended, to a person who looks at something else; where one sees it, it is only said. */
function useFinishedRuns(runs: RunInfo[] | undefined): void {
  const toast = useToast();
  const running = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (runs === undefined) return;
    for (const run of runs) {
      if (!running.current.has(run.id) || run.finishedAt === null) continue;
      const ended = `Sync to ${run.target} ${run.phase}`;
      if (/^#\/(waves|activity|promotions)/.test(window.location.hash)) announce(ended);
      else toast(ended, run.message ?? undefined);
    }
    running.current = new Set(runs.filter((run) => run.finishedAt === null).map((run) => run.id));
  }, [runs, toast]);
}

/** The place where a draft goes on. */
export function draftSearch(draft: PromotionDraft): Searches["promotions"] {
  const applications = writeList(draft.request.applications ?? []);
  return {
    from: draft.request.from,
    ...(draft.request.to[0] === undefined ? {} : { to: draft.request.to[0] }),
    ...(applications === undefined ? {} : { applications }),
    step: draft.step,
  };
}

const clusterWords: Record<ClusterAnswer["state"], string> = {
  connected: "connected",
  signInNeeded: "sign-in needed",
  timedOut: "no answer",
  unreachable: "unreachable",
  misconfigured: "not in the kubeconfig",
};

/** The clusters that environments mean, with how long they take to answer. */
function Clusters({ repository }: { repository: string }): ReactNode {
  const targets = useSyncTargets(repository);
  const contexts = [
    ...new Set(targets.environments.flatMap((entry) => (entry.context === null ? [] : [entry.context]))),
  ];
  return contexts.slice(0, 4).map((context) => {
    const program = targets.contexts.find((entry) => entry.name === context)?.program ?? null;
    return <Cluster key={context} context={context} program={program} />;
  });
}

/**
 * A context whose credentials come from a program is asked only on a click: the program may open a browser to log
 * in, which nobody wants to happen by itself.
 */
function Cluster({ context, program }: { context: string; program: string | null }): ReactNode {
  const go = usePlaces();
  const [asked, setAsked] = useState(false);
  const ask = program === null || asked;
  const answer = useCommand(
    "cluster_check",
    ask ? { context } : null,
    program === null ? { refreshEvery: 30_000 } : {},
  );
  const { data } = answer;
  if (!ask) {
    return (
      <button
        type="button"
        className={styles.bottomButton}
        title={`${program} gets the credentials of ${context}; click to ask the cluster`}
        onClick={() => setAsked(true)}
      >
        <Cloud aria-hidden size={12} strokeWidth={1.75} />
        {context} not asked
      </button>
    );
  }
  const bad = data !== undefined && data.state !== "connected";
  return (
    <a
      className={cx(styles.bottomButton, bad && styles.lost)}
      href={go.href("settings", { section: "clusters" })}
      title={
        data === undefined
          ? `Asking ${context}`
          : [data.message ?? `${context} is ${data.version ?? "there"}`, ...data.hints].join("\n")
      }
    >
      {bad ? (
        <TriangleAlert aria-hidden size={12} strokeWidth={1.75} />
      ) : (
        <Cloud aria-hidden size={12} strokeWidth={1.75} className={data === undefined ? undefined : styles.stateMark} />
      )}
      {data === undefined
        ? `waiting for ${context}`
        : `${context} ${data.state === "connected" && data.milliseconds !== null ? `${data.milliseconds} ms` : clusterWords[data.state]}`}
    </a>
  );
}
