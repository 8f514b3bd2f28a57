import type { KustomizationNode, LayerInfo, PlaceInfo } from "../../../ipc";
import { plural } from "../../../lib/format";

/** `values.yaml:12`. */
export function placeText(place: PlaceInfo): string {
  return place.line === null ? place.file : `${place.file}:${place.line}`;
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What a layer of values is called in the head of its column: as short as it can be while no two are the same. */
export function layerTitles(layers: readonly LayerInfo[]): string[] {
  const short = layers.map((layer) => {
    switch (layer.kind) {
      case "dependencies":
        return "Dependencies";
      case "defaults":
        return `Chart: ${fileName(layer.name)}`;
      case "file":
        return fileName(layer.name);
      case "inline":
        return layer.name === "inline values" ? "Inline" : fileName(layer.name);
      case "parameters":
        return "Parameters";
    }
  });
  return short.map((title, index) =>
    short.indexOf(title) === short.lastIndexOf(title) ? title : (layers[index]?.name ?? title),
  );
}

/** A node of the chain with its depth below the one that is built. */
export interface ChainRow {
  node: KustomizationNode;
  level: number;
  usedBy: string | null;
}

/** The nodes of a kustomization from the overlay to its bases, each below the one that uses it. */
export function chainRows(nodes: readonly KustomizationNode[]): ChainRow[] {
  const children = new Map<number | null, number[]>();
  nodes.forEach((node, index) => children.set(node.usedBy, [...(children.get(node.usedBy) ?? []), index]));
  const rows: ChainRow[] = [];
  const seen = new Set<number>();
  const open = (children.get(null) ?? []).map((index) => ({ index, level: 1 })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { index, level } = next;
    const node = nodes[index];
    if (node === undefined || seen.has(index)) continue;
    seen.add(index);
    rows.push({ node, level, usedBy: node.usedBy === null ? null : (nodes[node.usedBy]?.directory ?? null) });
    open.push(...(children.get(index) ?? []).map((child) => ({ index: child, level: level + 1 })).reverse());
  }
  return rows;
}

/** What a node contributes, in words. */
export function contributions(node: KustomizationNode): string[] {
  return [
    ...(node.resources > 0 ? [plural(node.resources, "resource")] : []),
    ...(node.generated > 0 ? [`${node.generated} generated`] : []),
    ...node.changes.map((change) => (change.count > 1 ? `${change.field} × ${change.count}` : change.field)),
  ];
}
