import {
  ArrowDown,
  ArrowLeftRight,
  ArrowUp,
  Box,
  ChevronsUpDown,
  Columns2,
  Copy,
  Rows2,
  Search,
  SquareCheck,
  WrapText,
} from "lucide-react";
import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { Chip, Kbd } from "../../components/Chip";
import { type DiffHandle, DiffText, type Found, type Hunks } from "../../components/DiffText";
import { FilterField } from "../../components/Field";
import { FileMenu, resourceSubject, useFileActions, useFileActionsOf } from "../../components/FileActions";
import { Menu } from "../../components/Menu";
import { EmptyState, ErrorState, ProblemNotice, Skeleton } from "../../components/States";
import { useToast } from "../../components/Toast";
import { Waiting } from "../../components/Waiting";
import { ActionBar, BarText, ListPane, Notices, SidePane, Space, Toolbar, Workspace } from "../../components/Workspace";
import {
  type DiffResult,
  type DiffSide,
  type Fleet,
  type ResourceChangeInfo,
  type TextDiffResult,
  toApiError,
  useCommand,
  useConnection,
  useFiles,
  useLongCommand,
  useRepositoryId,
} from "../../ipc";
import { summarizeFields } from "../../lib/changes";
import { copyText } from "../../lib/clipboard";
import { textOfSide, unifiedPatch } from "../../lib/diffRows";
import { formatCount, plural, resourceName } from "../../lib/format";
import { useElementWidth, useMirrored, useOnceSettled, useStaleSince, useWindowKeys } from "../../lib/hooks";
import { dispatchKey, keyLabel } from "../../lib/keymap";
import { readList, type ScreenProps, usePlaces, writeList } from "../../lib/places";
import { readSide, writeSide } from "../../lib/side";
import { ChangeList } from "./ChangeList";
import { areOut, isOut, type LeftOut, leftOutSentence, partlyOut, toggleFields, toggleResource } from "./exclusion";
import { changeCount, changeKey, changesSentence, filterChanges, onlyOnOneSide } from "./resources";
import styles from "./Review.module.css";
import { SidePicker } from "./SidePicker";

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
  return fleet.data !== undefined && sides.from !== null && sides.to !== null ? (
    <ReviewView {...props} repository={repository} fleet={fleet.data} from={sides.from} to={sides.to} />
  ) : (
    <Workspace title="Review">
      {fleet.data !== undefined ? (
        <EmptyState title="Nothing to compare" text="No environment was found in this repository." />
      ) : fleet.error !== null ? (
        <ErrorState
          title="The repository cannot be read"
          error={toApiError(fleet.error)}
          onRetry={() => void fleet.refetch()}
        />
      ) : (
        <Skeleton label="Loading" rows={20} />
      )}
    </Workspace>
  );
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
  const files = useFiles(repository);
  const fileActions = useFileActionsOf(files);
  const applications = useMemo(() => readList(search.applications), [search.applications]);
  const request = useMemo(
    () => ({ repository, from, to, applications: applications.length === 0 ? null : applications }),
    [repository, from, to, applications],
  );
  const { query: diff, ...comparing } = useLongCommand("diff", request);
  const stale = useStaleSince(useConnection() === "connected", diff.dataUpdatedAt);
  const [filter, setFilter] = useMirrored(search.q ?? "", (q) => onSearch({ q }, { replace: true }));
  const rested = useDeferredValue(filter);
  const changes = useMemo(() => filterChanges(diff.data?.resources ?? [], rested), [diff.data, rested]);
  const index = useMemo(
    () =>
      search.at === undefined
        ? 0
        : Math.max(
            0,
            changes.findIndex((change) => changeKey(change) === search.at),
          ),
    [changes, search.at],
  );
  const change = changes[index];
  const select = useCallback(
    (next: ResourceChangeInfo | undefined) => {
      if (next !== undefined) onSearch({ at: changeKey(next) }, { replace: true });
    },
    [onSearch],
  );
  const setSide = (which: "from" | "to") => (side: DiffSide) =>
    onSearch({ [which]: writeSide(side), at: "", without: "" });
  const [stepped, setStepped] = useState<string | null>(null);
  const onStepped = useCallback(() => setStepped(null), []);
  const promotable = from.kind === "environment" && to.kind === "environment" && from.environment !== to.environment;
  const without = useMemo(() => new Set(readList(search.without)), [search.without]);
  const leave = (next: LeftOut): void => onSearch({ without: writeList([...next].sort()) ?? "" }, { replace: true });
  const toggle = (changed: ResourceChangeInfo): void => leave(toggleResource(without, changed));
  const leftOut = leftOutSentence(without, diff.data?.resources ?? []);
  const promote = (): void => {
    if (!promotable) return;
    const names = writeList(applications);
    const left = writeList([...without].sort());
    places.go("promotions", {
      from: from.environment,
      to: to.environment,
      rows: "differing",
      ...(names === undefined ? {} : { applications: names }),
      ...(left === undefined ? {} : { without: left }),
    });
  };
  const keys = {
    "Mod+Enter": promotable ? promote : undefined,
    "Shift+X": promotable && change !== undefined ? () => toggle(change) : undefined,
  };

  return (
    <Workspace title="Review" stale={stale}>
      <SidePane label="What changes" name="review">
        {diff.data !== undefined && <Summary diff={diff.data} onFilter={setFilter} />}
        <div className={styles.counts}>
          <FilterField
            label="Filter resources"
            placeholder="Filter resources…"
            value={filter}
            found={plural(changes.length, "resource")}
            onChange={setFilter}
          />
        </div>
        {diff.data !== undefined && (
          <p className={styles.total}>
            <span>
              {changes.length !== diff.data.resources.length && `${formatCount(changes.length)} of `}
              {changesSentence(changes.length === diff.data.resources.length ? changes : diff.data.resources)}
            </span>
            {leftOut !== "" && <span>{leftOut}</span>}
          </p>
        )}
        {diff.data === undefined ? (
          diff.error === null && !comparing.cancelled && <Skeleton label="Comparing" rows={10} height={36} />
        ) : changes.length === 0 ? (
          diff.data.resources.length > 0 && (
            <EmptyState
              title="The filter hides everything"
              text={`${plural(diff.data.resources.length, "resource")} ${diff.data.resources.length === 1 ? "does" : "do"} not match “${filter}”.`}
              action={<Button onClick={() => setFilter("")}>Clear filter</Button>}
            />
          )
        ) : (
          <ChangeList
            changes={changes}
            selected={index}
            onSelect={(next) => select(changes[next])}
            onEnter={(at) => {
              const entered = changes[at];
              setStepped(entered === undefined ? null : changeKey(entered));
            }}
            without={without}
            onToggle={promotable ? toggle : null}
            keys={keys}
            filesOf={(entry) => fileActions(resourceSubject(files, entry.instance, entry.resource))}
          />
        )}
      </SidePane>
      <ListPane label="Difference">
        <Toolbar label="Comparison">
          <SidePicker label="First side" side={from} fleet={fleet} repository={repository} onPick={setSide("from")} />
          <BarText>compared with</BarText>
          <SidePicker label="Second side" side={to} fleet={fleet} repository={repository} onPick={setSide("to")} />
          <IconButton
            label="Swap sides"
            icon={ArrowLeftRight}
            onClick={() => onSearch({ from: writeSide(to), to: writeSide(from), at: "", without: "" })}
          />
          {applications.length > 0 && (
            <Button kind="ghost" onClick={() => onSearch({ applications: "", at: "" })}>
              {plural(applications.length, "application")} only ×
            </Button>
          )}
        </Toolbar>
        {diff.data === undefined ? (
          diff.error !== null ? (
            <div className={styles.room}>
              <ErrorState
                title="The sides cannot be compared"
                error={toApiError(diff.error)}
                onRetry={() => void diff.refetch()}
              />
            </div>
          ) : (
            <Waiting
              label="Rendering both sides"
              progress={comparing.progress}
              cancelled={comparing.cancelled}
              onCancel={comparing.cancel}
              onRetry={() => void diff.refetch()}
              height={20}
              rows={24}
            />
          )
        ) : (
          <>
            {diff.data.problems.length > 0 && (
              <Notices>
                <ProblemNotice
                  problems={diff.data.problems}
                  tone="warning"
                  what={`${plural(diff.data.problems.length, "instance")} could not be compared.`}
                />
              </Notices>
            )}
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
                leftOut={without}
                onLeave={promotable ? leave : null}
                view={search.view}
                onUnified={(unified) => onSearch({ view: unified ? "unified" : "split" }, { replace: true })}
                stepped={stepped === changeKey(change)}
                onStepped={onStepped}
                keys={keys}
                onStep={(step) => {
                  const next = changes[(index + step + changes.length) % changes.length];
                  setStepped(next === undefined ? null : changeKey(next));
                  select(next);
                }}
              />
            )}
          </>
        )}
        <ActionBar label="What to do">
          <span className={styles.hints}>
            <Kbd>{keyLabel("n")}</Kbd> next change <Kbd>{keyLabel("]")}</Kbd> next resource
            {promotable && (
              <>
                {" "}
                <Kbd>{keyLabel("x")}</Kbd> leave change out
              </>
            )}
          </span>
          <Space />
          {promotable && change !== undefined && (
            <Button keys="Shift+X" onClick={() => toggle(change)} aria-pressed={isOut(without, change)}>
              {isOut(without, change) ? "Take resource in" : "Leave resource out"}
            </Button>
          )}
          {promotable && (
            <Button
              kind="primary"
              keys="Mod+Enter"
              onClick={promote}
              disabledReason={diff.data?.resources.length === 0 ? "Nothing differs" : null}
            >
              Promote to {to.environment}…
            </Button>
          )}
        </ActionBar>
      </ListPane>
    </Workspace>
  );
}

