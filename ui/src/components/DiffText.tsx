import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import type { DiffSegment, TextDiffResult } from "../ipc";
import { announce } from "../lib/announce";
import { cx } from "../lib/cx";
import {
  findRows,
  foldRows,
  hunkStarts,
  nextOf,
  searchTexts,
  summarize,
  textOf,
  unifyRows,
  type ViewRow,
} from "../lib/diffRows";
import { plural } from "../lib/format";
import { useLatest } from "../lib/hooks";
import { dispatchKey, keyLabel } from "../lib/keymap";
import { longestLine, paintedSegments } from "../lib/longText";
import { useVirtualRows } from "../lib/useVirtualRows";
import { visible } from "../lib/visible";
import styles from "./DiffText.module.css";
import { VisuallyHidden } from "./Mark";
import { YamlLine } from "./YamlText";

/** What finding found: how many lines, and the one that is shown (from 1; 0 before one is). */
export interface Found {
  count: number;
  at: number;
}

export interface DiffHandle {
  /** Goes to the next change, or the previous one. */
  move: (step: 1 | -1) => void;
  /** Goes to the next place that holds the text that is looked for. */
  find: (step: 1 | -1) => void;
  toggleFolds: () => void;
  /** Leaves the current change out, or takes it in again. */
  toggleHunk: () => void;
}

/** What can be done with single hunks. */
export interface Hunks {
  /** Whether the hunk stays behind. */
  isOut: (hunk: number) => boolean;
  /** Leaves it out or takes it in; not called where it cannot be parted from the rest. */
  onToggle: (hunk: number) => void;
  /** Whether it can be told apart. */
  canToggle: (hunk: number) => boolean;
}

const none: ReadonlySet<number> = new Set();

function lengthOf(segments: readonly DiffSegment[]): number {
  return segments.reduce((sum, segment) => sum + segment.text.length, 0);
}

