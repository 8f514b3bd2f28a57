import { useMemo } from "react";
import type { InstanceDetail, RenderedResource, ResourceInfo } from "./bindings";
import { useTransport } from "./client";

/** A place in a file of the repository. */
export interface FilePlace {
  file: string;
  line: number | null;
}

/** What can be done with the files of a repository. */
export interface Files {
  /** Opens a file in the person's editor; answers which program that is. */
  edit: (place: FilePlace) => Promise<string>;
  /** Shows a file in the file manager. */
  reveal: (place: FilePlace) => Promise<void>;
  /** Where a rendered resource of an instance is written; `null` where that is not known. */
  placeOf: (instance: string, resource: ResourceInfo) => Promise<FilePlace | null>;
  /** The file to open for an instance: where it fails, else the first of its own directory that was read. */
  placeOfInstance: (instance: string) => Promise<FilePlace | null>;
  /** What an instance renders, or one resource of it, secrets masked. */
  yamlOf: (instance: string, resource?: ResourceInfo) => Promise<string>;
}

/** A resource among those that an instance renders. A plan says the namespace where a manifest leaves it to the sync. */
function rendered(detail: InstanceDetail, wanted: ResourceInfo): RenderedResource | undefined {
  const named = detail.resources.filter(
    ({ resource: { group, kind, name } }) => group === wanted.group && kind === wanted.kind && name === wanted.name,
  );
  return (
    named.find(({ resource }) => resource.namespace === wanted.namespace) ??
    named.find(({ resource }) => resource.namespace === "")
  );
}

/** The file to open for an instance. */
export function placeOfDetail(detail: InstanceDetail): FilePlace | null {
  const error = detail.problems.find((problem) => problem.severity === "error" && problem.file !== null);
  if (error !== undefined && error.file !== null) return { file: error.file, line: error.line };
  const files = detail.files.filter((file) => !file.endsWith("/"));
  const directory = `${detail.sources[0]?.path ?? ""}/`;
  const file = files.find((entry) => entry.startsWith(directory)) ?? files[0] ?? detail.resources[0]?.file;
  return file === undefined ? null : { file, line: null };
}

export function useFiles(repository: string): Files {
  const transport = useTransport();
  return useMemo(
    () => ({
      edit: async ({ file, line }) =>
        (await transport.call("file_edit", { repository, file, line, column: null })).program,
      reveal: async ({ file }) => {
        await transport.call("file_reveal", { repository, file, line: null, column: null });
      },
      placeOf: async (instance, resource) => {
        const found = rendered(await transport.call("instance", { repository, instance }), resource);
        return found === undefined ? null : { file: found.file, line: found.line };
      },
      placeOfInstance: async (instance) => placeOfDetail(await transport.call("instance", { repository, instance })),
      yamlOf: async (instance, resource) => {
        const found =
          resource === undefined
            ? null
            : (rendered(await transport.call("instance", { repository, instance }), resource)?.resource ?? resource);
        return (await transport.call("manifest", { repository, instance, resource: found })).yaml;
      },
    }),
    [transport, repository],
  );
}