/** How many lines of the summary are shown at first. */
const shownLines = 6;

function Summary({ diff, onFilter }: { diff: DiffResult; onFilter: (text: string) => void }): ReactNode {
  const [all, setAll] = useState(false);
  const lines = useMemo(() => summarizeFields(diff.resources), [diff.resources]);
  const shown = all ? lines.slice(0, 200) : lines.slice(0, shownLines);
  const sides = onlyOnOneSide(diff);
  return (
    <div className={styles.summary}>
      <h2 className={styles.heading}>What changes</h2>
      <ul className={styles.groups}>
        {shown.map((line) => (
          <li key={line.key}>
            <button
              type="button"
              className={styles.group}
              title={`${line.label} ${line.text}\n\n${line.instances.slice(0, 30).join("\n")}`}
              onClick={() => onFilter(line.filter)}
            >
              <code className={styles.groupPath}>{line.label}</code>{" "}
              <span className={styles.groupChange}>{line.text}</span>
            </button>
          </li>
        ))}
      </ul>
      {lines.length > shownLines && (
        <button type="button" className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `${lines.length - shownLines} more`}
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
      {diff.resources.length > 0 && lines.length === 0 && sides.added + sides.removed === 0 && (
        <p className={styles.muted}>{plural(diff.resources.length, "resource")} renamed</p>
      )}
    </div>
  );
}

/** From this width on two columns can be read, in CSS pixels. */
const splitRoom = 800;

function ChangeView({
  repository,
  from,
  to,
  change,
  leftOut,
  onLeave,
  view,
  onUnified,
  onStep,
  stepped,
  onStepped,
  keys: around,
}: {
  repository: string;
  from: DiffSide;
  to: DiffSide;
  change: ResourceChangeInfo;
  /** What the promotion leaves out. */
  leftOut: LeftOut;
  /** Changes what is left out; `null` where nothing can be promoted. */
  onLeave: ((next: LeftOut) => void) | null;
  /** `split` or `unified` where the person chose; else what fits. */
  view: string | undefined;
  onUnified: (unified: boolean) => void;
  onStep: (step: 1 | -1) => void;
  /** Whether a key led here: the focus then goes into the text. */
  stepped: boolean;
  onStepped: () => void;
  /** Keys of the screen that act here as well. */
  keys: Record<string, (() => void) | undefined>;
}): ReactNode {
  const [wrap, setWrap] = useState(false);
  const [find, setFind] = useState<string | null>(null);
  const searched = useDeferredValue(find ?? "");
  const [found, setFound] = useState<Found>({ count: 0, at: 0 });
  const handle = useRef<DiffHandle>(null);
  const findNext = useOnceSettled<1 | -1>(searched === (find ?? ""), (step) => handle.current?.find(step));
  const room = useRef<HTMLDivElement>(null);
  const width = useElementWidth(room);
  const unified = view === "unified" || (view !== "split" && width > 0 && width < splitRoom);
  const text = useCommand("text_diff", {
    repository,
    from,
    to,
    instance: change.instance,
    resource: change.resource,
    renamedFrom: change.renamedFrom ?? null,
  });
  const keys = {
    ...around,
    u: () => onUnified(!unified),
    w: () => setWrap(!wrap),
    "]": () => onStep(1),
    "[": () => onStep(-1),
    "Mod+F": () => setFind(find ?? ""),
  };
  /** The next key acts in the text already. */
  const endFind = (): void => {
    setFind(null);
    room.current?.querySelector<HTMLElement>("[data-pane-focus]")?.focus();
  };
  const files = useFiles(repository);
  const actions = useFileActions(files, {
    name: resourceName(change.resource),
    place: () => files.placeOf(change.instance, change.resource),
    yaml: text.data === undefined ? null : () => Promise.resolve(textOfSide(text.data.rows, "right")),
  });
  useWindowKeys((event) => {
    if (actions !== null) dispatchKey(event, actions.keys);
  });
  const fields = text.data?.hunkFields;
  const hunks: Hunks | undefined =
    onLeave === null || fields === undefined
      ? undefined
      : {
          isOut: (hunk) => isOut(leftOut, change) || areOut(leftOut, change, fields[hunk] ?? []),
          canToggle: (hunk) => (fields[hunk] ?? []).length > 0,
          onToggle: (hunk) => onLeave(toggleFields(leftOut, change, fields[hunk] ?? [])),
        };
  const out = isOut(leftOut, change);
  const partly = partlyOut(leftOut, change);
  // Stepping through resources by key leaves the keyboard where it was: in the text.
  useEffect(() => {
    if (text.data === undefined || !stepped) return;
    onStepped();
    document.querySelector<HTMLElement>("[aria-label='Difference'] [role='region']")?.focus();
  }, [text.data, stepped, onStepped]);
  return (
    <div ref={room} className={styles.view}>
      <div className={styles.file} role="toolbar" aria-label="Resource" onKeyDown={(event) => dispatchKey(event, keys)}>
        <Box aria-hidden size={14} strokeWidth={1.75} className={styles.muted} />
        <span
          className={out ? styles.fileOut : styles.fileName}
          title={`${change.instance} ${resourceName(change.resource)}`}
        >
          {change.resource.name}
        </span>
        <Chip>{change.resource.kind}</Chip>
        {out && <Chip tone="warning">left out</Chip>}
        {partly > 0 && <Chip tone="warning">{plural(partly, "change")} left out</Chip>}
        <span className={styles.fileInstance}>{change.instance}</span>
        <span className={styles.space} />
        <span className={styles.muted}>{plural(changeCount(change), "change")}</span>
        {text.data !== undefined && <CopyMenu text={text.data} name={resourceName(change.resource)} />}
        {actions !== null && <FileMenu actions={actions} about={resourceName(change.resource)} />}
        <IconButton label="Find" keys="Mod+F" icon={Search} onClick={() => setFind(find === null ? "" : null)} />
        <IconButton
          label="Fold unchanged lines"
          keys="z"
          icon={ChevronsUpDown}
          onClick={() => handle.current?.toggleFolds()}
        />
        <IconButton
          label="Wrap long lines"
          keys="w"
          icon={WrapText}
          aria-pressed={wrap}
          onClick={() => setWrap(!wrap)}
        />
        <Button icon={unified ? Rows2 : Columns2} keys="u" onClick={() => onUnified(!unified)}>
          {unified ? "Unified" : "Split"}
        </Button>
        {hunks !== undefined && (
          <IconButton
            kind="plain"
            label="Leave the change out, or take it in"
            keys="x"
            icon={SquareCheck}
            onClick={() => handle.current?.toggleHunk()}
          />
        )}
        <IconButton
          kind="plain"
          label="Previous change"
          keys="Shift+N"
          icon={ArrowUp}
          onClick={() => handle.current?.move(-1)}
        />
        <IconButton
          kind="plain"
          label="Next change"
          keys="n"
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
              if (event.key === "Enter") findNext(event.shiftKey ? -1 : 1);
              else if (event.key === "Escape") endFind();
              else return;
              event.preventDefault();
              event.stopPropagation();
            }}
          />
          <span className={styles.muted} role="status">
            {find === ""
              ? ""
              : found.at === 0
                ? plural(found.count, "line")
                : `${found.at} of ${plural(found.count, "line")}`}
          </span>
          <IconButton
            label="Previous place"
            hint="Shift Enter"
            icon={ArrowUp}
            onClick={() => findNext(-1)}
            disabledReason={found.count === 0 ? "nothing is found" : null}
          />
          <IconButton
            label="Next place"
            hint="Enter"
            icon={ArrowDown}
            onClick={() => findNext(1)}
            disabledReason={found.count === 0 ? "nothing is found" : null}
          />
          <Button kind="ghost" hint="Esc" onClick={endFind}>
            Close
          </Button>
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
          find={searched}
          onFound={setFound}
          {...(hunks === undefined ? {} : { hunks })}
          keys={keys}
        />
      )}
    </div>
  );
}

