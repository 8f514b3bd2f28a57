import type { ReactNode } from "react";
import { FetchedContent } from "../../../components/FetchedContent";
import { useFetched, useRepositoryId } from "../../../ipc";
import styles from "../Settings.module.css";

/** What was fetched from elsewhere: charts, bases and files that the repository only names. */
export function Fetched({ start, onStarted }: { start: boolean; onStarted: () => void }): ReactNode {
  const fetched = useFetched(useRepositoryId(), null);
  return (
    <>
      <h1 className={styles.title}>Fetched content</h1>
      <p className={styles.muted}>
        Charts, bases and files that repositories name and do not hold. Nothing is fetched by itself, and what was
        fetched stays as it is until you update it.
      </p>
      <FetchedContent fetched={fetched} start={start} onStarted={onStarted} />
    </>
  );
}
