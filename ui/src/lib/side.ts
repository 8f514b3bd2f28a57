import type { DiffSide } from "../ipc";

/** A side of a comparison as it stands in an address: `environment:staging`, `instance:api@prod#v1`, `revision:main`, `working`. */
export function writeSide(side: DiffSide): string {
  switch (side.kind) {
    case "environment":
      return withRevision(`environment:${side.environment}`, side.revision);
    case "instance":
      return withRevision(`instance:${side.instance}`, side.revision);
    case "revision":
      return `revision:${side.revision}`;
    case "workingDirectory":
      return "working";
  }
}

function withRevision(text: string, revision: string | null): string {
  return revision === null ? text : `${text}#${revision}`;
}

export function readSide(text: string | undefined): DiffSide | null {
  if (text === undefined) return null;
  if (text === "working") return { kind: "workingDirectory" };
  const colon = text.indexOf(":");
  const kind = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  if (colon === -1 || rest === "") return null;
  if (kind === "revision") return { kind: "revision", revision: rest };
  const hash = rest.lastIndexOf("#");
  const name = hash === -1 ? rest : rest.slice(0, hash);
  const revision = hash === -1 ? null : rest.slice(hash + 1);
  if (kind === "environment") return { kind: "environment", environment: name, revision };
  if (kind === "instance") return { kind: "instance", instance: name, revision };
  return null;
}

function at(revision: string | null): string {
  return revision === null ? "" : ` · ${revision.slice(0, 12)}`;
}

/** A side for reading. */
export function sideLabel(side: DiffSide): string {
  switch (side.kind) {
    case "environment":
      return `${side.environment}${at(side.revision)}`;
    case "instance":
      return `${side.instance}${at(side.revision)}`;
    case "revision":
      return `revision ${side.revision.slice(0, 12)}`;
    case "workingDirectory":
      return "working directory";
  }
}
