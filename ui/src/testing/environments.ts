import type { MatrixRow } from "../ipc";
import type { Handlers } from "../ipc/fake";
import { fakeCore } from "./core";

/** A matrix of many environments; every cell shows a version, a count and drift, which is the most it can. */
export function withEnvironments(count: number, scale = 2_000): Handlers {
  const core = fakeCore({ initial: "/home/ada/gitops", pace: 0, scale });
  const names = Array.from({ length: count }, (_, index) => `environment-${index + 1}`);
  const cells = (row: MatrixRow): MatrixRow["cells"] =>
    names.map((environment) => ({
      instance: `${row.application}@${environment}`,
      version: "2026.11.23",
      state: { kind: "behind", count: 12, byNumber: false },
      classes: { a: 1, b: 2, c: 3, d: 4 },
    }));
  return {
    matrix: async (request) => {
      const matrix = await core.call("matrix", request);
      return {
        ...matrix,
        environments: names.map((name) => ({ name, protected: false })),
        rows: matrix.rows.map((row) => ({ ...row, cells: cells(row) })),
      };
    },
  };
}
