/**
 * Read markers to send (https://ircv3.net/specs/extensions/read-marker): up to where the person has been
 * shown each conversation, at most once in a while. Pure.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { MessageParts } from "../../irc/message.ts";
import { formatTimestamp } from "./model/read_position.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";

/** Shortest time between two markers of a conversation. */
export const MARK_INTERVAL_MS = 2_000;
/** Conversations of which the marker is kept. */
const MAX_TARGETS = 1_000;

interface ReadMarkerState {
  readonly target: string;
  /** Time of the latest message shown, in milliseconds since the epoch. */
  shownUntil: number;
  /** Its sequence number in the server's log; undefined: unknown. */
  seq: number | undefined;
  /** It has been sent. */
  isSent: boolean;
  /** When it or an earlier one was sent. */
  sentAt: number;
}

export class ReadMarkerTracker {
  /** By folded name; the one shown last is last. */
  readonly #marks = new Map<string, ReadMarkerState>();
  /** Folded names of users with messages that were not shown: the marker stays before those. */
  readonly #keptUnread = new Set<string>();
  /** The same holds for all users. */
  #keepsAllUnread = false;

  /**
   * Messages from `target` (undefined: from any user) were not shown: those behind them do not count as read.
   */
  keepUnread(target: string | undefined): void {
    if (target !== undefined) this.#keptUnread.add(casefold(target));
    if (target === undefined || this.#keptUnread.size > MAX_TARGETS) this.#keepsAllUnread = true;
  }

  /**
   * `target` has been shown up to the message of the time `time` and, where it is known, the sequence number
   * `seq`.
   */
  markShown(target: string, time: number, seq?: number): void {
    const folded = casefold(target);
    if (this.#keptUnread.has(folded) || this.#keepsAllUnread && !isChannelName(target)) return;
    const mark: ReadMarkerState = this.#marks.get(folded) ??
      { target, shownUntil: 0, seq: undefined, isSent: true, sentAt: -Infinity };
    // Where the clock was set back a later message has an earlier time.
    const isLater = seq === undefined || mark.seq === undefined ? time > mark.shownUntil : seq > mark.seq;
    if (isLater) [mark.shownUntil, mark.seq, mark.isSent] = [time, seq, false];
    this.#marks.delete(folded);
    this.#marks.set(folded, mark);
    if (this.#marks.size > MAX_TARGETS) this.#marks.delete(this.#marks.keys().next().value!);
  }

  /** The server has another log: sequence numbers of the old one say nothing about it. */
  startNewLog(target: string): void {
    this.#marks.delete(casefold(target));
  }

  /** The markers to send now: those that are due, or `all`. */
  take(now: number, all = false): MessageParts[] {
    const due = [...this.#marks.values()].filter((mark) =>
      !mark.isSent && (all || now >= mark.sentAt + MARK_INTERVAL_MS || now < mark.sentAt)
    );
    return due.map((mark) => {
      mark.isSent = true;
      mark.sentAt = now;
      return { command: "MARKREAD", params: [mark.target, formatTimestamp(mark.shownUntil)] };
    });
  }

  /** Milliseconds until a marker is due; undefined: none is. */
  dueIn(now: number): number | undefined {
    let due: number | undefined;
    for (const { isSent, sentAt } of this.#marks.values()) {
      if (!isSent) due = Math.min(due ?? Infinity, Math.max(0, sentAt + MARK_INTERVAL_MS - now));
    }
    return due;
  }
}
