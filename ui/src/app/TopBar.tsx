import {
  AppWindow,
  CheckCheck,
  ChevronsUpDown,
  CloudDownload,
  CloudUpload,
  FilePen,
  FolderOpen,
  GitBranch,
  GitBranchPlus,
  GitCommitHorizontal,
  GitFork,
  RefreshCw,
  Terminal,
  TriangleAlert,
  UserRound,
} from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { ListEntry } from "../components/FilterList";
import { VisuallyHidden } from "../components/Mark";
import { Menu, type MenuEntry } from "../components/Menu";
import { Picker } from "../components/Picker";
import { useToast } from "../components/Toast";
import {
  type BranchInfo,
  hasWindows,
  openWindow,
  type PullResult,
  type PushResult,
  type RepositoryInfo,
  type SwitchTarget,
  toApiError,
  useAction,
  useCommand,
  useOperation,
  useSession,
} from "../ipc";
import { copyText } from "../lib/clipboard";
import { cx } from "../lib/cx";
import { plural, shortCommit } from "../lib/format";
import { fuzzyFilter } from "../lib/fuzzy";
import { useLatest } from "../lib/hooks";
import { usePlaces } from "../lib/places";
import { ConflictDialog, type Failed, FailedDialog, NewBranchDialog, PullDialog, PushDialog } from "./GitDialogs";
import { type GitRequest, onGitRequest, requestGit } from "./gitRequests";
import { askWho } from "./IdentityDialog";
import styles from "./Shell.module.css";

/** How a branch stands to the one it follows, in words. */
export function remoteState(info: RepositoryInfo): { text: string; settled: boolean } {
  const { remote, upstream, head } = info;
  if (remote === null) return { text: "no remote", settled: false };
  if (head.kind === "detached") return { text: "on no branch", settled: false };
  if (upstream === null) return { text: "not on the remote yet", settled: false };
  if (remote.ahead === 0 && remote.behind === 0) return { text: `up to date with ${remote.name}`, settled: true };
  const parts = [
    remote.ahead > 0 ? `${remote.ahead} ahead` : "",
    remote.behind > 0 ? `${remote.behind} behind` : "",
  ].filter((part) => part !== "");
  return { text: parts.join(", "), settled: false };
}

/** A path as one word of a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** What the last Git action came to, where a person has to read it. */
type Outcome =
  | { kind: "pull"; result: PullResult }
  | { kind: "push"; result: PushResult }
  | ({ kind: "failed" } & Failed)
  | { kind: "conflicts" }
  | { kind: "newBranch" };

/** The repository, its branch and its state against the remote, with what can be done about each. */
export function TopBar({ info, onRefresh }: { info: RepositoryInfo; onRefresh: () => void }): ReactNode {
  const go = usePlaces();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const close = (): void => setOutcome(null);
  const conflicts = info.conflictedFiles.length;
  return (
    <>
      <RepositoryMenu info={info} />
      <BranchPicker info={info} onOutcome={setOutcome} />
      <RemoteMenu info={info} onRefresh={onRefresh} onOutcome={setOutcome} />
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
      {(info.inProgress !== null || conflicts > 0) && (
        <button
          type="button"
          className={cx(styles.state, styles.stateWarning)}
          onClick={() => setOutcome({ kind: "conflicts" })}
        >
          <TriangleAlert aria-hidden size={14} strokeWidth={1.75} />
          {[
            info.inProgress === null ? "" : `${info.inProgress} in progress`,
            conflicts > 0 ? plural(conflicts, "conflict") : "",
          ]
            .filter((part) => part !== "")
            .join(", ")}
        </button>
      )}
      {info.readOnly !== null && (
        <span className={cx(styles.state, styles.stateWarning)} title={info.readOnly}>
          read-only
        </span>
      )}
      <PullDialog result={outcome?.kind === "pull" ? outcome.result : null} onClose={close} />
      <PushDialog result={outcome?.kind === "push" ? outcome.result : null} onClose={close} />
      <FailedDialog failed={outcome?.kind === "failed" ? outcome : null} onClose={close} />
      <ConflictDialog info={outcome?.kind === "conflicts" ? info : null} onClose={close} />
      <NewBranchDialog
        info={outcome?.kind === "newBranch" ? info : null}
        onClose={close}
        onFailed={(error) => setOutcome({ kind: "failed", title: "The branch was not created", error })}
      />
    </>
  );
}

