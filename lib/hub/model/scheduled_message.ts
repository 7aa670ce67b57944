import type { OwnerId, Source } from "./identifiers.ts";

/** A message that the server says later, for the account that has scheduled it. */
export interface ScheduledMessage {
  readonly id: string;
  /** Owner id of the account. */
  readonly owner: OwnerId;
  /** Source of the message if the account is offline then: its name, at the host from which it was scheduled. */
  readonly source: Source;
  /** Address from which it was scheduled. */
  readonly address: string;
  readonly verb: "PRIVMSG" | "NOTICE";
  /** Room or person, as spelled by the server. */
  readonly target: string;
  /** One line, or several as in `irc/multiline.ts`. */
  readonly text: string;
  /** The client-only tags in wire form. */
  readonly tags: string;
  /** Id that the sender gave it; "": none. */
  readonly senderId: string;
  /** IANA name of the time zone that its times are meant in. */
  readonly zone: string;
  /** Cron expression of the times at which it is said; "": it is said once. */
  readonly every: string;
  /** Milliseconds since the epoch, as {@link dueAt}. */
  readonly createdAt: number;
  /** When it is said next. */
  readonly dueAt: number;
  /** How often in a row it was refused. */
  readonly refusals: number;
}
