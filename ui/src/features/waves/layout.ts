import type { GateState, Lane, LaneColumn, LaneGateState, TaskInfo, TaskStatus } from "../../ipc";
import { plural } from "../../lib/format";
import { type RailPart, railsOf, stopOf } from "./order";

/** How much of each task is shown: its name, a square, or only the counts of its wave. */
export const densities = ["resources", "compact", "summary"] as const;
export type Density = (typeof densities)[number];

export type WaveState = "waiting" | "inProgress" | "synced" | "failed";

/** How far some tasks are. */
export interface Progress {
  total: number;
  done: number;
  /** Failed, or never started because of a failure. */
  failed: number;
  active: number;
  state: WaveState;
}

/** A column of the screen: a phase and a wave, over all lanes. Lanes are not tied to each other by it. */
export interface WaveColumn extends Progress {
  key: string;
  phase: string;
  wave: number;
  x: number;
  /** What the lanes of the column wait for, in words, where they wait. */
  waits: string | null;
}

export interface PlacedTask {
  key: string;
  task: TaskInfo;
  lane: number;
  column: number;
  /** Inside the lane. */
  x: number;
  y: number;
}

/** A wave of one lane as a whole, in the density that shows no tasks. */
export interface PlacedWave extends Progress {
  key: string;
  lane: number;
  column: number;
  x: number;
  y: number;
}

/** What stands between two columns of one lane, or before the lane as a whole. */
export interface PlacedGate {
  column: number;
  x: number;
  state: GateState | LaneGateState;
  /** Whether it waits for other lanes. */
  across: boolean;
  text: string | null;
}

export interface PlacedLane {
  lane: Lane;
  y: number;
  height: number;
  tasks: PlacedTask[];
  waves: PlacedWave[];
  gates: PlacedGate[];
  /** Its part of the lines between lanes. */
  rails: RailPart[];
  /** Where the columns begin in which something is in progress. */
  active: number[];
}

export interface WaveLayout {
  density: Density;
  columns: WaveColumn[];
  lanes: PlacedLane[];
  width: number;
  height: number;
  sizes: Sizes;
}

export interface Sizes {
  label: number;
  header: number;
  column: number;
  node: { width: number; height: number };
  gap: { x: number; y: number };
  /** How many nodes stand beside each other in a column. */
  across: number;
  padding: { x: number; y: number };
  gateText: number;
  least: number;
}

/** Between these a column is as wide as the room allows, in CSS pixels. */
export const columnWidth = { least: 200, most: 300 };
const label = 176;

/** The sizes for a number of columns in a room of so many pixels. */
export function sizesFor(density: Density, columns: number, room: number): Sizes {
  const column = Math.min(
    columnWidth.most,
    Math.max(columnWidth.least, Math.floor((room - label) / Math.max(1, columns))),
  );
  const padding = { x: density === "compact" ? 16 : 12, y: 10 };
  const inner = column - padding.x - 12;
  const common = { label, header: 58, column, padding, gateText: 22 };
  switch (density) {
    case "resources":
      return { ...common, node: { width: inner, height: 30 }, gap: { x: 0, y: 6 }, across: 1, least: 64 };
    case "compact":
      return {
        ...common,
        node: { width: 28, height: 24 },
        gap: { x: 4, y: 4 },
        across: Math.max(1, Math.floor((inner + 4) / 32)),
        least: 60,
      };
    case "summary":
      return { ...common, node: { width: inner, height: 36 }, gap: { x: 0, y: 0 }, across: 1, least: 56 };
  }
}

const phases = ["PreSync", "Sync", "PostSync", "SyncFail"];

function phaseRank(phase: string): number {
  const rank = phases.indexOf(phase);
  return rank === -1 ? phases.length : rank;
}

function keyOf(column: Pick<LaneColumn, "phase" | "wave">): string {
  return `${column.phase} ${column.wave}`;
}

