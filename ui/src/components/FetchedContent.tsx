import { RefreshCw, Trash2 } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { FetchedRemote, FetchedResult, FetchedState, RemoteKind, RemoteReferenceInfo } from "../ipc";
import { announce } from "../lib/announce";
import { formatAge, formatCount, formatDateTime, plural, shortCommit } from "../lib/format";
import { useDelayed, useLatest, useNow } from "../lib/hooks";
import { Button, IconButton } from "./Button";
import { Chip } from "./Chip";
import { Dialog } from "./Dialog";
import { FilterField } from "./Field";
import styles from "./FetchedContent.module.css";
import { NotFetched, useFetchedToast } from "./NotFetched";
import { Prose } from "./Prose";
import { EmptyState, ErrorState, Notice, Skeleton } from "./States";
import { useToast } from "./Toast";
import { progressText } from "./Waiting";

const kinds: Record<RemoteKind, string> = { chart: "chart", repository: "Git repository", file: "file" };

/** Rows that are shown before the list is filtered. */
const shownAtFirst = 100;

/** From how many rows on there is a filter. */
const filteredFrom = 8;

export function formatSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 10 ? formatCount(Math.round(value)) : value.toFixed(1)} ${units[unit]}`;
}

/** A version as it is, of commits and digests the first digits. */
function shortVersion(resolved: string): string {
  const digest = resolved.replace(/^sha256:/, "");
  return /^[0-9a-f]{40,}$/.test(digest) ? shortCommit(digest) : resolved;
}

/**
 * What was fetched from elsewhere, and what is still missing; of one instance where one is given. Fetching writes to
 * Slipway's own folder, so a repository that cannot be written to does not prevent it.
 */
export function FetchedContent({
  fetched,
  instance = null,
  start = false,
  onStarted,
}: {
  fetched: FetchedState;
  instance?: string | null;
  /** Whether fetching what is missing begins at once. */
  start?: boolean;
  /** It begins, or there is nothing to fetch. */
  onStarted?: () => void;
}): ReactNode {
  const toast = useToast();
  const [forgetting, setForgetting] = useState<FetchedRemote[] | null>(null);
  const [query, setQuery] = useState("");
  const { list, missing, connected, going, failures } = fetched;
  const late = useDelayed(going !== null);
  const busy = !connected
    ? "Slipway does not answer"
    : going !== null
      ? "Something is being fetched"
      : fetched.isForgetting
        ? "Something is being forgotten"
        : null;
  const lacking = missing?.items ?? [];
  const tellOf = useFetchedToast();
  const tell =
    (word: string) =>
    (results: FetchedResult[]): void =>
      tellOf(word, results);
  const fetch = (key: string | null): void => fetched.fetch(key, tell("Fetched"));
  const ready = missing !== undefined && connected;
  const begin = useLatest(() => {
    onStarted?.();
    if (lacking.length > 0) fetch(null);
    else announce("Nothing is missing");
  });
  useEffect(() => {
    if (start && ready) begin.current();
  }, [start, ready, begin]);

  if (list === undefined || missing === undefined) {
    return fetched.error === null ? (
      <Skeleton label="Loading what was fetched" rows={4} height={36} />
    ) : (
      <ErrorState title="What was fetched cannot be told" error={fetched.error} onRetry={fetched.refetch} />
    );
  }
  const items = list.items.filter((item) => instance === null || item.usedBy.includes(instance));
  if (instance !== null && items.length === 0 && lacking.length === 0) return null;
  const found = items.filter((item) => item.remote.text.toLowerCase().includes(query.trim().toLowerCase()));
  const keys = items.map((item) => item.remote.key);
  // What was fetched may name more, which is not known as missing before it is rendered.
  const listed = new Set([...keys, ...lacking.map((item) => item.remote.key)]);
  const strays = [...failures.values()].filter((result) => !listed.has(result.remote.key));
  const isGoing = (what: "fetch" | "update", key: string): boolean => going?.what === what && going.key === key;
  return (
    <div className={styles.content}>
      <div className={styles.bar} role="group" aria-label="Content from elsewhere">
        <Button
          kind={lacking.length > 0 ? "primary" : "ghost"}
          disabledReason={busy ?? (lacking.length === 0 ? "Nothing is missing" : null)}
          onClick={() => fetch(null)}
        >
          {lacking.length === 0 ? "Fetch what is missing" : `Fetch ${formatCount(lacking.length)} missing`}
        </Button>
        <Button
          icon={RefreshCw}
          disabledReason={busy ?? (items.length === 0 ? "Nothing was fetched" : null)}
          onClick={() => fetched.update(null, keys, tell("Updated"))}
        >
          Update all
        </Button>
        {instance === null && (
          <Button
            kind="danger"
            icon={Trash2}
            disabledReason={busy ?? (items.length === 0 ? "Nothing was fetched" : null)}
            onClick={() => setForgetting(items)}
          >
            Forget all…
          </Button>
        )}
      </div>
      {late && going !== null && (
        <Notice tone="info" action={<Button onClick={fetched.cancel}>Cancel</Button>}>
          {progressText(going.what === "update" ? "Updating" : "Fetching", fetched.progress)}
        </Notice>
      )}
      {!connected && <Notice tone="warning">Slipway does not answer; the list is as it was last seen.</Notice>}
      {fetched.refused !== null && <ErrorState title="It was not done" error={fetched.refused} />}
      {lacking.length > 0 && (
        <ul className={styles.list} aria-label="Missing">
          {lacking.map((item) => (
            <li key={item.remote.key} className={styles.item}>
              <div className={styles.head}>
                <Name remote={item.remote} />
                <Chip tone="warning">missing</Chip>
                <span className={styles.actions}>
                  <Button
                    aria-label={`Fetch ${item.remote.text}`}
                    disabledReason={busy}
                    onClick={() => fetch(item.remote.key)}
                  >
                    {isGoing("fetch", item.remote.key) ? "Fetching…" : "Fetch"}
                  </Button>
                </span>
              </div>
              <p className={styles.facts}>
                {plural(item.instances.length, "instance")} cannot be rendered without it
                {item.places[0] !== undefined &&
                  ` · named in ${item.places[0].file}${item.places[0].line === null ? "" : `:${item.places[0].line}`}`}
              </p>
              <NotFetched result={failures.get(item.remote.key)} />
            </li>
          ))}
        </ul>
      )}
      {strays.length > 0 && (
        <ul className={styles.list} aria-label="Not fetched">
          {strays.map((result) => (
            <li key={result.remote.key} className={styles.item}>
              <div className={styles.head}>
                <Name remote={result.remote} />
              </div>
              <NotFetched result={result} />
            </li>
          ))}
        </ul>
      )}
      {items.length >= filteredFrom && (
        <FilterField
          label="Filter what was fetched"
          placeholder="Filter"
          value={query}
          found={plural(found.length, "reference")}
          onChange={setQuery}
        />
      )}
      {items.length === 0 ? (
        lacking.length === 0 && (
          <EmptyState
            title="Nothing was fetched"
            text="Charts, bases and files that the repository names and does not hold are fetched when you ask for it."
          />
        )
      ) : found.length === 0 ? (
        <EmptyState
          title="Nothing matches"
          text={`${plural(items.length, "reference")} do not match “${query}”.`}
          action={<Button onClick={() => setQuery("")}>Clear filter</Button>}
        />
      ) : (
        <ul className={styles.list} aria-label="Fetched">
          {found.slice(0, shownAtFirst).map((item) => (
            <Item
              key={item.remote.key}
              item={item}
              failure={failures.get(item.remote.key)}
              busy={busy}
              updating={isGoing("update", item.remote.key)}
              onUpdate={() => fetched.update(item.remote.key, [item.remote.key], tell("Updated"))}
              onForget={() => setForgetting([item])}
            />
          ))}
        </ul>
      )}
      {found.length > shownAtFirst && (
        <p className={styles.facts}>{formatCount(found.length - shownAtFirst)} more; filter to find them.</p>
      )}
      {instance === null && items.length > 0 && (
        <p className={styles.facts}>
          {plural(items.length, "reference")}, {formatSize(list.bytes)} on disk.
        </p>
      )}
      {forgetting !== null && (
        <ForgetDialog
          items={forgetting}
          onClose={() => setForgetting(null)}
          onForget={() => {
            const gone = forgetting;
            setForgetting(null);
            fetched.forget(
              gone.map((item) => item.remote.key),
              () => toast(`Forgot ${plural(gone.length, "reference")}`),
            );
          }}
        />
      )}
    </div>
  );
}

function Name({ remote }: { remote: RemoteReferenceInfo }): ReactNode {
  return (
    <>
      <span className={styles.name}>{remote.text}</span>
      <Chip>{kinds[remote.kind]}</Chip>
    </>
  );
}

function Item({
  item,
  failure,
  busy,
  updating,
  onUpdate,
  onForget,
}: {
  item: FetchedRemote;
  failure: FetchedResult | undefined;
  busy: string | null;
  updating: boolean;
  onUpdate: () => void;
  onForget: () => void;
}): ReactNode {
  const now = useNow(60_000);
  const { remote, resolved, bytes, fetchedAt, usedBy, problems } = item;
  return (
    <li className={styles.item}>
      <div className={styles.head}>
        <Name remote={remote} />
        <span className={styles.actions}>
          <Button aria-label={`Update ${remote.text}`} disabledReason={busy} onClick={onUpdate}>
            {updating ? "Updating…" : "Update"}
          </Button>
          <IconButton label={`Forget ${remote.text}`} icon={Trash2} disabledReason={busy} onClick={onForget} />
        </span>
      </div>
      <p className={styles.facts}>
        <code className={styles.version} title={resolved}>
          {shortVersion(resolved)}
        </code>
        {" · "}
        {formatSize(bytes)}
        {" · "}
        <span title={formatDateTime(fetchedAt * 1000)}>fetched {formatAge(now / 1000 - fetchedAt)} ago</span>
        {" · "}
        <span title={usedBy.slice(0, 20).join("\n")}>
          {usedBy.length === 0 ? "used by nothing here" : `used by ${plural(usedBy.length, "instance")}`}
        </span>
      </p>
      {problems.map((text) => (
        <p key={text} className={styles.facts}>
          <Prose text={text} />
        </p>
      ))}
      <NotFetched result={failure} />
    </li>
  );
}

function ForgetDialog({
  items,
  onClose,
  onForget,
}: {
  items: FetchedRemote[];
  onClose: () => void;
  onForget: () => void;
}): ReactNode {
  const cancel = useRef<HTMLButtonElement>(null);
  const users = new Set(items.flatMap((item) => item.usedBy)).size;
  const what = items.length === 1 ? (items[0]?.remote.text ?? "") : plural(items.length, "reference");
  return (
    <Dialog
      open
      onClose={onClose}
      title={items.length === 1 ? "Forget what was fetched?" : `Forget ${what}?`}
      initialFocus={cancel}
      footer={
        <>
          <Button ref={cancel} onClick={onClose}>
            Cancel
          </Button>
          <Button kind="danger" onClick={onForget}>
            {items.length === 1 ? "Forget it" : `Forget ${what}`}
          </Button>
        </>
      }
    >
      <ul>
        {items.slice(0, 20).map((item) => (
          <li key={item.remote.key} className={styles.name}>
            {item.remote.text}
          </li>
        ))}
      </ul>
      {items.length > 20 && <p className={styles.facts}>and {items.length - 20} more</p>}
      <p className={styles.facts}>
        {users === 0
          ? "Nothing in this repository uses it."
          : `${plural(users, "instance")} of this repository cannot be rendered until it is fetched again.`}{" "}
        Other repositories that use it are affected too.
      </p>
    </Dialog>
  );
}
