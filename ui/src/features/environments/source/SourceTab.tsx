import type { ReactNode } from "react";
import { MarkLabel } from "../../../components/Mark";
import { PathText } from "../../../components/PathText";
import { Prose } from "../../../components/Prose";
import { EmptyState, ErrorState, ProblemList, Skeleton } from "../../../components/States";
import { type ClusterUse, type InstanceSource, type SourcePart, toApiError, useCommand } from "../../../ipc";
import { formatClock, formatDateTime, plural } from "../../../lib/format";
import type { Mark } from "../../../lib/state";
import { ChartView } from "./ChartView";
import { FetchedPanel } from "./FetchedPanel";
import { KustomizationChain } from "./KustomizationChain";
import { ParityPanel } from "./ParityPanel";
import styles from "./Source.module.css";

/** What an instance is rendered from: the chart and its values, or the chain of kustomizations. */
export function SourceTab({ repository, instance }: { repository: string; instance: string }): ReactNode {
  const query = useCommand("source", { repository, instance }, { keepPrevious: true });
  if (query.error !== null) {
    return (
      <ErrorState
        title="The source cannot be shown"
        error={toApiError(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const source = query.data;
  if (source === undefined || source.instance !== instance) {
    return <Skeleton label={`Loading the source of ${instance}`} rows={8} height={36} />;
  }
  if (source.parts.length === 0) return <EmptyState title="No source" text="Nothing says what it is rendered from." />;
  return (
    <div className={styles.content}>
      <FidelityLine source={source} />
      {source.tool !== null && (
        <ParityPanel key={instance} repository={repository} instance={instance} tool={source.tool} />
      )}
      {source.parts.map((part, index) => (
        <Part key={`${part.engine} ${part.path} ${index}`} repository={repository} part={part} />
      ))}
      <FetchedPanel key={`${instance} fetched`} repository={repository} instance={instance} />
    </div>
  );
}

const fidelities: Record<string, Mark> = {
  exact: { shape: "check", tone: "healthy", word: "Exact" },
  approximated: { shape: "triangle", tone: "warning", word: "Approximated" },
  opaque: { shape: "question", tone: "none", word: "Opaque" },
};

const meanings: Record<string, string> = {
  exact: "Rendered as the real tool does",
  approximated: "Something was guessed or left out",
  opaque: "Only the cluster can render it",
};

function FidelityLine({ source }: { source: InstanceSource }): ReactNode {
  const mark = fidelities[source.fidelity];
  return (
    <section className={styles.section} aria-label="Fidelity">
      <div className={styles.line}>
        {mark === undefined ? source.fidelity : <MarkLabel mark={mark} />}
        <span className={styles.quiet}>{meanings[source.fidelity]}</span>
      </div>
      {source.fidelityReasons.length > 0 && (
        <ul className={styles.reasons}>
          {source.fidelityReasons.map((reason) => (
            <li key={reason}>
              <Prose text={reason} />
            </li>
          ))}
        </ul>
      )}
      {source.cluster !== null && <ClusterLine asked={source.cluster} />}
      {source.branch !== null && <p className={styles.quiet}>Its files lie on the branch {source.branch}.</p>}
    </section>
  );
}

/** What its templates ask of a cluster. That none is connected stands among the reasons. */
function ClusterLine({ asked }: { asked: ClusterUse }): ReactNode {
  const { answered, lookups } = asked;
  if (answered === null) return null;
  const what = [
    ...(lookups > 0 ? [`${plural(lookups, "object")} looked up`] : []),
    ...(asked.capabilities ? ["Kubernetes version and API versions"] : []),
  ].join(", ");
  return (
    <p className={styles.quiet} title={`Asked ${formatDateTime(answered.askedAt)}`}>
      From {answered.context} ({answered.version}) at {formatClock(answered.askedAt)}: {what}.
      {!answered.connected && " It does not answer now."}
      {asked.byArgocd && lookups > 0 && " Argo CD renders without a cluster and looks up nothing."}
    </p>
  );
}

function Part({ repository, part }: { repository: string; part: SourcePart }): ReactNode {
  return (
    <section className={styles.part} aria-label={`Source ${part.path}`}>
      <header className={styles.partHead}>
        <h3 className={styles.heading}>{part.version ?? part.engine}</h3>
        <PathText text={part.path === "" ? "." : part.path} quiet />
      </header>
      <Content repository={repository} part={part} />
    </section>
  );
}

function Content({ repository, part }: { repository: string; part: SourcePart }): ReactNode {
  const { content } = part;
  switch (content.kind) {
    case "chart":
      return (
        <>
          {content.problem !== null && <ProblemList problems={[content.problem]} />}
          <ChartView repository={repository} chart={content.chart} />
        </>
      );
    case "kustomization":
      return <KustomizationChain repository={repository} nodes={content.nodes} total={content.total} />;
    case "failed":
      return <ProblemList problems={[content.problem]} />;
    case "files":
      return <p className={styles.quiet}>Its files are read as they are; there are no layers to show.</p>;
  }
}
