import { FolderSearch } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "../components/Button";
import { DiagnosticsButton, useCopy, useReveal } from "../features/settings/Diagnostics";
import { Dialog } from "../components/Dialog";
import { ErrorState, Notice } from "../components/States";
import { type CrashInfo, toApiError, useAction, useCommand, useSession } from "../ipc";
import styles from "./Shell.module.css";

/** Offers the report of a program that ended badly, or that made a mistake and went on, once. */
export function CrashNotice(): ReactNode {
  const info = useCommand("app_info", {});
  const dismiss = useAction("crash_dismiss");
  const { repository } = useSession();
  const [shown, setShown] = useState(false);
  const crash = info.data?.crash ?? null;
  if (info.data === undefined || crash === null || dismiss.isSuccess) return null;
  const { logFolder } = info.data;
  // Before a repository is open there is something to decide; else the work goes on, and this waits beside it.
  if (crash.ended && repository === null)
    return <RestartDialog crash={crash} logFolder={logFolder} onDone={() => dismiss.mutate({})} />;
  return (
    <>
      <Notice
        tone="warning"
        action={
          <span className={styles.noticeActions}>
            <Button onClick={() => setShown(true)}>Show the report…</Button>
            <Button onClick={() => dismiss.mutate({})}>Dismiss</Button>
          </span>
        }
      >
        {crash.ended
          ? "Slipway ended without being closed the last time."
          : "Slipway made a mistake the last time and went on."}{" "}
        A report was written; nothing was sent anywhere.
      </Notice>
      <Dialog
        open={shown}
        onClose={() => setShown(false)}
        title="Report of the last mistake"
        size="large"
        footer={
          <>
            <ReportActions crash={crash} logFolder={logFolder} />
            <Button onClick={() => setShown(false)}>Close</Button>
          </>
        }
      >
        <Report crash={crash} />
      </Dialog>
    </>
  );
}

/** After a program that ended badly: whether to open the last repository, which may be what it ended by. */
function RestartDialog({
  crash,
  logFolder,
  onDone,
}: {
  crash: CrashInfo;
  logFolder: string;
  onDone: () => void;
}): ReactNode {
  const session = useSession();
  const open = useAction("repository_open");
  const last = crash.lastRepository;
  const name = last?.split(/[\\/]/).findLast((part) => part !== "") ?? "";
  return (
    <Dialog
      open
      onClose={onDone}
      title="Slipway ended without being closed"
      size="large"
      footer={
        <>
          <ReportActions crash={crash} logFolder={logFolder} />
          <Button onClick={onDone}>{last === null ? "Close" : "Start without it"}</Button>
          {last !== null && (
            <Button
              kind="primary"
              disabledReason={open.isPending ? "It is being opened" : null}
              onClick={() =>
                open.mutate(
                  { path: last },
                  {
                    onSuccess: (info) => {
                      onDone();
                      session.open(info);
                    },
                  },
                )
              }
            >
              Open {name}
            </Button>
          )}
        </>
      }
    >
      {open.error !== null && <ErrorState title="The repository cannot be opened" error={toApiError(open.error)} />}
      <p>
        It crashed, or it was ended from outside. Drafts and runs are kept, and nothing was sent anywhere.
        {last !== null && (
          <>
            {" "}
            The last repository was <code>{last}</code>.
          </>
        )}
      </p>
      <Report crash={crash} />
    </Dialog>
  );
}

function Report({ crash }: { crash: CrashInfo }): ReactNode {
  return (
    <>
      <p>
        The report is <code>{crash.file}</code>
      </p>
      <pre className={styles.report}>{crash.text}</pre>
    </>
  );
}

function ReportActions({ crash, logFolder }: { crash: CrashInfo; logFolder: string }): ReactNode {
  const copy = useCopy();
  const reveal = useReveal();
  return (
    <>
      <Button icon={FolderSearch} onClick={() => reveal(logFolder)}>
        Show the logs
      </Button>
      <Button onClick={() => copy(crash.text, "Report")}>Copy report</Button>
      <DiagnosticsButton />
    </>
  );
}
