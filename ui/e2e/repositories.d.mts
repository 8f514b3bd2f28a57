/** Whether a repository is there; where it is not, the test that needs it is counted as skipped, with its name. */
export function isThere(name: string, what: string): boolean;
/** Unpacks a repository into a folder, as a clone that a person makes. */
export function unpack(name: string, into: string): string;
