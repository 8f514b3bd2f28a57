import { SquareArrowOutUpRight } from "lucide-react";
import type { ReactNode } from "react";
import { useToast } from "../../../components/Toast";
import { type PlaceInfo, toApiError, useAction } from "../../../ipc";
import { placeText } from "./places";
import styles from "./Source.module.css";

/** A place in a file, as a button that opens it in the editor; as text where there is no file to open. */
export function PlaceButton({
  repository,
  place,
  short,
}: {
  repository: string;
  place: PlaceInfo;
  /** What stands for the place where the whole of it is too long. */
  short?: string;
}): ReactNode {
  const toast = useToast();
  const open = useAction("file_edit");
  const text = placeText(place);
  // What is read on screen is part of the name, so that it can be said to the computer.
  const name = short === undefined || text.includes(short) ? `Open ${text}` : `${short}, open ${text}`;
  if (!place.opens) {
    return (
      <span className={styles.place} title={text}>
        <Clipped text={short ?? text} />
      </span>
    );
  }
  return (
    <button
      type="button"
      className={styles.placeButton}
      title={`Open ${text}`}
      aria-label={name}
      onClick={() =>
        open.mutate(
          { repository, file: place.file, line: place.line, column: place.column },
          {
            onSuccess: (opened) => toast(`Opened in ${opened.program}`),
            onError: (failure) => toast(toApiError(failure).message),
          },
        )
      }
    >
      <Clipped text={short ?? text} />
      <SquareArrowOutUpRight aria-hidden size={11} strokeWidth={1.75} className={styles.placeIcon} />
    </button>
  );
}

/** Where a path does not fit its start is left out, since its end says more. */
function Clipped({ text }: { text: string }): ReactNode {
  return (
    <span className={styles.placeClip}>
      <bdi className={styles.placeText}>{text}</bdi>
    </span>
  );
}
