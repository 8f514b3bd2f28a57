import type { ReactNode } from "react";
import { visible } from "../lib/visible";

/** A sentence of the core, in which `names` and commands stand between backticks. */
export function Prose({ text }: { text: string }): ReactNode {
  // Every second part was between two backticks; a last one without its partner stays as it is.
  const parts = visible(text).split("`");
  if (parts.length % 2 === 0) return visible(text);
  return parts.map((part, index) => (index % 2 === 0 ? part : <code key={`${index} ${part}`}>{part}</code>));
}
