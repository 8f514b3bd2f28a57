import { FolderSearch, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../../../components/Button";
import { Chip } from "../../../components/Chip";
import { useReveal } from "../Diagnostics";
import { CheckField } from "../../../components/Field";
import { EmptyState, ErrorState, Notice, ProblemList } from "../../../components/States";
import { useToast } from "../../../components/Toast";
import {
  hasWindows,
  openWindow,
  type Settings,
  toApiError,
  useAction,
  useCommand,
  useRepositoryId,
  useSession,
} from "../../../ipc";
import { formatDateTime } from "../../../lib/format";
import { useSave } from "../fields";
import styles from "../Settings.module.css";

export function Repositories({ settings }: { settings: Settings }): ReactNode {
  const repository = useRepositoryId();
  const session = useSession();
  const toast = useToast();
  const reveal = useReveal();
  const save = useSave({ quiet: true });
  const info = useCommand("repository_info", { repository });
  const recent = useCommand("repository_recent", {});
  const open = useAction("repository_open");
  const close = useAction("repository_close");
  const forget = useAction("repository_forget");
  const fail = (title: string) => (reason: unknown) => toast(title, toApiError(reason).message);
  return (
    <>
      <div className={styles.headRow}>
        <h1 className={styles.title}>Repositories</h1>
        <Button kind="primary" onClick={session.leave}>
          Open another…
        </Button>
      </div>
      {info.error !== null && (
        <ErrorState
          title="The open repository cannot be read"
          error={toApiError(info.error)}
          onRetry={() => void info.refetch()}
        />
      )}
      {info.data !== undefined && (
        <section className={styles.card} aria-label="Open repository">
          <div className={styles.cardText}>
            <span className={styles.strong}>
              {info.data.name} {info.data.sample && <Chip>sample</Chip>}
            </span>
            <code className={styles.mono}>{info.data.path}</code>
            {info.data.remote !== null && <code className={styles.mono}>{info.data.remote.url}</code>}
          </div>
          <div className={styles.row}>
            <IconButton
              label={`Show ${info.data.name} in the file manager`}
              icon={FolderSearch}
              onClick={() => reveal(info.data.path)}
            />
            <Button
              onClick={() => {
                // Out of it first: while it closes, and a sandbox ends with it, nothing answers questions about it.
                session.leave();
                void close.mutateAsync({ repository }).catch(fail("It cannot be closed"));
              }}
            >
              Close
            </Button>
          </div>
        </section>
      )}
      {info.data !== undefined && info.data.readOnly !== null && (
        <Notice tone="warning">Nothing can be written: {info.data.readOnly}</Notice>
      )}
      {info.data !== undefined && info.data.problems.length > 0 && <ProblemList problems={info.data.problems} />}
      <h2 className={styles.section}>Recent</h2>
      {recent.error !== null && (
        <ErrorState title="The recent repositories cannot be read" error={toApiError(recent.error)} />
      )}
      {recent.data !== undefined && recent.data.repositories.length === 0 && <EmptyState title="None yet" />}
      {(recent.data?.repositories ?? []).map((entry) => (
        <div key={entry.path} className={styles.card}>
          <div className={styles.cardText}>
            <span className={styles.strong}>{entry.name}</span>
            <code className={styles.mono}>{entry.path}</code>
            <span className={styles.muted}>
              {entry.exists ? `opened ${formatDateTime(entry.openedAt * 1000)}` : "the folder is gone"}
            </span>
          </div>
          <div className={styles.row}>
            <IconButton
              label={`Show ${entry.name} in the file manager`}
              icon={FolderSearch}
              disabledReason={entry.exists ? null : "the folder is gone"}
              onClick={() => reveal(entry.path)}
            />
            <IconButton
              label={`Forget ${entry.name}`}
              hint="its folder stays"
              icon={Trash2}
              onClick={() =>
                forget.mutate(
                  { path: entry.path },
                  { onSuccess: () => toast(`${entry.name} forgotten`), onError: fail("It cannot be forgotten") },
                )
              }
            />
            <Button
              aria-label={`Open ${entry.name}`}
              disabledReason={
                entry.path === info.data?.path ? "It is open" : entry.exists ? null : "The folder is gone"
              }
              onClick={() =>
                hasWindows
                  ? void openWindow(entry.path).catch(fail(`${entry.name} cannot be opened`))
                  : open.mutate(
                      { path: entry.path },
                      { onSuccess: session.open, onError: fail(`${entry.name} cannot be opened`) },
                    )
              }
            >
              Open
            </Button>
          </div>
        </div>
      ))}
      <CheckField
        label="Open the last repository when the window starts"
        checked={settings.reopen}
        onChange={(reopen) => save({ ...settings, reopen })}
      />
    </>
  );
}
