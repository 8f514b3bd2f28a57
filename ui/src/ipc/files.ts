import { useMemo } from "react";
import type { InstanceDetail, ResourceInfo } from "./bindings";
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

function same(left: ResourceInfo, right: ResourceInfo): boolean {
  return (
    left.group === right.group &&
    left.kind === right.kind &&
    left.namespace === right.namespace &&
    left.name === right.name
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
        const { resources } = await transport.call("instance", { repository, instance });
        const found = resources.find((entry) => same(entry.resource, resource));
        return found === undefined ? null : { file: found.file, line: found.line };
      },
      placeOfInstance: async (instance) => placeOfDetail(await transport.call("instance", { repository, instance })),
      yamlOf: async (instance, resource) =>
        (await transport.call("manifest", { repository, instance, resource: resource ?? null })).yaml,
    }),
    [transport, repository],
  );
}
