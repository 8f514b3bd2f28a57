import type {
  BranchInfo,
  CommitInfo,
  CrashInfo,
  DiffResult,
  DiffSide,
  Fleet,
  IdentityInfo,
  InstanceDetail,
  Matrix,
  PromotionDraft,
  PullResult,
  RepositoryInfo,
  ResourceChangeInfo,
  RunInfo,
  Settings,
} from "../ipc";
import { type FakeTransport, failure, fakeTransport } from "../ipc/fake";
import {
  type Application,
  classCounts,
  company,
  differences,
  type Environment,
  environments,
  hooksOf,
  laneOf,
  manifests,
  previousOf,
  stateOf,
  waveOf,
} from "./company";
import { credentialCommands } from "./credentials";
import {
  changeOf,
  commits,
  filesOf,
  groupsOf,
  kubeconfig,
  masked,
  nameOf,
  pathOf,
  problemsOf,
  recentRepositories,
  sideName,
} from "./facts";
import { fieldChanges, type Manifest, resourceOf, toYaml } from "./manifests";
import { logCommands } from "./logs";
import { clusterAnswer, toolsOf } from "./machine";
import { licenceCommands } from "./licences";
import { remoteCommands } from "./remotes";
import { pinCommands } from "./pins";
import { promotionPlan } from "./promotion";
import { originOf, parityOf, sourceOf } from "./source";
import { advance, pause } from "./running";
import { textDiffOf } from "./textDiff";

export interface CoreOptions {
  /** How many generated applications there are besides the company's own. */
  scale?: number;
  /** A moment that stands still, in milliseconds since 1970. */
  now?: number;
  /** The pause between two steps of a run, in milliseconds. */
  pace?: number;
  readOnly?: string | null;
  /** The repository that opens at the start. */
  initial?: string | null;
  /** The resource `KIND/NAME` whose sync fails. */
  failing?: string;
  /** Commits that the remote has not. */
  ahead?: number;
  /** Commits of the remote that are not here. */
  behind?: number;
  /** `null`: Git knows nobody who makes commits. */
  identity?: null;
  /** Files with a merge conflict. */
  conflicted?: string[];
  /** A file whose changes switching would lose. */
  lost?: string;
  keyring?: "locked";
  crash?: CrashInfo;
}

const repository = "repository-1";

