import type { DiffRow, FieldChangeInfo, TextDiffResult } from "../ipc";
import { pathSegments } from "../lib/format";
import { masked } from "./facts";
import { fieldChanges, type Manifest, textRows, toYaml } from "./manifests";

/** One resource on two sides as rows, with the fields that each hunk changes. */
export function textDiffOf(
  before: Manifest | undefined,
  after: Manifest | undefined,
): Pick<TextDiffResult, "rows" | "hunks" | "hunkFields"> {
  const { rows, hunks } = textRows(text(before), text(after), Number.POSITIVE_INFINITY);
  const fields = before === undefined || after === undefined ? null : fieldChanges(before, after);
  return { rows, hunks, hunkFields: Array.from({ length: hunks }, (_, hunk) => fieldsOf(rows, hunk, fields)) };
}

function text(manifest: Manifest | undefined): string {
  return manifest === undefined ? "" : toYaml(masked(manifest));
}

function fieldsOf(rows: readonly DiffRow[], hunk: number, fields: readonly FieldChangeInfo[] | null): string[] {
  if (fields === null) return [""];
  const lines = rows
    .filter((row) => row.hunk === hunk)
    .flatMap((row) => [row.left, row.right])
    .map((segments) => segments.map((segment) => segment.text).join(""));
  return fields
    .map((field) => field.path)
    .filter((path) => {
      const last = pathSegments(path).at(-1) ?? "";
      return lines.some((line) => line.trimStart().replace(/^- /, "").startsWith(`${last}:`));
    });
}
