import { Activity, Box, Hourglass, Unlink } from "lucide-react";
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Chip } from "../../components/Chip";
import { useContextMenu } from "../../components/ContextMenu";
import { type FileActions, fileEntries } from "../../components/FileActions";
import { MiddleText } from "../../components/MiddleText";
import { MarkIcon, MarkShape, VisuallyHidden } from "../../components/Mark";
import { ProgressBar } from "../../components/RunSummary";
import type { Lane, TaskInfo } from "../../ipc";
import { cx } from "../../lib/cx";
import { followScroll } from "../../lib/followScroll";
import { resourceName } from "../../lib/format";
import { useLatest } from "../../lib/hooks";
import { dispatchKey } from "../../lib/keymap";
import { shortKind } from "../../lib/kinds";
import { phaseMark, taskMark } from "../../lib/state";
import {
  findNamed,
  findSpot,
  firstSpot,
  type Named,
  neighbour,
  type PlacedGate,
  type PlacedLane,
  type PlacedWave,
  type Viewport,
  type VisibleLane,
  visible,
  type WaveColumn,
  type WaveLayout,
  waveStep,
} from "./layout";
import { orderNote, stopOf } from "./order";
import { phaseName, waveText } from "./phases";
import styles from "./Waves.module.css";

/** Steps in which the viewport is read, so that a scroll of a few pixels paints nothing. */
const grid = 80;

