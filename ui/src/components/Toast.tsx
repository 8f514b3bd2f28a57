import { Toast as Base } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { type ReactNode, useCallback } from "react";
import styles from "./Toast.module.css";

/** Short messages about finished jobs, at the lower right. */
export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  return (
    <Base.Provider timeout={5000} limit={3}>
      {children}
      <Base.Portal>
        <Base.Viewport className={styles.viewport}>
          <ToastList />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function ToastList(): ReactNode {
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root key={toast.id} toast={toast} className={styles.toast}>
      <Base.Title className={styles.title} />
      <Base.Description className={styles.text} />
      <Base.Close className={styles.close} aria-label="Dismiss">
        <X aria-hidden size={13} strokeWidth={1.75} />
      </Base.Close>
    </Base.Root>
  ));
}

/** Says a sentence in a toast. */
export function useToast(): (title: string, description?: string) => void {
  const { add } = Base.useToastManager();
  return useCallback(
    (title, description) => {
      add(description === undefined ? { title } : { title, description });
    },
    [add],
  );
}
