import { type Handlers } from "../../ipc/fake";
import { type CoreOptions } from "../../testing/core";
import { withEnvironments } from "../../testing/environments";
import { kubeconfig } from "../../testing/facts";
import { withoutContent } from "../../testing/missing";
import {
  broken,
  changedRun,
  deployment,
  emptyFleet,
  hundred,
  longInstance,
  longText,
  never,
  problem,
  readOnly,
  remark,
  secondAttempt,
  standing,
  two,
  why,
  wide,
  withDetail,
  withDiff,
  withFleet,
  withLongNames,
  withMatrix,
  withPlan,
  withSyncPlan,
} from "./answers";
import { fetchedScreens, orderScreens } from "./ordered";

/** A screen in one state. */
export interface ScreenEntry {
  name: string;
  path: string;
  options?: CoreOptions;
  handlers?: Handlers;
  /** Whether the connection is lost. */
  offline?: boolean;
  /** Beginnings of the names of what is pressed to come to it. */
  press?: readonly string[];
  /** What must be read on it. */
  says: RegExp;
}

export const screens: readonly ScreenEntry[] = [
  { name: "Welcome", path: "environments", options: { initial: null }, says: /repository/i },
  {
    name: "Welcome: nothing opened yet",
    path: "environments",
    options: { initial: null },
    handlers: { repository_recent: () => ({ repositories: [] }) },
    says: /repository/i,
  },
  {
    name: "Shell: palette",
    path: "environments",
    press: ["Search apps"],
    says: /^Commands$/,
  },
  { name: "Shell: shortcuts", path: "environments", press: ["Keyboard shortcuts"], says: /^Extend the selection$/ },
  { name: "Shell: branches", path: "environments", press: ["Branch: main"], says: /^New branch here…$/ },
  {
    name: "Shell: state of the remote",
    path: "environments",
    options: { ahead: 2, behind: 3 },
    says: /^2 ahead, 3 behind$/,
  },
  {
    name: "Shell: conflicts",
    path: "environments",
    options: {
      conflicted: ["apps/payments/payments-api/overlays/production/kustomization.yaml", "apps/shop/web.yaml"],
    },
    press: ["merge in progress"],
    says: /overlays\/production\/kustomization\.yaml$/,
  },
  {
    name: "Shell: clusters do not answer",
    path: "environments",
    handlers: {
      cluster_check: ({ context }) => ({
        context,
        state: "timedOut",
        version: null,
        milliseconds: null,
        message: "no answer within 5 s",
        hints: ["Check the VPN."],
        askedAt: 0,
      }),
    },
    says: /^acme-staging no answer$/,
  },
  {
    name: "Shell: report of a crash",
    path: "environments",
    options: {
      crash: {
        file: "/home/ada/.local/state/slipway/crash-1.txt",
        text: "the reader of waves stopped",
        ended: false,
        lastRepository: null,
      },
    },
    press: ["Show the report"],
    says: /^the reader of waves stopped$/,
  },
  {
    name: "Shell: start after a crash",
    path: "environments",
    options: {
      initial: null,
      crash: {
        file: "/home/ada/.local/state/slipway/log/crash-1.txt",
        text: "Slipway 0.1.0 on linux x86_64\n\nThe end of the log:\nit is empty",
        ended: true,
        lastRepository: "/home/ada/gitops",
      },
    },
    says: /^Slipway ended without being closed$/,
  },

  { name: "Environments", path: "environments?at=payments-api%40production", says: /What differs from staging/ },
  {
    name: "Environments: failed instance",
    path: "environments?state=failed&at=reporting%40production",
    says: /Why it fails/,
  },
  { name: "Environments: 1,000 applications", path: "environments", options: { scale: 1000 }, says: /3,041 instances/ },
  { name: "Environments: loading", path: "environments", handlers: { fleet: never }, says: /./ },
  { name: "Environments: error", path: "environments", handlers: { fleet: broken }, says: why },
  {
    name: "Environments: rendering",
    path: "environments",
    handlers: withFleet((fleet) => ({
      ...fleet,
      applications: fleet.applications.map((application, index) =>
        index % 2 === 0
          ? application
          : {
              ...application,
              instances: application.instances.map((instance) => ({
                ...instance,
                status: "pending" as const,
                state: { kind: "pending" as const },
                version: "",
                resources: 0,
              })),
            },
      ),
      progress: { ...fleet.progress, rendered: 20, failed: 0 },
    })),
    says: /^Rendered 20 of 41 instances/,
  },
  {
    name: "Environments: the one before fails",
    path: "environments?q=loyalty",
    handlers: withFleet((fleet) => ({
      ...fleet,
      applications: fleet.applications.slice(0, 1).map((application) => ({
        ...application,
        name: "loyalty",
        instances: application.instances.map((instance, index) => ({
          ...instance,
          instance: `loyalty@${instance.environment}`,
          state: { kind: index === 0 ? ("first" as const) : ("failed" as const) },
          status: index === 1 ? ("failed" as const) : ("ok" as const),
        })),
      })),
    })),
    says: /Not comparable/,
  },
  { name: "Environments: filter hides all", path: "environments?q=nothing&state=failed", says: /“nothing” and Failed/ },
  {
    name: "Environments: nothing found",
    path: "environments",
    handlers: { fleet: () => emptyFleet },
    says: /No manifest, chart or kustomization/,
  },
  {
    name: "Environments: what was skipped",
    path: "environments",
    press: ["2 skipped"],
    says: /^What was looked at and not understood$/,
  },
  {
    name: "Environments: long names",
    path: `environments?at=${encodeURIComponent(longInstance)}`,
    handlers: withLongNames(),
    says: /^2026\.11\.23-rc\.1/,
  },
  { name: "Environments: stale", path: "environments", offline: true, says: /^Not refreshed/ },
  { name: "Environments: read-only", path: "environments", options: { readOnly }, says: /^read-only$/ },
  {
    name: "Environments: detail loading",
    path: "environments?at=web%40production",
    handlers: { instance: never },
    says: /41 instances/,
  },
  {
    name: "Environments: detail error",
    path: "environments?at=web%40production",
    handlers: { instance: broken },
    says: why,
  },
  {
    name: "Environments: YAML, secrets masked",
    path: "environments?at=payments-api%40production&tab=yaml",
    says: /secret values are masked/,
  },
  {
    name: "Environments: source of a chart",
    path: "environments?at=catalog%40staging&tab=source",
    says: /2 overridden keys/,
  },
  {
    name: "Environments: source of a kustomization",
    path: "environments?at=payments-api%40production&tab=source",
    says: /payments-api\/overlays\/production$/,
  },
  {
    name: "Environments: source that does not render",
    path: "environments?at=reporting%40production&tab=source",
    says: /templates\/cronjob\.yaml:14:15/,
  },
  {
    name: "Environments: source loading",
    path: "environments?at=catalog%40staging&tab=source",
    handlers: { source: never },
    says: /41 instances/,
  },
  {
    name: "Environments: source error",
    path: "environments?at=catalog%40staging&tab=source",
    handlers: { source: broken },
    says: why,
  },
  {
    name: "Environments: files",
    path: "environments?at=payments-api%40production&tab=files",
    says: /overlays\/production\/kustomization\.yaml$/,
  },
  {
    name: "Environments: no files",
    path: "environments?at=payments-api%40production&tab=files",
    handlers: withDetail((detail) => ({ ...detail, files: [], filesRead: 0 })),
    says: /^No file was read$/,
  },
  {
    name: "Environments: 2,000 files",
    path: "environments?at=payments-api%40production&tab=files",
    handlers: withDetail((detail) => ({
      ...detail,
      files: Array.from({ length: 500 }, (_, index) => `apps/payments/crds/definition-${1000 + index}.yaml`),
      filesRead: 2000,
    })),
    says: /^the first 500 of 2,000 files$/,
  },
  {
    name: "Environments: history",
    path: "environments?at=payments-api%40production&tab=history",
    says: /shop: web 12\.1\.0 in development/,
  },

  {
    name: "Environments: content that is not here",
    path: "environments?at=payments-api%40production",
    handlers: withoutContent(false),
    says: /^named in .*kustomization\.yaml:4$/,
  },
  {
    name: "Environments: content is fetched",
    path: "environments?at=payments-api%40production",
    handlers: withoutContent(false),
    press: ["Fetch"],
    says: /^Fetching$/,
  },
  {
    name: "Environments: content that cannot be fetched",
    path: "environments?at=payments-api%40production",
    handlers: withoutContent(true),
    press: ["Fetch"],
    says: /^Not fetched: The repository has no version/,
  },

  { name: "Promotions", path: `${two}&step=review`, says: /2 applications, 2 files/ },
  { name: "Promotions: 1,000 applications", path: "promotions", options: { scale: 1000 }, says: /0 selected/ },
  {
    name: "Promotions: 60 environments",
    path: "promotions",
    handlers: withEnvironments(60, 1000),
    says: /^environment-3$/,
  },
  {
    name: "Promotions: environments hidden",
    path: "promotions?q=search",
    handlers: withMatrix((matrix) => ({
      ...matrix,
      environments: [...matrix.environments, { name: "edge", protected: false }],
      rows: matrix.rows.map((row) => ({ ...row, cells: [...row.cells, null] })),
    })),
    says: /^1 environment hidden$/,
  },
  { name: "Promotions: choose", path: "promotions?step=choose", says: /Tick applications here or in the matrix/ },
  {
    name: "Promotions: everything of 300 applications",
    path: "promotions?step=choose",
    options: { scale: 300 },
    says: /Choose all \d+ that differ/,
  },
  { name: "Promotions: commit", path: `${two}&step=commit`, says: /must render as the preview showed/ },
  {
    name: "Promotions: rendered preview",
    path: `${two}&step=review`,
    press: ["Rendered preview"],
    says: /resources by \d+ causes/,
  },
  { name: "Promotions: files", path: `${two}&step=review`, press: ["Files"], says: /^set \/|^set / },
  {
    name: "Promotions: committed",
    path: `${two}&step=commit`,
    press: ["Commit to promote"],
    says: /^Committed to promote/,
  },
  {
    name: "Promotions: sync",
    path: `${two}&step=commit`,
    press: ["Commit to promote", "Continue to sync"],
    says: /^Virtual clusters on this machine/,
  },
  { name: "Promotions: loading", path: "promotions", handlers: { matrix: never }, says: /./ },
  { name: "Promotions: error", path: "promotions", handlers: { matrix: broken }, says: why },
  { name: "Promotions: stale", path: "promotions", offline: true, says: /^Not refreshed/ },
  { name: "Promotions: filter hides all", path: "promotions?q=nothing", says: /do not match “nothing”/ },
  {
    name: "Promotions: no applications",
    path: "promotions",
    handlers: withMatrix((matrix) => ({ ...matrix, rows: [] })),
    says: /^No applications$/,
  },
  {
    name: "Promotions: one environment",
    path: "promotions",
    handlers: withMatrix((matrix) => ({
      ...matrix,
      environments: matrix.environments.slice(0, 1),
      rows: matrix.rows.map((row) => ({ ...row, cells: row.cells.slice(0, 1) })),
    })),
    says: /^Promote…$/,
  },
  { name: "Promotions: planning", path: `${two}&step=review`, handlers: { promotion_plan: never }, says: /^Cancel$/ },
  { name: "Promotions: plan fails", path: `${two}&step=review`, handlers: { promotion_plan: broken }, says: why },
  {
    name: "Promotions: a problem in the way",
    path: `${two}&step=review`,
    handlers: withPlan((plan) => ({ ...plan, problems: [problem({ instance: "payments-api@production" })] })),
    says: /1 problem in the way/,
  },
  {
    name: "Promotions: others change as well",
    path: `${two}&step=review`,
    handlers: withPlan((plan) => ({
      ...plan,
      alsoChanged: ["payments-worker@production"],
      preview: {
        ...plan.preview,
        resources: [
          ...plan.preview.resources,
          ...plan.preview.resources.slice(0, 1).map((entry) => ({ ...entry, instance: "payments-worker@production" })),
        ],
      },
    })),
    says: /1 instance that was not chosen/,
  },
  {
    name: "Promotions: pinned",
    path: `${two}&step=review`,
    handlers: withPlan((plan) => ({
      ...plan,
      items: plan.items.map((item, index) =>
        index === 0
          ? {
              ...item,
              class: "c" as const,
              chosen: false,
              reason: "Pinned in .slipway.yaml: frozen until the audit.",
              pinned: {
                application: "*",
                environment: "production",
                kind: item.resource.kind,
                path: item.path,
                class: "c" as const,
                reason: "frozen until the audit",
                file: ".slipway.yaml",
                line: 12,
              },
            }
          : item,
      ),
    })),
    says: /^\.slipway\.yaml:12$/,
  },
  {
    name: "Promotions: nothing differs",
    path: `${two}&step=review`,
    handlers: withPlan((plan) => ({ ...plan, items: [], edits: [] })),
    says: /^Nothing differs$/,
  },
  {
    name: "Promotions: read-only",
    path: "promotions?applications=payments-api&step=commit",
    options: { readOnly },
    says: /^Patch file$/,
  },

  { name: "Review", path: "review", says: /^What changes$/ },
  {
    name: "Review: unified",
    path: "review?from=instance%3Apayments-api%40staging&to=instance%3Apayments-api%40production&view=unified",
    says: /^Unified$/,
  },
  { name: "Review: loading", path: "review", handlers: { diff: never }, says: /^Cancel$/ },
  { name: "Review: error", path: "review", handlers: { diff: broken }, says: why },
  { name: "Review: text loading", path: "review", handlers: { text_diff: never }, says: /compared with/ },
  { name: "Review: text error", path: "review", handlers: { text_diff: broken }, says: why },
  { name: "Review: read-only", path: "review", options: { readOnly }, says: /^read-only$/ },
  { name: "Review: stale", path: "review", offline: true, says: /^Not refreshed/ },
  { name: "Review: filter hides all", path: "review?q=nothing", says: /not match “nothing”/ },
  {
    name: "Review: no difference",
    path: "review",
    handlers: { diff: () => ({ from: "staging", to: "production", groups: [], resources: [], problems: [] }) },
    says: /staging and production render the same/,
  },
  {
    name: "Review: some cannot be compared",
    path: "review",
    handlers: withDiff((diff) => ({ ...diff, problems: [problem({})] })),
    says: /1 instance could not be compared/,
  },
  {
    name: "Review: left out",
    path: "review?without=reporting%40production+%2FServiceAccount%2Finsight%2Freporting",
    says: /1 left out/,
  },
  {
    name: "Review: a change left out",
    path: `review?at=payments-api%40production+${deployment}&without=payments-api%40production+${deployment}+%2Fspec%2Freplicas`,
    says: /^1 change left out$/,
  },
  { name: "Review: 5,000 lines", path: "review", handlers: { text_diff: longText }, says: /compared with/ },
  { name: "Review: choosing a side", path: "review", press: ["First side: staging"], says: /^working directory$/ },
  { name: "Review: find", path: "review", press: ["Find"], says: /^Close$/ },
  { name: "Review: 1,000 applications", path: "review", options: { scale: 1000 }, says: /resources · / },

  { name: "Waves: plan", path: wide, says: /^Sync plan$/ },
  { name: "Waves: compact", path: `${wide}&density=compact`, says: /^Sync plan$/ },
  { name: "Waves: summary", path: `${wide}&density=summary`, says: /^Sync plan$/ },
  { name: "Waves: choose", path: "waves", says: /Nothing is applied yet/ },
  { name: "Waves: choose of 1,000", path: "waves", options: { scale: 1000 }, says: /^0 of 1,014 applications chosen$/ },
  {
    name: "Waves: 500 resources",
    path: `waves?instances=${hundred}`,
    options: { scale: 100 },
    says: /100 applications, 500 resources/,
  },
  {
    name: "Waves: 500 resources, compact",
    path: `waves?density=compact&instances=${hundred}`,
    options: { scale: 100 },
    says: /100 applications, 500 resources/,
  },
  { name: "Waves: loading", path: wide, handlers: { sync_plan: never }, says: /./ },
  { name: "Waves: error", path: wide, handlers: { sync_plan: broken }, says: why },
  {
    name: "Waves: no cluster",
    path: `${wide}&sync=1`,
    handlers: { contexts: () => ({ ...kubeconfig, contexts: [] }) },
    says: /^No kubeconfig with a context was found$/,
  },
  { name: "Waves: read-only", path: wide, options: { readOnly }, says: /^read-only$/ },
  { name: "Waves: stale", path: wide, offline: true, says: /^Not refreshed/ },
  {
    name: "Waves: remarks",
    path: wide,
    handlers: withSyncPlan((plan) => ({ ...plan, problems: [remark, { ...remark, instance: "web@production" }] })),
    says: /^2 remarks\.$/,
  },
  {
    name: "Waves: nothing to sync",
    path: wide,
    handlers: withSyncPlan((plan) => ({ ...plan, lanes: plan.lanes.map((lane) => ({ ...lane, columns: [] })) })),
    says: /^Nothing to sync$/,
  },
  {
    name: "Waves: some do not render",
    path: "waves",
    handlers: withFleet((fleet) => ({
      ...fleet,
      applications: fleet.applications.map((application, index) => ({
        ...application,
        instances: application.instances.map((instance) =>
          index < 2 && instance.environment === "staging" ? { ...instance, status: "failed" as const } : instance,
        ),
      })),
    })),
    says: /^2 applications of staging do not render and cannot be synced\.$/,
  },
  { name: "Waves: task", path: wide, press: ["Job payments-ledger-migrate"], says: /^What waits for it$/ },
  {
    name: "Waves: prune in production",
    path: `${wide}&sync=1`,
    press: ["Clusters of the kubeconfig", "Prune"],
    says: /^Type production to confirm$/,
  },
  {
    name: "Waves: abort",
    path: "waves?run=run-1",
    handlers: standing({}, (run) => run.done > 10),
    press: ["Abort…"],
    says: /^Abort the sync to sandbox\?$/,
  },
  { name: "Waves: sync dialog", path: `${wide}&sync=1`, says: /^Sync 5 applications$/ },
  {
    name: "Waves: running",
    path: "waves?run=run-1",
    handlers: standing({}, (run) => run.done > 10),
    says: /^Sync to sandbox$/,
  },
  {
    name: "Waves: failed",
    path: "waves?run=run-1",
    handlers: standing({ failing: "Job/payments-ledger-migrate" }, (run) => run.finishedAt !== null),
    says: /^Plan what did not succeed again$/,
  },
  {
    name: "Waves: a second attempt",
    path: "waves?run=run-again&task=payments-ledger%40production+PreSync+0+Job%2Fpayments-ledger-migrate",
    handlers: secondAttempt(),
    says: /^Attempt 1 failed at .*backoff limit$/,
  },
  {
    name: "Waves: aborted",
    path: "waves?run=run-aborted",
    handlers: changedRun("run-aborted", (run) => ({
      ...run,
      phase: "aborted",
      finishedAt: run.startedAt + 9_000,
      message: "What was applied stays applied.",
      lanes: run.lanes.map((lane) => ({ ...lane, phase: "aborted" })),
    })),
    says: /^Aborted: \d+ of \d+ synced/,
  },
  {
    name: "Waves: run error",
    // An id of its own: what was seen of other runs is remembered.
    path: "waves?run=run-404",
    handlers: { run: broken },
    says: why,
  },

  ...orderScreens,
  { name: "Activity: no run", path: "activity", says: /./ },
  // Before the one that fails: what was seen of a run is remembered.
  {
    name: "Activity: running",
    path: "activity?run=run-1&tab=messages",
    handlers: standing({}, (run) => run.done > 10),
    says: /^Running$/,
  },
  {
    name: "Activity: failed",
    path: "activity?run=run-1",
    handlers: standing({ failing: "Job/payments-ledger-migrate" }, (run) => run.finishedAt !== null),
    says: /./,
  },
  {
    name: "Activity: stale",
    path: "activity?run=run-1",
    handlers: standing({}, (run) => run.done > 10),
    offline: true,
    says: /^Not refreshed/,
  },
  {
    name: "Activity: run error",
    path: "activity?run=run-404",
    handlers: { ...standing({}, (run) => run.done > 10), run: broken },
    says: why,
  },
  { name: "Activity: loading", path: "activity", handlers: { runs: never }, says: /^Loading activity…$/ },
  {
    name: "Activity: logs",
    path: "activity?run=run-1&tab=logs",
    handlers: standing({ failing: "Job/payments-ledger-migrate" }, (run) => run.finishedAt !== null),
    says: /^Feed$/,
  },
  {
    name: "Activity: events",
    path: "activity?run=run-1&tab=events",
    handlers: standing({ failing: "Job/payments-ledger-migrate" }, (run) => run.finishedAt !== null),
    says: /^Feed$/,
  },
  { name: "Activity: error", path: "activity", handlers: { runs: broken }, says: why },
  { name: "Settings", path: "settings?section=clusters", says: /^Context of production$/ },
  {
    name: "Settings: no answer",
    path: "settings?section=clusters",
    offline: true,
    says: /^No answer from Slipway/,
  },
  { name: "Settings: about", path: "settings?section=about", says: /^Built on 3 components$/ },
  {
    name: "Settings: licences error",
    path: "settings?section=about",
    handlers: { licences: broken },
    says: why,
  },
  { name: "Settings: appearance", path: "settings?section=appearance", says: /^Compact$/ },
  { name: "Settings: repositories", path: "settings?section=repositories", says: /^Recent$/ },
  {
    name: "Settings: repositories, read-only",
    path: "settings?section=repositories",
    options: { readOnly },
    says: /^Nothing can be written/,
  },
  { name: "Settings: credentials", path: "settings?section=credentials", says: /^Credentials$/ },
  {
    name: "Settings: credentials, keyring locked",
    path: "settings?section=credentials",
    options: { keyring: "locked" },
    says: /^Credentials$/,
  },
  { name: "Settings: identity", path: "settings?section=identity", says: /^Where Git knows nobody$/ },
  {
    name: "Settings: nobody known",
    path: "settings?section=identity",
    options: { identity: null },
    says: /^Nobody is known who makes commits/,
  },
  ...fetchedScreens,
  { name: "Settings: tools", path: "settings?section=tools", says: /^Network$/ },
  { name: "Settings: shortcuts", path: "settings?section=shortcuts", says: /^Shortcuts of a single letter$/ },
  { name: "Settings: loading", path: "settings", handlers: { settings: never }, says: /./ },
  { name: "Settings: error", path: "settings", handlers: { settings: broken }, says: why },
  // Last, since what was seen of the run is remembered.
  {
    name: "Promotions: verify",
    path: `${two}&step=commit`,
    press: ["Commit to promote", "Continue to sync", "Sync 2", "Verify"],
    says: /healthy/,
  },
];
