/**
 * Messages that are typed and not yet acknowledged, as they are kept on disk to outlive a crash of the
 * client.
 */

/** A message that fits one line of the protocol, or one multiline message. */
export interface UnsentMessage {
  /**
   * The sender's id for it (`isSenderId`), under which the server stores it once, however often it is sent.
   */
  readonly id: string;
  /** A channel or a nick. */
  readonly target: string;
  /**
   * Not empty; no NUL. In the form of `irc/multiline.ts` where it has several lines; a server without multiline messages
   * gets each line by itself.
   */
  readonly text: string;
  readonly manner: "said" | "did";
  /** When it was typed, milliseconds since the epoch. */
  readonly at: number;
  /** As in `MessageEntry`. */
  readonly replyTo?: string;
  /** The id of a message of ours that is removed once this one has been accepted. */
  readonly replaces?: string;
}

/** What a person says: an {@link UnsentMessage} before it has an id. */
export type TypedMessage = Omit<UnsentMessage, "id" | "at">;

/** Keeps them. Calls take effect before they return; they may throw what the disk says. */
export interface UnsentMessageStore {
  add(message: UnsentMessage): void;
  remove(id: string): void;
}
