/**
 * Messages that are typed and not yet acknowledged, as they are kept on disk to outlive a crash of the
 * client.
 */

/** A message that fits one line of the protocol. */
export interface UnsentMessage {
  /**
   * The sender's id for it (`isSenderId`), under which the server stores it once, however often it is sent.
   */
  readonly id: string;
  /** A channel or a nick. */
  readonly target: string;
  /** Not empty; no CR, LF or NUL. */
  readonly text: string;
  readonly manner: "said" | "did";
  /** When it was typed, milliseconds since the epoch. */
  readonly at: number;
}

/** Keeps them. Calls take effect before they return; they may throw what the disk says. */
export interface UnsentMessageStore {
  add(message: UnsentMessage): void;
  remove(id: string): void;
}
