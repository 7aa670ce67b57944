/** Notices a hub that hangs: one that gives signs of life, and then none for longer than it has said. */

/** Interval between two signs of a hub, and between two looks at it. */
export const SIGN_MS = 500;

/** Signs in a row that a hub which works may miss. */
const MISSED_SIGNS = 4;

export class HubWatch {
  readonly #onHung: (silentMs: number) => void;
  readonly #looks: ReturnType<typeof setInterval>;
  /** Undefined: the hub has given no sign, as it has not started, or is of a version that gives none. */
  #hangMs: number | undefined;
  /** Looks since the last sign. They count in place of time: a keeper that was stopped itself, with its hub, has missed none. */
  #silentLooks = 0;

  constructor(onHung: (silentMs: number) => void) {
    this.#onHung = onHung;
    this.#looks = setInterval(() => this.look(), SIGN_MS);
  }

  /** Whether some signs in a row are missing. */
  get isSilent(): boolean {
    return this.#silentLooks >= MISSED_SIGNS;
  }

  /** The hub has given a sign. One that gives none for `hangMs` hangs. */
  note(hangMs: number): void {
    this.#hangMs = hangMs;
    this.#silentLooks = 0;
  }

  look(): void {
    if (this.#hangMs === undefined || ++this.#silentLooks * SIGN_MS < this.#hangMs) return;
    this.#onHung(this.#hangMs);
    this.stop();
  }

  stop(): void {
    this.#hangMs = undefined;
    clearInterval(this.#looks);
  }
}
