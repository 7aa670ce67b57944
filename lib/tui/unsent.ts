/** What is typed and not yet acknowledged, as it is kept outside, so that a crash of the client does not take it along. */

export interface Unsent {
  /** Our own id for it on the wire. */
  readonly id: string;
  /** A room or a name. */
  readonly target: string;
  readonly text: string;
  readonly manner: "said" | "did";
  /** When it was typed, milliseconds since the epoch. */
  readonly at: number;
}

/** Where they are kept. Calls take effect before they return; they may throw what the disk says. */
export interface UnsentStore {
  add(message: Unsent): void;
  remove(id: string): void;
}
