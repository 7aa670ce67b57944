/**
 * Properties: a claim tried on values made at random from a seed, which a failure names so that it can be had
 * again.
 */

/** A small generator of random numbers (mulberry32), the same sequence for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000 * below);
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(choices: ArrayLike<T>): T {
    return choices[this.below(choices.length)] as T;
  }

  /** Between `least` and `most` characters out of `alphabet` (whole code points). */
  text(alphabet: string, least: number, most: number): string {
    const points = Array.from(alphabet);
    let text = "";
    for (let left = least + this.below(most - least + 1); left > 0; left--) text += this.pick(points);
    return text;
  }
}

/**
 * Tries `claim` `runs` times, each with a seed of its own. To see a failure again, give its seed as `only`.
 */
export function forAll(runs: number, claim: (random: Random) => void, only?: number): void {
  for (let run = 0; run < (only === undefined ? runs : 1); run++) {
    const seed = only ?? Math.floor(Math.random() * 0x1_0000_0000);
    try {
      claim(new Random(seed));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`fails with seed ${seed}: ${why}`, { cause });
    }
  }
}
