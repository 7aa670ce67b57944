/** The clipboard. */

/** A page that may be loaded has the clipboard: it is encrypted, or of this machine. */
export function copyText(text: string): void {
  void navigator.clipboard.writeText(text);
}
