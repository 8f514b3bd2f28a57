import {
  ArrowDown,
  ArrowLeftRight,
  ArrowUp,
  Box,
  ChevronsUpDown,
  Columns2,
  FolderGit2,
  GitBranch,
  GitCommitHorizontal,
  Layers,
  Rows2,
  Search,
  SquareStack,
  WrapText,
} from "lucide-react";
import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { Chip, Kbd } from "../../components/Chip";
import { type DiffHandle, DiffText } from "../../components/DiffText";
import { FilterField } from "../../components/Field";
import type { ListEntry } from "../../components/FilterList";
import { VisuallyHidden } from "../../components/Mark";
import { Picker } from "../../components/Picker";
import { EmptyState, ErrorState, Notice, ProblemList, Skeleton } from "../../components/States";
import {
  type DiffResult,
  type DiffSide,
  type Fleet,
  type ResourceChangeInfo,
  toApiError,
  useCommand,
  useRepositoryId,
} from "../../ipc";
import { fieldLabel, plural, resourceName, shortCommit } from "../../lib/format";
import { fuzzyFilter } from "../../lib/fuzzy";
import { dispatchKey } from "../../lib/keymap";
import { readList, type ScreenProps, usePlaces, writeList } from "../../lib/places";
import { readSide, sideLabel, writeSide } from "../../lib/side";
import { ChangeList } from "./ChangeList";
import styles from "./Review.module.css";
import { changeCount, changeKey, changesSentence, filterChanges, onlyOnOneSide } from "./resources";

export function ReviewScreen(props: ScreenProps<"review">): ReactNode {
  const repository = useRepositoryId();
  const fleet = useCommand("fleet", { repository });
  const sides = useMemo(() => {
    const names = fleet.data?.environments.map((environment) => environment.name) ?? [];
    const environment = (index: number): DiffSide | null => {
      const name = names.at(index);
      return name === undefined ? null : { kind: "environment", environment: name, revision: null };
    };
    return {
      from: readSide(props.search.from) ?? environment(-2) ?? environment(-1),
      to: readSide(props.search.to) ?? environment(-1),
    };
  }, [fleet.data, props.search.from, props.search.to]);
  if (fleet.error !== null) {
    return (
      <ErrorState
        title="The repository cannot be read"
        error={toApiError(fleet.error)}
        onRetry={() => void fleet.refetch()}
      />
    );
  }
  if (fleet.data === undefined) return <Skeleton label="Loading" rows={20} />;
  if (sides.from === null || sides.to === null) {
    return <EmptyState title="Nothing to compare" text="No environment was found in this repository." />;
  }
  return <ReviewView {...props} repository={repository} fleet={fleet.data} from={sides.from} to={sides.to} />;
}