/** A selection cannot reach lines that are not painted, so copying is a command. Secrets are masked in both sides. */
function CopyMenu({ text, name }: { text: TextDiffResult; name: string }): ReactNode {
  const toast = useToast();
  // Made when it is asked for: the text of a large object is long, and this is painted with every key in a search.
  const copy = (what: string, content: () => string) => (): void =>
    void copyText(content()).then((done) => toast(done ? `${what} copied` : "The clipboard cannot be written"));
  const folded = text.rows.some((row) => row.kind === "fold");
  return (
    <Menu
      trigger={
        <button type="button" className={styles.copy} aria-label="Copy">
          <Copy aria-hidden size={15} strokeWidth={1.75} />
        </button>
      }
      groups={[
        [
          { label: "Copy as a patch", icon: Copy, onSelect: copy("Patch", () => unifiedPatch(text, name)) },
          {
            label: `Copy ${text.left}`,
            ...(folded ? { disabledReason: "Unchanged lines are folded" } : {}),
            onSelect: copy(text.left, () => textOfSide(text.rows, "left")),
          },
          {
            label: `Copy ${text.right}`,
            ...(folded ? { disabledReason: "Unchanged lines are folded" } : {}),
            onSelect: copy(text.right, () => textOfSide(text.rows, "right")),
          },
        ],
      ]}
    />
  );
}
