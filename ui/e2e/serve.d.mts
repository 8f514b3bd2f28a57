import type { Page } from "@playwright/test";

export const program: string;
export const builtPage: string | undefined;
export function serve(
  folder: string,
  what?: string[],
  user?: number,
): Promise<{ address: string; end: () => Promise<void> }>;
export function replacePage(page: Page, address: string): Promise<void>;
export function openPage(page: Page, address: string): Promise<void>;
export const chromiumOptions: { executablePath: string; args: string[] };