/** Two texts, in two columns or one. Only the rows on screen are painted. */
export function DiffText({
  diff,
  unified,
  wrap,
  find,
  onFound,
  hunks,
  ref,
  keys,
}: {
  diff: TextDiffResult;
  unified: boolean;
  wrap: boolean;
  find: string;
  /** Told when what is looked for, or the place that is shown of it, changes. */
  onFound?: (found: Found) => void;
  /** Where single hunks can be left out. */
  hunks?: Hunks;
  ref?: Ref<DiffHandle>;
  /** Further keys while the text has the focus. */
  keys?: Record<string, () => void>;
}): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<number> | "all">(none);
  const [at, setAt] = useState(-1);
  const scroller = useRef<HTMLDivElement>(null);
  // What is looked for may lie in a fold.
  const unfolded = find === "" ? open : "all";
  const rows = useMemo(() => {
    const folded = foldRows(diff.rows, unfolded);
    return unified ? unifyRows(folded) : folded;
  }, [diff.rows, unfolded, unified]);
  const starts = useMemo(() => hunkStarts(rows), [rows]);
  const startSet = useMemo(() => new Set(starts), [starts]);
  const searching = find !== "";
  const texts = useMemo(() => (searching ? searchTexts(rows) : []), [rows, searching]);
  const found = useMemo(() => findRows(texts, find), [texts, find]);
  const foundSet = useMemo(() => new Set(found), [found]);
  const foundAt = found.indexOf(at) + 1;
  useEffect(() => onFound?.({ count: found.length, at: foundAt }), [found.length, foundAt, onFound]);
  const list = useVirtualRows({
    count: rows.length,
    scroller,
    size: 20,
    overscan: 24,
    ...(wrap ? { keyOf: String } : {}),
  });
  const longest = useMemo(
    () =>
      Math.min(
        longestLine,
        rows.reduce((most, row) => Math.max(most, lengthOf(row.left), lengthOf(row.right)), 0),
      ),
    [rows],
  );
  const summary = useMemo(() => summarize(diff.rows), [diff.rows]);

  const goTo = (index: number | null): void => {
    if (index === null) return;
    setAt(index);
    list.scrollTo(index, "center");
  };
  const move = (step: 1 | -1): void => goTo(nextOf(starts, at, step));
  const openFold = useCallback((fold: number) => {
    setOpen((before) => (before === "all" ? before : new Set([...before, fold])));
    // The button is gone; the keyboard goes on in the text.
    scroller.current?.focus();
  }, []);
  /** The hunk that a key acts on: the one at hand; where none is, the next change is gone to first. */
  const toggleHunk = (): void => {
    const hunk = at < 0 ? null : (rows[at]?.hunk ?? null);
    if (hunk === null) move(1);
    else if (hunks?.canToggle(hunk) === true) hunks.onToggle(hunk);
    else announce("This change follows from others: it cannot be left out by itself");
  };
  const latest = useLatest(hunks);
  const onToggle = useCallback((hunk: number) => latest.current?.onToggle(hunk), [latest]);
  const toggleFolds = (): void => setOpen((before) => (before === "all" ? none : "all"));
  useImperativeHandle(ref, () => ({ move, find: (step) => goTo(nextOf(found, at, step)), toggleFolds, toggleHunk }));

  function key(event: KeyboardEvent): void {
    dispatchKey(event, {
      n: () => move(1),
      "Shift+N": () => move(-1),
      z: toggleFolds,
      x: hunks && toggleHunk,
      ...keys,
    });
  }

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="region"
      aria-label={`${diff.left} compared with ${diff.right}, ${plural(diff.hunks, "change")}, ${summary}`}
      tabIndex={0}
      data-pane-focus
      onKeyDown={key}
    >
      <div
        className={cx(styles.body, hunks !== undefined && styles.withBoxes)}
        style={{
          height: list.total,
          minWidth: wrap ? undefined : unified ? `${longest + 20}ch` : `${2 * Math.min(longest, 160) + 20}ch`,
        }}
      >
        {list.rows.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <div
              key={item.index}
              data-index={item.index}
              ref={wrap ? list.measure : undefined}
              className={cx(styles.place, !wrap && styles.fixed)}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Row
                row={row}
                unified={unified}
                wrap={wrap}
                current={item.index === at}
                found={foundSet.has(item.index)}
                out={row.hunk !== null && hunks?.isOut(row.hunk) === true}
                onOpen={openFold}
                box={hunks !== undefined && row.hunk !== null && startSet.has(item.index) && hunks.canToggle(row.hunk)}
                onToggle={onToggle}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

const Row = memo(function Row({
  row,
  unified,
  wrap,
  current,
  found,
  out,
  onOpen,
  box,
  onToggle,
}: {
  row: ViewRow;
  unified: boolean;
  wrap: boolean;
  current: boolean;
  found: boolean;
  /** Whether its hunk stays behind. */
  out: boolean;
  onOpen: (fold: number) => void;
  /** Whether it carries the box of its hunk. */
  box: boolean;
  onToggle: (hunk: number) => void;
}): ReactNode {
  if (row.kind === "fold") {
    const text = plural(row.folded, "unchanged line");
    const { fold } = row;
    return fold === undefined ? (
      <div className={styles.fold} title="The text is too long to send all of it">
        {text}
      </div>
    ) : (
      <button type="button" className={styles.fold} onClick={() => onOpen(fold)} title="Show these lines">
        {text}
      </button>
    );
  }
  const removed = row.kind === "removed" || row.kind === "changed";
  const added = row.kind === "added" || row.kind === "changed";
  const state = cx(current && styles.current, found && styles.found, out && styles.out);
  const { hunk } = row;
  const tick =
    box && hunk !== null ? (
      <input
        type="checkbox"
        tabIndex={-1}
        className={styles.box}
        checked={!out}
        aria-label={`Change ${hunk + 1}: goes along`}
        title={`${out ? "Take this change in" : "Leave this change out"} ${keyLabel("x")}`}
        onChange={() => onToggle(hunk)}
      />
    ) : null;
  if (unified) {
    const isAdded = row.kind === "added";
    return (
      <div className={cx(styles.unified, state)}>
        {tick}
        <span className={styles.line}>{row.leftLine}</span>
        <span className={styles.line}>{row.rightLine}</span>
        <Cell
          look={isAdded ? "added" : removed ? "removed" : "context"}
          segments={isAdded ? row.right : row.left}
          wrap={wrap}
          out={out}
        />
      </div>
    );
  }
  return (
    <div className={cx(styles.split, state)}>
      {tick}
      <span className={styles.line}>{row.leftLine}</span>
      <Cell
        look={row.kind === "added" ? "missing" : removed ? "removed" : "context"}
        segments={row.left}
        wrap={wrap}
        out={out}
      />
      <span className={styles.line}>{row.rightLine}</span>
      <Cell
        look={row.kind === "removed" ? "missing" : added ? "added" : "context"}
        segments={row.right}
        wrap={wrap}
        out={out}
      />
    </div>
  );
});

function Cell({
  look,
  segments,
  wrap,
  out,
}: {
  look: "context" | "added" | "removed" | "missing";
  segments: DiffSegment[];
  wrap: boolean;
  out: boolean;
}): ReactNode {
  const className = cx(
    styles.cell,
    wrap && styles.wrap,
    look === "added" && styles.added,
    look === "removed" && styles.removed,
    look === "missing" && styles.missing,
  );
  if (look === "missing") return <span className={className} />;
  const painted = paintedSegments(segments);
  return (
    <code className={className}>
      {look === "added" && <VisuallyHidden>{out ? "left out, added: " : "added: "}</VisuallyHidden>}
      {look === "removed" && <VisuallyHidden>{out ? "left out, removed: " : "removed: "}</VisuallyHidden>}
      {look === "context" ? (
        <YamlLine text={textOf(painted)} />
      ) : (
        painted.map((segment, index) =>
          segment.marked ? (
            <mark key={index} className={styles.word}>
              {visible(segment.text)}
            </mark>
          ) : (
            visible(segment.text)
          ),
        )
      )}
    </code>
  );
}