function RepositoryMenu({ info }: { info: RepositoryInfo }): ReactNode {
  const session = useSession();
  const toast = useToast();
  const recent = useCommand("repository_recent", {});
  const open = useAction("repository_open");
  const reveal = useAction("reveal");
  const others = (recent.data?.repositories ?? []).filter((entry) => entry.path !== info.path).slice(0, 8);
  const fail = (title: string) => (reason: unknown) => toast(title, toApiError(reason).message);
  const branch = info.head.kind === "detached" ? `detached at ${shortCommit(info.head.commit.id)}` : info.head.branch;
  return (
    <Menu
      trigger={
        <button type="button" className={styles.repository}>
          <VisuallyHidden>
            Repository {info.name}, branch {branch}
          </VisuallyHidden>
          <span aria-hidden className={styles.repositoryName}>
            {info.name}
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
            hasWindows
              ? void openWindow(entry.path).catch(fail(`${entry.name} cannot be opened`))
              : open.mutate(
                  { path: entry.path },
                  { onSuccess: session.open, onError: fail(`${entry.name} cannot be opened`) },
                ),
        })),
        [
          { label: "Open another repository…", icon: FolderOpen, onSelect: session.leave },
          {
            label: "Show in the file manager",
            icon: AppWindow,
            onSelect: () => reveal.mutate({ path: info.path }, { onError: fail("The folder cannot be shown") }),
          },
          {
            label: "Who makes commits…",
            icon: UserRound,
            ...(info.identity === null ? { detail: "not known" } : { detail: info.identity.email }),
            onSelect: () => askWho(info),
          },
        ],
      ]}
    />
  );
}

/** The target of switching to a branch of a list, and how the list says it. */
function targetOf(branch: BranchInfo): SwitchTarget {
  if (branch.remote === null) return { kind: "branch", name: branch.name };
  return branch.local === null
    ? { kind: "remote", branch: branch.name, name: branch.short }
    : { kind: "branch", name: branch.local };
}

function branchDetail(branch: BranchInfo): string {
  const distance = [
    branch.ahead > 0 ? `${branch.ahead} ahead` : "",
    branch.behind > 0 ? `${branch.behind} behind` : "",
  ].filter((part) => part !== "");
  if (branch.current) return ["checked out", ...distance].join(", ");
  if (branch.remote !== null) return branch.local === null ? "creates a local branch" : `follows: ${branch.local}`;
  return [...distance, branch.commit.subject].join(" · ");
}

function BranchPicker({ info, onOutcome }: { info: RepositoryInfo; onOutcome: (outcome: Outcome) => void }): ReactNode {
  const toast = useToast();
  // Read here and not in the list: an answer whose parts nobody has read yet draws nothing again when it comes.
  const { data: branches, error } = useCommand("branches", { repository: info.id });
  const change = useAction("branch_switch");
  const head = info.head;
  const current = head.kind === "detached" ? `detached at ${shortCommit(head.commit.id)}` : head.branch;
  const to = (target: SwitchTarget, name: string): void =>
    change.mutate(
      { repository: info.id, to: target },
      {
        onSuccess: () => toast(`Switched to ${name}`),
        onError: (reason) =>
          onOutcome({ kind: "failed", title: `${name} was not checked out`, error: toApiError(reason) }),
      },
    );
  const entry = (branch: BranchInfo, group: string): ListEntry => ({
    key: `${group} ${branch.name}`,
    group,
    label: branch.name,
    detail: branchDetail(branch),
    icon: branch.current ? CheckCheck : GitBranch,
    onSelect: () => {
      if (!branch.current) to(targetOf(branch), branch.remote === null ? branch.name : (branch.local ?? branch.short));
    },
  });
  const revision = (query: string): ListEntry[] => {
    const text = query.trim();
    return /^([0-9a-f]{7,40}|[^\s]+[~^@].*)$/.test(text)
      ? [
          {
            key: "commit",
            group: "Commit",
            label: `Look at ${text} without a branch`,
            icon: GitCommitHorizontal,
            onSelect: () => to({ kind: "commit", revision: text }, text),
          },
        ]
      : [];
  };
  return (
    <Picker
      label="Branch"
      value={change.isPending ? "switching…" : current}
      empty={error === null ? "No branch has this name." : toApiError(error).message}
      entries={(query) => [
        ...fuzzyFilter(branches?.local ?? [], query, (branch) => branch.name, 50).map((branch) =>
          entry(branch, "Branches"),
        ),
        ...fuzzyFilter(branches?.remote ?? [], query, (branch) => branch.name, 50).map((branch) =>
          entry(branch, "On the remote"),
        ),
        ...revision(query),
        {
          key: "new",
          group: "More",
          label: "New branch here…",
          icon: GitBranchPlus,
          onSelect: () => onOutcome({ kind: "newBranch" }),
        },
      ]}
    />
  );
}

/** The first reason why an entry of a menu can do nothing. */
function firstReason(...reasons: (string | null)[]): { disabledReason?: string } {
  const first = reasons.find((entry) => entry !== null);
  return first === undefined || first === null ? {} : { disabledReason: first };
}

