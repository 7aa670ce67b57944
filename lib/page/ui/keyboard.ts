/** Whether the device has a keyboard. */

/** On a phone Enter breaks the line: there is a button. */
export function hasKeyboard(): boolean {
  return matchMedia("(hover: hover)").matches;
}
