import { CloudDownload, SquareArrowOutUpRight } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../../components/Button";
import { useFileActions } from "../../components/FileActions";
import { NotFetched, useFetchedToast } from "../../components/NotFetched";
import { ErrorState, Notice, Skeleton } from "../../components/States";
import { progressText } from "../../components/Waiting";
import {
  type FetchedResult,
  type RemotePlace,
  type RemoteReferenceInfo,
  toApiError,
  useCommand,
  useFetching,
  useFiles,
  useRepositoryId,
} from "../../ipc";
import { useDelayed } from "../../lib/hooks";
import styles from "./Detail.module.css";

/** What an instance names and the repository does not hold: charts, bases and files from elsewhere, fetched on request. */
export function MissingContent({ instance }: { instance: string }): ReactNode {
  const repository = useRepositoryId();
  const tell = useFetchedToast();
  const missing = useCommand("remotes_missing", { repository, instance });
  const { going, progress, failures, refused, fetch, cancel } = useFetching(repository, instance);
  const late = useDelayed(going !== null);
  const start = (): void => fetch(null, (results) => tell("Fetched", results));
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
  if (items.length === 0 && failures.size === 0) return null;
  // What was fetched may name more, which is not known as missing until it is rendered.
  const others = [...failures.values()].filter((result) =>
    items.every((item) => item.remote.key !== result.remote.key),
  );
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
            result={failures.get(item.remote.key)}
          />
        ))}
        {others.map((result) => (
          <Item key={result.remote.key} remote={result.remote} places={[]} result={result} />
        ))}
      </ul>
      {refused !== null && <ErrorState title="Fetching failed" error={refused} onRetry={start} />}
      <div>
        {late && going !== null ? (
          <Notice tone="info" action={<Button onClick={cancel}>Cancel</Button>}>
            {progressText("Fetching", progress)}
          </Notice>
        ) : (
          <Button disabledReason={going !== null ? "It is being fetched" : null} onClick={start}>
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
  result,
}: {
  remote: RemoteReferenceInfo;
  places: RemotePlace[];
  result: FetchedResult | undefined;
}): ReactNode {
  return (
    <li>
      <span className={styles.mono}>{remote.text}</span>
      {places.map((place) => (
        <Place key={`${place.file} ${place.line}`} place={place} />
      ))}
      <NotFetched result={result} />
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
