import type {
  DiffResult,
  Fleet,
  InstanceDetail,
  Matrix,
  ProblemInfo,
  PromotionPlanInfo,
  RunInfo,
  SyncPlanInfo,
  TextDiffResult,
} from "../../ipc";
import { type FakeTransport, failure, type Handlers } from "../../ipc/fake";
import { type CoreOptions, fakeCore } from "../../testing/core";

// Answers of the core that bring a screen into a state.

export function never<T>(): Promise<T> {
  return new Promise(() => {});
}

export function broken(): never {
  throw failure("the index of the repository is locked by another process", {
    code: "locked",
    hints: ["Wait for the other Git process, or remove .git/index.lock when there is none."],
    location: "/home/ada/gitops/.git/index.lock",
  });
}

export const why = /the index of the repository is locked by another process/;
export const readOnly = "the .git directory is not writable";
export const repository = "repository-1";

/** A core of the same company, whose answers an entry changes. */
export function other(options: CoreOptions = {}): FakeTransport {
  return fakeCore({ initial: "/home/ada/gitops", pace: 0, ...options });
}

export function withFleet(change: (fleet: Fleet) => Fleet): Handlers {
  const core = other();
  return { fleet: async () => change(await core.call("fleet", { repository })) };
}

export function withDetail(change: (detail: InstanceDetail) => InstanceDetail): Handlers {
  const core = other();
  return { instance: async (request) => change(await core.call("instance", request)) };
}

export function withMatrix(change: (matrix: Matrix) => Matrix): Handlers {
  const core = other();
  return { matrix: async () => change(await core.call("matrix", { repository })) };
}

export function withPlan(change: (plan: PromotionPlanInfo) => PromotionPlanInfo): Handlers {
  const core = other();
  return { promotion_plan: async (request) => change(await core.call("promotion_plan", request)) };
}

export function withDiff(change: (diff: DiffResult) => DiffResult): Handlers {
  const core = other();
  return { diff: async (request) => change(await core.call("diff", request)) };
}

export function withSyncPlan(change: (plan: SyncPlanInfo) => SyncPlanInfo): Handlers {
  const core = other();
  return { sync_plan: async (request) => change(await core.call("sync_plan", request)) };
}

/** A run of the company's applications that stands still after a while. */
export function standing(options: CoreOptions, until: (run: RunInfo) => boolean): Handlers {
  const core = other(options);
  let run: Promise<RunInfo> | null = null;
  const start = (): Promise<RunInfo> =>
    new Promise((resolve, reject) => {
      let found = false;
      core.events((batch) => {
        for (const event of batch) {
          if (found || event.event !== "runChanged" || !until(event.run)) continue;
          found = true;
          resolve(event.run);
        }
      });
      core
        .call("sync_start", {
          repository,
          instances: shown,
          revision: null,
          target: { kind: "sandbox" },
          prune: false,
          dryRun: false,
          confirmed: [],
        })
        .catch(reject);
    });
  return {
    run: () => {
      run ??= start();
      return run;
    },
    runs: async () => {
      run ??= start();
      return { runs: [{ ...(await run), lanes: [] }] };
    },
  };
}

/** A run that goes on, changed by an entry, with an id of its own: what was seen of other runs is remembered. */
export function changedRun(id: string, change: (run: RunInfo) => RunInfo): Handlers {
  const going = standing({}, (run) => run.done > 10);
  return { ...going, run: async (request) => ({ ...change(await (going.run ?? never)(request)), id }) };
}

export function secondAttempt(): Handlers {
  return changedRun("run-again", (run) => ({
    ...run,
    lanes: run.lanes.map((lane) => ({
      ...lane,
      attempt: 2,
      attempts: [
        {
          number: 1,
          startedAt: run.startedAt,
          finishedAt: run.startedAt + 65_000,
          message: "Job has reached the specified backoff limit",
          columns: lane.columns,
        },
      ],
    })),
  }));
}

