import type { GateState, Lane, LaneColumn, TaskInfo, TaskStatus } from "../../ipc";

export type Density = "resources" | "compact";

/** A column of the screen: a phase and a wave, over all lanes. Lanes are not tied to each other by it. */
export interface WaveColumn {
  key: string;
  phase: string;
  wave: number;
  x: number;
  total: number;
  done: number;
  failed: number;
  state: "waiting" | "inProgress" | "synced" | "failed";
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

/** What stands between two columns of one lane. */
export interface PlacedGate {
  column: number;
  x: number;
  state: GateState;
  text: string | null;
}

export interface PlacedLane {
  lane: Lane;
  y: number;
  height: number;
  tasks: PlacedTask[];
  gates: PlacedGate[];
  /** Where the columns begin in which something is in progress. */
  active: number[];
}

export interface WaveLayout {
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

export const sizes: Record<Density, Sizes> = {
  resources: {
    label: 168,
    header: 44,
    column: 248,
    node: { width: 200, height: 30 },
    gap: { x: 0, y: 6 },
    across: 1,
    padding: { x: 24, y: 10 },
    gateText: 22,
    least: 64,
  },
  compact: {
    label: 168,
    header: 44,
    column: 248,
    node: { width: 28, height: 18 },
    gap: { x: 4, y: 4 },
    across: 6,
    padding: { x: 24, y: 10 },
    gateText: 22,
    least: 60,
  },
};

const phases = ["PreSync", "Sync", "PostSync", "SyncFail"];

function phaseRank(phase: string): number {
  const rank = phases.indexOf(phase);
  return rank === -1 ? phases.length : rank;
}

function keyOf(column: Pick<LaneColumn, "phase" | "wave">): string {
  return `${column.phase} ${column.wave}`;
}

export function isFinished(status: TaskStatus): boolean {
  return status === "synced" || status === "pruned" || status === "skipped";
}

function columnState(tasks: readonly TaskInfo[]): WaveColumn["state"] {
  if (tasks.some((task) => task.status === "failed")) return "failed";
  if (tasks.length > 0 && tasks.every((task) => isFinished(task.status))) return "synced";
  if (tasks.length > 0 && tasks.every((task) => isFinished(task.status) || task.status === "willNotStart"))
    return "failed";
  if (tasks.some((task) => task.status === "inProgress" || isFinished(task.status))) return "inProgress";
  return "waiting";
}

/** Places every task: lanes down, columns across. Linear in the number of tasks. */
export function layoutWaves(lanes: readonly Lane[], density: Density): WaveLayout {
  const size = sizes[density];
  const byKey = new Map<string, { phase: string; wave: number; tasks: TaskInfo[] }>();
  for (const lane of lanes) {
    for (const column of lane.columns) {
      const key = keyOf(column);
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, { phase: column.phase, wave: column.wave, tasks: [...column.tasks] });
      else known.tasks.push(...column.tasks);
    }
  }
  const columns: WaveColumn[] = [...byKey]
    .sort(([, left], [, right]) => phaseRank(left.phase) - phaseRank(right.phase) || left.wave - right.wave)
    .map(([key, { phase, wave, tasks }], index) => ({
      key,
      phase,
      wave,
      x: size.label + index * size.column,
      total: tasks.length,
      done: tasks.filter((task) => isFinished(task.status)).length,
      failed: tasks.filter((task) => task.status === "failed" || task.status === "willNotStart").length,
      state: columnState(tasks),
    }));
  const indexOf = new Map(columns.map((column, index) => [column.key, index]));
  let y = 0;
  const placed: PlacedLane[] = lanes.map((lane, laneIndex) => {
    const tasks: PlacedTask[] = [];
    const gates: PlacedGate[] = [];
    const active: number[] = [];
    let rows = 0;
    let text = false;
    lane.columns.forEach((column, position) => {
      const index = indexOf.get(keyOf(column)) ?? 0;
      const left = size.label + index * size.column;
      const top = size.padding.y + (column.gateText === null ? 0 : size.gateText);
      text ||= column.gateText !== null;
      if (column.tasks.some((task) => task.status === "inProgress")) active.push(left);
      // The first column of a lane waits for nothing.
      if (position > 0) gates.push({ column: index, x: left, state: column.gate, text: column.gateText });
      column.tasks.forEach((task, order) => {
        const row = Math.floor(order / size.across);
        rows = Math.max(rows, row + 1);
        tasks.push({
          key: `${lane.instance} ${column.phase} ${column.wave} ${task.key}`,
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
    const result = { lane, y, height, tasks, gates, active };
    y += height;
    return result;
  });
  return { columns, lanes: placed, width: size.label + columns.length * size.column, height: y, sizes: size };
}

export interface Viewport {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The lanes that are on screen, each with those of its tasks that are; a little more on each side. */
export function visible(layout: WaveLayout, view: Viewport, margin = 200): { lane: PlacedLane; tasks: PlacedTask[] }[] {
  const top = view.top - margin;
  const bottom = view.top + view.height + margin;
  const left = view.left - margin;
  const right = view.left + view.width + margin;
  return layout.lanes
    .filter((lane) => lane.y < bottom && lane.y + lane.height > top)
    .map((lane) => ({
      lane,
      tasks: lane.tasks.filter((task) => {
        const y = lane.y + task.y;
        return (
          y < bottom && y + layout.sizes.node.height > top && task.x < right && task.x + layout.sizes.node.width > left
        );
      }),
    }));
}

export function findTask(layout: WaveLayout, key: string): { lane: PlacedLane; task: PlacedTask } | null {
  for (const lane of layout.lanes) {
    const task = lane.tasks.find((candidate) => candidate.key === key);
    if (task !== undefined) return { lane, task };
  }
  return null;
}

/** The task that an arrow key leads to. */
export function neighbour(layout: WaveLayout, key: string, arrow: string): string | null {
  const found = findTask(layout, key);
  if (found === null) return layout.lanes.find((lane) => lane.tasks.length > 0)?.tasks[0]?.key ?? null;
  const y = found.lane.y + found.task.y;
  const { x } = found.task;
  const vertical = arrow === "ArrowDown" || arrow === "ArrowUp";
  const sign = arrow === "ArrowDown" || arrow === "ArrowRight" ? 1 : -1;
  let best: { key: string; cost: number } | null = null;
  for (const lane of layout.lanes) {
    for (const task of lane.tasks) {
      const dx = task.x - x;
      const dy = lane.y + task.y - y;
      const along = sign * (vertical ? dy : dx);
      const aside = Math.abs(vertical ? dx : dy);
      if (along <= 0) continue;
      // To the right and left the lane is kept where it can be.
      const cost = along + aside * 3 + (!vertical && lane !== found.lane ? 10_000 : 0);
      if (best === null || cost < best.cost) best = { key: task.key, cost };
    }
  }
  return best?.key ?? null;
}

/** The first task of the next or previous wave of the same lane. */
export function waveStep(layout: WaveLayout, key: string, step: 1 | -1): string | null {
  const found = findTask(layout, key);
  if (found === null) return neighbour(layout, key, "ArrowDown");
  const columns = [...new Set(found.lane.tasks.map((task) => task.column))];
  const next = columns[columns.indexOf(found.task.column) + step];
  return found.lane.tasks.find((task) => task.column === next)?.key ?? null;
}

/** What of its own lane waits for a task: the waves after it, with the number of their tasks. */
export function blockedBy(lane: Lane, task: TaskInfo): { phase: string; wave: number; tasks: number }[] {
  const at = lane.columns.findIndex((column) => column.tasks.includes(task));
  if (at === -1 || isFinished(task.status)) return [];
  return lane.columns
    .slice(at + 1)
    .map((column) => ({ phase: column.phase, wave: column.wave, tasks: column.tasks.length }));
}

/** Where to look while a run goes on: what failed first, else what is in progress. */
export function followTask(layout: WaveLayout): string | null {
  for (const status of ["failed", "inProgress"] as const) {
    for (const lane of layout.lanes) {
      const task = lane.tasks.find((candidate) => candidate.task.status === status);
      if (task !== undefined) return task.key;
    }
  }
  return null;
}
