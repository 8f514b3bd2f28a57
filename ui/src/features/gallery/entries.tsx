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
import { PathText } from "../../components/PathText";
import { EmptyState, ErrorState, Notice, ProblemList, ProblemNotice, Skeleton } from "../../components/States";
import { Tabs } from "../../components/Tabs";
import { TickList } from "../../components/TickList";
import { VirtualStack } from "../../components/VirtualStack";
import { YamlText } from "../../components/YamlText";
import { healthMark, phaseMark, renderMark, stateKindMark, stateKinds, taskMark } from "../../lib/state";
import styles from "./Gallery.module.css";

const example =
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: payments-api # the application\ndata:\n  RETRIES: 3\n  URL: "https://pay.acme.example"\n';

/** Every wrapper of `components/`, in its states. */
export function Components(): ReactNode {
  const [text, setText] = useState("");
  const [tab, setTab] = useState<"one" | "two">("one");
  const [open, setOpen] = useState(false);
  const [pressed, setPressed] = useState(true);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(["checkout"]));
  return (
    <main className={styles.components}>
      <h1 className={styles.heading}>Components</h1>
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
        {(["planned", "running", "succeeded", "failed", "error", "aborted", "notStarted"] as const).map((phase) => (
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
          options={["development", "staging", "production"].map((value) => ({ value, label: value }))}
          onChange={() => {}}
        />
        <SelectField
          inline
          disabled
          label="Context"
          value=""
          options={[{ value: "", label: "choose…" }]}
          onChange={() => {}}
        />
        <div className={styles.box}>
          <TickList
            label="Applications"
            entries={["catalog", "checkout", "payments-api", "payments-ledger", "web"].map((name) => ({
              key: name,
              label: name,
              detail: "2.11.4 → 2.12.0",
            }))}
            ticked={ticked}
            onTicked={setTicked}
          />
        </div>
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
        <FilterField label="Filter" placeholder="Filter…" value={text} found="" onChange={setText} />
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
      <Group title="Paths, long lists, problems in one line">
        <div className={styles.stack}>
          <PathText text="apps/payments/payments-reconciliation-worker/overlays/production/kustomization.yaml" />
          <PathText quiet text="values.yaml" />
          <ProblemNotice
            problems={[
              {
                code: "tool-warning",
                severity: "info",
                message: "`commonLabels` is deprecated.",
                hints: [],
                instance: "web@production",
                file: "apps/shop/web/kustomization.yaml",
                line: null,
                column: null,
                excerpt: null,
              },
            ]}
          />
        </div>
        <div className={styles.scroller} role="group" aria-label="A long list" tabIndex={0}>
          <VirtualStack
            label="Lines"
            items={Array.from({ length: 400 }, (_, index) => index + 1)}
            keyOf={String}
            estimate={24}
            render={(line) => (
              <p>{`Line ${line}${line % 7 === 0 ? ", which is higher than the others because it has more to say" : ""}`}</p>
            )}
          />
        </div>
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
    </main>
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
