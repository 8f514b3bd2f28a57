import {
  Activity,
  CheckCheck,
  ChevronsUpDown,
  CircleHelp,
  Cloud,
  CloudOff,
  FilePen,
  FolderOpen,
  GitBranch,
  GitCompareArrows,
  GitFork,
  ListTree,
  type LucideIcon,
  Monitor,
  Moon,
  RefreshCw,
  Search,
  Settings,
  Sun,
  Table2,
  TriangleAlert,
  Workflow,
} from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { IconButton } from "../components/Button";
import { Kbd } from "../components/Chip";
import { VisuallyHidden } from "../components/Mark";
import { Menu } from "../components/Menu";
import { useToast } from "../components/Toast";
import {
  type RepositoryInfo,
  type RunInfo,
  toApiError,
  useAction,
  useCommand,
  useConnection,
  useFleetProgress,
  useRepositoryId,
  useSession,
} from "../ipc";
import { onAnnounce } from "../lib/announce";
import { cx } from "../lib/cx";
import { formatAge, formatShortClock, plural } from "../lib/format";
import { useNow, useWindowKeys } from "../lib/hooks";
import { dispatchKey, isApple, keyLabel } from "../lib/keymap";
import { type Place, usePlaces } from "../lib/places";
import { nextTheme } from "../lib/theme";
import { Palette } from "./Palette";
import styles from "./Shell.module.css";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { useTheme } from "./useTheme";

export const places: readonly { place: Place; label: string; icon: LucideIcon }[] = [
  { place: "environments", label: "Environments", icon: ListTree },
  { place: "waves", label: "Waves", icon: Workflow },
  { place: "promotions", label: "Promotions", icon: Table2 },
  { place: "review", label: "Review", icon: GitCompareArrows },
  { place: "activity", label: "Activity", icon: Activity },
  { place: "settings", label: "Settings", icon: Settings },
];

export const apple = isApple(globalThis.navigator?.platform ?? "");

/** Moves the focus to the next pane, or the previous one. */
function movePane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")];
  const current = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(current + step + panes.length) % panes.length];
  const inside =
    next?.querySelector<HTMLElement>("[data-pane-focus]") ??
    next?.querySelector<HTMLElement>("[tabindex='0'], a[href], button, input");
  (inside ?? next)?.focus();
}

