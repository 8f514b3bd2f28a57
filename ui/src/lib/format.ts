import type { ResourceInfo } from "../ipc";
import { withoutMiddle } from "./longText";

const numbers = new Intl.NumberFormat(undefined);
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const shortClock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hour12: false });

/** A count with separators. */
export function formatCount(value: number): string {
  return numbers.format(value);
}

/** `1 resource`, `2 resources`. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** The time of the day, of milliseconds since 1970. */
export function formatClock(milliseconds: number): string {
  return clock.format(milliseconds);
}

export function formatShortClock(milliseconds: number): string {
  return shortClock.format(milliseconds);
}

/** Date and time for tooltips. */
export function formatDateTime(milliseconds: number): string {
  return dateTime.format(milliseconds);
}

const steps: readonly (readonly [number, string])[] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "m"],
];

/** A duration for tables: `12s`, `11m`, `20h`, `5d`. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  for (const [size, unit] of steps) if (whole >= size) return `${Math.floor(whole / size)}${unit}`;
  return `${whole}s`;
}

/** A duration of a run: `4 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** The first digits of a commit. */
export function shortCommit(id: string): string {
  return /^[0-9a-f]{12,}$/.test(id) ? id.slice(0, 7) : id;
}

/** `Deployment/payments-api`. */
export function resourceName(resource: ResourceInfo): string {
  return `${resource.kind}/${resource.name}`;
}

/** Names a resource among all. */
export function resourceKey(resource: ResourceInfo): string {
  return `${resource.group}/${resource.kind}/${resource.namespace}/${resource.name}`;
}

/** A value of a manifest, in one line; of a very long text without its middle. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return "not set";
  if (typeof value === "string") return value === "" ? '""' : withoutMiddle(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/**
 * Two values for reading side by side. Of two references to the same image only what differs, the tag or the
 * digest, is shown.
 */
export function formatPair(before: unknown, after: unknown): { before: string; after: string } {
  if (typeof before === "string" && typeof after === "string") {
    const left = splitImage(before);
    const right = splitImage(after);
    if (left !== null && right !== null && left.name === right.name) return { before: left.tag, after: right.tag };
  }
  return { before: formatValue(before), after: formatValue(after) };
}

function splitImage(reference: string): { name: string; tag: string } | null {
  const match = /^([\w.-]+(?::\d+)?(?:\/[\w.-]+)+|[\w.-]+)[:@]([\w.:+-]+)$/.exec(reference);
  const [, name, tag] = match ?? [];
  return name === undefined || tag === undefined ? null : { name, tag };
}

/** The segments of a JSON pointer with keyed list items. */
export function pathSegments(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const wrappers: readonly string[] = [
  "spec",
  "template",
  "jobTemplate",
  "containers",
  "initContainers",
  "data",
  "stringData",
  "metadata",
];

/** What people call a field: `image`, `replicas`, `resources.requests.cpu`, `LOG_LEVEL`. */
export function fieldLabel(path: string): string {
  const segments = pathSegments(path);
  if (segments.length === 0) return "whole resource";
  const last = segments.length - 1;
  const environment = segments.indexOf("env");
  const variable = environment === -1 ? undefined : segments[environment + 1];
  if (variable !== undefined) return listKey(variable) ?? variable;
  let start = 0;
  while (start < last) {
    const segment = segments[start] ?? "";
    if (!wrappers.includes(segment) && !/^\[(name=.*)?\]$/.test(segment)) break;
    start += 1;
  }
  return segments
    .slice(start)
    .map((segment) => listKey(segment) ?? segment)
    .join(".");
}

function listKey(segment: string): string | null {
  return /^\[[^=]+=(.*)\]$/.exec(segment)?.[1] ?? null;
}

/** `APP@ENV` or `APP@ENV#PATH` in its parts, split at the last `@`. */
export function splitInstance(instance: string): { application: string; environment: string } {
  const at = instance.lastIndexOf("@");
  return at === -1
    ? { application: instance, environment: "" }
    : {
        application: instance.slice(0, at),
        environment: (instance.slice(at + 1).split("#", 1)[0] ?? "").replaceAll("%40", "@"),
      };
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A name in two parts, of which the second is shown whole where there is no room for both. Short names have one part. */
export function splitAtTail(text: string): [head: string, tail: string] {
  if (text.length <= 20) return [text, ""];
  const signs = Array.from(graphemes.segment(text), (part) => part.segment);
  return signs.length <= 20 ? [text, ""] : [signs.slice(0, -8).join(""), signs.slice(-8).join("")];
}
