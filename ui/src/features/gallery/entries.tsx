import { ArrowUpFromLine, GitCompareArrows, RefreshCw, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button, IconButton } from "../../components/Button";
import { ChangeCard, ResourceCard } from "../../components/ChangeCard";
import { Chip, ConfigChip, EnvironmentChip, FilterChip, Kbd } from "../../components/Chip";
import { Dialog } from "../../components/Dialog";
import { CheckField, FilterField, RadioGroup, SelectField, TextArea, TextField } from "../../components/Field";
import { MarkLabel } from "../../components/Mark";
import { Menu } from "../../components/Menu";
import { HealthList, ProgressBar } from "../../components/RunSummary";
import { EmptyState, ErrorState, Notice, ProblemList, Skeleton } from "../../components/States";
import { Tabs } from "../../components/Tabs";
import { YamlText } from "../../components/YamlText";
import { failure, type Handlers } from "../../ipc/fake";
import { healthMark, phaseMark, renderMark, stateKindMark, stateKinds, taskMark } from "../../lib/state";
import type { CoreOptions } from "../../testing/core";
import styles from "./Gallery.module.css";

/** A screen in one state. */
export interface ScreenEntry {
  name: string;
  path: string;
  options?: CoreOptions;
  handlers?: Handlers;
  /** Whether the connection is lost. */
  offline?: boolean;
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}

function broken(): never {
  throw failure("the index of the repository is locked by another process", {
    code: "locked",
    hints: ["Wait for the other Git process, or remove .git/index.lock when there is none."],
    location: "/home/ada/gitops/.git/index.lock",
  });
}

const wide = "waves?instances=payments-api%40production%2Cpayments-ledger%40production%2Ccheckout%40production";

export const screens: readonly ScreenEntry[] = [
  { name: "Welcome", path: "environments", options: { initial: null } },
  { name: "Environments", path: "environments?at=payments-api%40production" },
  { name: "Environments: failed instance", path: "environments?state=failed&at=reporting%40production" },
  { name: "Environments: 1,000 applications", path: "environments", options: { scale: 1000 } },
  { name: "Environments: loading", path: "environments", handlers: { fleet: never } },
  { name: "Environments: error", path: "environments", handlers: { fleet: broken } },
  { name: "Environments: filter hides all", path: "environments?q=nothing" },
  { name: "Environments: nothing found", path: "environments", handlers: { fleet: () => emptyFleet } },
  { name: "Environments: stale", path: "environments", offline: true },
  {
    name: "Environments: read-only",
    path: "environments",
    options: { readOnly: "the .git directory is not writable" },
  },
  { name: "Promotions", path: "promotions?applications=payments-api%2Cpayments-ledger&step=review" },
  { name: "Promotions: 1,000 applications", path: "promotions", options: { scale: 1000 } },
  { name: "Promotions: loading", path: "promotions", handlers: { matrix: never } },
  { name: "Promotions: error", path: "promotions", handlers: { matrix: broken } },
  {
    name: "Promotions: planning",
    path: "promotions?applications=payments-api&step=review",
    handlers: { promotion_plan: never },
  },
  {
    name: "Promotions: plan fails",
    path: "promotions?applications=payments-api&step=review",
    handlers: { promotion_plan: broken },
  },
  {
    name: "Promotions: read-only",
    path: "promotions?applications=payments-api&step=commit",
    options: { readOnly: "the .git directory is not writable" },
  },
  { name: "Review", path: "review" },
  {
    name: "Review: unified",
    path: "review?from=instance%3Apayments-api%40staging&to=instance%3Apayments-api%40production&view=unified",
  },
  { name: "Review: loading", path: "review", handlers: { diff: never } },
  { name: "Review: error", path: "review", handlers: { diff: broken } },
  {
    name: "Review: no difference",
    path: "review",
    handlers: { diff: () => ({ from: "staging", to: "production", groups: [], resources: [], problems: [] }) },
  },
  { name: "Waves: plan", path: wide },
  { name: "Waves: compact", path: `${wide}&density=compact` },
  { name: "Waves: choose", path: "waves" },
  { name: "Waves: loading", path: wide, handlers: { sync_plan: never } },
  { name: "Waves: error", path: wide, handlers: { sync_plan: broken } },
  { name: "Activity: no run", path: "activity" },
  { name: "Activity: error", path: "activity", handlers: { runs: broken } },
  { name: "Settings", path: "settings?section=clusters" },
  { name: "Settings: error", path: "settings", handlers: { settings: broken } },
];

