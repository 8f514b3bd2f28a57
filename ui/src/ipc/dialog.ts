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
