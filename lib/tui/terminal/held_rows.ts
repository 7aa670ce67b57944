/** Rows that the terminal cannot take yet: another program has it, or it is stopped or slow. Pure. */

/** Rows that are held; the oldest is dropped. */
export const MAX_HELD_ROWS = 1000;

export class HeldRows {
  #rows: string[] = [];
  #dropped = 0;

  add(rows: readonly string[]): void {
    this.#rows = this.#rows.concat(rows);
    const excess = Math.max(0, this.#rows.length - MAX_HELD_ROWS);
    this.#rows.splice(0, excess);
    this.#dropped += excess;
  }

  /** What was held, the oldest first, and how many rows were dropped before them. */
  take(): { readonly rows: readonly string[]; readonly dropped: number } {
    const taken = { rows: this.#rows, dropped: this.#dropped };
    this.#rows = [];
    this.#dropped = 0;
    return taken;
  }
}
