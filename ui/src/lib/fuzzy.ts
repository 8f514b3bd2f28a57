/**
 * How well a query fits a text, or `null`. Every character of the query occurs in order; starts of words and
 * runs count more, and short texts before long ones.
 */
export function fuzzyScore(query: string, text: string): number | null {
  const wanted = query.toLowerCase().replaceAll(" ", "");
  if (wanted === "") return 0;
  const lower = text.toLowerCase();
  const whole = lower.indexOf(wanted);
  if (whole !== -1) return 1000 - whole - text.length / 100 + (isWordStart(lower, whole) ? 200 : 0);
  let score = 0;
  let from = 0;
  let previous = -2;
  for (const character of wanted) {
    const found = lower.indexOf(character, from);
    if (found === -1) return null;
    score += found === previous + 1 ? 8 : isWordStart(lower, found) ? 6 : 1;
    previous = found;
    from = found + 1;
  }
  return score - text.length / 100;
}

function isWordStart(text: string, index: number): boolean {
  return index === 0 || /[\s\-_./@:]/.test(text[index - 1] ?? "");
}

/** The best items for a query, the best first, at most `limit`. Equal scores keep their order. */
export function fuzzyFilter<T>(items: readonly T[], query: string, text: (item: T) => string, limit: number): T[] {
  if (query.trim() === "") return items.slice(0, limit);
  const scored: { item: T; score: number }[] = [];
  for (const item of items) {
    const score = fuzzyScore(query, text(item));
    if (score !== null) scored.push({ item, score });
  }
  return scored
    .sort((left, right) => right.score - left.score)
    .slice(0, limit)
    .map(({ item }) => item);
}
