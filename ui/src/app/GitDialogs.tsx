import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { TextField } from "../components/Field";
import { LoginForm } from "../components/LoginForm";
import { Prose } from "../components/Prose";
import { ErrorState } from "../components/States";
import { useToast } from "../components/Toast";
import {
  type ApiError,
  type CommitInfo,
  type PullResult,
  type PushResult,
  type RepositoryInfo,
  toApiError,
  useAction,
} from "../ipc";
import { formatDateTime, plural, shortCommit } from "../lib/format";
import styles from "./Git.module.css";

function Commits({ title, commits, total }: { title: string; commits: CommitInfo[]; total: number }): ReactNode {
  if (commits.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className={styles.heading}>{title}</h3>
      <ul>
        {commits.map((commit) => (
          <li key={commit.id} className={styles.commit}>
            <code className={styles.mono}>{shortCommit(commit.id)}</code>
            <span className={styles.subject}>{commit.subject}</span>
            <span className={styles.muted} title={formatDateTime(commit.time * 1000)}>
              {commit.author}
            </span>
          </li>
        ))}
      </ul>
      {total > commits.length && <p className={styles.muted}>and {plural(total - commits.length, "more commit")}</p>}
    </section>
  );
}

function Hints({ hints }: { hints: string[] }): ReactNode {
  if (hints.length === 0) return null;
  return (
    <ul className={styles.hints} aria-label="What can be done">
      {hints.map((hint) => (
        <li key={hint}>
          <Prose text={hint} />
        </li>
      ))}
    </ul>
  );
}

function Files({ title, files }: { title: string; files: string[] }): ReactNode {
  if (files.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className={styles.heading}>{title}</h3>
      <ul>
        {files.map((file) => (
          <li key={file}>
            <code className={styles.mono}>{file}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What a pull brought, or why it did not go forward. */
export function PullDialog({ result, onClose }: { result: PullResult | null; onClose: () => void }): ReactNode {
  if (result === null) return null;
  const diverged = result.outcome === "diverged";
  return (
    <Dialog
      open
      onClose={onClose}
      title={diverged ? "The branches have diverged" : "Pulled"}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className={styles.body}>
        <p>
          <Prose text={result.message} />
        </p>
        <Hints hints={result.hints} />
        <Files title="A merge would conflict in" files={result.conflicts} />
        <Commits title="Only here" commits={result.ours} total={result.ahead} />
        <Commits title={diverged ? "Only on the remote" : "New"} commits={result.theirs} total={result.behind} />
      </div>
    </Dialog>
  );
}

/** Why the remote did not take a push. */
export function PushDialog({ result, onClose }: { result: PushResult | null; onClose: () => void }): ReactNode {
  if (result === null) return null;
  return (
    <Dialog open onClose={onClose} title="The remote did not take it" footer={<Button onClick={onClose}>Close</Button>}>
      <div className={styles.body}>
        <p>
          <Prose text={result.message} />
        </p>
        <Hints hints={result.hints} />
        <Commits title="Only on the remote" commits={result.moved} total={result.moved.length} />
      </div>
    </Dialog>
  );
}

/** Something that was not done. */
export interface Failed {
  title: string;
  error: ApiError;
  /** The server that was asked, and how to ask again; for what goes over the network. */
  again?: { url: string; retry: () => void };
}

/** Why something was not done, with what to do. A server that wants another login gets it here. */
export function FailedDialog({ failed, onClose }: { failed: Failed | null; onClose: () => void }): ReactNode {
  const save = useAction("credential_save");
  if (failed === null) return null;
  const { title, error, again } = failed;
  const asksLogin = error.code === "authentication" && again !== undefined && /^https?:/.test(again.url);
  return (
    <Dialog open onClose={onClose} title={title} footer={<Button onClick={onClose}>Close</Button>}>
      <div className={styles.body}>
        <ErrorState title={title} error={error} />
        {asksLogin && (
          <section aria-label="Log in">
            <h3 className={styles.heading}>Log in to {again.url}</h3>
            <LoginForm
              url={again.url}
              save="Keep and try again"
              busy={save.isPending}
              error={save.error === null ? null : toApiError(save.error)}
              onCancel={onClose}
              onSave={(login) =>
                save.mutate(login, {
                  onSuccess: () => {
                    onClose();
                    again.retry();
                  },
                })
              }
            />
          </section>
        )}
      </div>
    </Dialog>
  );
}

/** What a merge or rebase that is not finished means, and how it is finished. */
export function ConflictDialog({ info, onClose }: { info: RepositoryInfo | null; onClose: () => void }): ReactNode {
  if (info === null) return null;
  const operation = info.inProgress;
  const files = info.conflictedFiles;
  return (
    <Dialog
      open
      onClose={onClose}
      title={operation === null ? "Files with conflicts" : `A ${operation} is in progress`}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className={styles.body}>
        <p>
          Slipway shows the files as they lie on disk. It commits to this branch, switches and pulls again when this is
          finished; a promotion to a new branch or into a patch works meanwhile.
        </p>
        <Files title="Files with conflicts" files={files} />
        <Hints
          hints={[
            ...(files.length > 0 ? ["open each file, keep what is right between the marks, then `git add FILE`"] : []),
            ...(operation === null || operation === "bisect" || operation === "mailbox"
              ? []
              : [
                  `\`git ${operation} --continue\` finishes it, \`git ${operation} --abort\` goes back to where it began`,
                ]),
            ...(operation === "bisect" ? ["`git bisect reset` ends it"] : []),
            ...(operation === "mailbox" ? ["`git am --continue` finishes it, `git am --abort` goes back"] : []),
          ]}
        />
      </div>
    </Dialog>
  );
}

/** Asks for the name of a new branch at what is checked out. */
export function NewBranchDialog({
  info,
  onClose,
  onFailed,
}: {
  info: RepositoryInfo | null;
  onClose: () => void;
  onFailed: (error: ApiError) => void;
}): ReactNode {
  const toast = useToast();
  const change = useAction("branch_switch");
  const [name, setName] = useState("");
  if (info === null) return null;
  const wanted = name.trim();
  const taken = info.branches.includes(wanted);
  const start = (event?: FormEvent): void => {
    event?.preventDefault();
    if (wanted === "" || taken || change.isPending) return;
    change.mutate(
      { repository: info.id, to: { kind: "new", name: wanted } },
      {
        onSuccess: () => {
          setName("");
          toast(`Switched to ${wanted}`);
          onClose();
        },
        onError: (reason) => onFailed(toApiError(reason)),
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="New branch"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={() => start()} disabledReason={wanted === "" ? "Enter a name" : null}>
            Create and switch
          </Button>
        </>
      }
    >
      <form onSubmit={start}>
        <TextField
          label="Name"
          mono
          value={name}
          error={taken ? `There is a branch ${wanted} already` : null}
          hint={
            info.head.kind === "detached"
              ? `It begins at ${shortCommit(info.head.commit.id)}; uncommitted changes come along.`
              : `It begins at ${info.head.branch}; uncommitted changes come along.`
          }
          onChange={(event) => setName(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
