/** JSON for programs, one object a line, that a terminal can be shown as well. */

/** Escaped by JSON itself: C0. What else could act on a terminal, reorder a line or hide in it is escaped here (`printable_text.ts`). */
const UNSAFE = "[\\u007f-\\u009f\\u2028\\u2029\\p{Cf}\\p{Default_Ignorable_Code_Point}]";
/** Made when first needed: most commands show text. */
let unsafeInJson: RegExp | undefined;

/** `value` as one line of JSON with its newline; parsing it gives back exactly `value`. */
export function formatJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unsafeInJson ??= new RegExp(UNSAFE, "gu"), escapeUnits) + "\n";
}

function escapeUnits(char: string): string {
  return char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}