/** Names a wave of a lane, and begins the keys of its tasks. */
export function waveKey(lane: Lane, column: Pick<LaneColumn, "phase" | "wave">): string {
  return `${lane.instance} ${keyOf(column)}`;
}

export function isFinished(status: TaskStatus): boolean {
  return status === "synced" || status === "pruned" || status === "skipped";
}

export function progressOf(tasks: readonly TaskInfo[]): Progress {
  let done = 0;
  let failed = 0;
  let broken = 0;
  let active = 0;
  for (const { status } of tasks) {
    if (isFinished(status)) done += 1;
    else if (status === "failed" || status === "willNotStart") {
      failed += 1;
      if (status === "failed") broken += 1;
    } else if (status === "inProgress") active += 1;
  }
  const total = tasks.length;
  const state: WaveState =
    broken > 0 || (failed > 0 && done + failed === total)
      ? "failed"
      : total > 0 && done === total
        ? "synced"
        : active > 0 || done > 0
          ? "inProgress"
          : "waiting";
  return { total, done, failed, active, state };
}

/** What the lanes of a column wait for: the words of the gate where they agree, else how many wait. */
function waitsOf(texts: readonly string[]): string | null {
  const [first] = texts;
  if (first === undefined) return null;
  if (texts.every((text) => text === first)) return first;
  const lost = texts.filter((text) => text.startsWith("will not start")).length;
  return lost > 0 ? `${plural(lost, "application")} will not start` : `${texts.length} applications wait`;
}

/** Places every task: lanes down, columns across. Linear in the number of tasks. `room` is the width of the screen. */
export function layoutWaves(lanes: readonly Lane[], density: Density, room = 0): WaveLayout {
  const byKey = new Map<string, { phase: string; wave: number; tasks: TaskInfo[]; waits: string[] }>();
  for (const lane of lanes) {
    const stop = stopOf(lane);
    for (const [place, column] of lane.columns.entries()) {
      const key = keyOf(column);
      let known = byKey.get(key);
      if (known === undefined) {
        known = { phase: column.phase, wave: column.wave, tasks: [], waits: [] };
        byKey.set(key, known);
      }
      for (const task of column.tasks) known.tasks.push(task);
      if (column.gateText !== null && column.gate !== "passed") known.waits.push(column.gateText);
      if (place === 0 && (stop?.state === "waiting" || stop?.state === "failed")) known.waits.push(stop.text);
    }
  }
  const size = sizesFor(density, byKey.size, room);
  const columns: WaveColumn[] = [...byKey]
    .sort(([, left], [, right]) => phaseRank(left.phase) - phaseRank(right.phase) || left.wave - right.wave)
    .map(([key, { phase, wave, tasks, waits }], index) => ({
      key,
      phase,
      wave,
      x: size.label + index * size.column,
      waits: waitsOf(waits),
      ...progressOf(tasks),
    }));
  const indexOf = new Map(columns.map((column, index) => [column.key, index]));
  let y = 0;
  const rails = railsOf(lanes);
  const placed: PlacedLane[] = lanes.map((lane, laneIndex) => {
    const stop = stopOf(lane);
    const tasks: PlacedTask[] = [];
    const waves: PlacedWave[] = [];
    const gates: PlacedGate[] = [];
    const active: number[] = [];
    let rows = 0;
    let text = false;
    lane.columns.forEach((column, position) => {
      const index = indexOf.get(keyOf(column)) ?? 0;
      const left = size.label + index * size.column;
      const across = position === 0 ? stop : null;
      const words = across === null ? column.gateText : across.text === "" ? null : across.text;
      const top = size.padding.y + (words === null ? 0 : size.gateText);
      const key = waveKey(lane, column);
      text ||= words !== null;
      if (column.tasks.some((task) => task.status === "inProgress")) active.push(left);
      // The first column of a lane waits for nothing but other lanes.
      if (across !== null) gates.push({ column: index, x: left, state: across.state, text: words, across: true });
      else if (position > 0)
        gates.push({ column: index, x: left, state: column.gate, text: column.gateText, across: false });
      if (density === "summary") {
        rows = 1;
        waves.push({
          key,
          lane: laneIndex,
          column: index,
          x: left + size.padding.x,
          y: top,
          ...progressOf(column.tasks),
        });
        return;
      }
      column.tasks.forEach((task, order) => {
        const row = Math.floor(order / size.across);
        rows = Math.max(rows, row + 1);
        tasks.push({
          key: `${key} ${task.key}`,
          task,
          lane: laneIndex,
          column: index,
          x: left + size.padding.x + (order % size.across) * (size.node.width + size.gap.x),
          y: top + row * (size.node.height + size.gap.y),
        });
      });
    });
    const height = Math.max(
      size.least + (lane.message === null ? 0 : 18),
      2 * size.padding.y + (text ? size.gateText : 0) + rows * size.node.height + Math.max(0, rows - 1) * size.gap.y,
    );
    const result = { lane, y, height, tasks, waves, gates, rails: rails[laneIndex] ?? [], active };
    y += height;
    return result;
  });
  return {
    density,
    columns,
    lanes: placed,
    width: size.label + columns.length * size.column,
    height: y,
    sizes: size,
  };
}

