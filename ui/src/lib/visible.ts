/**
 * Characters that paint nothing and steer what is around them: control characters, and those that turn the direction
 * of writing, by which a line reads otherwise than a cluster reads it (https://trojansource.codes).
 */
// oxlint-disable-next-line no-control-regex -- they are what is looked for.
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function sign(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
}

/** A text of a repository or a cluster as it can be painted: what would steer it is a sign that can be seen. */
export function visible(text: string): string {
  return text.replace(steering, sign);
}
