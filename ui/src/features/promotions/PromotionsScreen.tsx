import { ArrowUp, GitCompareArrows } from "lucide-react";
import { type ReactNode, useCallback, useDeferredValue, useMemo, useState } from "react";
import { Button } from "../../components/Button";
import { Chip, ConfigChip, Kbd } from "../../components/Chip";
import { CheckField, FilterField, SelectField } from "../../components/Field";
import { instanceSubject, useFileActionsOf } from "../../components/FileActions";
import { EmptyState, ErrorState, Skeleton } from "../../components/States";
import { useToast } from "../../components/Toast";
import { ActionBar, BarText, BarTitle, ListPane, Space, Toolbar, Workspace } from "../../components/Workspace";
import { type Matrix, toApiError, useCommand, useConnection, useFiles, useRepositoryId } from "../../ipc";
import { formatCount, plural } from "../../lib/format";
import { useMirrored, useStaleSince } from "../../lib/hooks";
import { keyLabel } from "../../lib/keymap";
import { readList, type ScreenProps, usePlaces, writeList } from "../../lib/places";
import { MatrixGrid } from "./MatrixGrid";
import { type CellName, columnsOf, comparedCells, filterRows, readWay, wayInto } from "./matrix";
import styles from "./Promotions.module.css";
import { PromotionPane } from "./PromotionPane";
import { stepNames } from "./steps/names";

export function PromotionsScreen(props: ScreenProps<"promotions">): ReactNode {
  const repository = useRepositoryId();
  const matrix = useCommand("matrix", { repository });
  const stale = useStaleSince(useConnection() === "connected", matrix.dataUpdatedAt);
  return (
    <Workspace stale={stale} {...(matrix.data === undefined ? { title: "Promotions" } : {})}>
      {matrix.data !== undefined ? (
        <PromotionsView matrix={matrix.data} {...props} />
      ) : matrix.error !== null ? (
        <ErrorState
          title="The matrix cannot be shown"
          error={toApiError(matrix.error)}
          onRetry={() => void matrix.refetch()}
        />
      ) : (
        <Skeleton label="Loading promotions" rows={20} height={32} />
      )}
    </Workspace>
  );
}