function ReviewView({
  repository,
  fleet,
  from,
  to,
  search,
  onSearch,
}: ScreenProps<"review"> & { repository: string; fleet: Fleet; from: DiffSide; to: DiffSide }): ReactNode {
  const places = usePlaces();
  const applications = useMemo(() => readList(search.applications), [search.applications]);
  const diff = useCommand("diff", {
    repository,
    from,
    to,
    applications: applications.length === 0 ? null : applications,
  });
  const [filter, setFilter] = useState("");
  const rested = useDeferredValue(filter);
  const changes = useMemo(() => filterChanges(diff.data?.resources ?? [], rested), [diff.data, rested]);
  const index = Math.max(
    0,
    changes.findIndex((change) => changeKey(change) === search.at),
  );
  const change = changes[index];
  const select = useCallback(
    (next: ResourceChangeInfo | undefined) => {
      if (next !== undefined) onSearch({ at: changeKey(next) }, { replace: true });
    },
    [onSearch],
  );
  const setSide = (which: "from" | "to") => (side: DiffSide) => onSearch({ [which]: writeSide(side), at: "" });
  const [stepped, setStepped] = useState<string | null>(null);
  const onStepped = useCallback(() => setStepped(null), []);
  const promotable = from.kind === "environment" && to.kind === "environment" && from.environment !== to.environment;

  return (
    <div className={styles.screen}>
      <h1>
        <VisuallyHidden>Review</VisuallyHidden>
      </h1>
      <section className={styles.left} aria-label="What changes" data-pane>
        {diff.data !== undefined && <Summary diff={diff.data} onFilter={setFilter} />}
        <div className={styles.counts}>
          <FilterField label="Filter resources" placeholder="Filter resources…" value={filter} onChange={setFilter} />
        </div>
        {diff.data !== undefined && (
          <p className={styles.total}>
            {changesSentence(changes)}
            {changes.length !== diff.data.resources.length && ` of ${diff.data.resources.length}`}
          </p>
        )}
        {diff.data === undefined ? (
          diff.error === null && <Skeleton label="Comparing" rows={10} height={36} />
        ) : changes.length === 0 ? (
          diff.data.resources.length > 0 && (
            <EmptyState
              title="The filter hides everything"
              action={<Button onClick={() => setFilter("")}>Clear filter</Button>}
            />
          )
        ) : (
          <ChangeList changes={changes} selected={index} onSelect={(next) => select(changes[next])} />
        )}
      </section>
      <section className={styles.right} aria-label="Difference" data-pane>
        <div className={styles.bar} role="toolbar" aria-label="Comparison">
          <SidePicker label="First side" side={from} fleet={fleet} repository={repository} onPick={setSide("from")} />
          <span className={styles.muted}>compared with</span>
          <SidePicker label="Second side" side={to} fleet={fleet} repository={repository} onPick={setSide("to")} />
          <IconButton
            label="Swap sides"
            icon={ArrowLeftRight}
            onClick={() => onSearch({ from: writeSide(to), to: writeSide(from), at: "" })}
          />
          {applications.length > 0 && (
            <Button kind="ghost" onClick={() => onSearch({ applications: "", at: "" })}>
              {plural(applications.length, "application")} only ×
            </Button>
          )}
        </div>
        {diff.error !== null ? (
          <ErrorState
            title="The sides cannot be compared"
            error={toApiError(diff.error)}
            onRetry={() => void diff.refetch()}
          />
        ) : diff.data === undefined ? (
          <Skeleton label="Rendering both sides" height={20} rows={24} />
        ) : (
          <>
            {diff.data.problems.length > 0 && <Problems problems={diff.data.problems} />}
            {diff.data.resources.length === 0 ? (
              <EmptyState
                title="No difference"
                text={`${diff.data.from} and ${diff.data.to} render the same${diff.data.problems.length > 0 ? ", as far as they can be compared" : ""}.`}
              />
            ) : change === undefined ? (
              <EmptyState title="No resource is chosen" text="Choose one on the left." />
            ) : (
              <ChangeView
                key={changeKey(change)}
                repository={repository}
                from={from}
                to={to}
                change={change}
                unified={search.view === "unified"}
                onUnified={(unified) => onSearch({ view: unified ? "unified" : "" }, { replace: true })}
                stepped={stepped === changeKey(change)}
                onStepped={onStepped}
                onStep={(step) => {
                  const next = changes[(index + step + changes.length) % changes.length];
                  setStepped(next === undefined ? null : changeKey(next));
                  select(next);
                }}
              />
            )}
          </>
        )}
        <div className={styles.footer}>
          <span className={styles.hints}>
            <Kbd>N</Kbd> next change <Kbd>]</Kbd> next resource <Kbd>U</Kbd> split or unified
          </span>
          {promotable && (
            <Button
              kind="primary"
              onClick={() => {
                const names = writeList(applications);
                places.go("promotions", {
                  from: from.environment,
                  to: to.environment,
                  rows: "differing",
                  ...(names === undefined ? {} : { applications: names }),
                });
              }}
            >
              Promote to {to.environment}…
            </Button>
          )}
        </div>
      </section>
    </div>
  );
}

