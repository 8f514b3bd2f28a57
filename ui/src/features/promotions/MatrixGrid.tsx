import { ChevronRight, GitCompareArrows, Lock, PanelRight, SquareCheck } from "lucide-react";
import { type KeyboardEvent, memo, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { Chip, ConfigChip } from "../../components/Chip";
import { useContextMenu } from "../../components/ContextMenu";
import { type FileActions, fileEntries } from "../../components/FileActions";
import { MarkIcon } from "../../components/Mark";
import { MiddleText } from "../../components/MiddleText";
import type { MatrixCell, MatrixEnvironment, MatrixRow } from "../../ipc";
import { cx } from "../../lib/cx";
import { useRowHeight } from "../../lib/density";
import { useLatest } from "../../lib/hooks";
import { dispatchKey } from "../../lib/keymap";
import { useVirtualColumns } from "../../lib/useVirtualColumns";
import { useVirtualRows } from "../../lib/useVirtualRows";
import { stateMark, stateSentence } from "../../lib/state";
import { type CellName, type Cursor, moveCursor, selectRange, type Way } from "./matrix";
import styles from "./Promotions.module.css";

const headHeight = 36;
/** The widths of ticks, of names and of cells: the least where all cells have room, else their own. */
const tickWidth = 34;
const nameWidth = 190;
const cellWidth = 150;

/** Applications × environments. The focus stays on the grid; the cell it is at is named by `aria-activedescendant`. */
export function MatrixGrid({
  environments,
  columns: shown,
  rows,
  way,
  selected,
  onSelect,
  onTarget,
  onPromote,
  marked,
  onAt,
  onCompare,
  onUnmark,
  onOpen,
  filesOf,
}: {
  environments: MatrixEnvironment[];
  /** The numbers of the environments that have a column. */
  columns: readonly number[];
  rows: MatrixRow[];
  way: Way | null;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onTarget: (environment: string) => void;
  onPromote: () => void;
  /** The cell that waits for a second one to be compared with. */
  marked: CellName | null;
  /** Told which cell the keyboard is at; `null` at the application. */
  onAt: (cell: CellName | null) => void;
  onCompare: (cell: CellName) => void;
  onUnmark: () => void;
  onOpen: (cell: MatrixCell) => void;
  filesOf: (cell: MatrixCell) => FileActions;
}): ReactNode {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<Cursor>({ row: 0, column: 0 });
  // The heads lie above the rows in the same scroller and stay on top of them.
  const list = useVirtualRows({
    count: rows.length,
    scroller,
    size: useRowHeight("matrix"),
    before: headHeight,
    covered: headHeight,
    overscan: 4,
  });
  const { scrollTo } = list;
  const across = useVirtualColumns({
    count: shown.length,
    scroller,
    size: cellWidth,
    covered: tickWidth + nameWidth,
  });
  const { scrollTo: scrollAcross } = across;
  const columns = shown.length + 1;
  const at: Cursor = {
    row: Math.min(cursor.row, Math.max(0, rows.length - 1)),
    column: Math.min(cursor.column, columns - 1),
  };
  useEffect(() => scrollTo(at.row), [at.row, scrollTo]);
  // The application stays on the left; its cell stands for the beginning of the row.
  useEffect(() => scrollAcross(Math.max(0, at.column - 1)), [at.column, scrollAcross]);
  const atApplication = rows[at.row]?.application;
  const atIndex = shown[at.column - 1] ?? -1;
  const atEnvironment = environments[atIndex]?.name;
  useEffect(
    () =>
      onAt(
        atApplication === undefined || atEnvironment === undefined
          ? null
          : { application: atApplication, environment: atEnvironment },
      ),
    [onAt, atApplication, atEnvironment],
  );

  // Rows that look the same are not painted again; what they call must not be of an earlier paint.
  const latest = useLatest({ selected, onSelect, row: at.row });
  function toggle(application: string): void {
    const next = new Set(latest.current.selected);
    if (!next.delete(application)) next.add(application);
    latest.current.onSelect(next);
  }

  /** Ticks every row between the one the keyboard is at and another, which it then is at. */
  function extend(to: number): void {
    latest.current.onSelect(selectRange(rows, latest.current.selected, latest.current.row, to));
    setCursor({ ...at, row: to });
  }

  function key(event: KeyboardEvent): void {
    // The box above the rows and the buttons of the environments are pressed themselves.
    if ((event.key === " " || event.key === "Enter") && event.target !== scroller.current) return;
    const row = rows[at.row];
    const environment = environments[atIndex];
    const range = (step: 1 | -1): void => extend(Math.min(Math.max(0, at.row + step), rows.length - 1));
    const cell = environment === undefined ? null : (row?.cells[atIndex] ?? null);
    const handled = dispatchKey(event, {
      ...(cell === null ? {} : filesOf(cell).keys),
      Space: row === undefined ? undefined : () => toggle(row.application),
      Enter: cell === null ? undefined : () => onOpen(cell),
      "Shift+ArrowDown": () => range(1),
      "Shift+ArrowUp": () => range(-1),
      "Mod+A": () => onSelect(new Set(rows.map((entry) => entry.application))),
      c:
        row === undefined || environment === undefined
          ? undefined
          : () => onCompare({ application: row.application, environment: environment.name }),
      p: onPromote,
      Escape: marked !== null ? onUnmark : selected.size === 0 ? undefined : () => onSelect(new Set()),
    });
    if (handled) return;
    const next = moveCursor(at, event.key, rows.length, columns);
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setCursor(next);
  }

  const context = useContextMenu((element) => {
    const place = element.closest("[role='gridcell'][id], [role='rowheader']")?.id.slice(id.length + 1);
    const [index = -1, column = 0] = place?.split("-").map(Number) ?? [];
    const row = rows[index];
    if (row === undefined) return null;
    setCursor({ row: index, column });
    const chosen = selected.has(row.application);
    const environment = environments[shown[column - 1] ?? -1];
    const cell = environment === undefined ? null : (row.cells[shown[column - 1] ?? -1] ?? null);
    return {
      label: `Menu of ${cell?.instance ?? row.application}`,
      groups: [
        [
          ...(cell === null
            ? []
            : [{ label: "Open the detail", keys: "Enter", icon: PanelRight, onSelect: () => onOpen(cell) }]),
          {
            label: chosen ? "Unselect the row" : "Select the row",
            keys: "Space",
            icon: SquareCheck,
            onSelect: () => toggle(row.application),
          },
          ...(environment === undefined
            ? []
            : [
                {
                  label:
                    marked === null ? "Mark for comparing" : `Compare with ${marked.application}@${marked.environment}`,
                  keys: "c",
                  icon: GitCompareArrows,
                  onSelect: () => onCompare({ application: row.application, environment: environment.name }),
                },
              ]),
        ],
        ...(cell === null ? [] : fileEntries(filesOf(cell))),
      ],
    };
  });

  const painted = useMemo(() => shown.slice(across.first, across.last), [shown, across.first, across.last]);
  // Where not all cells have room, a track stands for those before the first that is painted.
  const template = across.fit
    ? `${tickWidth}px minmax(${nameWidth}px, 1.2fr) 0 repeat(${shown.length}, minmax(${cellWidth}px, 1fr))`
    : `${tickWidth}px ${nameWidth}px ${across.first * cellWidth}px repeat(${painted.length}, ${cellWidth}px)`;
  const width = tickWidth + nameWidth + shown.length * cellWidth;
  const all = rows.length > 0 && rows.every((row) => selected.has(row.application));
  return (
    <>
      {context.menu}
      <div
        ref={scroller}
        className={cx(styles.grid, !across.fit && styles.wide)}
        {...context.props}
        role="grid"
        aria-label="Promotion matrix"
        aria-multiselectable
        aria-rowcount={rows.length + 1}
        aria-colcount={columns + 1}
        aria-activedescendant={rows.length === 0 ? undefined : `${id}-${at.row}-${at.column}`}
        tabIndex={0}
        data-pane-focus
        onKeyDown={key}
      >
        <div
          className={styles.heads}
          role="row"
          aria-rowindex={1}
          style={{ gridTemplateColumns: template, minWidth: width }}
        >
          <span className={styles.tick} role="columnheader" aria-colindex={1}>
            <input
              type="checkbox"
              aria-label="Select all rows"
              checked={all}
              onChange={() => onSelect(all ? new Set() : new Set(rows.map((row) => row.application)))}
            />
          </span>
          <span role="columnheader" className={styles.nameHead} aria-colindex={2}>
            Application
          </span>
          {painted.map((index, place) => {
            const environment = environments[index];
            return environment === undefined ? null : (
              <Head
                key={environment.name}
                environment={environment}
                column={across.first + place + 3}
                start={place === 0}
                isFirst={index === 0}
                isTarget={way?.to === environment.name}
                onTarget={onTarget}
              />
            );
          })}
        </div>
        <div className={styles.body} role="presentation" style={{ ...list.room, minWidth: width }}>
          {list.rows.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <Row
                key={row.application}
                id={`${id}-${item.index}`}
                row={row}
                index={item.index}
                template={template}
                environments={environments}
                painted={painted}
                first={across.first}
                selected={selected.has(row.application)}
                column={item.index === at.row ? at.column : -1}
                marked={marked?.application === row.application ? marked.environment : null}
                onToggle={(range) => (range ? extend(item.index) : toggle(row.application))}
                onPress={(column) => setCursor({ row: item.index, column })}
                onOpen={onOpen}
              />
            );
          })}
        </div>
      </div>
    </>
  );
}

