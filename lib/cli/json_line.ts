/** JSON for programs, one object a line, that a terminal can be shown as well. */

/** Escaped by JSON itself: C0. What else could act on a terminal or reorder a line is escaped here; see `printable.ts`. */
const UNSAFE =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** `value` as one line of JSON with its newline; parsing it gives back exactly `value`. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, escapeUnit) + "\n";
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
