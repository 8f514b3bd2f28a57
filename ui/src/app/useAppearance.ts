import { useEffect } from "react";
import { hasWindows, setWindowZoom, useAction, useCommand } from "../ipc";
import { setDensity } from "../lib/density";
import { useLatest } from "../lib/hooks";
import { setKeys, setSingleCharacters } from "../lib/keymap";
import { writePreference } from "../lib/preferences";

/** The sizes that the keys go through, in percent. */
export function nextZoom(before: number, by: number): number {
  return by === 0 ? 100 : Math.min(300, Math.max(50, Math.round(before / 10) * 10 + by));
}

/** Shows what the settings say of colours of differences, size and keys. */
export function useAppearance(): { zoomBy: ((by: number) => void) | null } {
  const settings = useCommand("settings", {});
  const save = useAction("settings_save");
  const known = settings.data;
  const diffColours = known?.diffColours;
  const density = known?.density;
  const single = known?.singleLetters;
  const keys = known?.keys;
  const zoom = known?.zoom;

  useEffect(() => {
    if (diffColours === undefined) return;
    // Kept on this device as well, so that the first paint has it before the settings are read.
    writePreference("diff-colours", diffColours === "classic" ? "classic" : null);
    if (diffColours === "classic") document.documentElement.dataset.diff = "classic";
    else delete document.documentElement.dataset.diff;
  }, [diffColours]);
  useEffect(() => {
    if (density === undefined) return;
    writePreference("density", density === "compact" ? "compact" : null);
    setDensity(density);
  }, [density]);
  useEffect(() => {
    if (single === undefined) return;
    writePreference("single-characters", single ? null : "off");
    setSingleCharacters(single);
  }, [single]);
  // Before anything is drawn with it: labels of keys are read while rendering.
  if (keys !== undefined) setKeys(keys);
  useEffect(() => {
    if (zoom === undefined) return;
    setWindowZoom(zoom / 100).catch((reason: unknown) => console.error("the size cannot be set:", reason));
  }, [zoom]);

  const change = useLatest((by: number) => {
    if (known !== undefined) save.mutate({ ...known, zoom: nextZoom(zoom ?? 100, by) });
  });
  return { zoomBy: hasWindows ? (by) => change.current(by) : null };
}
