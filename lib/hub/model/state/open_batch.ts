import type { Message } from "../../../irc/message.ts";

/** A batch that a session has begun and not ended. */
export interface OpenBatch {
  readonly ref: string;
  readonly target: string;
  /** The line that opened it: it bears the tags of the message. */
  readonly opening: Message;
  /** Of that line, in wire form; "" for none. */
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  verb: "PRIVMSG" | "NOTICE" | undefined;
  /** As in `irc/multiline.ts`. */
  text: string;
  bytes: number;
  lines: number;
  /** Bytes that it is charged in the session memory. */
  held: number;
  /** What was wrong has been said. */
  failed: boolean;
}