/** The frame around every screen: where one is, what the repository and the core are doing. */
export function Shell({ place, children }: { place: Place | null; children: ReactNode }): ReactNode {
  const repository = useRepositoryId();
  const go = usePlaces();
  const info = useCommand("repository_info", { repository });
  const refresh = useAction("repository_refresh");
  const toast = useToast();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const { theme, setTheme } = useTheme();

  const readAgain = (): void =>
    refresh.mutate(
      { repository },
      { onError: (reason) => toast("The repository cannot be read", toApiError(reason).message) },
    );

  useWindowKeys((event) => {
    const handlers: Record<string, () => void> = {
      "Mod+K": () => setPalette(true),
      "Mod+R": readAgain,
      "Alt+ArrowLeft": () => window.history.back(),
      "Alt+ArrowRight": () => window.history.forward(),
      F6: () => movePane(1),
      "Shift+F6": () => movePane(-1),
      "?": () => setHelp(true),
      "/": () => document.querySelector<HTMLInputElement>("[data-filter]")?.focus(),
    };
    places.forEach((entry, index) => {
      handlers[`Mod+${index + 1}`] = () => go.go(entry.place);
    });
    dispatchKey(event, handlers);
  });

  const nextLabel = { dark: "Use the light theme", light: "Use the theme of the system", system: "Use the dark theme" }[
    theme
  ];
  return (
    <div className={styles.shell}>
      <a
        className={styles.skip}
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        Skip to content
      </a>
      <header className={styles.top} data-pane>
        <div className={styles.topSide}>
          {info.data !== undefined && <RepositoryState info={info.data} onRefresh={readAgain} />}
        </div>
        <button type="button" className={styles.search} onClick={() => setPalette(true)} aria-keyshortcuts="Control+K">
          <Search aria-hidden size={14} strokeWidth={1.75} />
          <span className={styles.searchText}>Search apps, resources, commands</span>
          <Kbd>{keyLabel("Mod+K", apple)}</Kbd>
        </button>
        <div className={cx(styles.topSide, styles.topEnd)}>
          <IconButton
            label="Refresh"
            hint={keyLabel("Mod+R", apple)}
            icon={RefreshCw}
            onClick={readAgain}
            disabledReason={refresh.isPending ? "reading the repository" : null}
          />
          <IconButton
            label="Theme"
            hint={nextLabel}
            icon={theme === "dark" ? Moon : theme === "light" ? Sun : Monitor}
            onClick={() => setTheme(nextTheme(theme))}
          />
        </div>
      </header>
      <nav className={styles.rail} aria-label="Places" data-pane>
        {places.map(({ place: target, label, icon: Icon }) => (
          <a
            key={target}
            className={styles.place}
            href={go.href(target)}
            aria-current={place === target ? "page" : undefined}
            data-pane-focus={place === target || undefined}
          >
            <Icon aria-hidden size={18} strokeWidth={1.75} />
            {label}
          </a>
        ))}
      </nav>
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <BottomBar onHelp={() => setHelp(true)} />
      <Palette
        open={palette}
        onClose={() => setPalette(false)}
        onHelp={() => setHelp(true)}
        onRefresh={readAgain}
        onTheme={setTheme}
      />
      <ShortcutsDialog open={help} onClose={() => setHelp(false)} />
      <LiveRegion />
    </div>
  );
}

function RepositoryState({ info, onRefresh }: { info: RepositoryInfo; onRefresh: () => void }): ReactNode {
  const session = useSession();
  const toast = useToast();
  const go = usePlaces();
  const recent = useCommand("repository_recent", {});
  const fetch = useAction("repository_fetch");
  const push = useAction("repository_push");
  const open = useAction("repository_open");
  const fail = (title: string) => (reason: unknown) => toast(title, toApiError(reason).message);
  const head = info.head;
  const branch = head.kind === "detached" ? `detached at ${head.commit.id.slice(0, 7)}` : head.branch;
  const others = (recent.data?.repositories ?? []).filter((entry) => entry.path !== info.path).slice(0, 8);
  const { remote } = info;
  const state =
    remote === null
      ? "no remote"
      : remote.ahead === 0 && remote.behind === 0
        ? `up to date with ${remote.name}`
        : [remote.ahead > 0 ? `${remote.ahead} ahead` : "", remote.behind > 0 ? `${remote.behind} behind` : ""]
            .filter(Boolean)
            .join(", ");
  const settled = remote !== null && remote.ahead === 0 && remote.behind === 0;
  const writeReason = remote === null ? "The branch follows no remote" : (info.readOnly ?? undefined);
  return (
    <>
      <Menu
        trigger={
          <button type="button" className={styles.repository}>
            <VisuallyHidden>
              Repository {info.name}, branch {branch}
            </VisuallyHidden>
            <GitBranch aria-hidden size={14} strokeWidth={1.75} />
            <span aria-hidden className={styles.repositoryName}>
              {info.name}
            </span>
            <span aria-hidden className={styles.branch}>
              {branch}
            </span>
            <ChevronsUpDown aria-hidden size={13} strokeWidth={1.75} />
          </button>
        }
        groups={[
          others.map((entry) => ({
            label: entry.name,
            detail: entry.path,
            icon: GitFork,
            ...(entry.exists ? {} : { disabledReason: "The folder is gone" }),
            onSelect: () =>
              open.mutate(
                { path: entry.path },
                { onSuccess: session.open, onError: fail(`${entry.name} cannot be opened`) },
              ),
          })),
          [{ label: "Open another repository…", icon: FolderOpen, onSelect: session.leave }],
        ]}
      />
      <Menu
        trigger={
          <button type="button" className={styles.state} aria-label={`Git: ${state}`}>
            {settled ? (
              <CheckCheck aria-hidden size={14} strokeWidth={1.75} className={styles.stateMark} />
            ) : (
              <TriangleAlert aria-hidden size={14} strokeWidth={1.75} className={styles.stateWarning} />
            )}
            {state}
          </button>
        }
        groups={[
          [
            {
              label: "Fetch",
              icon: RefreshCw,
              ...(remote === null ? { disabledReason: "The branch follows no remote" } : { detail: remote.url }),
              onSelect: () => fetch.mutate({ repository: info.id }, { onError: fail("Fetching failed") }),
            },
            {
              label: "Push",
              icon: GitBranch,
              ...(writeReason === undefined ? {} : { disabledReason: writeReason }),
              onSelect: () =>
                push.mutate(
                  { repository: info.id },
                  {
                    onSuccess: (result) =>
                      toast(result.pushed ? "Pushed" : "The remote did not take it", result.message),
                    onError: fail("Pushing failed"),
                  },
                ),
            },
            { label: "Read again from disk", icon: FolderOpen, onSelect: onRefresh },
          ],
        ]}
      />
      {info.changedFiles.length > 0 && (
        <a
          className={styles.state}
          title={info.changedFiles.slice(0, 20).join("\n")}
          href={go.href("review", { from: "revision:HEAD", to: "working" })}
        >
          <FilePen aria-hidden size={14} strokeWidth={1.75} />
          {plural(info.changedFiles.length, "changed file")}
        </a>
      )}
      {info.inProgress !== null && (
        <span className={cx(styles.state, styles.stateWarning)}>
          <TriangleAlert aria-hidden size={14} strokeWidth={1.75} />
          {info.inProgress} in progress
        </span>
      )}
      {info.readOnly !== null && (
        <span className={cx(styles.state, styles.stateWarning)} title={info.readOnly}>
          read-only
        </span>
      )}
    </>
  );
}

