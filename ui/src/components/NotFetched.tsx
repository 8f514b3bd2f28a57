import { CircleX } from "lucide-react";
import type { ReactNode } from "react";
import type { FetchedResult } from "../ipc";
import { plural } from "../lib/format";
import styles from "./NotFetched.module.css";
import { Prose } from "./Prose";
import { useToast } from "./Toast";

/** Why a reference was not fetched, where it was not. */
export function NotFetched({ result }: { result: FetchedResult | undefined }): ReactNode {
  const failure = result?.failure ?? null;
  if (failure === null) return null;
  return (
    <p className={styles.failure} role="alert">
      <CircleX aria-hidden size={13} strokeWidth={1.75} />
      <span>
        <Prose text={`Not fetched: ${[failure.message, ...failure.hints].join(" ")}`} />
      </span>
    </p>
  );
}

/** Tells in passing what was fetched or updated; why something was not stands at its reference. */
export function useFetchedToast(): (word: string, results: FetchedResult[]) => void {
  const toast = useToast();
  return (word, results) => {
    const done = results.filter((result) => result.failure === null).length;
    if (done === 0) return;
    const all = plural(results.length, "reference");
    const notes = results.flatMap((result) => result.notes).join(". ");
    toast(`${word} ${done === results.length ? all : `${done} of ${all}`}`, notes);
  };
}
