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

  /** What was held, the oldest first, behind a row that tells of those that were not. */
  take(format: (text: string) => string): readonly string[] {
    const taken = this.#rows;
    if (this.#dropped > 0) {
      const count = this.#dropped.toLocaleString("en"); // which takes 35 ms the first time
      taken.unshift(format(`      … ${count} rows left out here: /logs and PgUp show messages again`));
    }
    this.#rows = [];
    this.#dropped = 0;
    return taken;
  }
}