function BottomBar({ onHelp }: { onHelp: () => void }): ReactNode {
  const repository = useRepositoryId();
  const go = usePlaces();
  const connection = useConnection();
  const sandbox = useCommand("sandbox", { repository });
  const runs = useCommand("runs", { repository });
  const fleet = useCommand("fleet", { repository });
  const progress = useFleetProgress(repository) ?? fleet.data?.progress;
  const now = useNow(1000);
  const running = (runs.data?.runs ?? []).filter((run) => run.finishedAt === null);
  const first = running[0];
  useFinishedRuns(runs.data?.runs);
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
      {progress !== undefined && progress.rendered < progress.total && (
        <span className={cx(styles.bottomItem, styles.running)}>
          Rendering {progress.rendered} of {progress.total}
        </span>
      )}
      <span className={styles.space} />
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
        <CircleHelp aria-hidden size={12} strokeWidth={1.75} />
        shortcuts
      </button>
    </footer>
  );
}

/** Says in a toast that a run has ended, to a person who looks at something else. */
function useFinishedRuns(runs: RunInfo[] | undefined): void {
  const toast = useToast();
  const running = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (runs === undefined) return;
    for (const run of runs) {
      if (!running.current.has(run.id) || run.finishedAt === null) continue;
      if (/^#\/(waves|activity|promotions)/.test(window.location.hash)) continue;
      toast(`Sync to ${run.target} ${run.phase}`, run.message ?? undefined);
    }
    running.current = new Set(runs.filter((run) => run.finishedAt === null).map((run) => run.id));
  }, [runs, toast]);
}

function LiveRegion(): ReactNode {
  const [text, setText] = useState("");
  useEffect(() => onAnnounce(setText), []);
  return (
    <VisuallyHidden>
      <span role="status" aria-live="polite">
        {text}
      </span>
    </VisuallyHidden>
  );
}
