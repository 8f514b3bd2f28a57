import { httpTransport } from "./http";
import { inWindow, tauriTransport } from "./tauri";
import type { Transport } from "./transport";

export * from "./bindings";
export * from "./client";
export { canPickFolder, onFolderDrop, pickFolder } from "./dialog";
export { type DraftPatch, draftId, useDrafts, usePromotionDraft } from "./drafts";
export { type FetchedState, useFetched, useFetching } from "./fetched";
export { type FilePlace, type Files, placeOfDetail, useFiles } from "./files";
export { onIdentityNeeded } from "./identity";
export { type FollowedLog, useLog } from "./logs";
export { type LongAnswer, type LongCommand, useLongCommand } from "./long";
export { columnKey, isDone, type ObservedRun, type Sighting } from "./runs";
export { SessionProvider, useRepositoryId, useSession } from "./session";
export { type PruneAnswer, type SyncTargets, usePrunePreview, useSyncTargets } from "./targets";
export { closeWindow, hasWindows, openWindow, setWindowZoom } from "./window";
export { CallError, type Connection, type Transport } from "./transport";

/** The transport of the place where the page runs: the window, or a browser before `slipway serve`. */
export function defaultTransport(): Transport {
  return inWindow() ? tauriTransport() : httpTransport(new URL(".", window.location.href));
}
