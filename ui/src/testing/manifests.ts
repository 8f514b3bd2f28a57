import type { DiffRow, DiffSegment, FieldChangeInfo, ResourceInfo } from "../ipc";

/** A manifest as plain data. */
export type Manifest = Record<string, unknown>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function resourceOf(manifest: Manifest): ResourceInfo {
  const metadata = isRecord(manifest.metadata) ? manifest.metadata : {};
  const apiVersion = String(manifest.apiVersion ?? "");
  return {
    group: apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "",
    kind: String(manifest.kind ?? ""),
    namespace: typeof metadata.namespace === "string" ? metadata.namespace : "",
    name: String(metadata.name ?? ""),
  };
}

/** Writes data as block YAML; enough for the manifests of the fake company. */
export function toYaml(value: unknown, indent = 0): string {
  const pad = "  ".repeat(indent);
  if (Array.isArray(value)) {
    return value
      .map((item) => {
        const text = toYaml(item, indent + 1);
        return isRecord(item) ? `${pad}- ${text.trimStart()}` : `${pad}- ${scalar(item)}\n`;
      })
      .join("");
  }
  if (isRecord(value)) {
    return Object.entries(value)
      .map(([key, item]) =>
        Array.isArray(item) || isRecord(item)
          ? `${pad}${key}:\n${toYaml(item, Array.isArray(item) ? indent : indent + 1)}`
          : `${pad}${key}: ${scalar(item)}\n`,
      )
      .join("");
  }
  return `${pad}${scalar(value)}\n`;
}

function scalar(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return /^(true|false|null|-?\d+(\.\d+)?|)$/.test(value) ? JSON.stringify(value) : value;
}

/** The leaves of a manifest by JSON pointer; items with a name are keyed by it. */
export function flatten(value: unknown, path = "", into: Map<string, unknown> = new Map()): Map<string, unknown> {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      const key = isRecord(item) && typeof item.name === "string" ? `[name=${item.name}]` : String(index);
      flatten(item, `${path}/${key}`, into);
    });
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      flatten(item, `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, into);
    }
  } else {
    into.set(path, value);
  }
  return into;
}

export function fieldChanges(before: Manifest, after: Manifest): FieldChangeInfo[] {
  const left = flatten(before);
  const right = flatten(after);
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((path) => left.get(path) !== right.get(path) && !path.endsWith("~1version"))
    .sort()
    .map((path) => {
      const secret = before.kind === "Secret" || after.kind === "Secret";
      const mask = (value: unknown): unknown => (value === undefined ? null : secret ? "••••••••" : value);
      return { path, old: mask(left.get(path)), new: mask(right.get(path)), secret };
    });
}

/** Two texts as rows: the longest common subsequence of lines, changed pairs side by side, unchanged runs folded. */
export function textRows(before: string, after: string, context = 3): { rows: DiffRow[]; hunks: number } {
  const left = before === "" ? [] : before.replace(/\n$/, "").split("\n");
  const right = after === "" ? [] : after.replace(/\n$/, "").split("\n");
  const lengths: number[][] = Array.from({ length: left.length + 1 }, () => Array<number>(right.length + 1).fill(0));
  const at = (row: number, column: number): number => lengths[row]?.[column] ?? 0;
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const cells = lengths[row];
      if (cells !== undefined) {
        cells[column] =
          left[row] === right[column]
            ? at(row + 1, column + 1) + 1
            : Math.max(at(row + 1, column), at(row, column + 1));
      }
    }
  }
  const rows: DiffRow[] = [];
  let hunk = -1;
  let row = 0;
  let column = 0;
  let removed: number[] = [];
  let added: number[] = [];
  const flush = (): void => {
    if (removed.length + added.length === 0) return;
    hunk += 1;
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      const from = removed[index];
      const to = added[index];
      const words = wordSegments(
        from === undefined ? "" : (left[from] ?? ""),
        to === undefined ? "" : (right[to] ?? ""),
      );
      rows.push({
        kind: from === undefined ? "added" : to === undefined ? "removed" : "changed",
        leftLine: from === undefined ? null : from + 1,
        rightLine: to === undefined ? null : to + 1,
        left: from === undefined ? [] : to === undefined ? [{ text: left[from] ?? "", marked: false }] : words.left,
        right: to === undefined ? [] : from === undefined ? [{ text: right[to] ?? "", marked: false }] : words.right,
        hunk,
        folded: 0,
      });
    }
    removed = [];
    added = [];
  };
  while (row < left.length || column < right.length) {
    if (row < left.length && column < right.length && left[row] === right[column]) {
      flush();
      rows.push({
        kind: "context",
        leftLine: row + 1,
        rightLine: column + 1,
        left: [{ text: left[row] ?? "", marked: false }],
        right: [{ text: right[column] ?? "", marked: false }],
        hunk: null,
        folded: 0,
      });
      row += 1;
      column += 1;
    } else if (column >= right.length || (row < left.length && at(row + 1, column) >= at(row, column + 1))) {
      removed.push(row);
      row += 1;
    } else {
      added.push(column);
      column += 1;
    }
  }
  flush();
  return { rows: fold(rows, context), hunks: hunk + 1 };
}

function fold(rows: DiffRow[], context: number): DiffRow[] {
  const near = rows.map((_, index) =>
    rows.slice(Math.max(0, index - context), index + context + 1).some((row) => row.kind !== "context"),
  );
  const folded: DiffRow[] = [];
  let count = 0;
  const flush = (): void => {
    if (count > 0)
      folded.push({ kind: "fold", leftLine: null, rightLine: null, left: [], right: [], hunk: null, folded: count });
    count = 0;
  };
  rows.forEach((row, index) => {
    if (near[index] === true) {
      flush();
      folded.push(row);
    } else {
      count += 1;
    }
  });
  flush();
  return folded;
}

function wordSegments(before: string, after: string): { left: DiffSegment[]; right: DiffSegment[] } {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const cut = (text: string): DiffSegment[] =>
    [
      { text: text.slice(0, head), marked: false },
      { text: text.slice(head, text.length - tail), marked: true },
      { text: text.slice(text.length - tail), marked: false },
    ].filter((segment) => segment.text !== "");
  return { left: cut(before), right: cut(after) };
}
