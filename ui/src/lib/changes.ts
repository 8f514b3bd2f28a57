import type { ResourceChangeInfo } from "../ipc";
import { fieldLabel, formatCount, formatPair, formatValue } from "./format";

/** The same field in many resources, as one says it: `image moves forward in 8 Deployments`. */
export interface FieldSummary {
  key: string;
  /** What people call the field. */
  label: string;
  /** What happens to it, in words. */
  text: string;
  /** In how many resources. */
  count: number;
  instances: string[];
  /** What a filter that finds them looks for. */
  filter: string;
}

/** Whether a value fits into a sentence; a longer one is read in the difference itself. */
function isShort(value: string): boolean {
  return value.length <= 200;
}

const parts = /\d+|[a-z]+/gi;

/** The order of two versions by their numbers; 0 where they cannot be told apart that way. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.replace(/^v(?=\d)/, "").match(parts) ?? []);
  if (a === undefined || b === undefined) return 0;
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [x, y] = [a[index], b[index]];
    if (x === undefined || y === undefined) {
      // `1.2.0` comes after `1.2.0-rc.1`, but before `1.2.0.1`.
      const rest = x ?? y ?? "";
      const longer = x === undefined ? 1 : -1;
      return /^[a-z]/i.test(rest) ? longer : -longer;
    }
    const [m, n] = [Number(x), Number(y)];
    if (Number.isNaN(m) || Number.isNaN(n)) {
      if (x !== y) return 0;
    } else if (m !== n) return m < n ? -1 : 1;
  }
  return 0;
}

function kindsOf(kinds: ReadonlyMap<string, number>): string {
  const [only] = kinds.keys();
  const total = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  if (kinds.size !== 1 || only === undefined) return `${formatCount(total)} resources`;
  const many = /(s|x|ch)$/i.test(only) ? `${only}es` : /[^aeiou]y$/.test(only) ? `${only.slice(0, -1)}ies` : `${only}s`;
  return `${formatCount(total)} ${total === 1 ? only : many}`;
}

interface Bucket {
  label: string;
  isImage: boolean;
  kinds: Map<string, number>;
  instances: Set<string>;
  pairs: Map<string, { before: string; after: string; count: number }>;
  afters: Set<string>;
  forward: number;
  back: number;
  count: number;
}

/** What a comparison comes down to, the most frequent first. Resources that one side lacks are told elsewhere. */
export function summarizeFields(changes: readonly ResourceChangeInfo[]): FieldSummary[] {
  const buckets = new Map<string, Bucket>();
  for (const change of changes) {
    for (const field of change.fields) {
      const label = fieldLabel(field.path);
      const isImage = field.path.endsWith("/image");
      const key = isImage ? "image" : label;
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        bucket = {
          label,
          isImage,
          kinds: new Map(),
          instances: new Set(),
          pairs: new Map(),
          afters: new Set(),
          forward: 0,
          back: 0,
          count: 0,
        };
        buckets.set(key, bucket);
      }
      const pair = formatPair(field.old, field.new);
      const pairKey = `${pair.before}\n${pair.after}`;
      const known = bucket.pairs.get(pairKey);
      if (known === undefined) bucket.pairs.set(pairKey, { ...pair, count: 1 });
      else known.count += 1;
      bucket.afters.add(formatValue(field.new));
      bucket.instances.add(change.instance);
      bucket.kinds.set(change.resource.kind, (bucket.kinds.get(change.resource.kind) ?? 0) + 1);
      bucket.count += 1;
      if (isImage) {
        const order = compareVersions(pair.before, pair.after);
        if (order < 0) bucket.forward += 1;
        if (order > 0) bucket.back += 1;
      }
    }
  }
  return [...buckets]
    .map(([key, bucket]) => ({
      key,
      label: bucket.label,
      text: textOf(bucket),
      count: bucket.count,
      instances: [...bucket.instances],
      filter: bucket.label,
    }))
    .sort((left, right) => right.count - left.count || (left.label < right.label ? -1 : 1));
}

function textOf(bucket: Bucket): string {
  const where = `in ${kindsOf(bucket.kinds)}`;
  const [only] = bucket.pairs.values();
  if (bucket.pairs.size === 1 && only !== undefined && isShort(only.before) && isShort(only.after))
    return `${only.before} → ${only.after} ${where}`;
  if (bucket.isImage && bucket.forward === bucket.count) return `moves forward ${where}`;
  if (bucket.isImage && bucket.back === bucket.count) return `moves back ${where}`;
  if (bucket.isImage && bucket.forward + bucket.back > 0) {
    const other = bucket.count - bucket.forward - bucket.back;
    const words = [
      bucket.forward > 0 && `forward in ${formatCount(bucket.forward)}`,
      bucket.back > 0 && `back in ${formatCount(bucket.back)}`,
      other > 0 && `differently in ${formatCount(other)}`,
    ].filter((part) => part !== false);
    return `moves ${words.join(", ")}`;
  }
  const [after] = bucket.afters;
  if (bucket.afters.size === 1 && after !== undefined && isShort(after)) return `set to ${after} ${where}`;
  return `differs ${where}`;
}
