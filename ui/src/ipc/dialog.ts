import { inWindow } from "./tauri";

/** Whether `pickFolder` can show the platform's folder dialog. */
export const canPickFolder: boolean = inWindow();

/** Shows the platform's folder dialog; `null` where the user cancelled or there is none. */
export async function pickFolder(title: string): Promise<string | null> {
  if (!canPickFolder) return null;
  const { open } = await import("@tauri-apps/plugin-dialog");
  const picked = await open({ directory: true, multiple: false, title });
  return typeof picked === "string" ? picked : null;
}

/** Listens to folders that are dropped on the window; the answer ends it. A browser tells no paths. */
export function onFolderDrop(listener: (path: string) => void): () => void {
  if (!canPickFolder) return () => {};
  let ended = false;
  let end: (() => void) | undefined;
  const start = async (): Promise<void> => {
    const { getCurrentWebview } = await import("@tauri-apps/api/webview");
    const unlisten = await getCurrentWebview().onDragDropEvent((event) => {
      const [path] = event.payload.type === "drop" ? event.payload.paths : [];
      if (!ended && path !== undefined) listener(path);
    });
    if (ended) unlisten();
    else end = unlisten;
  };
  start().catch((reason: unknown) => console.error("dropped folders cannot be received:", reason));
  return () => {
    ended = true;
    end?.();
  };
}
