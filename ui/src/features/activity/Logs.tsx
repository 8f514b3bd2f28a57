import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "../../components/Button";
import { CheckField, SelectField, TextField } from "../../components/Field";
import { EmptyState, ErrorState, ProblemList, Skeleton } from "../../components/States";
import { type PodInfo, type RunInfo, toApiError, useCommand, useLog } from "../../ipc";
import { cx } from "../../lib/cx";
import { plural } from "../../lib/format";
import { useLatest } from "../../lib/hooks";
import { dispatchKey } from "../../lib/keymap";
import { longestLine, withoutMiddle } from "../../lib/longText";
import { useVirtualRows } from "../../lib/useVirtualRows";
import { visible } from "../../lib/visible";
import styles from "./Activity.module.css";

function podKey(pod: PodInfo): string {
  return `${pod.instance} ${pod.namespace}/${pod.name}`;
}

function doesBadly(pod: PodInfo): boolean {
  return (
    pod.phase === "Failed" ||
    pod.containers.some((container) => container.restarts > 0 || /BackOff|Error/.test(container.state))
  );
}

/** The pod whose log is looked at first: one that does badly. */
export function firstPod(pods: readonly PodInfo[]): PodInfo | undefined {
  return pods.find(doesBadly) ?? pods[0];
}

/** Logs of the pods of a run, followed while they are shown. */
export function Logs({ run }: { run: RunInfo }): ReactNode {
  const going = run.finishedAt === null;
  const pods = useCommand("run_pods", { run: run.id }, going ? { refreshEvery: 5_000 } : {});
  const [chosen, setChosen] = useState<string | null>(null);
  const [container, setContainer] = useState<string | null>(null);
  const [previous, setPrevious] = useState(false);
  if (pods.error !== null) {
    return (
      <ErrorState
        title="The pods cannot be listed"
        error={toApiError(pods.error)}
        onRetry={() => void pods.refetch()}
      />
    );
  }
  if (pods.data === undefined) return <Skeleton label="Looking for pods" rows={6} height={20} />;
  const list = pods.data.pods;
  const pod = list.find((entry) => podKey(entry) === chosen) ?? firstPod(list);
  if (pod === undefined) {
    return (
      <>
        {pods.data.problems.length > 0 && <ProblemList problems={pods.data.problems} />}
        {pods.data.problems.length === 0 && (
          <EmptyState
            title="No pods"
            text={
              going
                ? "The resources of this run own no pod yet."
                : "The resources of this run own no pod, so there is no log."
            }
            action={<Button onClick={() => void pods.refetch()}>Look again</Button>}
          />
        )}
      </>
    );
  }
  const names = pod.containers.map((entry) => entry.name);
  const at = container !== null && names.includes(container) ? container : (names.at(-1) ?? "");
  const shown = pod.containers.find((entry) => entry.name === at);
  return (
    <div className={styles.logs}>
      <div className={styles.logBar}>
        <SelectField
          inline
          label="Pod"
          value={podKey(pod)}
          options={list.map((entry) => ({
            value: podKey(entry),
            label: `${entry.name} · ${entry.phase} (${entry.instance})`,
          }))}
          onChange={setChosen}
        />
        <SelectField
          inline
          label="Container"
          value={at}
          options={pod.containers.map((entry) => ({
            value: entry.name,
            label: `${entry.name}${entry.init ? " (init)" : ""} · ${entry.state}`,
          }))}
          onChange={setContainer}
        />
        {(shown?.restarts ?? 0) > 0 && (
          <CheckField
            label={`Before the last of ${plural(shown?.restarts ?? 0, "restart")}`}
            checked={previous}
            onChange={setPrevious}
          />
        )}
      </div>
      {pods.data.problems.length > 0 && <ProblemList problems={pods.data.problems} />}
      <LogView
        key={`${podKey(pod)} ${at} ${previous}`}
        source={{
          run: run.id,
          instance: pod.instance,
          namespace: pod.namespace,
          pod: pod.name,
          container: at,
          previous: previous && (shown?.restarts ?? 0) > 0,
        }}
      />
    </div>
  );
}

// oxlint-disable-next-line no-control-regex -- the sequences by which programs colour a terminal.
const colours = /\u001b\[[\d;]*m/g;

function paintedLog(line: string): string {
  return visible(withoutMiddle(line.replace(colours, "")));
}

function LogView({ source }: { source: Parameters<typeof useLog>[0] }): ReactNode {
  const log = useLog(source);
  const [query, setQuery] = useState("");
  const [follow, setFollow] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = query.trim().toLowerCase();
  const lines = useMemo(
    () => (wanted === "" ? log.lines : log.lines.filter((line) => line.text.toLowerCase().includes(wanted))),
    [log.lines, wanted],
  );
  const rows = useVirtualRows({ count: lines.length, scroller, size: 20, overscan: 20 });
  const longest = useMemo(
    () =>
      Math.min(
        longestLine,
        lines.reduce((most, line) => Math.max(most, line.text.length), 0),
      ),
    [lines],
  );
  const end = useLatest(() => rows.scrollTo(lines.length - 1));
  const newest = lines.at(-1)?.number ?? 0;
  useEffect(() => {
    if (follow && newest > 0) end.current();
  }, [follow, newest, end]);
  const hidden = log.lines.length - lines.length;
  const to = (index: number): void => {
    setFollow(index > 0);
    if (lines.length > 0) rows.scrollTo(index > 0 ? lines.length - 1 : 0);
  };
  return (
    <>
      <div className={styles.logBar}>
        <TextField
          label="Find in the log"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          trailing={
            <Button
              aria-pressed={follow}
              keys="f"
              onClick={() => setFollow(!follow)}
              disabledReason={log.open ? null : "The log has ended"}
            >
              {follow && log.open ? "Following" : "Follow"}
            </Button>
          }
        />
        <span className={styles.muted} role="status">
          {log.open ? plural(log.lines.length, "line") : `ended, ${plural(log.lines.length, "line")}`}
          {log.dropped > 0 && `, ${plural(log.dropped, "earlier line")} dropped`}
          {hidden > 0 && `, ${hidden} hidden`}
        </span>
        {hidden > 0 && lines.length === 0 && <Button onClick={() => setQuery("")}>Clear filter</Button>}
      </div>
      {log.error !== null && <ErrorState title="The log cannot be read" error={log.error} />}
      {log.error === null && log.lines.length === 0 && (
        <p className={styles.muted}>{log.open ? "Nothing was written yet." : "The container wrote nothing."}</p>
      )}
      <div
        ref={scroller}
        className={styles.logScroller}
        role="log"
        aria-label="Log"
        aria-live="off"
        tabIndex={0}
        onKeyDown={(event) =>
          dispatchKey(event.nativeEvent, {
            f: () => setFollow(!follow),
            g: () => to(0),
            "Shift+G": () => to(1),
          }) && event.stopPropagation()
        }
        onWheel={(event) => {
          // Who scrolls back wants to read.
          if (event.deltaY < 0) setFollow(false);
        }}
      >
        <div className={styles.logBody} style={{ height: rows.total, minWidth: `${longest + 16}ch` }}>
          {rows.rows.map((row) => {
            const line = lines[row.index];
            return (
              <div
                key={line?.number ?? row.index}
                className={cx(styles.logLine, /\b(ERROR|FATAL|PANIC)\b/i.test(line?.text ?? "") && styles.logError)}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <span className={styles.logTime} title={line?.time}>
                  {line?.time.slice(11, 23)}
                </span>
                <code>{paintedLog(line?.text ?? "")}</code>
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}
