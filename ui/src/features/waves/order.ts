import type { Lane, LaneGate, LaneGateState } from "../../ipc";

/** The gate that stands before a lane as a whole: what holds it up first, else one that it has passed. */
export function stopOf(lane: Lane): LaneGate | null {
  const inside = (lane.waitsFor ?? []).filter((gate) => gate.state !== "outside");
  return inside.find((gate) => gate.text !== "") ?? inside[0] ?? null;
}

/** What is said of all lanes together about the order among them. */
export function orderNote(lanes: readonly Lane[]): { text: string; title: string } {
  const states = new Set(lanes.flatMap((lane) => (lane.waitsFor ?? []).map((gate) => gate.state)));
  if (states.has("waiting") || states.has("failed") || states.has("passed"))
    return {
      text: "some wait for others",
      title:
        "A lane starts when the lanes that it waits for are there. A wave waits for the wave before it in its lane.",
    };
  if (states.has("notEnforced"))
    return {
      text: "order not enforced",
      title: "Sync waves order these applications, but nothing makes one wait for another: they go on independently.",
    };
  return {
    text: "lanes are independent",
    title: "A wave waits for the wave before it in the same application. Applications go on independently.",
  };
}

export interface LaneBlocker {
  gate: LaneGate;
  /** Those of its lanes that are on screen. */
  lanes: Lane[];
}

/** What a lane comes after, gate by gate. */
export function laneBlockers(lanes: readonly Lane[], lane: Lane): LaneBlocker[] {
  const byName = new Map(lanes.map((each) => [each.instance, each]));
  return (lane.waitsFor ?? []).map((gate) => ({
    gate,
    lanes: gate.lanes.flatMap((name) => byName.get(name) ?? []),
  }));
}

/** The lanes that cannot start before this one is there. */
export function lanesBehind(lanes: readonly Lane[], lane: Lane): Lane[] {
  return lanes.filter((other) =>
    (other.waitsFor ?? []).some(
      (gate) => (gate.state === "waiting" || gate.state === "failed") && gate.lanes.includes(lane.instance),
    ),
  );
}

/** A part of a line that leads from the lanes that are waited for to those that wait. */
export interface RailPart {
  track: number;
  /** Whether the line goes up and down from the middle of the lane. */
  up: boolean;
  down: boolean;
  /** Whether the lane is waited for, or waits; neither where the line only passes by. */
  end: "from" | "to" | null;
  state: LaneGateState;
}

/** Lines beside each other for which there is room. */
export const tracks = 3;

/** The lines between lanes, as the part that each lane draws of them. One line serves all that wait for the same. */
export function railsOf(lanes: readonly Lane[]): RailPart[][] {
  const position = new Map(lanes.map((lane, index) => [lane.instance, index]));
  const lines = new Map<string, { state: LaneGateState; from: number[]; to: number[] }>();
  lanes.forEach((lane, index) => {
    for (const gate of lane.waitsFor ?? []) {
      if (gate.state === "outside") continue;
      const from = gate.lanes.flatMap((name) => position.get(name) ?? []);
      if (from.length === 0) continue;
      const key = `${gate.state} ${gate.lanes.join(" ")} ${gate.more}`;
      const line = lines.get(key) ?? { state: gate.state, from, to: [] };
      line.to.push(index);
      lines.set(key, line);
    }
  });
  const parts: RailPart[][] = lanes.map(() => []);
  const free: number[] = [];
  const sorted = [...lines.values()]
    .map((line) => ({ ...line, first: Math.min(...line.from, ...line.to), last: Math.max(...line.from, ...line.to) }))
    .sort((left, right) => left.first - right.first || left.last - right.last);
  for (const { state, from, to, first, last } of sorted) {
    let track = free.findIndex((end) => end <= first);
    if (track === -1) {
      if (free.length === tracks) continue;
      track = free.length;
    }
    free[track] = last;
    for (let index = first; index <= last; index += 1) {
      const end = to.includes(index) ? "to" : from.includes(index) ? "from" : null;
      parts[index]?.push({ track, up: index > first, down: index < last, end, state });
    }
  }
  return parts;
}
