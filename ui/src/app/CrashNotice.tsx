import { type ReactNode, useState } from "react";
import { Button } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { Notice } from "../components/States";
import { useToast } from "../components/Toast";
import { useAction, useCommand } from "../ipc";
import { copyText } from "../lib/clipboard";
import styles from "./Shell.module.css";

/** Offers the report of a program that ended badly, once. */
export function CrashNotice(): ReactNode {
  const info = useCommand("app_info", {});
  const dismiss = useAction("crash_dismiss");
  const toast = useToast();
  const [shown, setShown] = useState(false);
  const crash = info.data?.crash ?? null;
  if (crash === null || dismiss.isSuccess) return null;
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
        Slipway made a mistake the last time. A report was written; nothing was sent anywhere.
      </Notice>
      <Dialog
        open={shown}
        onClose={() => setShown(false)}
        title="Report of the last mistake"
        size="large"
        footer={
          <>
            <Button
              onClick={() =>
                void copyText(crash.text).then((done) =>
                  toast(done ? "Report copied" : "The clipboard cannot be written"),
                )
              }
            >
              Copy report
            </Button>
            <Button onClick={() => setShown(false)}>Close</Button>
          </>
        }
      >
        <p>
          <code>{crash.file}</code>
        </p>
        <pre className={styles.report}>{crash.text}</pre>
      </Dialog>
    </>
  );
}