export interface Viewport {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The index of the first lane that ends below `y`. */
function firstLaneBelow(lanes: readonly PlacedLane[], y: number): number {
  let low = 0;
  let high = lanes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const lane = lanes[middle];
    if (lane !== undefined && lane.y + lane.height <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface VisibleLane {
  lane: PlacedLane;
  tasks: PlacedTask[];
  waves: PlacedWave[];
}

/** The lanes that are on screen, each with those of its nodes that are; a little more on each side. */
export function visible(layout: WaveLayout, view: Viewport, margin = 160): VisibleLane[] {
  const top = view.top - margin;
  const bottom = view.top + view.height + margin;
  const left = view.left - margin;
  const right = view.left + view.width + margin;
  const { node } = layout.sizes;
  const shown: VisibleLane[] = [];
  for (let index = firstLaneBelow(layout.lanes, top); index < layout.lanes.length; index += 1) {
    const lane = layout.lanes[index];
    if (lane === undefined || lane.y >= bottom) break;
    // A lane of few rows is shown whole: it then stays as it is while it goes by.
    const whole = 2 * lane.height <= view.height;
    const seen = (spot: { x: number; y: number }): boolean => {
      const y = lane.y + spot.y;
      return (whole || (y < bottom && y + node.height > top)) && spot.x < right && spot.x + node.width > left;
    };
    shown.push({ lane, tasks: lane.tasks.filter(seen), waves: lane.waves.filter(seen) });
  }
  return shown;
}

/** A place in the graph that the keyboard can be at: a task, or a wave where no tasks are shown. */
export interface Spot {
  key: string;
  x: number;
  y: number;
  column: number;
}

function spotsOf(layout: WaveLayout, lane: PlacedLane): readonly Spot[] {
  return layout.density === "summary" ? lane.waves : lane.tasks;
}

export function findSpot(layout: WaveLayout, key: string): { lane: PlacedLane; spot: Spot } | null {
  for (const lane of layout.lanes) {
    if (!key.startsWith(`${lane.lane.instance} `)) continue;
    const spot = spotsOf(layout, lane).find((candidate) => candidate.key === key);
    if (spot !== undefined) return { lane, spot };
  }
  return null;
}

export function firstSpot(layout: WaveLayout): string | null {
  for (const lane of layout.lanes) {
    const [spot] = spotsOf(layout, lane);
    if (spot !== undefined) return spot.key;
  }
  return null;
}

/** What an address names: a task or a wave of a lane, whatever density is shown. */
export interface Named {
  lane: Lane;
  column: LaneColumn;
  task: TaskInfo | null;
}

export function findNamed(lanes: readonly Lane[], key: string): Named | null {
  for (const lane of lanes) {
    if (!key.startsWith(`${lane.instance} `)) continue;
    for (const column of lane.columns) {
      const own = waveKey(lane, column);
      if (key === own) return { lane, column, task: null };
      if (!key.startsWith(`${own} `)) continue;
      const task = column.tasks.find((candidate) => key === `${own} ${candidate.key}`);
      if (task !== undefined) return { lane, column, task };
    }
  }
  return null;
}

/** The task or wave that an arrow key leads to. */
export function neighbour(layout: WaveLayout, key: string, arrow: string): string | null {
  const found = findSpot(layout, key);
  if (found === null) return firstSpot(layout);
  const y = found.lane.y + found.spot.y;
  const { x } = found.spot;
  const vertical = arrow === "ArrowDown" || arrow === "ArrowUp";
  const sign = arrow === "ArrowDown" || arrow === "ArrowRight" ? 1 : -1;
  let best: { key: string; cost: number } | null = null;
  for (const lane of layout.lanes) {
    for (const spot of spotsOf(layout, lane)) {
      const dx = spot.x - x;
      const dy = lane.y + spot.y - y;
      const along = sign * (vertical ? dy : dx);
      const aside = Math.abs(vertical ? dx : dy);
      if (along <= 0) continue;
      // To the right and left the lane is kept where it can be.
      const cost = along + aside * 3 + (!vertical && lane !== found.lane ? 10_000 : 0);
      if (best === null || cost < best.cost) best = { key: spot.key, cost };
    }
  }
  return best?.key ?? null;
}

/** The first task of the next or previous wave of the same lane. */
export function waveStep(layout: WaveLayout, key: string, step: 1 | -1): string | null {
  const found = findSpot(layout, key);
  if (found === null) return firstSpot(layout);
  const spots = spotsOf(layout, found.lane);
  const columns = [...new Set(spots.map((spot) => spot.column))];
  const next = columns[columns.indexOf(found.spot.column) + step];
  return spots.find((spot) => spot.column === next)?.key ?? null;
}

/** What of its own lane waits for a task: the waves after it, with the number of their tasks. */
export function blockedBy(lane: Lane, column: LaneColumn): LaneColumn[] {
  const at = lane.columns.indexOf(column);
  return at === -1 || column.tasks.every((task) => isFinished(task.status)) ? [] : lane.columns.slice(at + 1);
}

/** What a wave of a lane still waits for: the unfinished tasks of the wave before it, with the key of each. */
export function blockersOf(lane: Lane, column: LaneColumn): { key: string; task: TaskInfo; column: LaneColumn }[] {
  const at = lane.columns.indexOf(column);
  const started = column.tasks.some((task) => task.status !== "waiting" && task.status !== "willNotStart");
  if (at <= 0 || started) return [];
  const failed = lane.columns
    .slice(0, at)
    .flatMap((earlier) =>
      earlier.tasks.filter((task) => task.status === "failed").map((task) => ({ task, column: earlier })),
    );
  const before = lane.columns[at - 1];
  const waits =
    failed.length > 0 || before === undefined
      ? failed
      : before.tasks.filter((task) => !isFinished(task.status)).map((task) => ({ task, column: before }));
  return waits.map((entry) => ({ ...entry, key: `${waveKey(lane, entry.column)} ${entry.task.key}` }));
}

/** Where to look while a run goes on: what failed first, else what is in progress. */
export function followSpot(layout: WaveLayout): string | null {
  for (const status of ["failed", "inProgress"] as const) {
    for (const lane of layout.lanes) {
      const found =
        layout.density === "summary"
          ? lane.waves.find((wave) => (status === "failed" ? wave.state === "failed" : wave.active > 0))
          : lane.tasks.find((candidate) => candidate.task.status === status);
      if (found !== undefined) return found.key;
    }
  }
  return null;
}

/** The instances of a run that did not succeed: what one would try again. */
export function unfinished(lanes: readonly Lane[]): string[] {
  return lanes.filter((lane) => lane.phase !== "succeeded").map((lane) => lane.instance);
}