export function problem(more: Partial<ProblemInfo>): ProblemInfo {
  return {
    code: "helm-template",
    severity: "error",
    message: "`schedule` is a required value",
    hints: ["Set `schedule` in values-production.yaml."],
    instance: "reporting@production",
    file: "apps/insight/reporting/templates/cronjob.yaml",
    line: 14,
    column: 15,
    excerpt: '14 |   schedule: {{ required "`schedule` is a required value" .Values.schedule }}\n   |               ^',
    ...more,
  };
}

export const remark = problem({
  code: "tool-warning",
  severity: "info",
  message: "`commonLabels` is deprecated, `labels` takes its place",
  hints: [],
  line: null,
  column: null,
  excerpt: null,
});

export const shown = ["payments-api", "payments-ledger", "checkout", "web", "warehouse-loader"].map(
  (name) => `${name}@production`,
);
export const instancesIn = (names: readonly string[]): string => encodeURIComponent(names.join(","));
export const wide = `waves?instances=${instancesIn(shown)}`;
/** The instances of a hundred generated applications, which have five resources each. */
export const hundred = instancesIn(
  Array.from({ length: 100 }, (_, index) => {
    const names = ["api", "worker", "web", "gateway", "scheduler", "indexer", "cache", "router", "mailer", "ledger"];
    const team = `team-${String(Math.floor(index / 50) + 1).padStart(2, "0")}`;
    return `${team}-${names[index % names.length]}-${Math.floor((index % 50) / 10) + 1}@production`;
  }),
);
export const two = "promotions?applications=payments-api%2Cpayments-ledger";

export const deployment = "apps%2FDeployment%2Fpayments%2Fpayments-api";

export const emptyFleet: Fleet = {
  repository,
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

/** A comparison of 5,000 lines with 100 hunks. */
export function longText(): TextDiffResult {
  const rows: TextDiffResult["rows"] = Array.from({ length: 5000 }, (_, index) => {
    const line = index + 1;
    const differs = index % 50 === 25;
    const text = (value: number): TextDiffResult["rows"][number]["left"] => [
      { text: `    key-${line}: `, marked: false },
      { text: String(value), marked: differs },
    ];
    return {
      kind: differs ? "changed" : "context",
      leftLine: line,
      rightLine: line,
      left: text(line),
      right: text(differs ? line + 1 : line),
      hunk: differs ? Math.floor(index / 50) : null,
      folded: 0,
    };
  });
  return { left: "staging", right: "production", rows, hunks: 100, hunkFields: Array.from({ length: 100 }, () => []) };
}

export const longApplication = "reconciliation-of-card-payments-and-refunds-with-the-bank-eu-wo";
export const longEnvironment = "clusters/europe/west/frankfurt/production/ring-4/blue/tenant-0042";
export const longInstance = `${longApplication}@${longEnvironment}`;

/** Names of 63 letters, environments of eight segments, letters from right to left, signs of several code points. */
export function withLongNames(): Handlers {
  const core = other();
  const names = [
    longApplication,
    "خدمة-الدفع-الإلكتروني-للعملاء-في-المنطقة",
    "checkout-🛒-👩‍💻-with-signs-of-several-code-points",
    "api",
  ];
  const renamed = (fleet: Fleet): Fleet => ({
    ...fleet,
    environments: fleet.environments.map((environment) =>
      environment.name === "production" ? { ...environment, name: longEnvironment } : environment,
    ),
    applications: names.map((name, index) => {
      const like = fleet.applications[index + 2] ?? fleet.applications[0];
      return {
        directory: `apps/${name}`,
        name,
        instances: (like?.instances ?? []).map((instance) => {
          const environment = instance.environment === "production" ? longEnvironment : instance.environment;
          return {
            ...instance,
            environment,
            instance: `${name}@${environment}`,
            version: "2026.11.23-rc.1+build.1234567",
            namespace: `${name}-${environment}`.slice(0, 63),
            resources: 1_234_567,
          };
        }),
      };
    }),
  });
  return {
    fleet: async () => renamed(await core.call("fleet", { repository })),
    instance: async () => {
      const detail = await core.call("instance", { repository, instance: "payments-api@production" });
      return { ...detail, instance: longInstance, application: longApplication, environment: longEnvironment };
    },
  };
}
