import type { Message } from "../../../irc/message.ts";

/** A multiline batch that a session has begun and not ended. */
export interface OpenBatch {
  readonly ref: string;
  readonly target: string;
  /** The line that opened it, with the tags of the message. */
  readonly opening: Message;
  /** Label of that line, in wire form; "" for none. */
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  verb: "PRIVMSG" | "NOTICE" | undefined;
  /** In the form of `irc/multiline.ts`. */
  text: string;
  bytes: number;
  lines: number;
  /** Bytes charged to the session (`SessionMemory`). */
  held: number;
  /** Whether an error has been reported to the client. */
  failed: boolean;
}
