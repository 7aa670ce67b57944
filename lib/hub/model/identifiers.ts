import { subnetOf } from "../../base/ip.ts";

/** `nick!user@host` as it was when the event happened. */
export type Source = string;

/**
 * Identity that decides which sessions may read a direct message later: the first 16 base64url characters of the
 * SHA-256 of a claim key; or, for a user without a key, `~<log position>.<counter>`, which no later user gets.
 */
export type OwnerId = string;

/** Whether `owner` is that of a user without a key: no later user gets it, unless an account was made of it. */
export function isTemporaryOwner(owner: OwnerId): boolean {
  return owner.startsWith("~");
}

/** Nick part of a source. */
export function nickOf(source: Source): string {
  const bang = source.indexOf("!");
  return bang < 0 ? source : source.slice(0, bang);
}

/** Place of an event: its sequence number (0: not recorded) and its time (milliseconds since the epoch). */
export interface RecordPlace {
  seq: number;
  time: number;
  /** Account name of the author; "" or left out: none, or no longer known. */
  account?: string;
  /** Whether the author is a bot (https://ircv3.net/specs/extensions/bot-mode); left out: no, or no longer known. */
  bot?: boolean;
}

/** Site of the host in `source`, as limits count it; "" if it has no host. */
export function sourceSite(source: Source): string {
  const at = source.lastIndexOf("@");
  return at < 0 ? "" : subnetOf(source.slice(at + 1));
}

/** Position in a conversation: time and sequence number of a message; the number is 0 where only the time is known. */
export type MessagePosition = Pick<RecordPlace, "seq" | "time">;

/** Whether `one` comes after `other`: by sequence numbers, or by times where a number is unknown or both are equal. */
export function isAfter(one: MessagePosition, other: MessagePosition): boolean {
  if (one.seq > 0 && other.seq > 0 && one.seq !== other.seq) return one.seq > other.seq;
  return one.time > other.time;
}