function Summary({ diff, onFilter }: { diff: DiffResult; onFilter: (text: string) => void }): ReactNode {
  const [all, setAll] = useState(false);
  const groups = all ? diff.groups : diff.groups.slice(0, 6);
  const sides = onlyOnOneSide(diff);
  return (
    <div className={styles.summary}>
      <h2 className={styles.heading}>What changes</h2>
      <ul className={styles.groups}>
        {groups.map((group) => (
          <li key={`${group.path} ${group.change}`}>
            <button
              type="button"
              className={styles.group}
              title={`${group.path}\n${group.change}\n\n${group.instances.join("\n")}`}
              onClick={() => onFilter(group.path.split(" ").at(-1)?.split("/").at(-1) ?? "")}
            >
              <code className={styles.groupPath}>{shortPath(group.path)}</code>
              <span className={styles.groupChange}>{group.change}</span>
              <span className={styles.muted}>{group.count}×</span>
            </button>
          </li>
        ))}
      </ul>
      {diff.groups.length > 6 && (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `${diff.groups.length - 6} more`}
        </button>
      )}
      {sides.removed > 0 && (
        <p className={styles.warning}>
          {plural(sides.removed, "resource")} only in {diff.from}
        </p>
      )}
      {sides.added > 0 && (
        <p className={styles.muted}>
          {plural(sides.added, "resource")} only in {diff.to}
        </p>
      )}
    </div>
  );
}

/** The field of a group as people call it, with the kind before it: `Deployment image`. */
function shortPath(path: string): string {
  const slash = path.indexOf("/");
  if (slash === -1) return path;
  return `${path.slice(0, slash).trim()} ${fieldLabel(path.slice(slash))}`;
}

function Problems({ problems }: { problems: DiffResult["problems"] }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <div className={styles.problems}>
      <Notice tone="warning" action={<Button onClick={() => setOpen(!open)}>{open ? "Hide" : "Show"}</Button>}>
        {plural(problems.length, "instance")} could not be compared.
      </Notice>
      {open && <ProblemList problems={problems} />}
    </div>
  );
}

function ChangeView({
  repository,
  from,
  to,
  change,
  unified,
  onUnified,
  onStep,
  stepped,
  onStepped,
}: {
  repository: string;
  from: DiffSide;
  to: DiffSide;
  change: ResourceChangeInfo;
  unified: boolean;
  onUnified: (unified: boolean) => void;
  onStep: (step: 1 | -1) => void;
  /** Whether a key led here: the focus then goes into the text. */
  stepped: boolean;
  onStepped: () => void;
}): ReactNode {
  const [wrap, setWrap] = useState(false);
  const [find, setFind] = useState<string | null>(null);
  const [found, setFound] = useState(0);
  const handle = useRef<DiffHandle>(null);
  const text = useCommand("text_diff", {
    repository,
    from,
    to,
    instance: change.instance,
    resource: change.resource,
    renamedFrom: change.renamedFrom ?? null,
  });
  const keys = {
    u: () => onUnified(!unified),
    w: () => setWrap(!wrap),
    "]": () => onStep(1),
    "[": () => onStep(-1),
    "Mod+F": () => setFind(find ?? ""),
  };
  // Stepping through resources by key leaves the keyboard where it was: in the text.
  useEffect(() => {
    if (text.data === undefined || !stepped) return;
    onStepped();
    document.querySelector<HTMLElement>("section[aria-label='Difference'] [role='region']")?.focus();
  }, [text.data, stepped, onStepped]);
  return (
    <>
      <div className={styles.file} role="toolbar" aria-label="Resource" onKeyDown={(event) => dispatchKey(event, keys)}>
        <Box aria-hidden size={14} strokeWidth={1.75} className={styles.muted} />
        <span className={styles.fileName} title={`${change.instance} ${resourceName(change.resource)}`}>
          {change.resource.name}
        </span>
        <Chip>{change.resource.kind}</Chip>
        <span className={styles.muted}>{change.instance}</span>
        <span className={styles.space} />
        <span className={styles.muted}>{plural(changeCount(change), "change")}</span>
        <IconButton label="Find" hint="Ctrl F" icon={Search} onClick={() => setFind(find === null ? "" : null)} />
        <IconButton
          label="Fold unchanged lines"
          hint="Z"
          icon={ChevronsUpDown}
          onClick={() => handle.current?.toggleFolds()}
        />
        <IconButton
          label="Wrap long lines"
          hint="W"
          icon={WrapText}
          aria-pressed={wrap}
          onClick={() => setWrap(!wrap)}
        />
        <Button icon={unified ? Rows2 : Columns2} hint="U" onClick={() => onUnified(!unified)}>
          {unified ? "Unified" : "Split"}
        </Button>
        <IconButton
          kind="plain"
          label="Previous change"
          hint="Shift N"
          icon={ArrowUp}
          onClick={() => handle.current?.move(-1)}
        />
        <IconButton
          kind="plain"
          label="Next change"
          hint="N"
          icon={ArrowDown}
          onClick={() => handle.current?.move(1)}
        />
      </div>
      {find !== null && (
        <div className={styles.find}>
          <input
            autoFocus
            type="search"
            aria-label="Find in this resource"
            className={styles.findInput}
            value={find}
            onChange={(event) => setFind(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") handle.current?.find(event.shiftKey ? -1 : 1);
              else if (event.key === "Escape") setFind(null);
              else return;
              event.preventDefault();
              event.stopPropagation();
            }}
          />
          <span className={styles.muted} role="status">
            {find === "" ? "" : plural(found, "line")}
          </span>
        </div>
      )}
      {text.error !== null ? (
        <ErrorState
          title="The texts cannot be compared"
          error={toApiError(text.error)}
          onRetry={() => void text.refetch()}
        />
      ) : text.data === undefined ? (
        <Skeleton label="Comparing" height={20} rows={24} />
      ) : (
        <DiffText
          ref={handle}
          diff={text.data}
          unified={unified}
          wrap={wrap}
          find={find ?? ""}
          onFound={setFound}
          keys={keys}
        />
      )}
    </>
  );
}

