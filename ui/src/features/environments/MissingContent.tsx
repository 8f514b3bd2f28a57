import { CloudDownload } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "../../components/Button";
import { ErrorState, Notice, Skeleton } from "../../components/States";
import { useToast } from "../../components/Toast";
import { progressText } from "../../components/Waiting";
import {
  type FetchedResult,
  type MissingRemoteInfo,
  toApiError,
  useAction,
  useCommand,
  useOperation,
  useRepositoryId,
} from "../../ipc";
import { plural } from "../../lib/format";
import styles from "./Detail.module.css";

/** What an instance names and the repository does not hold: charts, bases and files from elsewhere, fetched on request. */
export function MissingContent({ instance }: { instance: string }): ReactNode {
  const repository = useRepositoryId();
  const toast = useToast();
  const missing = useCommand("remotes_missing", { repository, instance });
  const fetch = useAction("remotes_fetch");
  const cancel = useAction("operation_cancel");
  const [failures, setFailures] = useState<FetchedResult[]>([]);
  const operation = `remotes ${repository} ${instance}`;
  const progress = useOperation(fetch.isPending ? operation : null);
  const start = (): void => {
    setFailures([]);
    fetch.mutate(
      { repository, operation, keys: [], instances: [instance] },
      {
        onSuccess: ({ results }) => {
          const failed = results.filter((result) => result.failure !== null);
          setFailures(failed);
          if (failed.length === 0) toast("Fetched", plural(results.length, "reference"));
        },
      },
    );
  };
  if (missing.error !== null) {
    return (
      <ErrorState
        title="What is missing cannot be told"
        error={toApiError(missing.error)}
        onRetry={() => void missing.refetch()}
      />
    );
  }
  if (missing.data === undefined) return <Skeleton label="What is missing" rows={2} height={28} />;
  const { items } = missing.data;
  if (items.length === 0) return null;
  const error = fetch.error === null ? null : toApiError(fetch.error);
  return (
    <section className={styles.section} aria-label="Needs content that is not here">
      <h3 className={styles.heading}>
        <CloudDownload aria-hidden size={14} strokeWidth={1.75} /> Needs content that is not here
      </h3>
      <ul className={styles.section}>
        {items.map((item) => (
          <Item
            key={item.remote.key}
            item={item}
            failure={failures.find((result) => result.remote.key === item.remote.key) ?? null}
          />
        ))}
      </ul>
      {error !== null && error.code !== "cancelled" && (
        <ErrorState title="Fetching failed" error={error} onRetry={start} />
      )}
      <div>
        {fetch.isPending ? (
          <Notice tone="info" action={<Button onClick={() => cancel.mutate({ operation })}>Cancel</Button>}>
            {progressText("Fetching", progress)}
          </Notice>
        ) : (
          <Button onClick={start}>Fetch</Button>
        )}
      </div>
    </section>
  );
}

function Item({ item, failure }: { item: MissingRemoteInfo; failure: FetchedResult | null }): ReactNode {
  const place = item.places[0];
  return (
    <li>
      <span className={styles.mono}>{item.remote.text}</span>
      {place !== undefined && (
        <p className={styles.note}>
          named in {place.file}
          {place.line === null ? "" : `:${place.line}`}
        </p>
      )}
      {failure?.failure != null && (
        <p className={styles.note} role="alert">
          Not fetched: {failure.failure.message} {failure.failure.hints.join(" ")}
        </p>
      )}
    </li>
  );
}
