import { X } from "lucide-react";
import { createContext, type ReactNode, use, useCallback, useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import styles from "./Toast.module.css";

interface Message {
  id: number;
  title: string;
  text: string | undefined;
}

type Say = (title: string, text?: string) => void;

const SayContext = createContext<Say>(() => {});

/** The most that are shown at once; the oldest goes first. */
const most = 3;
/** How long one is shown, in milliseconds. While the pointer or the focus is on them they stay. */
const shownFor = 5000;

/** Short messages about finished jobs, at the lower right. */
export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const [held, setHeld] = useState(false);
  const next = useRef(0);
  const say = useCallback<Say>((title, text) => {
    next.current += 1;
    const message = { id: next.current, title, text };
    setMessages((before) => [...before, message].slice(-most));
  }, []);
  const leave = useCallback((id: number) => setMessages((before) => before.filter((message) => message.id !== id)), []);
  return (
    <SayContext value={say}>
      {children}
      {createPortal(
        <div
          role="region"
          aria-label="Notifications"
          aria-live="polite"
          className={styles.viewport}
          onPointerEnter={() => setHeld(true)}
          onPointerLeave={() => setHeld(false)}
          onFocus={() => setHeld(true)}
          onBlur={() => setHeld(false)}
        >
          {messages.map((message) => (
            <Toast key={message.id} message={message} held={held} onLeave={leave} />
          ))}
        </div>,
        document.body,
      )}
    </SayContext>
  );
}

function Toast({
  message,
  held,
  onLeave,
}: {
  message: Message;
  held: boolean;
  onLeave: (id: number) => void;
}): ReactNode {
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => onLeave(message.id), shownFor);
    return () => clearTimeout(timer);
  }, [held, message.id, onLeave]);
  return (
    <div className={styles.toast}>
      <p className={styles.title}>{message.title}</p>
      {message.text !== undefined && <p className={styles.text}>{message.text}</p>}
      <button type="button" className={styles.close} aria-label="Dismiss" onClick={() => onLeave(message.id)}>
        <X aria-hidden size={13} strokeWidth={1.75} />
      </button>
    </div>
  );
}

/** Says a sentence in a toast. */
export function useToast(): Say {
  return use(SayContext);
}
