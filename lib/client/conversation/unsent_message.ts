/** What is typed and not yet acknowledged, as it is kept outside, so that a crash of the client does not take it along. */

export interface UnsentMessage {
  /** Our own id for it on the wire. */
  readonly id: string;
  /** A channel or a name. */
  readonly target: string;
  readonly text: string;
  readonly manner: "said" | "did";
  /** When it was typed, milliseconds since the epoch. */
  readonly at: number;
}

/** Where they are kept. Calls take effect before they return; they may throw what the disk says. */
export interface UnsentMessageStore {
  add(message: UnsentMessage): void;
  remove(id: string): void;
}