/** The name of an environment over its column; a press makes it the target. */
function Head({
  environment,
  column,
  start,
  isFirst,
  isTarget,
  onTarget,
}: {
  environment: MatrixEnvironment;
  column: number;
  start: boolean;
  isFirst: boolean;
  isTarget: boolean;
  onTarget: (environment: string) => void;
}): ReactNode {
  return (
    <span
      role="columnheader"
      aria-colindex={column}
      className={cx(styles.head, start && styles.start)}
      aria-label={environment.name}
    >
      {!isFirst && <ChevronRight aria-hidden size={14} strokeWidth={1.75} className={styles.chevron} />}
      {isFirst ? (
        <span className={styles.headName}>
          <MiddleText text={environment.name} />
        </span>
      ) : (
        <button
          type="button"
          className={cx(styles.headName, isTarget && styles.target)}
          aria-pressed={isTarget}
          aria-label={`Promote to ${environment.name}`}
          title={`Promote to ${environment.name}`}
          tabIndex={-1}
          onClick={() => onTarget(environment.name)}
        >
          <MiddleText text={environment.name} />
        </button>
      )}
      {environment.protected && (
        <Lock role="img" aria-label="protected" size={12} strokeWidth={1.75} className={styles.lock} />
      )}
    </span>
  );
}

