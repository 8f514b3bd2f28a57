import { Hourglass, Unlink, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../../components/Button";
import { Chip } from "../../components/Chip";
import { DetailPane } from "../../components/DetailPane";
import { MarkIcon, MarkLabel } from "../../components/Mark";
import { Prose } from "../../components/Prose";
import { VirtualStack } from "../../components/VirtualStack";
import type { Lane, LaneGate, TaskInfo } from "../../ipc";
import { formatClock, formatDateTime, formatDuration, plural, resourceName } from "../../lib/format";
import { useNow } from "../../lib/hooks";
import { usePlaces } from "../../lib/places";
import { phaseMark, taskMark } from "../../lib/state";
import { blockedBy, blockersOf, findNamed, type Named, progressOf, waveKey } from "./layout";
import { laneBlockers, lanesBehind } from "./order";
import { phaseName, waveText } from "./phases";
import styles from "./Waves.module.css";

/** A task, or a wave of a lane: how it stands, what it waits for and what waits for it. */
export function TaskPane({
  lanes,
  selected,
  onSelect,
  onLogs,
  onClose,
}: {
  lanes: Lane[];
  selected: string;
  onSelect: (key: string) => void;
  onLogs: (() => void) | undefined;
  onClose: () => void;
}): ReactNode {
  const places = usePlaces();
  const named = findNamed(lanes, selected);
  if (named === null) return null;
  const { lane, column, task } = named;
  const title = task === null ? waveText(column) : task.resource.name;
  const label = task === null ? `${waveText(column)} of ${lane.instance}` : resourceName(task.resource);
  return (
    <DetailPane label={`Detail of ${label}`} name="waves" initial={360} onClose={onClose}>
      <div className={styles.detail} role="group" aria-label={label} tabIndex={0}>
        <div className={styles.detailHead}>
          <div className={styles.crumbs}>
            <span>{task === null ? lane.instance : `${task.resource.kind} · ${lane.instance}`}</span>
            <IconButton label="Close detail" hint="Esc" icon={X} onClick={onClose} />
          </div>
          <h2 className={styles.detailTitle}>{title}</h2>
          {task === null ? (
            <WaveState named={named} />
          ) : (
            <MarkLabel
              mark={taskMark(task.status)}
              {...(task.status === "willNotStart" ? { title: "Something before it failed" } : {})}
            />
          )}
        </div>
        {task !== null && task.message !== null && (
          <p className={task.status === "failed" ? styles.failure : styles.section}>{task.message}</p>
        )}
        <div className={styles.row}>
          {onLogs !== undefined && (
            <Button keys="l" onClick={onLogs}>
              Activity of the run
            </Button>
          )}
          <Button onClick={() => places.go("environments", { at: lane.instance, tab: "resources" })}>
            Open application
          </Button>
        </div>
        <Attempts lane={lane} />
        <WaitsFor named={named} onSelect={onSelect} />
        <LaneWaits lanes={lanes} lane={lane} onSelect={onSelect} />
        <section className={styles.section} aria-label="What waits for it">
          <h3 className={styles.heading}>What waits for it</h3>
          <Blocks named={named} onSelect={onSelect} />
          <LaneBlocks lanes={lanes} lane={lane} onSelect={onSelect} />
        </section>
        {task === null ? (
          <WaveTasks named={named} onSelect={onSelect} />
        ) : (
          <Facts task={task} named={named} onSelect={onSelect} />
        )}
      </div>
    </DetailPane>
  );
}

function WaveState({ named: { lane, column } }: { named: Named }): ReactNode {
  const progress = progressOf(column.tasks);
  return (
    <span className={styles.note}>
      {progress.done} of {progress.total} synced
      {progress.failed > 0 && `, ${progress.failed} failed or not started`} · {phaseMark(lane.phase).word}
    </span>
  );
}

/** The attempts of a lane that failed before the one on screen. */
function Attempts({ lane }: { lane: Lane }): ReactNode {
  const attempts = lane.attempts ?? [];
  if (attempts.length === 0) return null;
  return (
    <section className={styles.section} aria-label="Attempts">
      <h3 className={styles.heading}>Attempt {lane.attempt ?? attempts.length + 1}</h3>
      <ul>
        {attempts.map((attempt) => (
          <li key={attempt.number} className={styles.note}>
            Attempt {attempt.number} failed at {formatClock(attempt.finishedAt)} after{" "}
            {formatDuration(attempt.finishedAt - attempt.startedAt)}
            {attempt.message === null ? "" : `: ${attempt.message}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** When a task began and how long it took. */
function Times({ task }: { task: TaskInfo }): ReactNode {
  const now = useNow(1000);
  const { startedAt, finishedAt } = task;
  if (startedAt === undefined) return null;
  return (
    <>
      <dt>Began</dt>
      <dd title={formatDateTime(startedAt)}>{formatClock(startedAt)}</dd>
      <dt>{finishedAt === undefined ? "For" : "Took"}</dt>
      <dd>{formatDuration((finishedAt ?? now) - startedAt)}</dd>
    </>
  );
}

function WaitsFor({ named: { lane, column }, onSelect }: { named: Named; onSelect: (key: string) => void }): ReactNode {
  const blockers = blockersOf(lane, column);
  if (blockers.length === 0 && column.gateText === null) return null;
  return (
    <section className={styles.section} aria-label="What it waits for">
      <h3 className={styles.heading}>What it waits for</h3>
      {column.gateText !== null && (
        <p className={styles.blocked}>
          <Hourglass aria-hidden size={13} strokeWidth={1.75} /> {column.gateText}
        </p>
      )}
      <ul>
        {blockers.slice(0, 12).map((blocker) => (
          <li key={blocker.key}>
            <button type="button" className={styles.link} onClick={() => onSelect(blocker.key)}>
              <MarkIcon mark={taskMark(blocker.task.status)} size={13} />
              <span className={styles.linkText}>
                {resourceName(blocker.task.resource)} · {waveText(blocker.column)} ·{" "}
                {taskMark(blocker.task.status).word}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {blockers.length > 12 && <p className={styles.note}>{blockers.length - 12} more of that wave.</p>}
    </section>
  );
}

/** Where to look in another lane: what failed, else what goes on, else its first task. */
function telling(lane: Lane): string | null {
  const tasks = lane.columns.flatMap((column) => column.tasks.map((task) => ({ column, task })));
  const found =
    tasks.find(({ task }) => task.status === "failed") ??
    tasks.find(({ task }) => task.status === "inProgress") ??
    tasks.find(({ task }) => task.status === "waiting" || task.status === "willNotStart") ??
    tasks[0];
  return found === undefined ? null : `${waveKey(lane, found.column)} ${found.task.key}`;
}

function LaneLink({ lane, onSelect }: { lane: Lane; onSelect: (key: string) => void }): ReactNode {
  const mark = phaseMark(lane.phase);
  const key = telling(lane);
  return (
    <button type="button" className={styles.link} onClick={() => key !== null && onSelect(key)}>
      <MarkIcon mark={mark} size={13} />
      <span className={styles.linkText}>
        {lane.instance} · {mark.word}
      </span>
    </button>
  );
}

function reasonOf({ by, file, line, unenforced }: LaneGate): string {
  return [
    `By ${by}.`,
    ...(file === null ? [] : [`Declared in ${file}${line === null ? "" : `:${line}`}.`]),
    ...(unenforced === null ? [] : [`Not enforced: ${unenforced}.`]),
  ].join(" ");
}

/** The most lanes that are listed. */
const mostLanes = 12;

/** Lanes to go to; `more` is how many there are beside them. */
function LaneLinks({
  lanes,
  more,
  onSelect,
}: {
  lanes: Lane[];
  more: number;
  onSelect: (key: string) => void;
}): ReactNode {
  const beyond = more + Math.max(0, lanes.length - mostLanes);
  return (
    <ul>
      {lanes.slice(0, mostLanes).map((lane) => (
        <li key={lane.instance}>
          <LaneLink lane={lane} onSelect={onSelect} />
        </li>
      ))}
      {beyond > 0 && <li className={styles.note}>and {plural(beyond, "application")} more</li>}
    </ul>
  );
}

/** What a lane waits for in other lanes: who, what orders them, and whether anything enforces it. */
function LaneWaits({
  lanes,
  lane,
  onSelect,
}: {
  lanes: Lane[];
  lane: Lane;
  onSelect: (key: string) => void;
}): ReactNode {
  const blockers = laneBlockers(lanes, lane);
  if (blockers.length === 0) return null;
  return (
    <section className={styles.section} aria-label="Order among applications">
      <h3 className={styles.heading}>Order among applications</h3>
      {blockers.map(({ gate, lanes: others }) => (
        <div key={`${gate.by} ${gate.state} ${gate.lanes.join(" ")}`} className={styles.section}>
          <p className={styles.blocked}>
            {gate.unenforced === null ? (
              <Hourglass aria-hidden size={13} strokeWidth={1.75} />
            ) : (
              <Unlink aria-hidden size={13} strokeWidth={1.75} />
            )}
            {gate.state === "passed" ? "came after:" : gate.text}
          </p>
          <LaneLinks lanes={others} more={gate.more} onSelect={onSelect} />
          <p className={styles.note}>
            <Prose text={reasonOf(gate)} />
          </p>
        </div>
      ))}
    </section>
  );
}

/** The lanes that wait for this one. */
function LaneBlocks({
  lanes,
  lane,
  onSelect,
}: {
  lanes: Lane[];
  lane: Lane;
  onSelect: (key: string) => void;
}): ReactNode {
  const behind = lanesBehind(lanes, lane);
  if (behind.length > 0) return <LaneLinks lanes={behind} more={0} onSelect={onSelect} />;
  if (lanes.length < 2) return null;
  return (lane.waitsFor ?? []).length === 0 ? (
    <p className={styles.note}>Other applications run independently; no order between them is enforced.</p>
  ) : (
    <p className={styles.note}>No other application waits for it.</p>
  );
}

function Blocks({ named: { lane, column }, onSelect }: { named: Named; onSelect: (key: string) => void }): ReactNode {
  const blocks = blockedBy(lane, column);
  if (blocks.length === 0) return <p className={styles.note}>Nothing in this application waits for it.</p>;
  return (
    <ul>
      {blocks.map((block) => {
        const [first] = block.tasks;
        return (
          <li key={waveKey(lane, block)}>
            <button
              type="button"
              className={styles.link}
              onClick={() => first !== undefined && onSelect(`${waveKey(lane, block)} ${first.key}`)}
            >
              <Hourglass aria-hidden size={13} strokeWidth={1.75} />
              <span className={styles.linkText}>
                {phaseName(block.phase)} · wave {block.wave} · {plural(block.tasks.length, "resource")}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function WaveTasks({
  named: { lane, column },
  onSelect,
}: {
  named: Named;
  onSelect: (key: string) => void;
}): ReactNode {
  return (
    <section className={styles.section} aria-label="Resources of the wave">
      <h3 className={styles.heading}>{plural(column.tasks.length, "resource")}</h3>
      <VirtualStack
        label="Resources of the wave"
        items={column.tasks}
        keyOf={(task) => task.key}
        estimate={28}
        render={(task) => (
          <button
            type="button"
            className={styles.link}
            onClick={() => onSelect(`${waveKey(lane, column)} ${task.key}`)}
          >
            <MarkIcon mark={taskMark(task.status)} size={13} />
            <span className={styles.linkText}>
              {resourceName(task.resource)} · {taskMark(task.status).word}
            </span>
          </button>
        )}
      />
    </section>
  );
}

const actionWords: Readonly<Record<string, string>> = {
  create: "created",
  apply: "applied",
  replace: "replaced",
  prune: "pruned: it is no longer rendered",
};

function Facts({
  task,
  named: { lane, column },
  onSelect,
}: {
  task: TaskInfo;
  named: Named;
  onSelect: (key: string) => void;
}): ReactNode {
  return (
    <dl className={styles.facts}>
      <dt>Action</dt>
      <dd>{actionWords[task.action] ?? task.action}</dd>
      <Times task={task} />
      <dt>Runs in</dt>
      <dd>
        <button type="button" className={styles.inlineLink} onClick={() => onSelect(waveKey(lane, column))}>
          {phaseName(column.phase)} · wave {column.wave}
        </button>
      </dd>
      {task.hooks.length > 0 && (
        <>
          <dt>Hook</dt>
          <dd>
            {task.hooks.map((hook) => (
              <Chip key={hook}>{hook}</Chip>
            ))}
          </dd>
        </>
      )}
      {task.resource.namespace !== "" && (
        <>
          <dt>Namespace</dt>
          <dd>{task.resource.namespace}</dd>
        </>
      )}
      <dt>Next wave</dt>
      <dd>{task.waitsForHealth ? "waits for its health" : "does not wait for its health"}</dd>
    </dl>
  );
}
