import { Box, ChevronDown, ChevronRight, Folder } from "lucide-react";
import { type KeyboardEvent, memo, type ReactNode, useEffect, useId, useRef } from "react";
import { useContextMenu } from "../../components/ContextMenu";
import type { FileActions } from "../../components/FileActions";
import { EnvironmentChip } from "../../components/Chip";
import { MarkLabel, MarkShape, VisuallyHidden } from "../../components/Mark";
import { MiddleText } from "../../components/MiddleText";
import type { InstanceRow } from "../../ipc";
import { cx } from "../../lib/cx";
import { useRowHeight } from "../../lib/density";
import { formatAge, formatCount, formatDateTime, plural } from "../../lib/format";
import { useLatest, useNow } from "../../lib/hooks";
import { useVirtualRows } from "../../lib/useVirtualRows";
import { dispatchKey, isTyped } from "../../lib/keymap";
import { renderMark, rowMark, rowSentence } from "../../lib/state";
import { useTyped } from "../../lib/useTyped";
import styles from "./Environments.module.css";
import { rowMenu } from "./rowMenu";
import { applicationSummary, step, type TreeRow, typeAhead } from "./tree";

export interface TreeActions {
  review: (row: TreeRow) => void;
  sync: (row: TreeRow) => void;
  promote: (row: TreeRow) => void;
  refresh: () => void;
  openDetail: (row: TreeRow) => void;
  setOpen: (keys: string[], open: boolean) => void;
  files: (row: TreeRow) => FileActions;
}