/** Whether a change came from a press with Shift. */
function isShifted(event: Event): boolean {
  return event instanceof MouseEvent && event.shiftKey;
}

interface RowProps {
  id: string;
  row: MatrixRow;
  index: number;
  template: string;
  environments: MatrixEnvironment[];
  /** The numbers of the environments whose cells are painted, and how many columns are before them. */
  painted: readonly number[];
  first: number;
  selected: boolean;
  /** The column of the cell that the keyboard is at, or -1. */
  column: number;
  /** The environment of its cell that is marked for comparing. */
  marked: string | null;
  /** Ticks the row or unticks it; with `range` ticks everything from the row before on. */
  onToggle: (range: boolean) => void;
  onPress: (column: number) => void;
  onOpen: (cell: MatrixCell) => void;
}

const Row = memo(
  function Row({
    id,
    row,
    index,
    template,
    environments,
    painted,
    first,
    selected,
    column,
    marked,
    onToggle,
    onPress,
    onOpen,
  }: RowProps): ReactNode {
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-selected={selected}
        className={styles.row}
        style={{ gridTemplateColumns: template }}
      >
        <span className={styles.tick} role="gridcell" aria-colindex={1}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select ${row.application}`}
            checked={selected}
            onChange={(event) => onToggle(isShifted(event.nativeEvent))}
          />
        </span>
        <span
          id={`${id}-0`}
          role="rowheader"
          aria-colindex={2}
          tabIndex={-1}
          className={cx(styles.name, column === 0 && styles.at)}
          onClick={(event) => {
            onToggle(event.shiftKey);
            onPress(0);
          }}
        >
          <MiddleText text={row.application} />
        </span>
        {painted.map((index, place) => {
          const at = first + place + 1;
          const environment = environments[index]?.name ?? "";
          const cell = row.cells[index] ?? null;
          return (
            <span
              key={environment}
              id={`${id}-${at}`}
              role="gridcell"
              aria-colindex={at + 2}
              aria-label={cellName(row, environment, cell, marked === environment)}
              tabIndex={-1}
              className={cx(
                styles.cell,
                place === 0 && styles.start,
                column === at && styles.at,
                marked === environment && styles.marked,
              )}
              onClick={() => onPress(at)}
              onDoubleClick={cell === null ? undefined : () => onOpen(cell)}
            >
              {cell !== null && <Cell cell={cell} previous={environments[index - 1]?.name ?? null} />}
            </span>
          );
        })}
      </div>
    );
  },
  (before, after) =>
    before.id === after.id &&
    before.row === after.row &&
    before.painted === after.painted &&
    before.first === after.first &&
    before.selected === after.selected &&
    before.column === after.column &&
    before.marked === after.marked &&
    before.template === after.template,
);

/** What a screen reader says of a cell: fewer elements than hidden words in each of hundreds. */
function cellName(row: MatrixRow, environment: string, cell: MatrixCell | null, isMarked: boolean): string {
  const end = isMarked ? ", marked for comparing" : "";
  if (cell === null) return `${row.application}@${environment}: not there${end}`;
  const { state } = cell;
  const byNumber = (state.kind === "behind" || state.kind === "ahead") && state.byNumber ? " by number" : "";
  return `${cell.instance}: ${cell.version}, ${stateMark(state).word}${byNumber}${end}`;
}

/** Plain text and as few elements as there can be: a screen shows hundreds of cells. */
function Cell({ cell, previous }: { cell: MatrixCell; previous: string | null }): ReactNode {
  const { state } = cell;
  const title = stateSentence(state, previous);
  const drifted =
    state.kind === "drifted" || ((state.kind === "behind" || state.kind === "ahead") && cell.classes.d > 0);
  return (
    <>
      <span aria-hidden className={styles.version}>
        {cell.version === "" ? "…" : cell.version}
      </span>
      {state.kind === "behind" && <Chip tone="warning" title={title} sign={`↑ ${state.count}`} />}
      {state.kind === "ahead" && <Chip title={title} sign={`↓ ${state.count}`} />}
      {state.kind === "equal" && (
        <span aria-hidden className={styles.mark} title={title}>
          =
        </span>
      )}
      {(state.kind === "failed" || state.kind === "pending" || state.kind === "notThere") && (
        <span aria-hidden className={styles.mark} title={title}>
          <MarkIcon mark={stateMark(state)} />
        </span>
      )}
      {drifted && <ConfigChip title={state.kind === "drifted" ? title : `${cell.classes.d} settings differ`} />}
    </>
  );
}
