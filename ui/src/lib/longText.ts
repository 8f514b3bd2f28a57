import type { DiffSegment } from "../ipc";

/** The most characters of a line that are painted: a browser lays out a line of megabytes for seconds. */
export const longestLine = 2_000;

function isHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** A text without its middle where it has more than `most` characters; it tells how many are left out. */
export function withoutMiddle(text: string, most: number = longestLine): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  // Two units may be one character.
  const head = isHalf(text, half) ? half - 1 : half;
  const tail = isHalf(text, text.length - half) ? text.length - half + 1 : text.length - half;
  return `${text.slice(0, head)} … ${(tail - head).toLocaleString("en")} characters … ${text.slice(tail)}`;
}

/** A line in segments, each without its middle where the line has too many characters. */
export function paintedSegments(segments: DiffSegment[]): DiffSegment[] {
  const length = segments.reduce((sum, segment) => sum + segment.text.length, 0);
  if (length <= longestLine) return segments;
  const each = Math.max(80, Math.floor(longestLine / segments.length));
  return segments.map((segment) => ({ ...segment, text: withoutMiddle(segment.text, each) }));
}
