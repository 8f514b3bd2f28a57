import { Copy } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button, IconButton } from "../../../components/Button";
import { Chip, EnvironmentChip } from "../../../components/Chip";
import { useCopy, useReveal } from "../Diagnostics";
import { SelectField } from "../../../components/Field";
import { ErrorState, Notice, ProblemList } from "../../../components/States";
import {
  type ClusterAnswer,
  type ContextInfo,
  type Settings,
  toApiError,
  useCommand,
  useRepositoryId,
  useSyncTargets,
} from "../../../ipc";
import { plural } from "../../../lib/format";
import { SettingField, useSave } from "../fields";
import styles from "../Settings.module.css";

export function Clusters({ settings }: { settings: Settings }): ReactNode {
  const repository = useRepositoryId();
  const copy = useCopy();
  const reveal = useReveal();
  const targets = useSyncTargets(repository);
  const contexts = useCommand("contexts", {});
  const proposals = useCommand("context_proposals", { repository });
  const save = useSave();
  const { sandbox } = targets;
  const proposed = proposals.data?.proposals ?? [];
  return (
    <>
      <h1 className={styles.title}>Clusters</h1>
      <p className={styles.muted}>
        Which cluster an environment means differs from person to person. Slipway never guesses it.
      </p>
      <h2 className={styles.section}>Context of each environment</h2>
      {targets.environments.map((environment) => {
        const proposal = proposed.find((entry) => entry.environment === environment.name);
        return (
          <section key={environment.name} className={styles.cardColumn} aria-label={environment.name}>
            <div className={styles.headRow}>
              <div className={styles.cardText}>
                <EnvironmentChip name={environment.name} isProtected={environment.protected} />
                <span className={styles.muted}>{plural(environment.instances, "application")}</span>
              </div>
              <SelectField
                inline
                label={`Context of ${environment.name}`}
                value={environment.context ?? ""}
                options={[
                  { value: "", label: "none" },
                  ...targets.contexts.map((context) => ({
                    value: context.name,
                    label: `${context.name} (${context.server})`,
                  })),
                  ...(environment.context !== null &&
                  !targets.contexts.some((context) => context.name === environment.context)
                    ? [{ value: environment.context, label: `${environment.context} (not in the kubeconfig)` }]
                    : []),
                ]}
                onChange={(context) => targets.setContext(environment.name, context)}
              />
            </div>
            {environment.context === null && proposal !== undefined && (
              <Notice
                tone="info"
                action={
                  <Button onClick={() => targets.setContext(environment.name, proposal.context)}>
                    Use {proposal.context}
                  </Button>
                }
              >
                {proposal.context} fits: {proposal.reason}.
              </Notice>
            )}
          </section>
        );
      })}
      <h2 className={styles.section}>Kubeconfig</h2>
      <SettingField
        label="Kubeconfig file"
        hint={
          contexts.data === undefined || contexts.data.files.length === 0
            ? "By default KUBECONFIG, then ~/.kube/config."
            : `Read from ${contexts.data.files.join(", ")}.`
        }
        value={settings.kubeconfig}
        onSave={(kubeconfig) => save({ ...settings, kubeconfig })}
      />
      {contexts.error !== null && (
        <ErrorState title="The kubeconfig cannot be read" error={toApiError(contexts.error)} />
      )}
      {contexts.data !== undefined && contexts.data.problems.length > 0 && (
        <ProblemList problems={contexts.data.problems} />
      )}
      <ul>
        {targets.contexts.map((context) => (
          <ContextRow key={context.name} context={context} />
        ))}
      </ul>
      <h2 className={styles.section}>Sandbox</h2>
      {sandbox === undefined ? null : sandbox.running && sandbox.kubeconfig !== null ? (
        <>
          <div className={styles.card}>
            <div className={styles.cardText}>
              <span className={styles.strong}>Running</span>
              <code className={styles.mono}>{sandbox.kubeconfig}</code>
            </div>
            <div className={styles.row}>
              <Button onClick={() => reveal(sandbox.kubeconfig ?? "")}>Show in the file manager</Button>
              <IconButton
                label="Copy path of the sandbox kubeconfig"
                icon={Copy}
                onClick={() => copy(sandbox.kubeconfig ?? "", "Path")}
              />
            </div>
          </div>
          <ul>
            {sandbox.clusters.map((cluster) => (
              <li key={cluster.context} className={styles.fact}>
                <span>{cluster.environment}</span>
                <code className={styles.mono}>{cluster.context}</code>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p className={styles.muted}>Not running. The first sync to the sandbox starts it; it ends with Slipway.</p>
      )}
    </>
  );
}

/** How a cluster answered, in a sentence. */
export function answerSentence(answer: ClusterAnswer): string {
  switch (answer.state) {
    case "connected":
      return `${answer.version ?? "there"}, answered in ${answer.milliseconds ?? 0} ms`;
    case "signInNeeded":
      return `sign-in needed: ${answer.message ?? "the login is not accepted"}`;
    case "timedOut":
      return answer.message ?? "no answer";
    case "unreachable":
      return `not reachable: ${answer.message ?? "nothing answers"}`;
    case "misconfigured":
      return `the kubeconfig cannot be used: ${answer.message ?? "no reason is known"}`;
  }
}

function ContextRow({ context }: { context: ContextInfo }): ReactNode {
  const [asked, setAsked] = useState(false);
  const answer = useCommand("cluster_check", asked ? { context: context.name } : null);
  const { data, isFetching } = answer;
  return (
    <li className={styles.fact}>
      <span className={styles.cardText}>
        <span className={styles.strong}>
          {context.name} {context.current && <Chip>current</Chip>}
        </span>
        <code className={styles.mono}>{context.server}</code>
        {context.program !== null && (
          <span className={styles.muted}>
            <code className={styles.mono}>{context.program}</code> gets its credentials
          </span>
        )}
        {data !== undefined && !isFetching && (
          <span className={styles.muted} role="status">
            {answerSentence(data)}
          </span>
        )}
        {data !== undefined &&
          !isFetching &&
          data.hints.map((hint) => (
            <span key={hint} className={styles.muted}>
              {hint}
            </span>
          ))}
      </span>
      <Button
        aria-label={`Check ${context.name}`}
        disabledReason={
          isFetching
            ? context.program === null
              ? "Waiting for the cluster, 5 s at most"
              : `Waiting for ${context.program} and the cluster, 10 s at most`
            : null
        }
        onClick={() => (asked ? void answer.refetch() : setAsked(true))}
      >
        {isFetching ? "Asking…" : "Check"}
      </Button>
    </li>
  );
}