const emptyFleet = {
  repository: "repository-1",
  generation: 1,
  layout: {
    family: "none",
    confidence: 0,
    reason: "No manifest, chart or kustomization was found below the repository's root.",
  },
  environments: [],
  applications: [],
  skipped: [{ path: "docs", reason: "holds no manifest, chart or kustomization" }],
  problems: [],
  progress: { total: 0, rendered: 0, failed: 0 },
};

const example =
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: payments-api # the application\ndata:\n  RETRIES: 3\n  URL: "https://pay.acme.example"\n';

/** Every wrapper of `components/`, in its states. */
export function Components(): ReactNode {
  const [text, setText] = useState("");
  const [tab, setTab] = useState<"one" | "two">("one");
  const [open, setOpen] = useState(false);
  const [pressed, setPressed] = useState(true);
  return (
    <div className={styles.components}>
      <Group title="Buttons">
        <Button kind="primary" icon={GitCompareArrows} hint="D">
          Review diff
        </Button>
        <Button icon={RefreshCw}>Sync…</Button>
        <Button icon={ArrowUpFromLine} disabledReason="Nothing is selected">
          Promote…
        </Button>
        <Button kind="ghost">Show all</Button>
        <Button kind="danger">Abort…</Button>
        <IconButton label="Close" icon={X} />
        <Menu
          trigger={<Button>Menu</Button>}
          groups={[
            [{ label: "Fetch", icon: RefreshCw, onSelect: () => {} }],
            [{ label: "Push", disabledReason: "The branch follows no remote", onSelect: () => {} }],
          ]}
        />
        <Button onClick={() => setOpen(true)}>Dialog</Button>
        <Dialog
          open={open}
          onClose={() => setOpen(false)}
          title="A dialog"
          footer={<Button onClick={() => setOpen(false)}>Cancel</Button>}
        >
          <p>Escape closes it and gives the focus back.</p>
        </Dialog>
      </Group>
      <Group title="Chips">
        <Chip>Deployment</Chip>
        <EnvironmentChip name="production" isProtected />
        <ConfigChip title="3 settings differ" />
        <Chip tone="warning">↑ 2</Chip>
        <Chip tone="degraded">2 failures</Chip>
        <FilterChip mark={stateKindMark("failed")} count={3} pressed={pressed} onToggle={() => setPressed(!pressed)} />
        <FilterChip mark={stateKindMark("behind")} count={1673} pressed={false} onToggle={() => {}} />
        <Kbd>Ctrl K</Kbd>
      </Group>
      <Group title="States against the previous environment">
        {stateKinds.map((kind) => (
          <MarkLabel key={kind} mark={stateKindMark(kind)} />
        ))}
      </Group>
      <Group title="Renders, tasks, runs, health">
        {(["ok", "pending", "failed", "opaque"] as const).map((status) => (
          <MarkLabel key={status} mark={renderMark(status)} />
        ))}
        {(["waiting", "inProgress", "synced", "failed", "skipped", "pruned", "willNotStart"] as const).map((status) => (
          <MarkLabel key={status} mark={taskMark(status)} />
        ))}
        {(["planned", "running", "succeeded", "failed", "error", "aborted"] as const).map((phase) => (
          <MarkLabel key={phase} mark={phaseMark(phase)} />
        ))}
        {["Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"].map((status) => (
          <MarkLabel key={status} mark={healthMark(status)} />
        ))}
      </Group>
      <Group title="Fields">
        <TextField
          label="Branch"
          mono
          value={text}
          onChange={(event) => setText(event.target.value)}
          hint="A name that Git accepts."
        />
        <TextField
          label="Folder"
          value="/mnt/music"
          onChange={() => {}}
          error="/mnt/music is not in a Git repository."
        />
        <TextArea label="Commit message" value="promote(payments): staging → production" onChange={() => {}} />
        <SelectField
          label="Environment"
          value="staging"
          options={[{ value: "staging", label: "staging" }]}
          onChange={() => {}}
        />
        <CheckField label="Prune" hint="Objects that are no longer rendered are deleted." checked onChange={() => {}} />
        <RadioGroup
          label="Target"
          value="sandbox"
          onChange={() => {}}
          entries={[
            { value: "sandbox", label: "Sandbox", hint: "Virtual clusters on this machine." },
            { value: "contexts", label: "Clusters", disabledReason: "No kubeconfig with a context was found" },
          ]}
        />
        <FilterField label="Filter" placeholder="Filter…" value={text} onChange={setText} />
      </Group>
      <Group title="Notices, errors, empty, loading">
        <Notice tone="info">Committed to main.</Notice>
        <Notice tone="warning" action={<Button>Plan again</Button>}>
          The branch moved since this was planned.
        </Notice>
        <Notice tone="degraded">2 problems in the way.</Notice>
        <ErrorState
          title="The repository cannot be read"
          error={{
            code: "locked",
            message: "the index is locked",
            hints: ["Wait for the other Git process."],
            location: ".git/index.lock",
          }}
          onRetry={() => {}}
        />
        <EmptyState
          title="The filter hides everything"
          text="41 instances do not match “nothing”."
          action={<Button>Clear filter</Button>}
        />
        <Skeleton label="Loading" rows={3} />
        <ProblemList
          problems={[
            {
              code: "yaml-syntax",
              severity: "error",
              message: "found a tab where spaces are needed",
              hints: ["Indent with spaces."],
              instance: "payments-api@production",
              file: "apps/payments/values.yaml",
              line: 12,
              column: 3,
              excerpt: "11 | image:\n12 | \ttag: 2\n   | ^",
            },
          ]}
        />
      </Group>
      <Group title="Differences, progress, health, YAML">
        <ul className={styles.stack}>
          <ChangeCard
            resource="Deployment/payments-api"
            path="/spec/template/spec/containers/[name=api]/image"
            before="acme/api:2.11.4"
            after="acme/api:2.12.0"
          />
          <ResourceCard resource="ServiceMonitor/payments-api" text="only in staging" />
        </ul>
        <ProgressBar label="Synced" total={10} done={6} failed={1} />
        <HealthList
          health={[
            {
              instance: "payments-api@production",
              resource: { group: "apps", kind: "Deployment", namespace: "payments", name: "payments-api" },
              status: "Degraded",
              message: "2 of 5 pods are ready",
            },
            {
              instance: "payments-api@production",
              resource: { group: "", kind: "Service", namespace: "payments", name: "payments-api" },
              status: "Healthy",
              message: null,
            },
          ]}
        />
        <div className={styles.box}>
          <YamlText text={example} label="Example" />
        </div>
        <div className={styles.box}>
          <Tabs
            label="Tabs"
            value={tab}
            onChange={setTab}
            tabs={[
              { key: "one", label: "One" },
              { key: "two", label: "Two", count: 3 },
            ]}
          >
            <p>{tab}</p>
          </Tabs>
        </div>
      </Group>
    </div>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section className={styles.group} aria-label={title}>
      <h2 className={styles.heading}>{title}</h2>
      <div className={styles.items}>{children}</div>
    </section>
  );
}
