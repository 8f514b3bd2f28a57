/** The steps of a promotion, in order. */
export const stepNames = ["choose", "review", "commit", "sync", "verify"] as const;
export type StepName = (typeof stepNames)[number];
