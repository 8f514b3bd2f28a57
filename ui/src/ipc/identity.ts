import type { QueryClient } from "@tanstack/react-query";
import type { RepositoryInfo } from "./bindings";
import { commandKey } from "./cache";
import { CallError, type CommandName, type Transport } from "./transport";

/** Asks a person who they are; tells whether it is known now. */
export type AskIdentity = (repository: RepositoryInfo) => Promise<boolean>;

let ask: AskIdentity | null = null;

/** The frame of the application shows the dialog; the answer ends it. */
export function onIdentityNeeded(listener: AskIdentity): () => void {
  ask = listener;
  return () => {
    if (ask === listener) ask = null;
  };
}

/** The repository in which a request makes a commit; `null` where it makes none. A patch has no author. */
function commitsIn(name: CommandName, request: unknown): string | null {
  if (name !== "promotion_commit" && name !== "pin_commit") return null;
  if (typeof request !== "object" || request === null || !("request" in request)) return null;
  const { request: inner } = request;
  if ("target" in request && isPatch(request.target)) return null;
  return typeof inner === "object" && inner !== null && "repository" in inner && typeof inner.repository === "string"
    ? inner.repository
    : null;
}

function isPatch(target: unknown): boolean {
  return typeof target === "object" && target !== null && "kind" in target && target.kind === "patch";
}

/**
 * A commit needs somebody who makes it. Where Git knows nobody, the person is asked before the commit is tried,
 * not told afterwards.
 */
export async function identityFirst(
  name: CommandName,
  request: unknown,
  transport: Transport,
  client: QueryClient,
): Promise<void> {
  const repository = commitsIn(name, request);
  if (repository === null || ask === null) return;
  const key = commandKey("repository_info", { repository });
  const known = client.getQueryData<RepositoryInfo>(key) ?? (await transport.call("repository_info", { repository }));
  if (known.identity !== null) return;
  if (await ask(known)) return;
  throw new CallError({
    code: "no-identity",
    message: "nothing was committed: a commit needs a name and a mail address",
    hints: ["Commit again to enter them, or write a patch, which has no author."],
    location: null,
  });
}