/** The tree: a flat list of rows of which those on screen are painted. The focus stays on the tree itself. */
export function TreeList({
  rows,
  active,
  selected,
  isProtected,
  onActive,
  onEscape,
  actions,
}: {
  rows: TreeRow[];
  active: number;
  /** The instance whose detail is open. */
  selected: string | null;
  isProtected: (environment: string) => boolean;
  onActive: (index: number) => void;
  /** Closes the detail. */
  onEscape: () => void;
  actions: TreeActions;
}): ReactNode {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  // Rows that look the same are not painted again; what they call must not be of an earlier paint.
  const latest = useLatest({ onActive, actions });
  const typed = useTyped();
  const now = Math.floor(useNow(60_000) / 1000);
  const list = useVirtualRows({ count: rows.length, scroller, size: useRowHeight("tree"), overscan: 6 });
  const { scrollTo } = list;
  useEffect(() => scrollTo(active), [active, scrollTo]);

  /** Moves, opens or closes as a key says; says whether it did. */
  function go(name: string): boolean {
    const next = step(rows, active, name);
    if (next.kind === "move") onActive(next.to);
    else if (next.kind !== "none") actions.setOpen(next.keys, next.kind === "open");
    return next.kind !== "none";
  }

  function key(event: KeyboardEvent): void {
    const row = rows[active];
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const plain = isTyped(event);
    if (!typed.going() || !plain) {
      const handled = dispatchKey(event, {
        Enter:
          row === undefined
            ? undefined
            : () => (row.kind === "directory" ? actions.setOpen([row.key], !row.open) : actions.openDetail(row)),
        Space: row === undefined || row.kind === "instance" ? undefined : () => actions.setOpen([row.key], !row.open),
        d: row === undefined ? undefined : () => actions.review(row),
        s: row === undefined ? undefined : () => actions.sync(row),
        p: row === undefined ? undefined : () => actions.promote(row),
        r: actions.refresh,
        "*": () => go("*"),
        ...(row?.kind === "instance" ? actions.files(row).keys : {}),
        Escape: selected === null ? undefined : onEscape,
      });
      if (handled) return;
    }
    // With a modifier the arrows are somebody else's: Alt ← goes back.
    if (modified) return;
    if (event.key.length > 1 && go(event.key)) event.preventDefault();
    else if (plain) {
      const found = typeAhead(rows, active, typed.add(event.key));
      if (found !== null) onActive(found);
      event.preventDefault();
    }
  }

  const context = useContextMenu((element) => {
    const index = Number(element.closest("[role='treeitem']")?.id.slice(id.length + 1) ?? "-1");
    const row = rows[index];
    if (row === undefined) return null;
    onActive(index);
    return rowMenu(row, actions);
  });

  return (
    <div className={styles.list}>
      {context.menu}
      <div className={cx(styles.columns, styles.columnHeads)} aria-hidden>
        <span className={styles.nameHead}>Name</span>
        <span>State</span>
        <span>Render</span>
        <span>Version</span>
        <span>Namespace</span>
        <span>Revision</span>
        <span className={styles.right}>Changed</span>
        <span className={styles.right}>Resources</span>
      </div>
      <div
        ref={scroller}
        className={styles.scroller}
        role="tree"
        aria-label="Environments"
        tabIndex={0}
        data-pane-focus
        aria-activedescendant={rows[active] === undefined ? undefined : `${id}-${active}`}
        {...context.props}
        onKeyDown={key}
        onFocus={() => {
          if (active < 0 && rows.length > 0) onActive(0);
        }}
      >
        <div className={styles.body} style={list.room} role="presentation">
          {list.rows.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <Row
                key={row.key}
                id={`${id}-${item.index}`}
                row={row}
                now={now}
                active={item.index === active}
                selected={row.kind === "instance" && row.instance.instance === selected}
                isProtected={row.kind === "instance" && isProtected(row.instance.environment)}
                onPress={() => {
                  latest.current.onActive(item.index);
                  if (row.kind === "instance") latest.current.actions.openDetail(row);
                }}
                onToggle={() => {
                  if (row.kind !== "instance") latest.current.actions.setOpen([row.key], !row.open);
                }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  row: TreeRow;
  /** Seconds since 1970, renewed every minute. */
  now: number;
  active: boolean;
  selected: boolean;
  isProtected: boolean;
  onPress: () => void;
  onToggle: () => void;
}

/** Two rows that look the same are not painted again, though the list was built anew. */
function sameRow(before: RowProps, after: RowProps): boolean {
  const a = before.row;
  const b = after.row;
  if (
    before.id !== after.id ||
    before.now !== after.now ||
    before.active !== after.active ||
    before.selected !== after.selected
  )
    return false;
  if (a.key !== b.key || a.level !== b.level) return false;
  if (a.kind === "instance" && b.kind === "instance") return a.instance === b.instance;
  if (a.kind === "application" && b.kind === "application") {
    return a.open === b.open && a.application === b.application && a.instances.length === b.instances.length;
  }
  return a.kind === "directory" && b.kind === "directory" && a.open === b.open && a.applications === b.applications;
}

const Row = memo(function Row({ id, row, now, active, selected, isProtected, onPress, onToggle }: RowProps): ReactNode {
  const expanded = row.kind === "instance" ? undefined : row.open;
  return (
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.level}
      aria-expanded={expanded}
      aria-selected={selected}
      className={cx(styles.row, styles.columns, active && styles.active)}
      onClick={onPress}
      onDoubleClick={onToggle}
    >
      <VisuallyHidden>{labelOf(row)}</VisuallyHidden>
      <span aria-hidden className={styles.name} style={{ paddingLeft: row.level * 16 - 4 }}>
        {row.kind !== "instance" && (
          <span
            className={styles.toggle}
            aria-hidden
            onClick={(event) => {
              event.stopPropagation();
              onToggle();
            }}
            onDoubleClick={(event) => event.stopPropagation()}
          >
            {row.open ? <ChevronDown size={14} strokeWidth={1.75} /> : <ChevronRight size={14} strokeWidth={1.75} />}
          </span>
        )}
        {row.kind === "directory" && (
          <>
            <Folder aria-hidden size={14} strokeWidth={1.75} className={styles.folder} />
            <span className={styles.directory} title={row.path}>
              {row.name}
            </span>
            <span className={styles.count}>{plural(row.applications, "app")}</span>
          </>
        )}
        {row.kind === "application" && (
          <>
            <Box aria-hidden size={14} strokeWidth={1.75} className={styles.box} />
            <MiddleText text={row.application.name} className={styles.application} />
            <span className={styles.marks}>
              {row.instances.slice(0, 8).map((instance) => (
                <MarkShape
                  key={instance.instance}
                  size={12}
                  silent
                  mark={rowMark(instance)}
                  title={`${instance.environment}: ${rowMark(instance).word}`}
                />
              ))}
            </span>
          </>
        )}
        {row.kind === "instance" && (
          <span className={styles.environment}>
            <EnvironmentChip name={row.instance.environment} isProtected={isProtected} />
          </span>
        )}
      </span>
      {row.kind === "application" && !row.open && <ClosedValues instances={row.instances} />}
      {row.kind === "instance" && (
        <span aria-hidden className={styles.values}>
          <MarkLabel mark={rowMark(row.instance)} title={rowSentence(row.instance, null)} />
          <MarkLabel
            mark={renderMark(row.instance.status)}
            {...(row.instance.message === null ? {} : { title: row.instance.message })}
          />
          <span className={styles.version} title={row.instance.version}>
            {row.instance.version}
          </span>
          <span className={styles.namespace} title={row.instance.namespace ?? undefined}>
            {row.instance.namespace ?? "—"}
          </span>
          <span className={styles.revision}>{row.instance.revision ?? ""}</span>
          <Changed at={row.instance.changedAt} now={now} />
          <span className={styles.right}>{resourcesText(row.instance)}</span>
        </span>
      )}
    </div>
  );
}, sameRow);

/** When an instance last changed, for reading; to the second in the tooltip. */
function Changed({ at, now }: { at: number | undefined; now: number }): ReactNode {
  if (at === undefined) return <span />;
  return (
    <span className={styles.right} title={formatDateTime(at * 1000)}>
      {formatAge(now - at)}
    </span>
  );
}

/** How many resources it renders; nothing is known of what is being rendered, and nothing came of what failed. */
function resourcesText(instance: InstanceRow): string {
  if (instance.status === "pending") return "";
  return instance.status === "failed" ? "—" : formatCount(instance.resources);
}

/** What a closed application tells of what it hides. */
function ClosedValues({ instances }: { instances: InstanceRow[] }): ReactNode {
  const { worst, versions } = applicationSummary(instances);
  return (
    <span aria-hidden className={styles.values}>
      <span className={styles.state}>
        {worst !== null && (
          <MarkLabel mark={rowMark(worst)} title={`${worst.environment}: ${rowSentence(worst, null)}`} />
        )}
      </span>
      <span />
      <span className={styles.version} title={versions}>
        {versions}
      </span>
    </span>
  );
}

/** The whole row in words, for screen readers. */
function labelOf(row: TreeRow): string {
  switch (row.kind) {
    case "directory":
      return `${row.path}, ${plural(row.applications, "application")}`;
    case "application":
      return row.application.name;
    case "instance":
      return `${row.instance.instance}: ${rowMark(row.instance).word}, ${renderMark(row.instance.status).word}, version ${row.instance.version}${row.instance.revision === undefined ? "" : `, changed by ${row.instance.revision}`}`;
  }
}
