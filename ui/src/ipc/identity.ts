import type { QueryClient } from "@tanstack/react-query";
import type { PromotionCommit, RepositoryInfo } from "./bindings";
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

function isCommit(name: CommandName, request: unknown): request is PromotionCommit {
  if (name !== "promotion_commit" || typeof request !== "object" || request === null) return false;
  return "target" in request && "request" in request;
}

/**
 * A commit needs somebody who makes it. Where Git knows nobody, the person is asked before the commit is tried,
 * not told afterwards. A patch has no author.
 */
export async function identityFirst(
  name: CommandName,
  request: unknown,
  transport: Transport,
  client: QueryClient,
): Promise<void> {
  if (!isCommit(name, request) || request.target.kind === "patch" || ask === null) return;
  const { repository } = request.request;
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