function RemoteMenu({
  info,
  onRefresh,
  onOutcome,
}: {
  info: RepositoryInfo;
  onRefresh: () => void;
  onOutcome: (outcome: Outcome) => void;
}): ReactNode {
  const toast = useToast();
  const fetch = useAction("repository_fetch");
  const pull = useAction("repository_pull");
  const push = useAction("repository_push");
  const cancel = useAction("operation_cancel");
  const { remote, upstream, head } = info;
  const operation = push.isPending ? `push ${info.id}` : fetch.isPending || pull.isPending ? `fetch ${info.id}` : null;
  const progress = useOperation(operation);
  const { text, settled } = remoteState(info);
  const fail = (title: string, request: GitRequest) => (reason: unknown) => {
    const error = toApiError(reason);
    const again = remote === null ? {} : { again: { url: remote.url, retry: () => requestGit(request) } };
    if (error.code !== "cancelled") onOutcome({ kind: "failed", title, error, ...again });
  };
  const noRemote = remote === null ? "The repository has no remote" : null;
  const noBranch = head.kind === "branch" ? null : "No branch with a commit is checked out";
  const busy = operation === null ? null : "Git is at work";
  const noUpstream = upstream === null ? "The branch follows no branch of a remote" : null;
  const entries = {
    fetch: {
      label: "Fetch",
      icon: RefreshCw,
      ...firstReason(noRemote, busy),
      ...(remote === null ? {} : { detail: remote.url }),
      onSelect: () => fetch.mutate({ repository: info.id }, { onError: fail("Fetching failed", "fetch") }),
    },
    pull: {
      label: "Pull",
      icon: CloudDownload,
      ...firstReason(noRemote, noBranch, noUpstream, busy),
      detail: upstream === null ? "" : `moves forward to ${upstream}`,
      onSelect: () =>
        pull.mutate(
          { repository: info.id },
          {
            onSuccess: (result) =>
              result.outcome === "upToDate"
                ? toast("Nothing new", result.message)
                : onOutcome({ kind: "pull", result }),
            onError: fail("Pulling failed", "pull"),
          },
        ),
    },
    push: {
      label: upstream === null ? "Publish the branch" : "Push",
      icon: CloudUpload,
      ...firstReason(noRemote, noBranch, info.readOnly, busy),
      onSelect: () =>
        push.mutate(
          { repository: info.id },
          {
            onSuccess: (result) =>
              result.pushed ? toast("Pushed", result.message) : onOutcome({ kind: "push", result }),
            onError: fail("Pushing failed", "push"),
          },
        ),
    },
  } satisfies Record<string, MenuEntry>;
  // Without a remote nothing is wrong; this says what is to be done where one is wanted.
  const addRemote: MenuEntry = {
    label: "Copy the command that adds a remote",
    detail: "then publish the branch",
    icon: Terminal,
    onSelect: () =>
      void copyText(`git -C ${quoted(info.path)} remote add origin URL`).then((done) =>
        toast(
          done ? "Command copied" : "The clipboard cannot be written",
          done ? "Put the address of the remote in the place of URL." : undefined,
        ),
      ),
  };
  const asked = useLatest((request: GitRequest) => {
    if (request === "newBranch") onOutcome({ kind: "newBranch" });
    else if (request === "identity") askWho(info);
    else {
      const entry: MenuEntry = entries[request];
      if (entry.disabledReason === undefined) entry.onSelect();
      else toast(`${entry.label} is not possible`, entry.disabledReason);
    }
  });
  useEffect(() => onGitRequest((request) => asked.current(request)), [asked]);
  const shown =
    operation === null
      ? text
      : progress === undefined
        ? operation.startsWith("push")
          ? "pushing…"
          : "fetching…"
        : `${progress.step}${progress.total > 0 ? ` ${Math.floor((100 * progress.done) / progress.total)} %` : "…"}`;
  return (
    <Menu
      trigger={
        <button type="button" className={styles.state} aria-label={`Git: ${shown}`}>
          {remote === null ? (
            <GitBranch aria-hidden size={14} strokeWidth={1.75} />
          ) : settled ? (
            <CheckCheck aria-hidden size={14} strokeWidth={1.75} className={styles.stateMark} />
          ) : (
            <TriangleAlert aria-hidden size={14} strokeWidth={1.75} className={styles.stateWarning} />
          )}
          {shown}
        </button>
      }
      groups={[
        [entries.fetch, entries.pull, entries.push],
        remote === null ? [addRemote] : [],
        operation === null
          ? [{ label: "Read again from disk", icon: FolderOpen, onSelect: onRefresh }]
          : [{ label: "Cancel", icon: TriangleAlert, onSelect: () => cancel.mutate({ operation }) }],
      ]}
    />
  );
}
