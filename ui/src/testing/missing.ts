import type { ProblemInfo } from "../ipc";
import type { Handlers } from "../ipc/fake";
import { fakeCore } from "./core";

/** An instance whose chart and base were not fetched; fetching them fails for the chart, or does not end. */
export function withoutContent(failed: boolean): Handlers {
  const core = fakeCore();
  const chart = {
    key: "chart",
    kind: "chart" as const,
    text: "chart postgresql 15.x.x of https://charts.example.com",
  };
  const base = { key: "base", kind: "repository" as const, text: "https://git.example.com/platform/bases at v3" };
  const instances = ["payments-api@production"];
  const items = [
    {
      remote: chart,
      instances,
      places: [{ file: "apps/payments/payments-api/Chart.yaml", line: 9, column: 5, own: true }],
    },
    {
      remote: base,
      instances,
      places: [{ file: "apps/payments/payments-api/kustomization.yaml", line: 4, column: 5, own: true }],
    },
  ];
  const lacking: ProblemInfo = {
    code: "remote-chart",
    severity: "error",
    message: `${chart.text} was not fetched`,
    hints: ["fetch it: `slipway fetch payments-api@production`"],
    instance: "payments-api@production",
    file: "apps/payments/payments-api/Chart.yaml",
    line: 9,
    column: 5,
    excerpt: null,
  };
  const notFound = {
    code: "fetch",
    message: "The repository has no version 15.x.x of postgresql; the newest is 16.4.1.",
    hints: ["Ask for a version that is there."],
    location: null,
  };
  return {
    instance: async (request) => {
      const detail = await core.call("instance", request);
      return { ...detail, problems: [lacking], resources: [], fidelity: "opaque" };
    },
    remotes_missing: () => ({ items }),
    remotes_fetch: () =>
      failed
        ? {
            results: [
              { remote: chart, resolved: null, failure: notFound, notes: [] },
              { remote: base, resolved: "1d77c062c27004f63e7851180f332cdd087f0d1a", failure: null, notes: [] },
            ],
          }
        : new Promise(() => {}),
  };
}
