import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import type { PromotionDraft } from "./bindings";
import { commandKey } from "./cache";
import { useCommand, useTransport } from "./client";

/** The parts of a draft that a screen changes. */
export type DraftPatch = Partial<Omit<PromotionDraft, "id" | "changedAt">>;

/** A person ticks quickly; the draft follows once they rest. In milliseconds. */
const rest = 300;

/** The id of the draft of a way between environments. */
export function draftId(from: string, to: string): string {
  return `${from}>${to}`;
}

/** Drafts of promotions, the last changed first. */
export function useDrafts(repository: string): PromotionDraft[] {
  const drafts = useCommand("drafts", { repository });
  return drafts.data?.drafts ?? [];
}

/**
 * The draft of a promotion and how to change it. A change is kept after a moment, and at once when the screen
 * goes away. `draft` is `undefined` until it is known whether there is one, `null` where there is none.
 */
export function usePromotionDraft(
  repository: string,
  from: string,
  to: string,
): { draft: PromotionDraft | null | undefined; change: (patch: DraftPatch) => void; drop: () => void } {
  const transport = useTransport();
  const client = useQueryClient();
  const drafts = useCommand("drafts", { repository });
  const id = draftId(from, to);
  const kept = drafts.data?.drafts.find((entry) => entry.id === id);
  const pending = useRef<{ draft: PromotionDraft; timer: ReturnType<typeof setTimeout> } | null>(null);

  const write = useCallback(
    (draft: PromotionDraft) => {
      pending.current = null;
      // A draft that cannot be kept must not stop the promotion; it is then gone after a restart.
      transport
        .call("draft_save", { repository, draft })
        .catch((reason: unknown) => console.error("the draft cannot be kept:", reason));
    },
    [repository, transport],
  );
  useEffect(
    () => () => {
      if (pending.current === null) return;
      clearTimeout(pending.current.timer);
      write(pending.current.draft);
    },
    [write],
  );

  const change = useCallback(
    (patch: DraftPatch) => {
      const key = commandKey("drafts", { repository });
      const known = client.getQueryData<{ drafts: PromotionDraft[] }>(key)?.drafts ?? [];
      // What waits to be kept is newer than what the core last told.
      const waiting = pending.current?.draft.id === id ? pending.current.draft : undefined;
      const before = waiting ??
        known.find((entry) => entry.id === id) ?? {
          id,
          changedAt: 0,
          request: { repository, from, to: [to], applications: null, include: [], exclude: [] },
          base: null,
          step: "choose",
          target: null,
          targetName: null,
          message: null,
        };
      const draft: PromotionDraft = { ...before, ...patch, changedAt: Date.now() };
      client.setQueryData(key, { drafts: [draft, ...known.filter((entry) => entry.id !== id)] });
      if (pending.current !== null) {
        clearTimeout(pending.current.timer);
        // The way was changed within a moment: the draft of the other one is not to be lost.
        if (pending.current.draft.id !== id) write(pending.current.draft);
      }
      pending.current = { draft, timer: setTimeout(() => write(draft), rest) };
    },
    [client, repository, id, from, to, write],
  );

  const drop = useCallback(() => {
    if (pending.current !== null) clearTimeout(pending.current.timer);
    pending.current = null;
    const key = commandKey("drafts", { repository });
    const known = client.getQueryData<{ drafts: PromotionDraft[] }>(key)?.drafts ?? [];
    client.setQueryData(key, { drafts: known.filter((entry) => entry.id !== id) });
    transport
      .call("draft_remove", { repository, id })
      .catch((reason: unknown) => console.error("the draft cannot be dropped:", reason));
  }, [client, repository, id, transport]);

  return { draft: drafts.data === undefined ? undefined : (kept ?? null), change, drop };
}
