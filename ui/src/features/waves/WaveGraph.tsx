import { Hourglass } from "lucide-react";
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Chip } from "../../components/Chip";
import { MarkIcon, MarkShape, VisuallyHidden } from "../../components/Mark";
import { ProgressBar } from "../../components/RunSummary";
import type { TaskInfo } from "../../ipc";
import { cx } from "../../lib/cx";
import { dispatchKey } from "../../lib/keymap";
import { phaseMark, taskMark } from "../../lib/state";
import {
  type Density,
  findTask,
  neighbour,
  type PlacedGate,
  type PlacedLane,
  type PlacedTask,
  visible,
  type WaveColumn,
  type WaveLayout,
  waveStep,
} from "./layout";
import styles from "./Waves.module.css";

const phaseNames: Record<string, string> = {
  PreSync: "Pre-sync",
  Sync: "Sync",
  PostSync: "Post-sync",
  SyncFail: "On failure",
};

export function phaseName(phase: string): string {
  return phaseNames[phase] ?? phase;
}

function useViewport(scroller: RefObject<HTMLDivElement | null>): {
  left: number;
  top: number;
  width: number;
  height: number;
} {
  const [view, setView] = useState({ left: 0, top: 0, width: 1600, height: 1000 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const read = (): void =>
      // In steps, so that a scroll of a few pixels paints nothing.
      setView((before) => {
        const next = {
          left: Math.floor(element.scrollLeft / 100) * 100,
          top: Math.floor(element.scrollTop / 100) * 100,
          width: element.clientWidth === 0 ? 1600 : element.clientWidth,
          height: element.clientHeight === 0 ? 1000 : element.clientHeight,
        };
        return before.left === next.left &&
          before.top === next.top &&
          before.width === next.width &&
          before.height === next.height
          ? before
          : next;
      });
    read();
    element.addEventListener("scroll", read, { passive: true });
    const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(read);
    observer?.observe(element);
    return () => {
      element.removeEventListener("scroll", read);
      observer?.disconnect();
    };
  }, [scroller]);
  return view;
}

