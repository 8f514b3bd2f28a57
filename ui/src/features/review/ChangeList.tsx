import { FileDiff, SquareCheck } from "lucide-react";
import { type KeyboardEvent, memo, type ReactNode, useEffect, useId, useRef } from "react";
import type { ResourceChangeInfo } from "../../ipc";
import { useContextMenu } from "../../components/ContextMenu";
import { type FileActions, fileEntries } from "../../components/FileActions";
import { VisuallyHidden } from "../../components/Mark";
import { MiddleText } from "../../components/MiddleText";
import { TickBox } from "../../components/TickBox";
import { moveChoice } from "../../lib/choice";
import { cx } from "../../lib/cx";
import { useRowHeight } from "../../lib/density";
import { useLatest } from "../../lib/hooks";
import { resourceName } from "../../lib/format";
import { dispatchKey } from "../../lib/keymap";
import { useVirtualRows } from "../../lib/useVirtualRows";
import styles from "./Review.module.css";
import { isOut, type LeftOut, partlyOut } from "./exclusion";
import { changeCount, changeKey, changeSigns } from "./resources";

/** The resources that differ. */
export function ChangeList({
  changes,
  selected,
  onSelect,
  onEnter,
  without,
  onToggle,
  keys,
  filesOf,
}: {
  changes: ResourceChangeInfo[];
  selected: number;
  onSelect: (index: number) => void;
  /** The keyboard goes on in the text of this one. */
  onEnter: (index: number) => void;
  /** Those that the promotion leaves out. */
  without: LeftOut;
  /** Takes one in or out; `null` where nothing can be promoted. */
  onToggle: ((change: ResourceChangeInfo) => void) | null;
  /** Keys of the screen that act here as well. */
  keys: Record<string, (() => void) | undefined>;
  filesOf: (change: ResourceChangeInfo) => FileActions;
}): ReactNode {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualRows({ count: changes.length, scroller, size: useRowHeight("changes") });
  const { scrollTo } = list;
  useEffect(() => scrollTo(selected), [selected, scrollTo]);
  // Rows that look the same are not painted again; what they call must not be of an earlier paint.
  const latest = useLatest({ onSelect, onToggle });
  // A key may follow before the selection of the one before it is painted.
  const chosen = useRef(selected);
  useEffect(() => {
    chosen.current = selected;
  }, [selected]);
  function key(event: KeyboardEvent): void {
    const current = changes[selected];
    const handled = dispatchKey(event, {
      ...keys,
      "]": () => onSelect(Math.min(selected + 1, changes.length - 1)),
      "[": () => onSelect(Math.max(0, selected - 1)),
      Space: onToggle === null || current === undefined ? undefined : () => onToggle(current),
      Enter: () => onEnter(chosen.current),
    });
    if (handled || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = moveChoice(selected, changes.length, event.key);
    if (to === null) return;
    event.preventDefault();
    chosen.current = to;
    onSelect(to);
  }
  const context = useContextMenu((element) => {
    const index = Number(element.closest("[role='option']")?.id.slice(id.length + 1) ?? "-1");
    const change = changes[index];
    if (change === undefined) return null;
    onSelect(index);
    const leave = {
      label: isOut(without, change) ? "Take it into the promotion" : "Leave it out of the promotion",
      keys: "Shift+X",
      icon: SquareCheck,
      onSelect: () => onToggle?.(change),
    };
    const read = { label: "Go to the text", keys: "Enter", icon: FileDiff, onSelect: () => onEnter(index) };
    return {
      label: `Menu of ${resourceName(change.resource)}`,
      groups: [[read, ...(onToggle === null ? [] : [leave])], ...fileEntries(filesOf(change))],
    };
  });
  return (
    <>
      {context.menu}
      <div
        ref={scroller}
        {...context.props}
        role="listbox"
        aria-label="Resources that differ"
        aria-activedescendant={`${id}-${selected}`}
        tabIndex={0}
        data-pane-focus
        className={styles.list}
        onKeyDown={key}
      >
        <div role="presentation" className={styles.listBody} style={list.room}>
          {list.rows.map((item) => {
            const change = changes[item.index];
            if (change === undefined) return null;
            return (
              <Row
                key={changeKey(change)}
                id={`${id}-${item.index}`}
                change={change}
                selected={item.index === selected}
                out={isOut(without, change)}
                partly={partlyOut(without, change)}
                canLeaveOut={onToggle !== null}
                onPress={() => latest.current.onSelect(item.index)}
                onToggle={() => latest.current.onToggle?.(change)}
              />
            );
          })}
        </div>
      </div>
    </>
  );
}

interface RowProps {
  id: string;
  change: ResourceChangeInfo;
  selected: boolean;
  /** Whether the promotion leaves it out. */
  out: boolean;
  /** How many of its fields the promotion leaves out. */
  partly: number;
  canLeaveOut: boolean;
  onPress: () => void;
  onToggle: () => void;
}

const Row = memo(
  function Row({ id, change, selected, out, partly, canLeaveOut, onPress, onToggle }: RowProps): ReactNode {
    const { sign, word } = changeSigns[change.change];
    return (
      <div
        id={id}
        role="option"
        tabIndex={-1}
        aria-selected={selected}
        className={cx(styles.entry, out && styles.out)}
        onClick={onPress}
      >
        {canLeaveOut && (
          <span
            aria-hidden
            className={styles.box}
            title={out ? "Take it into the promotion" : "Leave it out of the promotion"}
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
          >
            <TickBox ticked={partly > 0 ? "partly" : !out} />
          </span>
        )}
        <span
          aria-hidden
          className={cx(
            styles.sign,
            change.change === "added" && styles.signAdded,
            change.change === "removed" && styles.signRemoved,
          )}
        >
          {sign}
        </span>
        <VisuallyHidden>{`${change.resource.kind} ${change.resource.name} of ${change.instance}: ${word}${out ? ", left out" : partly > 0 ? `, ${partly} left out` : ""}`}</VisuallyHidden>
        <span aria-hidden className={styles.entryText}>
          <span className={styles.entryName}>
            <MiddleText text={change.resource.name} />
          </span>
          <span className={styles.entryKind}>
            {change.resource.kind} · {change.instance}
          </span>
        </span>
        <span aria-hidden className={styles.entryCount}>
          {changeCount(change)}
        </span>
      </div>
    );
  },
  (before, after) =>
    before.id === after.id &&
    before.change === after.change &&
    before.selected === after.selected &&
    before.out === after.out &&
    before.partly === after.partly &&
    before.canLeaveOut === after.canLeaveOut,
);
