import { TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "../../components/Button";
import { CheckField } from "../../components/Field";
import { VisuallyHidden } from "../../components/Mark";
import { EmptyState, ErrorState, ProblemList, Skeleton } from "../../components/States";
import { type RunInfo, toApiError, useCommand } from "../../ipc";
import { formatClock, formatDateTime, resourceName } from "../../lib/format";
import styles from "./Activity.module.css";

/** What the clusters tell about the resources of a run, the last first. */
export function Events({ run }: { run: RunInfo }): ReactNode {
  const going = run.finishedAt === null;
  const events = useCommand("run_events", { run: run.id }, going ? { refreshEvery: 5_000 } : {});
  const [onlyWarnings, setOnlyWarnings] = useState(false);
  if (events.error !== null) {
    return (
      <ErrorState
        title="The events cannot be read"
        error={toApiError(events.error)}
        onRetry={() => void events.refetch()}
      />
    );
  }
  if (events.data === undefined) return <Skeleton label="Reading events" rows={6} height={28} />;
  const all = events.data.events;
  const shown = onlyWarnings ? all.filter((event) => event.warning) : all;
  return (
    <div className={styles.dockBody}>
      {events.data.problems.length > 0 && <ProblemList problems={events.data.problems} />}
      {all.length === 0 ? (
        events.data.problems.length === 0 && (
          <EmptyState
            title="No events"
            text="A cluster keeps events for about an hour."
            action={<Button onClick={() => void events.refetch()}>Read again</Button>}
          />
        )
      ) : (
        <>
          <div className={styles.logBar}>
            <CheckField
              label={`Only warnings (${all.filter((event) => event.warning).length})`}
              checked={onlyWarnings}
              onChange={setOnlyWarnings}
            />
            <Button onClick={() => void events.refetch()}>Read again</Button>
          </div>
          <ul aria-label="Events">
            {shown.map((event, index) => {
              const time = Date.parse(event.time);
              return (
                <li key={`${event.time} ${event.resource.name} ${event.reason} ${index}`} className={styles.event}>
                  <time className={styles.feedTime} title={Number.isNaN(time) ? event.time : formatDateTime(time)}>
                    {Number.isNaN(time) ? "—" : formatClock(time)}
                  </time>
                  <span className={event.warning ? styles.eventWarning : styles.strong}>
                    {event.warning && (
                      <>
                        <TriangleAlert aria-hidden size={12} strokeWidth={1.75} />
                        <VisuallyHidden>warning: </VisuallyHidden>
                      </>
                    )}
                    {event.reason}
                    {event.count > 1 && ` ×${event.count}`}
                  </span>
                  <span className={styles.eventText}>{event.message}</span>
                  <span className={styles.muted}>
                    {resourceName(event.resource)} · {event.instance}
                  </span>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </div>
  );
}
