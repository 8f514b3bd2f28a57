/** What the palette asks the top bar to do: the bar shows how it ends. */
export type GitRequest = "fetch" | "pull" | "push" | "newBranch" | "identity";

const listeners = new Set<(request: GitRequest) => void>();

export function requestGit(request: GitRequest): void {
  for (const listener of listeners) listener(request);
}

export function onGitRequest(listener: (request: GitRequest) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