/** A core in memory that knows one repository and behaves coherently: what is promoted is there afterwards. */
export function fakeCore(options: CoreOptions = {}): FakeTransport {
  const started = options.now ?? Date.now();
  const now = (): number => options.now ?? Date.now();
  const apps = company(options.scale ?? 0);
  let generation = 1;
  let head: CommitInfo = { ...at(0) };
  let branches = ["main"];
  let ahead = options.ahead ?? 0;
  let undo: (() => void) | null = null;
  const runs: RunInfo[] = [];
  let sandboxRuns = false;
  let local = ["main", "retry-budget"];
  let checkedOut: string | null = "main";
  let behind = options.behind ?? 0;
  let identity: IdentityInfo | null =
    options.identity === null ? null : { name: "Ada Okafor", email: "ada@acme.example", source: "user" };
  let recent = recentRepositories(started);
  let drafts: PromotionDraft[] = [];
  let crash = options.crash ?? null;
  let settings: Settings = {
    theme: "system",
    contexts: { "/home/ada/gitops": { staging: "acme-staging" } },
    kubeconfig: null,
    helm: null,
    kustomize: null,
    identityName: null,
    identityEmail: null,
    editor: null,
    reopen: true,
    diffColours: "safe",
    density: "comfortable",
    zoom: 100,
    singleLetters: true,
    keys: {},
  };

  function at(index: number): CommitInfo {
    const commit = commits[index] ?? { id: "0".repeat(40), subject: "", author: "", time: 0 };
    return { ...commit, time: Math.floor(started / 1000) - 660 + commit.time };
  }

  function info(): RepositoryInfo {
    return {
      id: repository,
      name: "acme/gitops",
      path: "/home/ada/gitops",
      head:
        checkedOut === null ? { kind: "detached", commit: head } : { kind: "branch", branch: checkedOut, commit: head },
      remote: { name: "origin", url: "https://git.acme.example/acme/gitops.git", ahead, behind },
      upstream: checkedOut === "main" ? "origin/main" : null,
      branches,
      conflictedFiles: options.conflicted ?? [],
      identity,
      changedFiles: ["apps/payments/payments-worker/overlays/staging/kustomization.yaml"],
      inProgress: options.conflicted === undefined ? null : "merge",
      readOnly: options.readOnly ?? null,
      sample: false,
      problems: [],
    };
  }

  function find(instance: string): { app: Application; environment: Environment } {
    const split = instance.lastIndexOf("@");
    const app = apps.find((candidate) => candidate.name === instance.slice(0, split));
    const environment = environments.find((name) => name === instance.slice(split + 1));
    if (app === undefined || environment === undefined || app.versions[environment] === undefined) {
      throw failure(`there is no instance ${instance}`, { code: "not-found" });
    }
    return { app, environment };
  }

  function fleet(): Fleet {
    const total = apps.reduce((sum, app) => sum + Object.keys(app.versions).length, 0);
    return {
      repository,
      generation,
      layout: {
        family: "app-env-dirs",
        confidence: 0.94,
        reason:
          "42 of 45 directories below apps/ and platform/ hold one overlay for each of development, staging and production",
      },
      environments: environments.map((name) => ({
        name,
        protected: name === "production",
        context: settings.contexts["/home/ada/gitops"]?.[name] ?? null,
        instances: apps.filter((app) => app.versions[name] !== undefined).length,
      })),
      applications: apps.map((app) => ({
        name: app.name,
        directory: app.directory,
        instances: environments
          .filter((name) => app.versions[name] !== undefined)
          .map((name) => ({
            instance: `${app.name}@${name}`,
            environment: name,
            path: pathOf(app, name),
            engine: app.engine,
            status: app.broken[name] === undefined ? ("ok" as const) : ("failed" as const),
            version: app.versions[name] ?? "",
            state: stateOf(app, name),
            resources: manifests(app, name).length,
            errors: app.broken[name] === undefined ? 0 : 1,
            warnings: app.name === "search" ? 1 : 0,
            message: app.broken[name] ?? null,
            namespace: app.namespace,
            revision: at(changeOf(app, name)).id.slice(0, 7),
            changedAt: at(changeOf(app, name)).time,
          })),
      })),
      skipped: [
        { path: "docs", reason: "holds no manifest, chart or kustomization" },
        { path: "apps/legacy/batch", reason: "docker-compose.yaml is not a Kubernetes manifest" },
      ],
      problems: [],
      progress: { total, rendered: total, failed: 1 },
    };
  }

  function matrix(): Matrix {
    return {
      repository,
      generation,
      environments: environments.map((name) => ({ name, protected: name === "production" })),
      rows: [...apps]
        .sort((left, right) => (left.name < right.name ? -1 : 1))
        .map((app) => ({
          application: app.name,
          cells: environments.map((name) =>
            app.versions[name] === undefined
              ? null
              : {
                  instance: `${app.name}@${name}`,
                  version: app.versions[name] ?? "",
                  state: stateOf(app, name),
                  classes: classCounts(app, name),
                },
          ),
        })),
    };
  }

  function detail(instance: string): InstanceDetail {
    const { app, environment } = find(instance);
    const previous = previousOf(app, environment);
    const fields = previous === null ? [] : differences(app, previous, environment);
    const path = pathOf(app, environment);
    return {
      instance,
      application: app.name,
      environment,
      protected: environment === "production",
      version: app.versions[environment] ?? "—",
      state: stateOf(app, environment),
      sources: [
        {
          engine: app.engine,
          path,
          values: app.engine === "helm" ? ["values.yaml", `values-${environment}.yaml`] : [],
        },
      ],
      namespace: app.namespace,
      cluster: null,
      fidelity: app.name === "search" ? "approximated" : "exact",
      fidelityReasons: app.name === "search" ? ["uses a native function that only Tanka has"] : [],
      reason: `found as an overlay of ${app.directory}/${app.name}`,
      resources: manifests(app, environment).map((manifest) => ({
        resource: resourceOf(manifest),
        apiVersion: String(manifest.apiVersion),
        file: `${app.directory}/${app.name}/base/${String(manifest.kind).toLowerCase()}.yaml`,
        line: 1,
        wave: waveOf(manifest),
        hooks: hooksOf(manifest),
      })),
      problems: problemsOf(app, environment),
      promotionPath: environments.map((name) => ({ environment: name, version: app.versions[name] ?? null })),
      previous:
        previous === null
          ? null
          : {
              environment: previous,
              instance: `${app.name}@${previous}`,
              fields: fields.map((field) => ({
                resource: field.resource,
                field: { path: field.path, old: field.new, new: field.old, secret: field.secret },
              })),
              total: fields.length,
              added: [],
              removed: [],
            },
      history: commits.map((_, index) => at(index)),
      filesRead: filesOf(app, environment).length,
      files: filesOf(app, environment),
    };
  }

  function sideInstances(side: DiffSide): { environment: Environment | null; app: Application | null } {
    if (side.kind === "environment")
      return { environment: environments.find((name) => name === side.environment) ?? null, app: null };
    if (side.kind === "instance") {
      const found = find(side.instance);
      return { environment: found.environment, app: found.app };
    }
    return { environment: null, app: null };
  }

  function diff(from: DiffSide, to: DiffSide, only: string[] | null): DiffResult {
    const left = sideInstances(from);
    const right = sideInstances(to);
    const resources: ResourceChangeInfo[] = [];
    for (const app of apps) {
      if (only !== null && !only.includes(app.name)) continue;
      if (left.app !== null && left.app !== app) continue;
      if (left.environment === null || right.environment === null) continue;
      const before = manifests(app, left.environment);
      const after = manifests(app, right.environment);
      const instance = `${app.name}@${right.environment}`;
      for (const manifest of after) {
        const other = before.find((candidate) => nameOf(candidate) === nameOf(manifest));
        if (other === undefined)
          resources.push({ instance, resource: resourceOf(manifest), change: "added", fields: [] });
        else {
          const fields = fieldChanges(other, manifest);
          if (fields.length > 0)
            resources.push({ instance, resource: resourceOf(manifest), change: "changed", fields });
        }
      }
      for (const manifest of before) {
        if (!after.some((candidate) => nameOf(candidate) === nameOf(manifest))) {
          resources.push({ instance, resource: resourceOf(manifest), change: "removed", fields: [] });
        }
      }
    }
    return { from: sideName(from), to: sideName(to), groups: groupsOf(resources), resources, problems: [] };
  }

  function branchOf(name: string, remote: string | null): BranchInfo {
    const short = remote === null ? name : name.slice(remote.length + 1);
    return {
      name,
      commit: at(name.endsWith("retry") ? 3 : 0),
      current: remote === null && name === checkedOut,
      upstream: remote === null && name === "main" ? "origin/main" : null,
      ahead: remote === null && name === checkedOut ? ahead : 0,
      behind: remote === null && name === checkedOut ? behind : 0,
      remote,
      short,
      local: remote !== null && local.includes(short) ? short : null,
    };
  }

  const core = fakeTransport({
    app_info: () => ({
      version: "0.1.0",
      platform: "linux",
      shell: "browser",
      logFolder: "/home/ada/.local/state/slipway",
      settingsFile: "/home/ada/.config/slipway/settings.toml",
      crash,
      initialRepository: options.initial ?? null,
      licence: "Apache License\nVersion 2.0, January 2004",
    }),
    ui_ready: () => ({}),
    crash_dismiss: () => {
      crash = null;
      return {};
    },
    diagnostics: () => ({ text: "slipway: 0.1.0 in a browser\nsystem: linux x86_64\n" }),
    repository_recent: () => ({ repositories: recent }),
    repository_forget: ({ path }) => {
      recent = recent.filter((entry) => entry.path !== path);
      return { repositories: recent };
    },
    repository_open: ({ path }) => {
      if (path.startsWith("/mnt"))
        throw failure(`${path} is not in a Git repository`, {
          code: "not-a-repository",
          hints: ["Open a folder that `git init` or `git clone` made."],
        });
      return info();
    },
    repository_clone: async ({ operation }) => {
      for (let done = 0; done <= 4; done += 1) {
        core.emit({ event: "operationProgress", operation, step: "Receiving objects", done: done * 250, total: 1000 });
        await pause(options.pace ?? 300);
      }
      return info();
    },
    sample_create: () => ({ ...info(), sample: true }),
    operation_cancel: () => ({}),
    repository_info: ({ repository: id }) => {
      repositoryOf(id);
      return info();
    },
    repository_close: () => ({}),
    repository_refresh: () => info(),
    repository_fetch: () => info(),
    repository_pull: () => {
      const theirs = commits.slice(0, behind).map((_, index) => at(index));
      const diverged = ahead > 0 && behind > 0;
      const result: Omit<PullResult, "repository"> = {
        outcome: behind === 0 ? "upToDate" : diverged ? "diverged" : "moved",
        message: diverged
          ? `\`main\` and \`origin/main\` have diverged: ${ahead} commit here, ${behind} there. Nothing was changed.`
          : behind === 0
            ? "`main` has everything of `origin/main`."
            : `\`main\` moved forward by ${behind} commits; 3 files changed.`,
        hints: diverged ? ["merge with `git pull` in a terminal"] : [],
        ahead,
        behind,
        ours: diverged ? [head] : [],
        theirs,
        conflicts: diverged ? ["apps/payments/payments-api/values.yaml"] : [],
        files: diverged ? 0 : 3,
      };
      if (!diverged) behind = 0;
      return { ...result, repository: info() };
    },
    repository_push: () => {
      if (behind > 0) {
        return {
          pushed: false,
          message: `The remote branch has ${behind} commits that are not here; nothing was overwritten.`,
          moved: commits.slice(0, behind).map((_, index) => at(index)),
          hints: ["pull first, then push again"],
        };
      }
      ahead = 0;
      undo = null;
      return { pushed: true, message: "main is at origin/main now.", moved: [], hints: [] };
    },
    branches: () => ({
      local: local.map((name) => branchOf(name, null)),
      remote: ["origin/main", "origin/payments/retry"].map((name) => branchOf(name, "origin")),
    }),
    branch_switch: ({ to }) => {
      if (to.kind === "branch" && options.lost !== undefined) {
        throw failure(`switching to \`${to.name}\` would overwrite uncommitted changes in \`${options.lost}\``, {
          code: "would-be-lost",
          hints: ["commit them, put them aside with `git stash`, or discard them; nothing was changed"],
        });
      }
      if (to.kind === "commit") checkedOut = null;
      else {
        checkedOut = to.name;
        if (!local.includes(to.name)) local = [...local, to.name].sort();
      }
      generation += 1;
      return info();
    },
    identity_save: ({ name, email, scope }) => {
      if (!email.includes("@")) {
        throw failure("this name and mail address cannot be used: a mail address holds an @", {
          code: "invalid-identity",
        });
      }
      identity = { name, email, source: scope };
      return info();
    },
    file_path: ({ file }) => ({ path: `/home/ada/gitops/${file}` }),
    file_edit: ({ file }) => ({ program: "code", path: `/home/ada/gitops/${file}` }),
    file_reveal: () => ({}),
    reveal: () => ({}),
    drafts: () => ({ drafts }),
    draft_save: ({ draft }) => {
      drafts = [{ ...draft, changedAt: now() }, ...drafts.filter((entry) => entry.id !== draft.id)];
      return draft;
    },
    draft_remove: ({ id }) => {
      drafts = drafts.filter((entry) => entry.id !== id);
      return {};
    },
    tools: () => toolsOf(settings),
    ...licenceCommands,
    ...remoteCommands(now),
    ...pinCommands(() => head.id, info),
    ...credentialCommands(options.keyring === "locked"),
    context_proposals: () => ({
      proposals: environments
        .filter((name) => name === "production" && settings.contexts["/home/ada/gitops"]?.[name] === undefined)
        .map((environment) => ({
          environment,
          context: "acme-production-eu",
          reason: "its name holds “production”",
        })),
    }),
    cluster_check: ({ context }) => clusterAnswer(context, now()),
    history: () => ({ commits: commits.map((_, index) => at(index)), more: false }),
    fleet: ({ repository: id }) => {
      repositoryOf(id);
      return fleet();
    },
    instance: ({ instance }) => detail(instance),
    manifest: ({ instance, resource }) => {
      const { app, environment } = find(instance);
      const chosen = manifests(app, environment).filter(
        (manifest) =>
          resource === null || (manifest.kind === resource.kind && resourceOf(manifest).name === resource.name),
      );
      return {
        yaml: chosen.map((manifest) => toYaml(masked(manifest))).join("---\n"),
        masked: chosen.some((manifest) => manifest.kind === "Secret"),
      };
    },
    source: ({ instance }) => {
      const { app, environment } = find(instance);
      return sourceOf(app, environment);
    },
    field_origin: ({ instance, resource, field }) => {
      const { app, environment } = find(instance);
      const first = manifests(app, environment)[0];
      if (resource === null && first === undefined) throw failure("there is no such field in what is rendered");
      return originOf(app, resource ?? resourceOf(first ?? {}), field);
    },
    parity: ({ instance }) => {
      const { app, environment } = find(instance);
      return parityOf(app, environment);
    },
    diff: ({ from, to, applications }) => diff(from, to, applications),
    text_diff: ({ from, to, instance, resource }) => {
      const { app } = find(instance);
      const on = (side: DiffSide): Manifest | undefined => {
        const { environment } = sideInstances(side);
        if (environment === null) return undefined;
        return manifests(app, environment).find(
          (manifest) => manifest.kind === resource.kind && resourceOf(manifest).name === resource.name,
        );
      };
      return { left: sideName(from), right: sideName(to), ...textDiffOf(on(from), on(to)) };
    },
    matrix: () => matrix(),
    promotion_plan: (request) => promotionPlan(apps, head.id, request),
    promotion_commit: ({ request, target }) => {
      const planned = promotionPlan(apps, head.id, request);
      const before = apps.map((app) => ({ ...app.versions }));
      const oldHead = head;
      for (const item of planned.items.filter((candidate) => candidate.chosen)) {
        const { app, environment } = find(item.instance);
        if (item.path.endsWith("/image") && typeof item.new === "string")
          app.versions[environment] = item.new.split(":").at(-1) ?? "";
        if (item.path === "/data/LOG_LEVEL") app.logLevel[environment] = String(item.new);
      }
      const instances = [...new Set(planned.items.filter((item) => item.chosen).map((item) => item.instance))];
      if (target.kind === "patch") return { commit: null, branch: null, patch: target.file, instances };
      const commit = "c0ffee1234567890aabbccddeeff001122334455";
      undo = () => {
        apps.forEach((app, index) => Object.assign(app.versions, before[index]));
        head = oldHead;
        ahead = 0;
      };
      generation += 1;
      if (target.kind === "currentBranch") {
        ahead += 1;
        head = { id: commit, subject: "promote", author: "Ada Okafor", time: Math.floor(now() / 1000) };
        return { commit, branch: "main", patch: null, instances };
      }
      branches = [...branches, target.name].sort();
      return { commit, branch: target.name, patch: null, instances };
    },
    commit_undo: () => {
      if (undo === null) throw failure("the commit is pushed or no longer the tip", { code: "not-undoable" });
      undo();
      undo = null;
      generation += 1;
      return info();
    },
    sync_plan: ({ instances }) => ({
      lanes: instances.map((instance) => {
        const { app, environment } = find(instance);
        return laneOf(app, environment);
      }),
      problems: [],
    }),
    sync_start: ({ instances, target, revision }) => {
      const lanes = instances.map((instance) => {
        const { app, environment } = find(instance);
        return laneOf(app, environment);
      });
      sandboxRuns = sandboxRuns || target.kind === "sandbox";
      const run: RunInfo = {
        id: `run-${runs.length + 1}`,
        repository,
        target: target.kind === "sandbox" ? "sandbox" : [...new Set(lanes.map((lane) => lane.environment))].join(", "),
        revision: revision ?? "working directory",
        phase: "running",
        startedAt: now(),
        finishedAt: null,
        lanes,
        total: lanes.reduce(
          (sum, lane) => sum + lane.columns.reduce((count, column) => count + column.tasks.length, 0),
          0,
        ),
        done: 0,
        failed: 0,
        message: null,
        health: [],
      };
      runs.unshift(run);
      void advance(run, {
        now,
        pace: options.pace ?? 250,
        failing: options.failing,
        tell: () => core.emit({ event: "runChanged", run, since: null, version: 0 }),
      });
      return run;
    },
    run: ({ run: id }) => {
      const run = runs.find((candidate) => candidate.id === id);
      if (run === undefined) throw failure(`there is no run ${id}`, { code: "not-found" });
      return run;
    },
    run_retry: async ({ run: id }) => {
      const run = runs.find((candidate) => candidate.id === id);
      if (run === undefined) throw failure(`there is no run ${id}`, { code: "unknown-run" });
      const instances = run.lanes.filter((lane) => lane.phase !== "succeeded").map((lane) => lane.instance);
      return core.call("sync_start", {
        repository,
        instances,
        revision: null,
        target: { kind: "sandbox" },
        prune: false,
        dryRun: false,
        confirmed: [],
      });
    },
    ...logCommands(runs),
    run_abort: ({ run: id }) => {
      const run = runs.find((candidate) => candidate.id === id);
      if (run !== undefined && run.finishedAt === null) {
        run.phase = "aborted";
        run.finishedAt = now();
        run.message = "Aborted; what was applied stays applied.";
        core.emit({ event: "runChanged", run, since: null, version: 0 });
      }
      return {};
    },
    runs: () => ({ runs: runs.map((run) => ({ ...run, lanes: [] })) }),
    sandbox: () => ({
      running: sandboxRuns,
      kubeconfig: sandboxRuns ? "/run/user/1000/slipway/kubeconfig" : null,
      clusters: environments.map((environment) => ({ environment, context: `slipway-${environment}` })),
    }),
    contexts: () => kubeconfig,
    settings: () => settings,
    settings_save: (next) => {
      settings = next;
      return settings;
    },
  });

  return core;
}

function repositoryOf(id: string): void {
  if (id !== repository) throw failure(`no repository ${id} is open`, { code: "not-open" });
}
