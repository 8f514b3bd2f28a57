import { Copy } from "lucide-react";
import type { ReactNode } from "react";
import { toApiError, useAction } from "../../ipc";
import { copyText } from "../../lib/clipboard";
import { Button } from "../../components/Button";
import { useToast } from "../../components/Toast";

/** Copies a text, and says so. */
export function useCopy(): (text: string, what: string) => void {
  const toast = useToast();
  return (text, what) =>
    void copyText(text).then((done) => toast(done ? `${what} copied` : "The clipboard cannot be written"));
}

/** Shows a file or folder of this machine, and says why where it cannot. */
export function useReveal(): (path: string) => void {
  const reveal = useAction("reveal");
  const toast = useToast();
  return (path) =>
    reveal.mutate({ path }, { onError: (reason) => toast("It cannot be shown", toApiError(reason).message) });
}

/** Collects what is needed to find a mistake of the program, without secrets, and copies it. */
export function DiagnosticsButton(): ReactNode {
  const diagnostics = useAction("diagnostics");
  const toast = useToast();
  const copy = useCopy();
  return (
    <Button
      icon={Copy}
      disabledReason={diagnostics.isPending ? "They are being collected" : null}
      onClick={() =>
        diagnostics.mutate(
          {},
          {
            onSuccess: ({ text }) => copy(text, "Diagnostics"),
            onError: (reason) => toast("They cannot be collected", toApiError(reason).message),
          },
        )
      }
    >
      Copy diagnostics
    </Button>
  );
}
