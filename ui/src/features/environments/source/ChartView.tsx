import type { ReactNode } from "react";
import { MarkLabel } from "../../../components/Mark";
import type { ChartInfo, DependencyInfo } from "../../../ipc";
import type { Mark } from "../../../lib/state";
import { PlaceButton } from "./PlaceButton";
import { ValuesTable } from "./ValuesTable";
import { fileName } from "./places";
import styles from "./Source.module.css";

/** A chart: what it says of itself, what it needs, and where its values contradict each other. */
export function ChartView({ repository, chart }: { repository: string; chart: ChartInfo }): ReactNode {
  return (
    <>
      <dl className={styles.facts}>
        <dt>Chart</dt>
        <dd className={styles.line}>
          <span>
            {chart.name} <span className={styles.mono}>{chart.version}</span>
          </span>
          <PlaceButton repository={repository} place={chart.place} short="Chart.yaml" />
        </dd>
        {chart.appVersion !== "" && (
          <>
            <dt>App version</dt>
            <dd className={styles.mono}>{chart.appVersion}</dd>
          </>
        )}
        <dt>Kubernetes</dt>
        <dd>
          <span className={styles.mono}>{chart.kubeVersion}</span>
          {chart.accepts !== "" && <span className={styles.quiet}> accepts {chart.accepts}</span>}
        </dd>
      </dl>
      <section className={styles.section} aria-label="Dependencies">
        <h4 className={styles.heading}>Dependencies</h4>
        {chart.dependencies.length === 0 ? (
          <p className={styles.quiet}>The chart needs no other chart.</p>
        ) : (
          <ul className={styles.section}>
            {chart.dependencies.map((dependency) => (
              <Dependency key={dependency.name} repository={repository} dependency={dependency} />
            ))}
          </ul>
        )}
      </section>
      <ValuesTable repository={repository} chart={chart} />
    </>
  );
}

function stateOf(dependency: DependencyInfo): Mark {
  if (dependency.version === null) return { shape: "dashed", tone: "warning", word: "Missing" };
  if (dependency.enabled === null) return { shape: "question", tone: "none", word: "Unknown" };
  return dependency.enabled
    ? { shape: "check", tone: "healthy", word: "Enabled" }
    : { shape: "minus", tone: "none", word: "Disabled" };
}

function Dependency({ repository, dependency }: { repository: string; dependency: DependencyInfo }): ReactNode {
  const { name, version, wanted, repository: from, condition, place } = dependency;
  return (
    <li className={styles.card}>
      <div className={styles.line}>
        <span className={styles.strong}>{name}</span>
        <span className={styles.mono}>{version ?? wanted}</span>
        <MarkLabel mark={stateOf(dependency)} />
        {place !== null && <PlaceButton repository={repository} place={place} short={fileName(place.file)} />}
      </div>
      <div className={styles.quiet}>
        {from === "" ? "from charts/" : `from ${from}`}
        {version !== null && wanted !== "" && wanted !== version && `, asks for ${wanted}`}
        {condition !== "" && `, switched by ${condition}`}
      </div>
    </li>
  );
}