function useViewport(scroller: RefObject<HTMLDivElement | null>): Viewport {
  const [view, setView] = useState<Viewport>({ left: 0, top: 0, width: 1600, height: 1000 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const read = (): void =>
      setView((before) => {
        const next = {
          left: Math.floor(element.scrollLeft / grid) * grid,
          top: Math.floor(element.scrollTop / grid) * grid,
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
    return followScroll(element, read);
  }, [scroller]);
  return view;
}

/**
 * Lanes down, waves across. A gate stands between two columns of one lane, because waves order one application only;
 * before a lane as a whole where it waits for other lanes.
 */
export function WaveGraph({
  layout,
  selected,
  onSelect,
  onFollow,
  onLogs,
  onApplication,
  filesOf,
  focusRequest,
}: {
  layout: WaveLayout;
  selected: string | null;
  onSelect: (key: string | null) => void;
  onFollow: () => void;
  /** Opens what the run said; `undefined` before there is a run. */
  onLogs: (() => void) | undefined;
  onApplication: (instance: string) => void;
  filesOf: (named: Named) => FileActions;
  /** A task to bring on screen; a new object brings it again. */
  focusRequest: { key: string } | null;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useViewport(scroller);
  const [focused, setFocused] = useState<string | null>(null);
  const wantsFocus = useRef(false);
  const shown = useMemo(() => visible(layout, view), [layout, view]);
  const known = focused !== null && findSpot(layout, focused) !== null ? focused : selected;
  const entry = known !== null && findSpot(layout, known) !== null ? known : firstSpot(layout);

  function bring(key: string): void {
    const element = scroller.current;
    const found = findSpot(layout, key);
    if (element === null || found === null) return;
    const { sizes } = layout;
    const top = sizes.header + found.lane.y + found.spot.y;
    const right = found.spot.x + sizes.node.width + sizes.padding.x;
    if (top - sizes.header < element.scrollTop) element.scrollTop = top - sizes.header - sizes.padding.y;
    else if (top + sizes.node.height > element.scrollTop + element.clientHeight)
      element.scrollTop = top + sizes.node.height + sizes.padding.y - element.clientHeight;
    if (found.spot.x - sizes.label < element.scrollLeft)
      element.scrollLeft = Math.max(0, found.spot.x - sizes.label - sizes.padding.x);
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
      l: onLogs,
      ...filesAt(entry)?.keys,
    });
  }
  function namedAt(key: string): Named | null {
    return findNamed(
      layout.lanes.map(({ lane }) => lane),
      key,
    );
  }
  function filesAt(key: string): FileActions | null {
    const named = namedAt(key);
    return named === null ? null : filesOf(named);
  }
  const context = useContextMenu((element) => {
    const key = element.closest<HTMLElement>("[data-task]")?.dataset.task ?? "";
    const named = namedAt(key);
    if (named === null) return null;
    setFocused(key);
    const { lane, column, task } = named;
    return {
      label: `Menu of ${task === null ? waveText(column) : resourceName(task.resource)}`,
      groups: [
        [
          { label: "Show what it waits for", keys: "b", icon: Hourglass, onSelect: () => onSelect(key) },
          { label: "Open application", icon: Box, onSelect: () => onApplication(lane.instance) },
          ...(onLogs === undefined
            ? []
            : [{ label: "Activity of the run", keys: "l", icon: Activity, onSelect: onLogs }]),
        ],
        ...fileEntries(filesOf(named)),
      ],
    };
  });

  // Nodes that look the same are not painted again; what they call must not be of an earlier paint.
  const latest = useLatest(onSelect);
  const press = useCallback(
    (pressed: string) => {
      setFocused(pressed);
      latest.current(pressed);
    },
    [latest],
  );
  return (
    <>
      {context.menu}
      <div
        ref={scroller}
        className={styles.scroller}
        role="group"
        aria-label="Waves"
        {...context.props}
        onKeyDown={key}
      >
        <div
          className={styles.canvas}
          style={{ width: `max(100%, ${layout.width}px)`, height: layout.height + layout.sizes.header }}
        >
          <Heads layout={layout} />
          {shown.map((lane) => {
            const here = (key: string | null): string | null =>
              key?.startsWith(`${lane.lane.lane.instance} `) === true ? key : null;
            return (
              <LaneRow
                key={lane.lane.lane.instance}
                shown={lane}
                layout={layout}
                selected={here(selected)}
                entry={here(entry)}
                press={press}
              />
            );
          })}
        </div>
      </div>
    </>
  );
}

/** The waves over their columns. */
const Heads = memo(function Heads({ layout }: { layout: WaveLayout }): ReactNode {
  const { sizes, columns } = layout;
  const note = useMemo(() => orderNote(layout.lanes.map(({ lane }) => lane)), [layout]);
  return (
    <div className={styles.header} style={{ height: sizes.header }}>
      <div className={styles.corner} style={{ width: sizes.label }}>
        Application
        {layout.lanes.length > 1 && (
          <span className={styles.cornerNote} title={note.title}>
            {note.text}
          </span>
        )}
      </div>
      {columns.map((column) => (
        <ColumnHead
          key={column.key}
          column={column}
          width={sizes.column}
          alone={columns.every((other) => other === column || other.phase !== column.phase)}
        />
      ))}
    </div>
  );
});

interface LaneRowProps {
  shown: VisibleLane;
  layout: WaveLayout;
  /** The spot of this lane that is selected, and the one that the keyboard enters; `null` where they are elsewhere. */
  selected: string | null;
  entry: string | null;
  press: (key: string) => void;
}

/** One lane. A scroll paints only those that came on screen. */
const LaneRow = memo(
  function LaneRow({ shown: { lane, tasks, waves }, layout, selected, entry, press }: LaneRowProps): ReactNode {
    const { sizes, columns } = layout;
    return (
      <div
        className={styles.lane}
        role="group"
        aria-label={laneText(lane.lane)}
        style={{ top: sizes.header + lane.y, height: lane.height }}
      >
        {lane.active.map((x) => (
          <span key={x} className={styles.activeColumn} style={{ left: x, width: sizes.column }} />
        ))}
        {lane.gates.map((gate) => (
          <Gate key={gate.column} gate={gate} width={sizes.column} />
        ))}
        <LaneLabel lane={lane} width={sizes.label} />
        {tasks.map((task) => (
          <Node
            key={task.key}
            id={task.key}
            task={task.task}
            x={task.x}
            y={task.y}
            width={sizes.node.width}
            height={sizes.node.height}
            compact={layout.density === "compact"}
            selected={task.key === selected}
            reachable={task.key === entry}
            wave={columnText(columns[task.column])}
            onPress={press}
          />
        ))}
        {waves.map((wave) => (
          <WaveNode
            key={wave.key}
            wave={wave}
            width={sizes.node.width}
            height={sizes.node.height}
            selected={wave.key === selected}
            reachable={wave.key === entry}
            text={columnText(columns[wave.column])}
            onPress={press}
          />
        ))}
      </div>
    );
  },
  (before, after) =>
    before.layout === after.layout &&
    before.selected === after.selected &&
    before.entry === after.entry &&
    before.shown.lane === after.shown.lane &&
    sameItems(before.shown.tasks, after.shown.tasks) &&
    sameItems(before.shown.waves, after.shown.waves),
);

function sameItems<T>(before: readonly T[], after: readonly T[]): boolean {
  return before.length === after.length && before.every((item, index) => item === after[index]);
}

/** A lane for who does not see it: how it stands, and what it waits for. */
function laneText(lane: Lane): string {
  const text = stopOf(lane)?.text ?? "";
  return `${lane.instance}: ${phaseMark(lane.phase).word}${text === "" ? "" : `, ${text}`}`;
}

function columnText(column: WaveColumn | undefined): string {
  return column === undefined ? "" : waveText(column);
}

const columnMarks = {
  waiting: taskMark("waiting"),
  inProgress: taskMark("inProgress"),
  synced: taskMark("synced"),
  failed: taskMark("failed"),
};

function ColumnHead({
  column,
  width,
  alone,
}: {
  column: WaveColumn;
  width: number;
  /** Whether its phase has no other wave: then a wave 0 need not be told. */
  alone: boolean;
}): ReactNode {
  return (
    <div className={styles.columnHead} style={{ width }}>
      <div className={styles.columnLine}>
        <MarkShape mark={columnMarks[column.state]} />
        <span className={styles.columnName}>{phaseName(column.phase)}</span>
        {(!alone || column.wave !== 0) && <Chip>wave {column.wave}</Chip>}
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
      <div className={styles.columnWaits} title={column.waits ?? undefined}>
        {column.waits ?? (column.failed > 0 ? `${column.failed} failed or not started` : "")}
      </div>
    </div>
  );
}

const gateClasses = {
  open: styles.gateOpen,
  passed: styles.gatePassed,
  waiting: styles.gateWaiting,
  failed: styles.gateFailed,
  notEnforced: styles.gateOpen,
  outside: undefined,
};
const gateWords = {
  open: "gate",
  passed: "gate passed",
  waiting: "gate waiting",
  failed: "gate failed",
  notEnforced: "not enforced",
  outside: "",
};

function Gate({ gate, width }: { gate: PlacedGate; width: number }): ReactNode {
  return (
    <>
      <span
        className={cx(styles.gate, gateClasses[gate.state], gate.across && styles.gateAcross)}
        style={{ left: gate.x }}
        title={gate.text ?? gateWords[gate.state]}
      />
      {gate.text !== null && (
        <span
          className={cx(styles.gateText, gate.state === "failed" && styles.gateTextFailed)}
          style={{ left: gate.x + 10, width: width - 16 }}
          title={gate.text}
        >
          {gate.state === "notEnforced" ? (
            <Unlink aria-hidden size={11} strokeWidth={1.75} />
          ) : (
            <Hourglass aria-hidden size={11} strokeWidth={1.75} />
          )}
          <span className={styles.gateWords}>{gate.text}</span>
        </span>
      )}
    </>
  );
}

const railClasses = {
  passed: styles.railPassed,
  waiting: styles.railWaiting,
  failed: styles.railFailed,
  notEnforced: styles.railLoose,
  outside: undefined,
};

function LaneLabel({ lane, width }: { lane: PlacedLane; width: number }): ReactNode {
  return (
    <div className={cx(styles.label, lane.rails.length > 0 && styles.labelRails)} style={{ width }}>
      {lane.rails.map((part) => (
        <span
          key={`${part.track} ${part.state} ${part.end} ${part.up}`}
          aria-hidden
          className={cx(styles.rail, railClasses[part.state])}
          style={{ right: 4 + part.track * 7, top: part.up ? 0 : "50%", bottom: part.down ? 0 : "50%" }}
        >
          {part.end !== null && (
            <span className={cx(styles.railEnd, part.end === "to" && styles.railTo, !part.up && styles.railFirst)} />
          )}
        </span>
      ))}
      <div className={styles.labelName}>
        <MiddleText text={lane.lane.application} />
      </div>
      <div className={styles.labelWhere}>
        <span className={styles.labelEnvironment}>{lane.lane.environment}</span>
        {lane.lane.phase !== "planned" && (
          <>
            {" · "}
            <span className={styles.labelState}>
              <MarkIcon mark={phaseMark(lane.lane.phase)} size={12} />
              {phaseMark(lane.lane.phase).word}
            </span>
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

const edges: Record<TaskInfo["status"], string | undefined> = {
  waiting: styles.edgeWaiting,
  inProgress: styles.edgeProgress,
  synced: styles.edgeSynced,
  failed: styles.edgeFailed,
  skipped: styles.edgeWaiting,
  pruned: styles.edgeSynced,
  willNotStart: styles.edgeWarning,
};

/** From this width of a node on its kind is spelled out. */
const roomForKind = 190;

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
  onPress: (key: string) => void;
}

const Node = memo(
  function Node({ id, task, x, y, width, height, compact, selected, reachable, wave, onPress }: NodeProps): ReactNode {
    const mark = taskMark(task.status);
    const label = `${task.resource.kind} ${task.resource.name}: ${mark.word}, ${wave}`;
    return (
      <button
        type="button"
        data-task={id}
        data-pane-focus={reachable || undefined}
        className={cx(styles.node, edges[task.status], compact && styles.compact)}
        style={{ left: x, top: y, width, height }}
        tabIndex={reachable ? 0 : -1}
        aria-pressed={selected}
        title={compact || task.message === null ? label : task.message}
        onClick={() => onPress(id)}
      >
        <VisuallyHidden>{task.action === "prune" ? `${label}, will be pruned` : label}</VisuallyHidden>
        <MarkIcon mark={mark} size={compact ? 12 : 13} />
        {!compact && (
          <>
            <span aria-hidden className={styles.nodeKind}>
              {width < roomForKind ? shortKind(task.resource.kind) : task.resource.kind}
            </span>
            <span aria-hidden className={styles.nodeName}>
              <MiddleText text={task.resource.name} />
            </span>
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
    before.width === after.width &&
    before.compact === after.compact &&
    before.selected === after.selected &&
    before.reachable === after.reachable &&
    before.wave === after.wave,
);

interface WaveNodeProps {
  wave: PlacedWave;
  width: number;
  height: number;
  selected: boolean;
  reachable: boolean;
  text: string;
  onPress: (key: string) => void;
}

const stateEdges = {
  waiting: styles.edgeWaiting,
  inProgress: styles.edgeProgress,
  synced: styles.edgeSynced,
  failed: styles.edgeFailed,
};

const WaveNode = memo(
  function WaveNode({ wave, width, height, selected, reachable, text, onPress }: WaveNodeProps): ReactNode {
    const mark = columnMarks[wave.state];
    const failed = wave.failed === 0 ? "" : `, ${wave.failed} failed or not started`;
    const part = (value: number): string => `${(100 * value) / Math.max(1, wave.total)}%`;
    return (
      <button
        type="button"
        data-task={wave.key}
        data-pane-focus={reachable || undefined}
        className={cx(styles.node, styles.wave, stateEdges[wave.state])}
        style={{ left: wave.x, top: wave.y, width, height }}
        tabIndex={reachable ? 0 : -1}
        aria-pressed={selected}
        onClick={() => onPress(wave.key)}
      >
        <VisuallyHidden>{`${text}: ${mark.word}, ${wave.done} of ${wave.total} synced${failed}`}</VisuallyHidden>
        <MarkIcon mark={mark} size={13} />
        <span aria-hidden className={styles.waveCount}>
          {wave.done}/{wave.total}
          {wave.failed > 0 && <span className={styles.failedCount}> · {wave.failed} ✕</span>}
          {wave.active > 0 && ` · ${wave.active} in progress`}
        </span>
        <span aria-hidden className={styles.waveTrack}>
          <span className={styles.waveDone} style={{ width: part(wave.done) }} />
          <span className={styles.waveFailed} style={{ width: part(wave.failed) }} />
        </span>
      </button>
    );
  },
  (before, after) =>
    before.wave.key === after.wave.key &&
    before.wave.done === after.wave.done &&
    before.wave.failed === after.wave.failed &&
    before.wave.active === after.wave.active &&
    before.wave.total === after.wave.total &&
    before.wave.x === after.wave.x &&
    before.wave.y === after.wave.y &&
    before.width === after.width &&
    before.selected === after.selected &&
    before.reachable === after.reachable,
);
