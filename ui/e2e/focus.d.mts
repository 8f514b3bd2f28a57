/** What is wrong with the place of the focus; empty where a person sees it. Runs in the page. */
export function hiddenFocus(): string;
