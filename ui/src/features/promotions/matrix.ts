import type { Matrix, MatrixCell, MatrixRow } from "../../ipc";

/** The environments of a promotion. */
export interface Way {
  from: string;
  to: string;
}

/**
 * The way that is proposed: the last step between neighbours that some application takes, since not every environment
 * is a stage of every application. `null` where there is only one environment.
 */
export function defaultWay(matrix: Matrix): Way | null {
  for (let index = matrix.environments.length - 1; index > 0; index -= 1) {
    if (!matrix.rows.some((row) => row.cells[index] != null && row.cells[index - 1] != null)) continue;
    return wayInto(matrix, matrix.environments[index]?.name ?? "");
  }
  return wayInto(matrix, matrix.environments.at(-1)?.name ?? "");
}

/** The way into an environment: from the one before it; `null` for the first. */
export function wayInto(matrix: Matrix, to: string): Way | null {
  const index = matrix.environments.findIndex((environment) => environment.name === to);
  const from = matrix.environments[index - 1];
  return from === undefined ? null : { from: from.name, to };
}

/** The way of an address, where both environments exist and differ; else the proposed one. */
export function readWay(matrix: Matrix, from: string | undefined, to: string | undefined): Way | null {
  const has = (name: string | undefined): name is string =>
    name !== undefined && matrix.environments.some((environment) => environment.name === name);
  if (has(from) && has(to) && from !== to) return { from, to };
  return has(to) ? (wayInto(matrix, to) ?? defaultWay(matrix)) : defaultWay(matrix);
}

function cellOf(matrix: Matrix, row: MatrixRow, environment: string): MatrixCell | null {
  return row.cells[matrix.environments.findIndex((entry) => entry.name === environment)] ?? null;
}

/** Whether promotion along the way may change the target of a row. */
export function hasSomething(matrix: Matrix, row: MatrixRow, way: Way): boolean {
  const from = cellOf(matrix, row, way.from);
  const to = cellOf(matrix, row, way.to);
  if (from === null) return false;
  if (to === null) return true;
  if (from.version !== to.version) return true;
  // A state says how a cell stands to the environment before it: a way over several goes by all of them.
  const [before = 0, after = 0] = [way.from, way.to]
    .map((name) => matrix.environments.findIndex((environment) => environment.name === name))
    .sort((left, right) => left - right);
  return row.cells
    .slice(before + 1, after + 1)
    .some((cell) => cell !== null && cell.state.kind !== "equal" && cell.state.kind !== "first");
}

/** What the filter looks at, made once for each row of an answer. */
const searchTexts = new WeakMap<MatrixRow, string>();

function searchText(row: MatrixRow): string {
  let text = searchTexts.get(row);
  if (text === undefined) {
    text = `${row.application} ${row.cells.map((cell) => cell?.version ?? "").join(" ")}`.toLowerCase();
    searchTexts.set(row, text);
  }
  return text;
}

/** The rows that the filter leaves. */
export function filterRows(matrix: Matrix, text: string, only: Way | null): MatrixRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (only === null && words.length === 0) return matrix.rows;
  return matrix.rows.filter((row) => {
    if (only !== null && !hasSomething(matrix, row, only)) return false;
    if (words.length === 0) return true;
    const text = searchText(row);
    return words.every((word) => text.includes(word));
  });
}

/** The numbers of the environments in which one of the rows is, and of those on the way. */
export function columnsOf(matrix: Matrix, rows: readonly MatrixRow[], way: Way | null): number[] {
  const all = matrix.environments.map((_, index) => index);
  if (rows === matrix.rows) return all;
  const held = new Set<number>();
  for (const row of rows) row.cells.forEach((cell, index) => cell !== null && held.add(index));
  return all.filter((index) => {
    const name = matrix.environments[index]?.name;
    return held.has(index) || name === way?.from || name === way?.to;
  });
}

/** Adds or removes the rows between two indices, as Shift with an arrow does. */
export function selectRange(
  rows: readonly MatrixRow[],
  selected: ReadonlySet<string>,
  from: number,
  to: number,
): Set<string> {
  const next = new Set(selected);
  for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
    const row = rows[index];
    if (row !== undefined) next.add(row.application);
  }
  return next;
}

/** A cell that waits for a second one to be compared with. */
export interface CellName {
  application: string;
  environment: string;
}

/**
 * The two instances that are compared: the marked cell and this one; a cell marked twice with the environment before
 * it. `null` where one of them is not there.
 */
export function comparedCells(matrix: Matrix, marked: CellName, at: CellName): { from: string; to: string } | null {
  const find = (name: CellName): MatrixCell | null => {
    const row = matrix.rows.find((entry) => entry.application === name.application);
    return row === undefined ? null : cellOf(matrix, row, name.environment);
  };
  const to = find(at);
  const same = marked.application === at.application && marked.environment === at.environment;
  const before = wayInto(matrix, at.environment);
  const from = !same
    ? find(marked)
    : before === null
      ? null
      : find({ application: at.application, environment: before.from });
  return from === null || to === null ? null : { from: from.instance, to: to.instance };
}

export interface Cursor {
  row: number;
  column: number;
}

/** Where an arrow key moves the cell; column 0 is the application. `null` for other keys. */
export function moveCursor(cursor: Cursor, key: string, rows: number, columns: number): Cursor | null {
  const clamp = (row: number, column: number): Cursor => ({
    row: Math.min(Math.max(0, row), Math.max(0, rows - 1)),
    column: Math.min(Math.max(0, column), columns - 1),
  });
  switch (key) {
    case "ArrowDown":
      return clamp(cursor.row + 1, cursor.column);
    case "ArrowUp":
      return clamp(cursor.row - 1, cursor.column);
    case "ArrowRight":
      return clamp(cursor.row, cursor.column + 1);
    case "ArrowLeft":
      return clamp(cursor.row, cursor.column - 1);
    case "PageDown":
      return clamp(cursor.row + 20, cursor.column);
    case "PageUp":
      return clamp(cursor.row - 20, cursor.column);
    case "Home":
      return clamp(cursor.row, 0);
    case "End":
      return clamp(cursor.row, columns - 1);
    default:
      return null;
  }
}
