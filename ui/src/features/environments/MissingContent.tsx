import { CircleX, CloudDownload, SquareArrowOutUpRight } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../../components/Button";
import { useFileActions } from "../../components/FileActions";
import { Prose } from "../../components/Prose";
import { ErrorState, Notice, Skeleton } from "../../components/States";
import { useToast } from "../../components/Toast";
import { progressText } from "../../components/Waiting";
import {
  type ApiError,
  type RemotePlace,
  type RemoteReferenceInfo,
  toApiError,
  useAction,
  useCommand,
  useFiles,
  useOperation,
  useRepositoryId,
} from "../../ipc";
import { plural } from "../../lib/format";
import { useDelayed } from "../../lib/hooks";
import styles from "./Detail.module.css";

/** What an instance names and the repository does not hold: charts, bases and files from elsewhere, fetched on request. */
export function MissingContent({ instance }: { instance: string }): ReactNode {
  const repository = useRepositoryId();
  const toast = useToast();
  const missing = useCommand("remotes_missing", { repository, instance });
  const fetch = useAction("remotes_fetch");
  const cancel = useAction("operation_cancel");
  const operation = fetch.isPending ? fetch.variables.operation : null;
  const progress = useOperation(operation);
  const late = useDelayed(fetch.isPending);
  const failures = (fetch.data?.results ?? []).filter(
    (result) => result.failure !== null && result.failure.code !== "cancelled",
  );
  const start = (): void =>
    fetch.mutate(
      { repository, operation: `remotes ${instance} ${Date.now()}`, keys: [], instances: [instance] },
      {
        onSuccess: ({ results }) => {
          const fetched = results.filter((result) => result.failure === null);
          if (fetched.length === 0) return;
          const count =
            fetched.length === results.length
              ? plural(results.length, "reference")
              : `${fetched.length} of ${plural(results.length, "reference")}`;
          toast("Fetched", [count, ...fetched.flatMap((result) => result.notes)].join(". "));
        },
      },
    );
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
  if (items.length === 0 && failures.length === 0) return null;
  // What was fetched may name more, which is not known as missing until it is rendered.
  const others = failures.filter((result) => items.every((item) => item.remote.key !== result.remote.key));
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
            remote={item.remote}
            places={item.places}
            failure={failures.find((result) => result.remote.key === item.remote.key)?.failure ?? null}
          />
        ))}
        {others.map((result) => (
          <Item key={result.remote.key} remote={result.remote} places={[]} failure={result.failure} />
        ))}
      </ul>
      {error !== null && error.code !== "cancelled" && (
        <ErrorState title="Fetching failed" error={error} onRetry={start} />
      )}
      <div>
        {late && operation !== null ? (
          <Notice tone="info" action={<Button onClick={() => cancel.mutate({ operation })}>Cancel</Button>}>
            {progressText("Fetching", progress)}
          </Notice>
        ) : (
          <Button disabledReason={fetch.isPending ? "It is being fetched" : null} onClick={start}>
            Fetch
          </Button>
        )}
      </div>
    </section>
  );
}

function Item({
  remote,
  places,
  failure,
}: {
  remote: RemoteReferenceInfo;
  places: RemotePlace[];
  failure: ApiError | null;
}): ReactNode {
  return (
    <li>
      <span className={styles.mono}>{remote.text}</span>
      {places.map((place) => (
        <Place key={`${place.file} ${place.line}`} place={place} />
      ))}
      {failure !== null && (
        <p className={styles.refused} role="alert">
          <CircleX aria-hidden size={13} strokeWidth={1.75} className={styles.failed} />
          <span>
            <Prose text={`Not fetched: ${[failure.message, ...failure.hints].join(" ")}`} />
          </span>
        </p>
      )}
    </li>
  );
}

function Place({ place }: { place: RemotePlace }): ReactNode {
  const { file, line, own } = place;
  const text = line === null ? file : `${file}:${line}`;
  const actions = useFileActions(useFiles(useRepositoryId()), {
    name: text,
    place: () => Promise.resolve({ file, line }),
    yaml: null,
  });
  return (
    <p className={styles.named}>
      <span>named in {text}</span>
      {own && <IconButton label={`Open ${text}`} icon={SquareArrowOutUpRight} size={13} onClick={actions?.open} />}
    </p>
  );
}
