import type { DiffRow, DiffSegment } from "../ipc";

/** A row as it is painted. */
export interface ViewRow {
  kind: "context" | "added" | "removed" | "changed" | "fold";
  leftLine: number | null;
  rightLine: number | null;
  left: DiffSegment[];
  right: DiffSegment[];
  hunk: number | null;
  /** How many lines a fold hides. */
  folded: number;
  /** Names a fold that can be opened; `null` where the lines are not here. */
  fold: number | null;
}

/** How many unchanged lines stay around a change. */
export const contextLines = 3;

function view(row: DiffRow): ViewRow {
  return { ...row, fold: null };
}

/**
 * Hides long runs of unchanged lines. `open` names the folds that were opened, `"all"` opens every one. Lines
 * that the core left out cannot be opened.
 */
export function foldRows(rows: readonly DiffRow[], open: ReadonlySet<number> | "all"): ViewRow[] {
  const result: ViewRow[] = [];
  let index = 0;
  while (index < rows.length) {
    const row = rows[index];
    if (row === undefined) break;
    if (row.kind !== "context") {
      result.push(view(row));
      index += 1;
      continue;
    }
    let end = index;
    while (rows[end]?.kind === "context") end += 1;
    const head = index === 0 ? 0 : contextLines;
    const tail = end === rows.length ? 0 : contextLines;
    const hidden = end - index - head - tail;
    if (hidden < 3 || open === "all" || open.has(index)) {
      for (const same of rows.slice(index, end)) result.push(view(same));
    } else {
      for (const same of rows.slice(index, index + head)) result.push(view(same));
      result.push({
        kind: "fold",
        leftLine: null,
        rightLine: null,
        left: [],
        right: [],
        hunk: null,
        folded: hidden,
        fold: index,
      });
      for (const same of rows.slice(end - tail, end)) result.push(view(same));
    }
    index = end;
  }
  return result;
}

/** One column instead of two: of each hunk first what is gone, then what is new. */
export function unifyRows(rows: readonly ViewRow[]): ViewRow[] {
  const result: ViewRow[] = [];
  let added: ViewRow[] = [];
  let hunk: number | null = null;
  const flush = (): void => {
    result.push(...added);
    added = [];
  };
  for (const row of rows) {
    if (row.hunk !== hunk) flush();
    hunk = row.hunk;
    if (row.kind === "removed" || row.kind === "changed") {
      result.push({ ...row, kind: "removed", right: [], rightLine: null });
    }
    if (row.kind === "added" || row.kind === "changed") added.push({ ...row, kind: "added", left: [], leftLine: null });
    if (row.kind === "context" || row.kind === "fold") {
      flush();
      result.push(row);
    }
  }
  flush();
  return result;
}

/** Where each hunk begins. */
export function hunkStarts(rows: readonly ViewRow[]): number[] {
  const starts: number[] = [];
  let hunk: number | null = null;
  rows.forEach((row, index) => {
    if (row.hunk !== null && row.hunk !== hunk) starts.push(index);
    hunk = row.hunk;
  });
  return starts;
}

/** The place after (or before) `at`, around the end; `null` where there is none. */
export function nextOf(places: readonly number[], at: number, step: 1 | -1): number | null {
  if (places.length === 0) return null;
  const found = step === 1 ? places.find((place) => place > at) : places.findLast((place) => place < at);
  return found ?? (step === 1 ? places[0] : places.at(-1)) ?? null;
}

export function textOf(segments: readonly DiffSegment[]): string {
  return segments.map((segment) => segment.text).join("");
}

/** What is searched in each row, without regard to case: both sides, one below the other. */
export function searchTexts(rows: readonly ViewRow[]): string[] {
  return rows.map((row) => {
    const left = textOf(row.left);
    return (row.kind === "context" ? left : `${left}\n${textOf(row.right)}`).toLowerCase();
  });
}

/** The rows that hold a text, without regard to case; `texts` are those of `searchTexts`. */
export function findRows(texts: readonly string[], text: string): number[] {
  const wanted = text.toLowerCase();
  if (wanted === "") return [];
  return texts.flatMap((own, index) => (own.includes(wanted) ? [index] : []));
}

/** A summary for screen readers: `1 line changed, 2 added`. */
export function summarize(rows: readonly DiffRow[]): string {
  const count = (kind: DiffRow["kind"]): number => rows.filter((row) => row.kind === kind).length;
  const parts = (
    [
      [count("changed"), "changed"],
      [count("added"), "added"],
      [count("removed"), "removed"],
    ] as const
  )
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`);
  return parts.length === 0 ? "no lines differ" : `lines: ${parts.join(", ")}`;
}

/** One side as text. Lines of a fold are not there. */
export function textOfSide(rows: readonly DiffRow[], side: "left" | "right"): string {
  const line = side === "left" ? "leftLine" : "rightLine";
  return rows.flatMap((row) => (row[line] === null ? [] : [`${textOf(row[side])}\n`])).join("");
}

/** A comparison as `diff -u` writes it. Folds part its hunks. */
export function unifiedPatch(diff: { left: string; right: string; rows: readonly DiffRow[] }, name: string): string {
  const head = `--- ${name} (${diff.left})\n+++ ${name} (${diff.right})\n`;
  const hunks: DiffRow[][] = [];
  let hunk: DiffRow[] = [];
  for (const row of foldRows(diff.rows, new Set())) {
    if (row.kind === "fold") {
      if (hunk.length > 0) hunks.push(hunk);
      hunk = [];
    } else hunk.push({ ...row, kind: row.kind });
  }
  if (hunk.length > 0) hunks.push(hunk);
  return (
    head +
    hunks
      .filter((rows) => rows.some((row) => row.kind !== "context"))
      .map((rows) => {
        const range = (line: "leftLine" | "rightLine"): string => {
          const lines = rows.flatMap((row) => row[line] ?? []);
          return `${lines[0] ?? 0},${lines.length}`;
        };
        const body = unifyRows(rows.map((row) => ({ ...row, kind: row.kind, fold: null })))
          .map((row) =>
            row.kind === "removed"
              ? `-${textOf(row.left)}\n`
              : row.kind === "added"
                ? `+${textOf(row.right)}\n`
                : ` ${textOf(row.left)}\n`,
          )
          .join("");
        return `@@ -${range("leftLine")} +${range("rightLine")} @@\n${body}`;
      })
      .join("")
  );
}
