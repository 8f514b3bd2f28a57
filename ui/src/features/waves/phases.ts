const phaseNames: Readonly<Record<string, string>> = {
  PreSync: "Pre-sync",
  Sync: "Sync",
  PostSync: "Post-sync",
  SyncFail: "On failure",
};

export function phaseName(phase: string): string {
  return phaseNames[phase] ?? phase;
}

/** `Sync wave 0`. */
export function waveText(column: { phase: string; wave: number }): string {
  return `${phaseName(column.phase)} wave ${column.wave}`;
}