function SidePicker({
  label,
  side,
  fleet,
  repository,
  onPick,
}: {
  label: string;
  side: DiffSide;
  fleet: Fleet;
  repository: string;
  onPick: (side: DiffSide) => void;
}): ReactNode {
  const info = useCommand("repository_info", { repository });
  const history = useCommand("history", { repository, revision: null, path: null, limit: 50 });
  const all = useMemo(() => {
    const pick = (
      key: string,
      group: string,
      icon: ListEntry["icon"],
      name: string,
      target: DiffSide,
      detail?: string,
    ): ListEntry & { search: string } => ({
      key,
      group,
      icon,
      label: name,
      search: `${name} ${detail ?? ""}`,
      ...(detail === undefined ? {} : { detail }),
      onSelect: () => onPick(target),
    });
    return [
      ...fleet.environments.map((environment) =>
        pick(`environment ${environment.name}`, "Environments", Layers, environment.name, {
          kind: "environment",
          environment: environment.name,
          revision: null,
        }),
      ),
      pick("working", "Repository", FolderGit2, "working directory", { kind: "workingDirectory" }),
      ...(info.data?.branches ?? []).map((branch) =>
        pick(`branch ${branch}`, "Repository", GitBranch, branch, { kind: "revision", revision: branch }, "branch"),
      ),
      ...(history.data?.commits ?? []).map((commit) =>
        pick(
          `commit ${commit.id}`,
          "Commits",
          GitCommitHorizontal,
          shortCommit(commit.id),
          { kind: "revision", revision: commit.id },
          commit.subject,
        ),
      ),
      ...fleet.applications.flatMap((application) =>
        application.instances.map((instance) =>
          pick(`instance ${instance.instance}#${instance.path}`, "Instances", SquareStack, instance.instance, {
            kind: "instance",
            instance: instance.instance,
            revision: null,
          }),
        ),
      ),
    ];
  }, [fleet, info.data, history.data, onPick]);
  return (
    <Picker
      label={label}
      value={sideLabel(side)}
      empty="Nothing has this name."
      entries={(query) => {
        const found: ListEntry[] = fuzzyFilter(all, query, (entry) => entry.search, 60);
        const typed = query.trim();
        return found.length < 60 && /^[\w./~^-]{2,}$/.test(typed) && !found.some((entry) => entry.label === typed)
          ? [
              ...found,
              {
                key: "typed",
                group: "Revision",
                icon: GitCommitHorizontal,
                label: `Revision ${typed}`,
                onSelect: () => onPick({ kind: "revision", revision: typed }),
              },
            ]
          : found;
      }}
    />
  );
}
