import type { FetchedRemote, FetchedResult, MissingRemoteInfo } from "../ipc";
import type { Handlers } from "../ipc/fake";

const chart = (name: string, version: string) => ({
  key: `chart ${name}`,
  kind: "chart" as const,
  text: `chart ${name} ${version} of https://charts.acme.example`,
});

/** What was fetched from elsewhere, and one base that is missing; coherent like the rest of the fake core. */
export function remoteCommands(
  now: () => number,
  { fetched, lacking }: { fetched?: FetchedRemote[]; lacking?: MissingRemoteInfo[] } = {},
): Handlers {
  const seconds = (): number => Math.floor(now() / 1000);
  let items: FetchedRemote[] = fetched ?? [
    {
      remote: chart("postgresql", "16.4.1"),
      resolved: "16.4.1",
      bytes: 74_300,
      fetchedAt: seconds() - 3 * 86_400,
      problems: [],
      usedBy: ["payments-ledger@staging", "payments-ledger@production"],
    },
    {
      remote: {
        key: "bases",
        kind: "repository",
        text: "https://git.acme.example/platform/bases at v3",
      },
      resolved: "1d77c062c27004f63e7851180f332cdd087f0d1a",
      bytes: 2_410_000,
      fetchedAt: seconds() - 11 * 3_600,
      problems: ["the submodule `vendor` was not fetched: the server asks for a password"],
      usedBy: ["checkout@production"],
    },
    {
      remote: { key: "crds", kind: "file", text: "https://releases.acme.example/gateway/crds.yaml" },
      resolved: "sha256:4f8b42c22dd3729b519ba6f68d2da7cc5b2d606d05daed5ad5128cc03e6c6358",
      bytes: 512_000,
      fetchedAt: seconds() - 40,
      problems: [],
      usedBy: [],
    },
  ];
  let missing: MissingRemoteInfo[] = lacking ?? [];
  const bytes = (): number => items.reduce((sum, item) => sum + item.bytes, 0);
  return {
    remotes_list: () => ({ items, bytes: bytes() }),
    remotes_missing: ({ instance }) => ({
      items: missing.filter((item) => instance === null || item.instances.includes(instance)),
    }),
    remotes_fetch: ({ keys }) => {
      const wanted = missing.filter((item) => keys.length === 0 || keys.includes(item.remote.key));
      missing = missing.filter((item) => !wanted.includes(item));
      items = [
        ...items,
        ...wanted.map((item) => ({
          remote: item.remote,
          resolved: "15.5.38",
          bytes: 61_000,
          fetchedAt: seconds(),
          problems: [],
          usedBy: item.instances,
        })),
      ];
      return { results: wanted.map((item) => fine(item.remote)) };
    },
    remotes_update: ({ keys }) => {
      const wanted = items.filter((item) => keys.length === 0 || keys.includes(item.remote.key));
      items = items.map((item) => (wanted.includes(item) ? { ...item, fetchedAt: seconds() } : item));
      return { results: wanted.map((item) => fine(item.remote)) };
    },
    remotes_forget: ({ keys }) => {
      items = items.filter((item) => keys.length > 0 && !keys.includes(item.remote.key));
      return { items, bytes: bytes() };
    },
  };
}

function fine(remote: FetchedRemote["remote"]): FetchedResult {
  return { remote, resolved: "16.4.1", failure: null, notes: [] };
}

/** A chart that is named and was not fetched. */
export const lackingChart: MissingRemoteInfo = {
  remote: chart("redis", "19.x.x"),
  instances: ["web@staging", "web@production"],
  places: [{ file: "apps/shop/web/Chart.yaml", line: 9, column: 5, own: true }],
};

/** A fetch that no server answers. */
export const unreachable = {
  code: "network",
  message: "charts.acme.example does not answer.",
  hints: ["Check the network, the proxy, or the VPN."],
  location: null,
};
