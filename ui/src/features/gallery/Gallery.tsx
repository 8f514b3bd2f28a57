import type { ReactNode } from "react";
export function Gallery(): ReactNode {
  return <p>Gallery</p>;
}
