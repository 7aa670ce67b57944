import { subnetOf } from "../../base/ip.ts";

/** `nick!user@host`, as it stood when the event happened. */
export type Source = string;

/**
 * Who may read a direct message later: the first 16 base64url characters of the SHA-256 of a claim key, or, for somebody
 * without a key, a name that no later user gets again (`~<log position>.<counter>`).
 */
export type OwnerId = string;

/** Whether `owner` is that of a user without a key: nobody comes back as it, unless an account was made of it. */
export function isTemporaryOwner(owner: OwnerId): boolean {
  return owner.startsWith("~");
}

/** Nick part of a source. */
export function nickOf(source: Source): string {
  const bang = source.indexOf("!");
  return bang < 0 ? source : source.slice(0, bang);
}

/** Where an event stands: its sequence number (0: not recorded) and its time (milliseconds since the epoch). */
export interface RecordPlace {
  seq: number;
  time: number;
  /** Name of the account of its author; "" or left out: none, or nobody knows any more. */
  account?: string;
  /** Its author is a bot (https://ircv3.net/specs/extensions/bot-mode); left out: no, or nobody knows any more. */
  bot?: boolean;
}

/** What the host in `source` counts as for limits per address; "" where there is none. */
export function sourceSite(source: Source): string {
  const at = source.lastIndexOf("@");
  return at < 0 ? "" : subnetOf(source.slice(at + 1));
}

/** A place in a conversation: the time of a message and its number, 0 where only the time is known. */
export type MessagePosition = Pick<RecordPlace, "seq" | "time">;

/** Whether `one` comes after `other`: by their numbers, and by their times where these say nothing. */
export function isAfter(one: MessagePosition, other: MessagePosition): boolean {
  if (one.seq > 0 && other.seq > 0 && one.seq !== other.seq) return one.seq > other.seq;
  return one.time > other.time;
}
