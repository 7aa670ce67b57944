const NONE: readonly never[] = [];

/** Effects of a turn of one kind, in order, until the server takes them. */
export class EffectBuffer<Effect> {
  #effects: Effect[] = [];

  push(...effects: readonly Effect[]): void {
    this.#effects.push(...effects);
  }

  /** Returns the effects since the last call. */
  take(): readonly Effect[] {
    if (this.#effects.length === 0) return NONE;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
