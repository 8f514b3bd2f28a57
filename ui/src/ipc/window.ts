import { invoke } from "@tauri-apps/api/core";
import { inWindow } from "./tauri";

/** Whether several windows, their titles and their zoom are ours. A browser has its own. */
export const hasWindows: boolean = inWindow();

/** Tells the window which repository it shows, for its title and for other starts of the program. */
export async function windowShows(path: string | null, name: string | null): Promise<void> {
  if (!hasWindows) return;
  await invoke("window_shows", { path, name });
}

/** Opens a repository in a window of its own, or brings the one that shows it to the front. */
export async function openWindow(path: string): Promise<void> {
  await invoke("window_open", { path });
}

/** Closes this window, as its own button does. */
export async function closeWindow(): Promise<void> {
  const { getCurrentWindow } = await import("@tauri-apps/api/window");
  await getCurrentWindow().close();
}

/** Sets the size of everything in the window; 1 is as designed. */
export async function setWindowZoom(factor: number): Promise<void> {
  if (!hasWindows) return;
  const { getCurrentWebview } = await import("@tauri-apps/api/webview");
  await getCurrentWebview().setZoom(factor);
}
