import { ChevronsDownUp, ChevronsUpDown } from "lucide-react";
import { type ReactNode, useCallback, useDeferredValue, useMemo, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { FilterChip } from "../../components/Chip";
import { Dialog } from "../../components/Dialog";
import { instanceSubject, useFileActionsOf } from "../../components/FileActions";
import { FilterField } from "../../components/Field";
import { Prose } from "../../components/Prose";
import { ProgressBar } from "../../components/RunSummary";
import { EmptyState, ErrorState, ProblemList, Skeleton } from "../../components/States";
import { useToast } from "../../components/Toast";
import { ListPane, Space, Toolbar, Workspace } from "../../components/Workspace";
import {
  type Fleet,
  type InstanceDetail,
  toApiError,
  useAction,
  useCommand,
  useConnection,
  useFiles,
  useRepositoryId,
} from "../../ipc";
import { formatCount, plural } from "../../lib/format";
import { useMirrored, useStaleSince } from "../../lib/hooks";
import { keyLabel } from "../../lib/keymap";
import { readList, type ScreenProps, usePlaces, writeList } from "../../lib/places";
import { type StateKind, stateKindMark, stateKinds } from "../../lib/state";
import { visible } from "../../lib/visible";
import styles from "./Environments.module.css";
import { type DetailTab, detailTabs, InstanceDetailPane } from "./InstanceDetailPane";
import { TreeList } from "./TreeList";
import { applicationKey, buildTree, openness, rowName, type TreeRow } from "./tree";

const filterKinds: readonly StateKind[] = ["failed", "drifted", "behind", "ahead", "pending"];

const advice = (
  <>
    Open the repository that holds the configuration, or say in <code>.slipway.yaml</code> where it lies.
  </>
);

function isStateKind(text: string): text is StateKind {
  return (stateKinds as readonly string[]).includes(text);
}

function readTab(text: string | undefined): DetailTab {
  return detailTabs.find((tab) => tab === text) ?? "overview";
}

export function EnvironmentsScreen(props: ScreenProps<"environments">): ReactNode {
  const repository = useRepositoryId();
  const fleet = useCommand("fleet", { repository });
  const stale = useStaleSince(useConnection() === "connected", fleet.dataUpdatedAt);
  return (
    <Workspace title="Environments" stale={stale}>
      {fleet.data !== undefined ? (
        <EnvironmentsView fleet={fleet.data} {...props} />
      ) : fleet.error !== null ? (
        <ErrorState
          title="The repository cannot be read"
          error={toApiError(fleet.error)}
          onRetry={() => void fleet.refetch()}
        />
      ) : (
        <Skeleton label="Loading environments" rows={20} />
      )}
    </Workspace>
  );
}

function EnvironmentsView({ fleet, search, onSearch }: ScreenProps<"environments"> & { fleet: Fleet }): ReactNode {
  const places = usePlaces();
  const toast = useToast();
  const refresh = useAction("repository_refresh");
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const [dialog, setDialog] = useState<"skipped" | "problems" | null>(null);
  const [text, setText] = useMirrored(search.q ?? "", (q) => onSearch({ q }, { replace: true }));
  const filterText = useDeferredValue(text);
  const states = useMemo(() => new Set(readList(search.state).filter(isStateKind)), [search.state]);
  const filtered = filterText.trim() !== "" || states.size > 0;

  const tree = useMemo(
    () =>
      buildTree(
        fleet.applications,
        { text: filterText, states },
        openness(chosen, fleet.applications.length, filtered),
      ),
    [fleet.applications, filterText, states, chosen, filtered],
  );
  const selected = search.at ?? null;
  const activeIndex = useMemo(() => {
    const byKey = tree.rows.findIndex((row) => row.key === activeKey);
    return byKey !== -1 || activeKey !== null
      ? byKey
      : tree.rows.findIndex((row) => row.kind === "instance" && row.instance.instance === selected);
  }, [tree.rows, activeKey, selected]);
  const protectedNames = useMemo(
    () =>
      new Set(fleet.environments.filter((environment) => environment.protected).map((environment) => environment.name)),
    [fleet.environments],
  );
  const isProtected = useCallback((name: string) => protectedNames.has(name), [protectedNames]);

  const review = (instance: string, previous: string | null): void => {
    if (previous === null) {
      toast("Nothing to compare with", "No earlier environment has this application.");
      return;
    }
    places.go("review", { from: `instance:${previous}`, to: `instance:${instance}` });
  };
  const promote = (application: string, environment: string): void => {
    const names = fleet.environments.map((entry) => entry.name);
    const index = names.indexOf(environment);
    // From a row one promotes onwards; from the last environment the pane offers the way into it.
    const from = names[index + 1] === undefined ? names[index - 1] : environment;
    const to = names[index + 1] ?? environment;
    const applications = writeList([application]);
    places.go("promotions", {
      ...(from === undefined ? {} : { from }),
      to,
      ...(applications === undefined ? {} : { applications }),
      step: "review",
    });
  };
  const instancesOf = (row: TreeRow): string[] =>
    row.kind === "instance"
      ? [row.instance.instance]
      : row.kind === "application"
        ? row.instances.map((instance) => instance.instance)
        : fleet.applications
            .filter(
              (application) => application.directory === row.path || application.directory.startsWith(`${row.path}/`),
            )
            .flatMap((application) => application.instances.map((instance) => instance.instance));
  const sync = (instances: string[]): void => {
    const list = writeList(instances);
    places.go("waves", list === undefined ? {} : { instances: list });
  };
  const files = useFiles(fleet.repository);
  const fileActions = useFileActionsOf(files);
  const actions = {
    review: (row: TreeRow) => {
      if (row.kind === "instance") review(row.instance.instance, previousOf(row));
    },
    sync: (row: TreeRow) => sync(instancesOf(row)),
    promote: (row: TreeRow) => {
      if (row.kind === "instance") promote(row.application.name, row.instance.environment);
      else if (row.kind === "application") promote(row.application.name, fleet.environments.at(-2)?.name ?? "");
    },
    refresh: () =>
      refresh.mutate(
        { repository: fleet.repository },
        { onError: (reason) => toast("The repository cannot be read", toApiError(reason).message) },
      ),
    openDetail: (row: TreeRow) => {
      if (row.kind === "instance") onSearch({ at: row.instance.instance });
      else if (row.kind === "application" && row.instances[0] !== undefined)
        onSearch({ at: row.instances[0].instance });
    },
    setOpen: (keys: string[], open: boolean) =>
      setChosen((before) => new Map([...before, ...keys.map((key) => [key, open] as const)])),
    files: (row: TreeRow) => {
      if (row.kind === "instance") return fileActions(instanceSubject(files, row.instance.instance));
      const place = row.kind === "directory" ? { file: row.path, line: null } : null;
      return fileActions({ name: rowName(row), place: () => Promise.resolve(place), yaml: null });
    },
  };

  const close = (): void => {
    onSearch({ at: "", tab: "", resource: "" });
    document.querySelector<HTMLElement>("[role='tree']")?.focus();
  };

  const head = useCommand("repository_info", { repository: fleet.repository }).data?.head;
  const unborn = head?.kind === "unborn" ? head.branch : null;
  const anyClosed = tree.rows.some((row) => row.kind !== "instance" && !row.open);
  const total = tree.shown + tree.hidden;
  const rendering = fleet.progress.rendered < fleet.progress.total;
  return (
    <>
      <ListPane>
        <Toolbar label="Filter">
          <FilterField
            label="Filter environments"
            placeholder="Filter by name, version, namespace…"
            value={text}
            found={`${formatCount(tree.shown)} of ${plural(total, "instance")}`}
            onChange={setText}
            onKeyDown={(event) => {
              if (event.key !== "ArrowDown" && event.key !== "Enter") return;
              event.preventDefault();
              document.querySelector<HTMLElement>("[role='tree']")?.focus();
            }}
          />
          {filterKinds
            .filter((kind) => (tree.counts.get(kind) ?? 0) > 0 || states.has(kind))
            .map((kind) => (
              <FilterChip
                key={kind}
                mark={stateKindMark(kind)}
                count={tree.counts.get(kind) ?? 0}
                pressed={states.has(kind)}
                onToggle={() => {
                  const next = new Set(states);
                  if (!next.delete(kind)) next.add(kind);
                  onSearch({ state: writeList([...next]) ?? "" }, { replace: true });
                }}
              />
            ))}
          <Space />
          <IconButton
            label={anyClosed ? "Open all" : "Close all"}
            hint={`${keyLabel("*")} opens siblings`}
            icon={anyClosed ? ChevronsUpDown : ChevronsDownUp}
            onClick={() =>
              setChosen(
                new Map(fleet.applications.map((application) => [applicationKey(application), anyClosed] as const)),
              )
            }
          />
          {filtered && tree.rows.length > 0 && (
            <Button kind="ghost" onClick={() => onSearch({ q: "", state: "" })}>
              Clear filter
            </Button>
          )}
          <span className={styles.summary}>
            {filtered ? `${formatCount(tree.shown)} of ${plural(total, "instance")}` : plural(total, "instance")}
          </span>
        </Toolbar>
        <div className={styles.layout}>
          {total > 0 && (
            <span className={styles.layoutText} title={visible(fleet.layout.reason)}>
              Layout <strong>{fleet.layout.family}</strong>, {Math.round(fleet.layout.confidence * 100)} % sure.{" "}
              {visible(fleet.layout.reason)}
            </span>
          )}
          {fleet.skipped.length > 0 && (
            <button type="button" className={styles.link} onClick={() => setDialog("skipped")}>
              {formatCount(fleet.skipped.length)} skipped
            </button>
          )}
          {fleet.problems.length > 0 && (
            <button type="button" className={styles.link} onClick={() => setDialog("problems")}>
              {plural(fleet.problems.length, "problem")}
            </button>
          )}
        </div>
        {rendering && (
          <div className={styles.rendering}>
            <span>
              Rendered {formatCount(fleet.progress.rendered)} of {plural(fleet.progress.total, "instance")}. Versions
              and states appear as they are known.
            </span>
            <ProgressBar
              label={`Rendered ${fleet.progress.rendered} of ${fleet.progress.total}`}
              total={fleet.progress.total}
              done={fleet.progress.rendered - fleet.progress.failed}
              failed={fleet.progress.failed}
            />
          </div>
        )}
        {tree.rows.length === 0 ? (
          filtered ? (
            <EmptyState
              title="The filter hides everything"
              text={`${plural(total, "instance")} ${total === 1 ? "does" : "do"} not match ${[text === "" ? "" : `“${text}”`, [...states].map((kind) => stateKindMark(kind).word).join(", ")].filter(Boolean).join(" and ")}.`}
              action={<Button onClick={() => onSearch({ q: "", state: "" })}>Clear filter</Button>}
            />
          ) : (
            <EmptyState
              title="No applications found"
              text={
                <>
                  {unborn !== null && `The branch ${unborn} has no commit yet; what lies on disk is looked at. `}
                  <Prose text={fleet.layout.reason} /> {advice}
                </>
              }
              action={
                fleet.skipped.length > 0 ? (
                  <Button onClick={() => setDialog("skipped")}>Show what was skipped</Button>
                ) : undefined
              }
            />
          )
        ) : (
          <TreeList
            rows={tree.rows}
            active={activeIndex}
            selected={selected}
            isProtected={isProtected}
            onActive={(index) => {
              const row = tree.rows[index];
              if (row === undefined) return;
              setActiveKey(row.key);
              if (selected !== null && row.kind === "instance")
                onSearch({ at: row.instance.instance }, { replace: true });
            }}
            onEscape={close}
            actions={actions}
          />
        )}
      </ListPane>
      {selected !== null && (
        <InstanceDetailPane
          repository={fleet.repository}
          instance={selected}
          tab={readTab(search.tab)}
          resource={search.resource ?? null}
          onTab={(tab) => onSearch({ tab: tab === "overview" ? "" : tab, resource: "" }, { replace: true })}
          onResource={(resource) => onSearch({ tab: "yaml", resource: resource ?? "" })}
          onClose={close}
          onReview={review}
          onSync={(instance) => sync([instance])}
          onPromote={(detail: InstanceDetail) => promote(detail.application, detail.environment)}
          onSelect={(instance) => {
            setActiveKey(null);
            onSearch({ at: instance });
          }}
        />
      )}
      <Dialog
        open={dialog === "skipped"}
        onClose={() => setDialog(null)}
        title="What was looked at and not understood"
        size="large"
      >
        <ul className={styles.skipped}>
          {fleet.skipped.map((entry) => (
            <li key={entry.path}>
              <code>{entry.path}</code>
              <span>
                <Prose text={entry.reason} />
              </span>
            </li>
          ))}
        </ul>
      </Dialog>
      <Dialog
        open={dialog === "problems"}
        onClose={() => setDialog(null)}
        title="Problems of declarations"
        size="large"
      >
        <ProblemList problems={fleet.problems} />
      </Dialog>
    </>
  );
}

/** The instance of the same application in the environment before; `null` for the first. */
function previousOf(row: TreeRow): string | null {
  if (row.kind !== "instance") return null;
  const index = row.application.instances.findIndex((instance) => instance.instance === row.instance.instance);
  return row.application.instances[index - 1]?.instance ?? null;
}
