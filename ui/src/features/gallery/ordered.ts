import type { Lane, LaneGate, LaneGateState, RunInfo, SyncPlanInfo } from "../../ipc";
import type { Handlers } from "../../ipc/fake";
import { remoteCommands, lackingChart, unreachable } from "../../testing/remotes";
import { broken, changedRun, never, problem, readOnly, why, wide, withSyncPlan } from "./answers";
import type { ScreenEntry } from "./screens";

// Gates across lanes, and content from elsewhere.

const waves =
  "the sync waves of the Application `shop` (`argocd/argocd-cm.yaml` has Argo CD check the health of Applications)";
const unchecked =
  "nothing in the repository has Argo CD check the health of Applications (`resource.customizations.health.argoproj.io_Application` of `argocd-cm`)";

function gate(state: LaneGateState, names: string[], text: string): LaneGate {
  return {
    state,
    lanes: names.map((name) => `${name}@production`),
    more: 0,
    text,
    by: state === "notEnforced" ? "the sync waves of the Application `shop`" : waves,
    unenforced: state === "notEnforced" ? unchecked : null,
    file: "apps/shop.yaml",
    line: null,
  };
}

/** The lanes with what stands before them, by application. */
function ordered<T extends { lanes: Lane[] }>(answer: T, gates: Readonly<Record<string, LaneGate[]>>): T {
  return {
    ...answer,
    lanes: answer.lanes.map((lane) => {
      const waitsFor = gates[lane.application];
      return waitsFor === undefined ? lane : { ...lane, waitsFor };
    }),
  };
}

const chain = {
  checkout: [gate("waiting", ["payments-api", "payments-ledger"], "waiting for payments-api and 1 more")],
  web: [gate("waiting", ["checkout"], "waiting for checkout")],
};

const loose = {
  checkout: [
    gate("notEnforced", ["payments-api", "payments-ledger"], "not enforced: comes after payments-api and 1 more"),
  ],
  web: [gate("notEnforced", ["checkout"], "not enforced: comes after checkout")],
};

const circle = "waits for itself, checkout → web → checkout";
const cyclic = {
  checkout: [gate("failed", ["web"], `will not start: ${circle}`)],
  web: [gate("failed", ["checkout"], `will not start: ${circle}`)],
};

function inCircle(plan: SyncPlanInfo): SyncPlanInfo {
  return {
    ...ordered(plan, cyclic),
    problems: [
      problem({
        code: "dependency-cycle",
        message: "instances wait for each other: checkout → web → checkout",
        hints: ["none of them will start; remove one of the dependencies"],
        instance: "checkout@production",
        file: "clusters/production/shop.yaml",
        line: 12,
        column: 7,
        excerpt: "12 |   - name: web\n   |     ^",
      }),
    ],
  };
}

/** `payments-ledger` failed, and what waits for it did not start. */
function closed(run: RunInfo): RunInfo {
  const failed = "payments-ledger";
  const behind = ["checkout", "web"];
  const lanes = run.lanes.map((lane): Lane => {
    if (lane.application === failed)
      return {
        ...lane,
        phase: "failed",
        message: "Job payments-ledger-migrate failed",
        columns: lane.columns.map((column, index) => ({
          ...column,
          ...(index === 0
            ? {}
            : { gate: "failed" as const, gateText: "will not start: Job payments-ledger-migrate failed" }),
          tasks: column.tasks.map((task) => ({ ...task, status: index === 0 ? "failed" : "willNotStart" })),
        })),
      };
    if (!behind.includes(lane.application)) return lane;
    return {
      ...lane,
      phase: "notStarted",
      columns: lane.columns.map((column) => ({
        ...column,
        gateText: null,
        tasks: column.tasks.map((task) => ({ ...task, status: "willNotStart" })),
      })),
    };
  });
  return ordered(
    {
      ...run,
      phase: "failed",
      finishedAt: run.startedAt + 9_000,
      message: "Job payments-ledger-migrate failed",
      lanes,
    },
    {
      checkout: [gate("failed", [failed], "will not start: payments-ledger failed")],
      web: [gate("failed", ["checkout"], "will not start: checkout will not start")],
    },
  );
}

const lacking: Handlers = remoteCommands(() => Date.now(), { lacking: [lackingChart] });
const failing: Handlers = {
  ...lacking,
  remotes_fetch: () => ({
    results: [{ remote: lackingChart.remote, resolved: null, failure: unreachable, notes: [] }],
  }),
};

export const orderScreens: readonly ScreenEntry[] = [
  {
    name: "Waves: lanes wait for lanes",
    path: wide,
    handlers: withSyncPlan((plan) => ordered(plan, chain)),
    says: /^some wait for others$/,
  },
  {
    name: "Waves: what a lane waits for",
    path: wide,
    handlers: withSyncPlan((plan) => ordered(plan, chain)),
    press: ["Deployment checkout"],
    says: /^Order among applications$/,
  },
  {
    name: "Waves: order not enforced",
    path: wide,
    handlers: withSyncPlan((plan) => ordered(plan, loose)),
    press: ["Deployment web"],
    says: /^order not enforced$/,
  },
  {
    name: "Waves: lanes in a circle",
    path: wide,
    handlers: withSyncPlan(inCircle),
    says: /^will not start: waits for itself/,
  },
  {
    name: "Waves: lanes that will not start",
    path: "waves?run=run-closed",
    handlers: changedRun("run-closed", closed),
    says: /^will not start: payments-ledger failed$/,
  },
  {
    name: "Waves: lanes that will not start, compact",
    path: "waves?run=run-closed-compact&density=compact",
    handlers: changedRun("run-closed-compact", closed),
    says: /^will not start: payments-ledger failed$/,
  },
];

export const fetchedScreens: readonly ScreenEntry[] = [
  { name: "Settings: fetched content", path: "settings?section=fetched", says: /on disk\.$/ },
  { name: "Settings: content missing", path: "settings?section=fetched", handlers: lacking, says: /^missing$/ },
  {
    name: "Settings: content not fetched",
    path: "settings?section=fetched",
    handlers: failing,
    press: ["Fetch 1 missing"],
    says: /^Not fetched: charts\.acme\.example does not answer/,
  },
  {
    name: "Settings: fetching content",
    path: "settings?section=fetched",
    handlers: { ...lacking, remotes_fetch: never },
    press: ["Fetch 1 missing"],
    says: /^Fetching…?$/,
  },
  {
    name: "Settings: forget what was fetched",
    path: "settings?section=fetched",
    press: ["Forget all…"],
    says: /^Forget 3 references\?$/,
  },
  {
    name: "Settings: nothing fetched",
    path: "settings?section=fetched",
    handlers: remoteCommands(() => Date.now(), { fetched: [] }),
    says: /^Nothing was fetched$/,
  },
  {
    name: "Settings: fetched content, loading",
    path: "settings?section=fetched",
    handlers: { remotes_list: never },
    says: /./,
  },
  {
    name: "Settings: fetched content, error",
    path: "settings?section=fetched",
    handlers: { remotes_list: broken },
    says: why,
  },
  {
    name: "Settings: fetched content, offline",
    path: "settings?section=fetched",
    offline: true,
    says: /^Slipway does not answer; the list is as it was last seen\.$/,
  },
  {
    name: "Settings: fetched content, read-only",
    path: "settings?section=fetched",
    options: { readOnly },
    says: /on disk\.$/,
  },
];
