/** Killed texts, to be yanked again (GNU readline's kill ring). Pure. */

/** Killed texts kept; the length of readline's ring. */
export const MAX_KILLS = 10;

export class KillRing {
  /** Oldest first. */
  readonly #texts: string[] = [];
  /** Index of the text that was yanked last. */
  #yanked = 0;

  /** `joins`: the key before was a kill as well, so that `text` is put to what it killed. `isBefore`: in front of it. */
  add(text: string, joins: boolean, isBefore: boolean): void {
    if (text === "") return;
    const last = joins ? this.#texts.pop() : undefined;
    this.#texts.push(last === undefined ? text : isBefore ? text + last : last + text);
    if (this.#texts.length > MAX_KILLS) this.#texts.shift();
  }

  /** The text killed last; "": none. */
  yank(): string {
    this.#yanked = this.#texts.length - 1;
    return this.#texts[this.#yanked] ?? "";
  }

  /** The text killed before the one that was yanked last; before the oldest one comes the newest. */
  yankEarlier(): string {
    this.#yanked = this.#yanked > 0 ? this.#yanked - 1 : this.#texts.length - 1;
    return this.#texts[this.#yanked] ?? "";
  }
}
