import { FolderGit2, FolderOpen, GitBranch, KeyRound, Sparkles, X } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { TextField } from "../../components/Field";
import { LoginForm } from "../../components/LoginForm";
import { ErrorState } from "../../components/States";
import {
  canPickFolder,
  onFolderDrop,
  pickFolder,
  toApiError,
  useAction,
  useCommand,
  useOperation,
  useSession,
} from "../../ipc";
import { formatAge } from "../../lib/format";
import { useLatest, useNow } from "../../lib/hooks";
import styles from "./Welcome.module.css";

let clones = 0;

/** The folder that `git clone` would make of a URL. */
export function folderOf(url: string): string {
  return /([^/:]+?)(?:\.git)?\/*$/.exec(url.trim())?.[1] ?? "";
}

/** Before a repository is open: open a folder, clone, or look at the sample. */
export function WelcomeScreen(): ReactNode {
  const session = useSession();
  const open = useAction("repository_open");
  const sample = useAction("sample_create");
  const [path, setPath] = useState("");
  const busy = open.isPending || sample.isPending;
  const failed = open.error ?? sample.error;
  const error = failed === null ? session.error : toApiError(failed);

  const dropped = useLatest((folder: string) => {
    setPath(folder);
    open.mutate({ path: folder }, { onSuccess: session.open });
  });
  useEffect(() => onFolderDrop((folder) => dropped.current(folder)), [dropped]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (path.trim() !== "" && !busy) open.mutate({ path: path.trim() }, { onSuccess: session.open });
  }

  return (
    <main className={styles.screen}>
      <div className={styles.column}>
        <header className={styles.header}>
          <img src="./slipway.svg" alt="" className={styles.logo} />
          <div>
            <h1 className={styles.title}>Slipway</h1>
            <p className={styles.text}>
              Open the repository that holds your Kubernetes configuration. Nothing leaves this machine.
            </p>
          </div>
        </header>
        {error !== null && <ErrorState title="The repository cannot be opened" error={error} />}
        <form className={styles.card} onSubmit={submit} aria-label="Open a repository">
          <h2 className={styles.heading}>
            <FolderOpen aria-hidden size={15} strokeWidth={1.75} /> Open a folder
          </h2>
          <TextField
            label="Folder"
            autoFocus
            mono
            value={path}
            placeholder="/home/you/gitops"
            {...(canPickFolder ? { hint: "Or drop a folder on this window." } : {})}
            onChange={(event) => setPath(event.target.value)}
            trailing={
              <>
                {canPickFolder && (
                  <Button
                    onClick={() =>
                      void pickFolder("Open a repository").then((picked) => {
                        if (picked === null) return;
                        setPath(picked);
                        open.mutate({ path: picked }, { onSuccess: session.open });
                      })
                    }
                  >
                    Browse…
                  </Button>
                )}
                <Button
                  kind="primary"
                  onClick={() => open.mutate({ path: path.trim() }, { onSuccess: session.open })}
                  disabledReason={busy ? "A repository is being opened" : path.trim() === "" ? "Enter a folder" : null}
                >
                  Open repository
                </Button>
              </>
            }
          />
        </form>
        <Clone />
        <section className={styles.card} aria-label="Sample">
          <h2 className={styles.heading}>
            <Sparkles aria-hidden size={15} strokeWidth={1.75} /> Look around first
          </h2>
          <div className={styles.line}>
            <p className={styles.text}>A small company with payments, a shop and a platform, in three environments.</p>
            <Button
              onClick={() => sample.mutate({ folder: null }, { onSuccess: session.open })}
              disabledReason={busy ? "A repository is being opened" : null}
            >
              Open sample
            </Button>
          </div>
        </section>
        <Recent onOpen={(folder) => open.mutate({ path: folder }, { onSuccess: session.open })} />
      </div>
    </main>
  );
}

function Clone(): ReactNode {
  const session = useSession();
  const clone = useAction("repository_clone");
  const cancel = useAction("operation_cancel");
  const save = useAction("credential_save");
  const [url, setUrl] = useState("");
  const [folder, setFolder] = useState("");
  const [operation, setOperation] = useState<string | null>(null);
  const progress = useOperation(clone.isPending ? operation : null);
  const error = clone.error === null ? null : toApiError(clone.error);
  const missing =
    url.trim() === "" ? "Enter a URL" : folder.trim() === "" ? "Enter the folder that is to be made" : null;

  function start(): void {
    if (missing !== null || clone.isPending) return;
    clones += 1;
    const id = `clone-${Date.now()}-${clones}`;
    setOperation(id);
    clone.mutate({ url: url.trim(), folder: folder.trim(), operation: id }, { onSuccess: session.open });
  }

  const form = (
    <form
      className={styles.card}
      aria-label="Clone a repository"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <h2 className={styles.heading}>
        <GitBranch aria-hidden size={15} strokeWidth={1.75} /> Clone
      </h2>
      <TextField
        label="URL"
        mono
        value={url}
        placeholder="https://git.example.com/acme/gitops.git"
        onChange={(event) => setUrl(event.target.value)}
      />
      <TextField
        label="Into folder"
        mono
        value={folder}
        placeholder={folderOf(url) === "" ? "/home/you/gitops" : `/home/you/${folderOf(url)}`}
        onChange={(event) => setFolder(event.target.value)}
        trailing={
          clone.isPending ? (
            <Button onClick={() => operation !== null && cancel.mutate({ operation })}>Cancel</Button>
          ) : (
            <Button onClick={start} disabledReason={missing}>
              Clone
            </Button>
          )
        }
      />
      {clone.isPending && (
        <div className={styles.progress} role="status">
          <span>
            {progress === undefined ? "Starting" : progress.step}
            {progress !== undefined && progress.total > 0 && ` ${Math.floor((100 * progress.done) / progress.total)} %`}
          </span>
          <progress
            aria-label="Clone"
            className={styles.bar}
            {...(progress !== undefined && progress.total > 0 ? { value: progress.done, max: progress.total } : {})}
          />
        </div>
      )}
      {error !== null && !clone.isPending && <ErrorState title="Cloning failed" error={error} />}
    </form>
  );
  const asksLogin = error?.code === "authentication" && /^https?:/.test(url.trim()) && !clone.isPending;
  return (
    <>
      {form}
      {asksLogin && (
        <section className={styles.card} aria-label="Log in">
          <h2 className={styles.heading}>
            <KeyRound aria-hidden size={15} strokeWidth={1.75} /> Log in to the server
          </h2>
          <LoginForm
            url={url.trim()}
            save="Keep and clone"
            busy={save.isPending}
            error={save.error === null ? null : toApiError(save.error)}
            onCancel={() => clone.reset()}
            onSave={(login) => save.mutate(login, { onSuccess: start })}
          />
        </section>
      )}
    </>
  );
}

function Recent({ onOpen }: { onOpen: (path: string) => void }): ReactNode {
  const recent = useCommand("repository_recent", {});
  const forget = useAction("repository_forget");
  const now = useNow(60_000) / 1000;
  const repositories = recent.data?.repositories ?? [];
  if (repositories.length === 0) return null;
  return (
    <section className={styles.recent} aria-label="Recent repositories">
      <h2 className={styles.heading}>Recent</h2>
      <ul>
        {repositories.map((entry) => (
          <li key={entry.path} className={styles.recentRow}>
            <button
              type="button"
              className={styles.entry}
              aria-disabled={!entry.exists || undefined}
              onClick={entry.exists ? () => onOpen(entry.path) : undefined}
            >
              <FolderGit2 aria-hidden size={15} strokeWidth={1.75} />
              <span className={styles.entryName}>{entry.name}</span>
              <span className={styles.entryPath}>
                <bdi dir="ltr">{entry.path}</bdi>
              </span>
              <span className={styles.age}>{entry.exists ? formatAge(now - entry.openedAt) : "folder is gone"}</span>
            </button>
            <IconButton
              label={`Forget ${entry.name}`}
              hint="its folder stays"
              icon={X}
              onClick={() => forget.mutate({ path: entry.path })}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
