/** JSON for programs, one object a line, that is also safe to show on a terminal. */

/**
 * Characters that could act on a terminal, reorder a line or be invisible (`printable_text.ts`). JSON itself
 * escapes C0.
 */
const UNSAFE = "[\\u007f-\\u009f\\u2028\\u2029\\p{Cf}\\p{Default_Ignorable_Code_Point}]";
/** Created on first use: most commands print text. */
let unsafeInJson: RegExp | undefined;

/** `value` as one line of JSON with its line feed; parsing the line returns exactly `value`. */
export function formatJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unsafeInJson ??= new RegExp(UNSAFE, "gu"), escapeUnits) + "\n";
}

function escapeUnits(char: string): string {
  return char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}