function PromotionsView({ matrix, search, onSearch }: ScreenProps<"promotions"> & { matrix: Matrix }): ReactNode {
  const places = usePlaces();
  const files = useFiles(useRepositoryId());
  const fileActions = useFileActionsOf(files);
  const [text, setText] = useMirrored(search.q ?? "", (q) => onSearch({ q }, { replace: true }));
  const [list, setList] = useMirrored(search.applications ?? "", (applications) =>
    onSearch({ applications }, { replace: true }),
  );
  const rested = useDeferredValue(text);
  const way = useMemo(() => readWay(matrix, search.from, search.to), [matrix, search.from, search.to]);
  const only = search.rows === "differing" && way !== null;
  const rows = useMemo(() => filterRows(matrix, rested, only ? way : null), [matrix, rested, only, way]);
  const held = useMemo(() => columnsOf(matrix, rows, way), [matrix, rows, way]);
  const columns = useMemo(
    () => (search.columns === "all" ? columnsOf(matrix, matrix.rows, way) : held),
    [matrix, held, way, search.columns],
  );
  const empty = rows.length === 0 ? 0 : matrix.environments.length - held.length;
  const selected = useMemo(() => {
    const known = new Set(matrix.rows.map((row) => row.application));
    return new Set(readList(list).filter((name) => known.has(name)));
  }, [matrix, list]);
  const step = stepNames.find((name) => name === search.step) ?? null;

  const onSelect = (next: ReadonlySet<string>): void => setList(writeList([...next].sort()) ?? "");
  const promote = (): void => {
    if (way !== null) onSearch({ step: selected.size === 0 ? "choose" : "review", from: way.from, to: way.to });
  };
  const toast = useToast();
  const [marked, setMarked] = useState<CellName | null>(null);
  const [at, setAt] = useState<CellName | null>(null);
  const onAt = useCallback((cell: CellName | null) => setAt(cell), []);
  /** The first press marks a cell, the second compares it with another; twice on one compares it with the one before. */
  const compare = (cell: CellName): void => {
    if (marked === null) {
      setMarked(cell);
      return;
    }
    const sides = comparedCells(matrix, marked, cell);
    if (sides === null) {
      setMarked(null);
      toast("Nothing to compare", "One of the two cells has no application.");
      return;
    }
    places.go("review", { from: `instance:${sides.from}`, to: `instance:${sides.to}` });
  };
  const names = matrix.environments.map((environment) => ({ value: environment.name, label: environment.name }));
  const close = (): void => {
    onSearch({ step: "", without: "" });
    document.querySelector<HTMLElement>("[role='grid']")?.focus();
  };
  const hidden = matrix.rows.length - rows.length;
  return (
    <>
      <ListPane>
        <Toolbar label="Promotions">
          <BarTitle>Promotions</BarTitle>
          <FilterField
            label="Filter applications"
            placeholder="Filter…"
            value={text}
            found={plural(rows.length, "application")}
            onChange={setText}
          />
          <span className={styles.only}>
            <CheckField
              label="Only rows with something to promote"
              checked={only}
              onChange={(checked) => onSearch({ rows: checked ? "differing" : "" }, { replace: true })}
            />
          </span>
          {hidden > 0 && <BarText>{formatCount(hidden)} hidden</BarText>}
          {empty > 0 && (
            <Button
              kind="ghost"
              onClick={() => onSearch({ columns: search.columns === "all" ? "" : "all" }, { replace: true })}
            >
              {search.columns === "all" ? `Hide ${formatCount(empty)} empty` : `${plural(empty, "environment")} hidden`}
            </Button>
          )}
          <Space />
          <span className={styles.legend}>
            Legend
            <Chip tone="warning">
              <ArrowUp aria-hidden size={11} strokeWidth={1.75} />n
            </Chip>
            versions behind
            <ConfigChip title="Settings differ from the previous environment" />
            config drift
          </span>
        </Toolbar>
        {rows.length === 0 ? (
          matrix.rows.length === 0 ? (
            <EmptyState
              title="No applications"
              text="Environments says what was looked at and why nothing was found."
              action={<Button onClick={() => places.go("environments")}>Open Environments</Button>}
            />
          ) : (
            <EmptyState
              title={text === "" ? "Nothing to promote" : "The filter hides everything"}
              text={
                text === "" && way !== null
                  ? `Nothing differs between ${way.from} and ${way.to} that promotion would carry.`
                  : `${plural(matrix.rows.length, "application")} ${matrix.rows.length === 1 ? "does" : "do"} not match “${text}”${only ? ", or have nothing to promote" : ""}.`
              }
              action={<Button onClick={() => onSearch({ q: "", rows: "" })}>Clear filter</Button>}
            />
          )
        ) : (
          <MatrixGrid
            environments={matrix.environments}
            columns={columns}
            rows={rows}
            way={way}
            selected={selected}
            onSelect={onSelect}
            onTarget={(environment) => {
              const into = wayInto(matrix, environment);
              if (into !== null) onSearch({ from: into.from, to: into.to }, { replace: true });
            }}
            onPromote={promote}
            marked={marked}
            onAt={onAt}
            onCompare={compare}
            onUnmark={() => setMarked(null)}
            onOpen={(cell) => places.go("environments", { at: cell.instance })}
            filesOf={(cell) => fileActions(instanceSubject(files, cell.instance))}
          />
        )}
        <ActionBar label="Selection">
          <BarText strong>{formatCount(selected.size)} selected</BarText>
          {way === null && <BarText>There is only one environment, so there is nothing to promote to.</BarText>}
          {way !== null && (
            <>
              <SelectField
                inline
                label="From"
                value={way.from}
                options={names.filter((name) => name.value !== way.to)}
                onChange={(from) => onSearch({ from, to: way.to }, { replace: true })}
              />
              <SelectField
                inline
                label="to"
                value={way.to}
                options={names.filter((name) => name.value !== way.from)}
                onChange={(to) => onSearch({ from: way.from, to }, { replace: true })}
              />
            </>
          )}
          <Space />
          <span className={styles.hints}>
            <Kbd>Space</Kbd> select <Kbd>{keyLabel("p")}</Kbd> promote <Kbd>Esc</Kbd> clear
          </span>
          <Button
            icon={GitCompareArrows}
            hint={marked === null ? "marks a cell; on another one compares the two" : ""}
            keys="c"
            aria-pressed={marked !== null}
            onClick={() => at !== null && compare(at)}
            disabledReason={at === null ? "Go to the cell of an environment first" : null}
          >
            {marked === null ? "Compare" : `Compare with ${marked.application}@${marked.environment}`}
          </Button>
          <Button
            onClick={() => onSelect(new Set())}
            disabledReason={selected.size === 0 ? "Nothing is selected" : null}
          >
            Clear
          </Button>
          <Button
            kind="primary"
            onClick={promote}
            disabledReason={
              way === null ? "There is only one environment" : selected.size === 0 ? "Select rows first" : null
            }
          >
            {way === null ? "Promote…" : `Promote ${selected.size} to ${way.to}…`}
          </Button>
        </ActionBar>
      </ListPane>
      {step !== null && way !== null && (
        <PromotionPane
          key={`${way.from} ${way.to}`}
          repository={matrix.repository}
          matrix={matrix}
          way={way}
          applications={[...selected]}
          step={step}
          without={search.without}
          onStep={(next) => onSearch({ step: next })}
          onApplications={(names) => onSelect(new Set(names))}
          onClose={close}
        />
      )}
    </>
  );
}