/** Lanes down, waves across. A gate stands between two columns of one lane, because waves order one application only. */
export function WaveGraph({
  layout,
  density,
  selected,
  onSelect,
  onFollow,
  focusRequest,
}: {
  layout: WaveLayout;
  density: Density;
  selected: string | null;
  onSelect: (key: string | null) => void;
  onFollow: () => void;
  /** A task to bring on screen; a new object brings it again. */
  focusRequest: { key: string } | null;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useViewport(scroller);
  const [focused, setFocused] = useState<string | null>(null);
  const wantsFocus = useRef(false);
  const shown = useMemo(() => visible(layout, view), [layout, view]);
  const entry = focused ?? selected ?? layout.lanes.find((lane) => lane.tasks.length > 0)?.tasks[0]?.key ?? null;

  function bring(key: string): void {
    const element = scroller.current;
    const found = findTask(layout, key);
    if (element === null || found === null) return;
    const { sizes } = layout;
    const top = sizes.header + found.lane.y + found.task.y;
    const right = found.task.x + sizes.node.width + sizes.padding.x;
    if (top - sizes.header < element.scrollTop) element.scrollTop = top - sizes.header - sizes.padding.y;
    else if (top + sizes.node.height > element.scrollTop + element.clientHeight)
      element.scrollTop = top + sizes.node.height + sizes.padding.y - element.clientHeight;
    if (found.task.x - sizes.label < element.scrollLeft)
      element.scrollLeft = Math.max(0, found.task.x - sizes.label - sizes.padding.x);
    else if (right > element.scrollLeft + element.clientWidth) element.scrollLeft = right - element.clientWidth;
  }
  const lastRequest = useRef<object | null>(null);
  useEffect(() => {
    if (focusRequest === null || lastRequest.current === focusRequest) return;
    lastRequest.current = focusRequest;
    bring(focusRequest.key);
  });
  useEffect(() => {
    if (!wantsFocus.current || focused === null) return;
    const element = [...(scroller.current?.querySelectorAll<HTMLElement>("[data-task]") ?? [])].find(
      (node) => node.dataset.task === focused,
    );
    if (element !== undefined) {
      wantsFocus.current = false;
      element.focus({ preventScroll: true });
    }
  });

  function move(key: string | null): void {
    if (key === null) return;
    wantsFocus.current = true;
    setFocused(key);
    bring(key);
    if (selected !== null) onSelect(key);
  }
  function key(event: KeyboardEvent): void {
    if (entry === null) return;
    const arrow = (name: string) => () => move(neighbour(layout, entry, name));
    dispatchKey(event, {
      ArrowDown: arrow("ArrowDown"),
      ArrowUp: arrow("ArrowUp"),
      ArrowLeft: arrow("ArrowLeft"),
      ArrowRight: arrow("ArrowRight"),
      "]": () => move(waveStep(layout, entry, 1)),
      "[": () => move(waveStep(layout, entry, -1)),
      f: onFollow,
      b: () => onSelect(entry),
    });
  }

  return (
    <div ref={scroller} className={styles.scroller} role="group" aria-label="Waves" data-pane onKeyDown={key}>
      <div
        className={styles.canvas}
        style={{ width: `max(100%, ${layout.width}px)`, height: layout.height + layout.sizes.header }}
      >
        <div className={styles.header} style={{ height: layout.sizes.header }}>
          <div className={styles.corner} style={{ width: layout.sizes.label }}>
            Application
          </div>
          {layout.columns.map((column) => (
            <ColumnHead key={column.key} column={column} width={layout.sizes.column} />
          ))}
        </div>
        {shown.map(({ lane, tasks }) => (
          <div
            key={lane.lane.instance}
            className={styles.lane}
            role="group"
            aria-label={`${lane.lane.instance}: ${phaseMark(lane.lane.phase).word}`}
            style={{ transform: `translateY(${layout.sizes.header + lane.y}px)`, height: lane.height }}
          >
            {lane.active.map((x) => (
              <span key={x} className={styles.activeColumn} style={{ left: x, width: layout.sizes.column }} />
            ))}
            {lane.gates.map((gate) => (
              <Gate key={gate.column} gate={gate} width={layout.sizes.column} />
            ))}
            <LaneLabel lane={lane} width={layout.sizes.label} />
            {tasks.map((task) => (
              <Node
                key={task.key}
                id={task.key}
                task={task.task}
                x={task.x}
                y={task.y}
                width={layout.sizes.node.width}
                height={layout.sizes.node.height}
                compact={density === "compact"}
                selected={task.key === selected}
                reachable={task.key === entry}
                wave={columnText(layout.columns[task.column])}
                onPress={() => {
                  setFocused(task.key);
                  onSelect(task.key);
                }}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function columnText(column: WaveColumn | undefined): string {
  return column === undefined ? "" : `${phaseName(column.phase)} wave ${column.wave}`;
}

const columnMarks = {
  waiting: taskMark("waiting"),
  inProgress: taskMark("inProgress"),
  synced: taskMark("synced"),
  failed: taskMark("failed"),
};

function ColumnHead({ column, width }: { column: WaveColumn; width: number }): ReactNode {
  return (
    <div className={styles.columnHead} style={{ width }}>
      <div className={styles.columnLine}>
        <MarkShape mark={columnMarks[column.state]} />
        <span className={styles.columnName}>{phaseName(column.phase)}</span>
        <Chip>wave {column.wave}</Chip>
        <span className={styles.columnCount}>
          {column.done}/{column.total}
        </span>
      </div>
      <ProgressBar
        label={`${columnText(column)}: ${column.done} of ${column.total} synced`}
        total={column.total}
        done={column.done}
        failed={column.failed}
      />
    </div>
  );
}

const gateClasses = {
  open: styles.gateOpen,
  passed: styles.gatePassed,
  waiting: styles.gateWaiting,
  failed: styles.gateFailed,
};
const gateWords = { open: "gate", passed: "gate passed", waiting: "gate waiting", failed: "gate failed" };

function Gate({ gate, width }: { gate: PlacedGate; width: number }): ReactNode {
  return (
    <>
      <span
        className={cx(styles.gate, gateClasses[gate.state])}
        style={{ left: gate.x }}
        title={gate.text ?? gateWords[gate.state]}
      />
      {gate.text !== null && (
        <span
          className={cx(styles.gateText, gate.state === "failed" && styles.gateTextFailed)}
          style={{ left: gate.x + 12, width: width - 20 }}
          title={gate.text}
        >
          <Hourglass aria-hidden size={11} strokeWidth={1.75} />
          <span className={styles.gateWords}>{gate.text}</span>
        </span>
      )}
    </>
  );
}

function LaneLabel({ lane, width }: { lane: PlacedLane; width: number }): ReactNode {
  return (
    <div className={styles.label} style={{ width }}>
      <div className={styles.labelName} title={lane.lane.instance}>
        {lane.lane.application}
      </div>
      <div className={styles.labelText}>
        {lane.lane.environment}
        {lane.lane.phase !== "planned" && (
          <>
            {" · "}
            <MarkIcon mark={phaseMark(lane.lane.phase)} size={12} />
            {phaseMark(lane.lane.phase).word}
          </>
        )}
      </div>
      {lane.lane.message !== null && (
        <div className={styles.labelText} title={lane.lane.message}>
          {lane.lane.message}
        </div>
      )}
    </div>
  );
}

const edges: Record<PlacedTask["task"]["status"], string | undefined> = {
  waiting: styles.edgeWaiting,
  inProgress: styles.edgeProgress,
  synced: styles.edgeSynced,
  failed: styles.edgeFailed,
  skipped: styles.edgeWaiting,
  pruned: styles.edgeSynced,
  willNotStart: styles.edgeWarning,
};

interface NodeProps {
  id: string;
  task: TaskInfo;
  x: number;
  y: number;
  width: number;
  height: number;
  compact: boolean;
  selected: boolean;
  reachable: boolean;
  wave: string;
  onPress: () => void;
}

const Node = memo(
  function Node({ id, task, x, y, width, height, compact, selected, reachable, wave, onPress }: NodeProps): ReactNode {
    const mark = taskMark(task.status);
    const label = `${task.resource.kind} ${task.resource.name}: ${mark.word}, ${wave}`;
    return (
      <button
        type="button"
        data-task={id}
        className={cx(styles.node, edges[task.status], compact && styles.compact)}
        style={{ transform: `translate(${x}px, ${y}px)`, width, height }}
        tabIndex={reachable ? 0 : -1}
        aria-pressed={selected}
        title={compact ? label : (task.message ?? undefined)}
        onClick={onPress}
      >
        <VisuallyHidden>{label}</VisuallyHidden>
        <MarkIcon mark={mark} size={compact ? 12 : 13} />
        {!compact && (
          <>
            <span aria-hidden className={styles.nodeKind}>
              {task.resource.kind}
            </span>
            <span aria-hidden className={styles.nodeName}>
              {task.resource.name}
            </span>
            {task.action === "prune" && <VisuallyHidden>will be pruned</VisuallyHidden>}
          </>
        )}
      </button>
    );
  },
  (before, after) =>
    before.id === after.id &&
    before.task === after.task &&
    before.x === after.x &&
    before.y === after.y &&
    before.compact === after.compact &&
    before.selected === after.selected &&
    before.reachable === after.reachable &&
    before.wave === after.wave,
);
