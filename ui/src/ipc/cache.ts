import { type CacheTag, type Commands, cacheTags } from "./bindings";
import type { CommandName, RequestOf } from "./transport";

/** The key of a query: the command, then its request. */
export type CommandKey<K extends CommandName = CommandName> = readonly [K, RequestOf<K>];

export function commandKey<K extends CommandName>(name: K, request: RequestOf<K>): CommandKey<K> {
  return [name, request];
}

function isCommand(value: unknown): value is CommandName {
  return typeof value === "string" && Object.hasOwn(cacheTags, value);
}

/** The repository that a request is about, where it names one. */
function repositoryOf(request: unknown): string | undefined {
  if (typeof request !== "object" || request === null) return undefined;
  const value = "repository" in request ? request.repository : undefined;
  return typeof value === "string" ? value : undefined;
}

/**
 * Whether a cached answer is made of something that changed. With `repository`, answers about others stay;
 * answers that name none are taken along.
 */
export function isAffected(key: readonly unknown[], tags: readonly CacheTag[], repository?: string): boolean {
  const [name, request] = key;
  if (!isCommand(name)) return false;
  if (!cacheTags[name].reads.some((tag) => tags.includes(tag))) return false;
  const about = repositoryOf(request);
  return repository === undefined || about === undefined || about === repository;
}

/** What a command changes. */
export function changedBy(name: keyof Commands): CacheTag[] {
  return cacheTags[name].changes;
}
