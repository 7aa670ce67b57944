/** What one types with. */

/** On a phone Enter breaks the line: there is a button. A machine without any pointer has a keyboard. */
export function hasKeyboard(): boolean {
  return !matchMedia("(pointer: coarse)").matches;
}
