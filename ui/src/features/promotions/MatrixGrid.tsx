import { ArrowDown, ArrowUp, ChevronRight, Equal, Lock } from "lucide-react";
import { type KeyboardEvent, memo, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Chip, ConfigChip } from "../../components/Chip";
import { MarkIcon, VisuallyHidden } from "../../components/Mark";
import { MiddleText } from "../../components/MiddleText";
import type { MatrixCell, MatrixEnvironment, MatrixRow } from "../../ipc";
import { cx } from "../../lib/cx";
import { useRowHeight } from "../../lib/density";
import { useLatest } from "../../lib/hooks";
import { dispatchKey } from "../../lib/keymap";
import { useVirtualRows } from "../../lib/useVirtualRows";
import { stateMark, stateSentence } from "../../lib/state";
import { type CellName, type Cursor, moveCursor, selectRange, type Way } from "./matrix";
import styles from "./Promotions.module.css";

const headHeight = 36;

/** Applications × environments. The focus stays on the grid; the cell it is at is named by `aria-activedescendant`. */
export function MatrixGrid({
  environments,
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
}: {
  environments: MatrixEnvironment[];
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
  });
  const { scrollTo } = list;
  const columns = environments.length + 1;
  const at: Cursor = {
    row: Math.min(cursor.row, Math.max(0, rows.length - 1)),
    column: Math.min(cursor.column, columns - 1),
  };
  useEffect(() => scrollTo(at.row), [at.row, scrollTo]);
  const atApplication = rows[at.row]?.application;
  const atEnvironment = environments[at.column - 1]?.name;
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
    const environment = environments[at.column - 1];
    const range = (step: 1 | -1): void => extend(Math.min(Math.max(0, at.row + step), rows.length - 1));
    const cell = environment === undefined ? null : (row?.cells[at.column - 1] ?? null);
    const handled = dispatchKey(event, {
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

  const template = `34px minmax(190px, 1.2fr) repeat(${environments.length}, minmax(150px, 1fr))`;
  const width = 34 + 190 + environments.length * 150;
  const all = rows.length > 0 && rows.every((row) => selected.has(row.application));
  return (
    <div
      ref={scroller}
      className={styles.grid}
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
        <span className={styles.tick} role="columnheader">
          <input
            type="checkbox"
            aria-label="Select all rows"
            checked={all}
            onChange={() => onSelect(all ? new Set() : new Set(rows.map((row) => row.application)))}
          />
        </span>
        <span role="columnheader" className={styles.nameHead}>
          Application
        </span>
        {environments.map((environment, index) => (
          <span key={environment.name} role="columnheader" className={styles.head} aria-label={environment.name}>
            {index > 0 && <ChevronRight aria-hidden size={14} strokeWidth={1.75} className={styles.chevron} />}
            {index === 0 ? (
              <span className={styles.headName}>
                <MiddleText text={environment.name} />
              </span>
            ) : (
              <button
                type="button"
                className={cx(styles.headName, way?.to === environment.name && styles.target)}
                aria-pressed={way?.to === environment.name}
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
        ))}
      </div>
      <div className={styles.body} role="presentation" style={{ height: list.total, minWidth: width }}>
        {list.rows.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <Row
              key={row.application}
              id={`${id}-${item.index}`}
              row={row}
              index={item.index}
              start={item.start}
              template={template}
              environments={environments}
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
  start: number;
  template: string;
  environments: MatrixEnvironment[];
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
    start,
    template,
    environments,
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
        style={{ gridTemplateColumns: template, transform: `translateY(${start}px)` }}
      >
        <span className={styles.tick} role="gridcell">
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
          tabIndex={-1}
          className={cx(styles.name, column === 0 && styles.at)}
          onClick={(event) => {
            onToggle(event.shiftKey);
            onPress(0);
          }}
        >
          <MiddleText text={row.application} />
        </span>
        {row.cells.map((cell, cellIndex) => {
          const environment = environments[cellIndex]?.name ?? "";
          return (
            <span
              key={environment}
              id={`${id}-${cellIndex + 1}`}
              role="gridcell"
              tabIndex={-1}
              className={cx(
                styles.cell,
                column === cellIndex + 1 && styles.at,
                marked === environment && styles.marked,
              )}
              onClick={() => onPress(cellIndex + 1)}
              onDoubleClick={cell === null ? undefined : () => onOpen(cell)}
            >
              {cell === null ? (
                <VisuallyHidden>{`${row.application}@${environment}: not there`}</VisuallyHidden>
              ) : (
                <Cell cell={cell} previous={environments[cellIndex - 1]?.name ?? null} />
              )}
              {marked === environment && <VisuallyHidden>, marked for comparing</VisuallyHidden>}
            </span>
          );
        })}
      </div>
    );
  },
  (before, after) =>
    before.id === after.id &&
    before.row === after.row &&
    before.start === after.start &&
    before.selected === after.selected &&
    before.column === after.column &&
    before.marked === after.marked &&
    before.template === after.template,
);

function Cell({ cell, previous }: { cell: MatrixCell; previous: string | null }): ReactNode {
  const { state } = cell;
  const title = stateSentence(state, previous);
  const drifted =
    state.kind === "drifted" || ((state.kind === "behind" || state.kind === "ahead") && cell.classes.d > 0);
  return (
    <>
      <VisuallyHidden>
        {`${cell.instance}: ${cell.version}, ${stateMark(state).word}${(state.kind === "behind" || state.kind === "ahead") && state.byNumber ? " by number" : ""}`}
      </VisuallyHidden>
      <span aria-hidden className={styles.version}>
        {cell.version === "" ? "…" : cell.version}
      </span>
      {state.kind === "behind" && (
        <Chip tone="warning" title={title}>
          <ArrowUp aria-hidden size={11} strokeWidth={1.75} />
          <span aria-hidden>{state.count}</span>
        </Chip>
      )}
      {state.kind === "ahead" && (
        <Chip title={title}>
          <ArrowDown aria-hidden size={11} strokeWidth={1.75} />
          <span aria-hidden>{state.count}</span>
        </Chip>
      )}
      {state.kind === "equal" && (
        <span className={styles.equal} title={title}>
          <Equal aria-hidden size={12} strokeWidth={1.75} />
        </span>
      )}
      {(state.kind === "failed" || state.kind === "pending" || state.kind === "notThere") && (
        <span aria-hidden className={styles.equal} title={title}>
          <MarkIcon mark={stateMark(state)} />
        </span>
      )}
      {drifted && (
        <span aria-hidden className={styles.drift}>
          <ConfigChip title={state.kind === "drifted" ? title : `${cell.classes.d} settings differ`} />
        </span>
      )}
    </>
  );
}
