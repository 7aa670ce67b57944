/**
 * What a person has been shown, and is to be told to the server as read (https://ircv3.net/specs/extensions/read-marker): the
 * latest of each conversation, at most once in a while. Pure.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { MessageParts } from "../../irc/message.ts";
import { formatTimestamp } from "./model/read_position.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";

/** A conversation's marker is moved at most this often. */
export const MARK_INTERVAL_MS = 2_000;
/** Conversations of which it is known what was told. */
const MAX_TARGETS = 1_000;

interface ReadMarkerState {
  readonly target: string;
  /** Time of the latest message shown, in milliseconds since the epoch. */
  shownUntil: number;
  /** Its place in the server's log; undefined: it tells none. */
  seq: number | undefined;
  /** The server was told so, */
  isTold: boolean;
  /** or of an earlier one, then. */
  toldAt: number;
}

export class ReadMarkerTracker {
  /** By folded name; those shown last are last. */
  readonly #marks = new Map<string, ReadMarkerState>();
  /** Folded names of people of whose messages some were not shown. A marker is one place: it stays before those. */
  readonly #keptUnread = new Set<string>();
  /** The same holds for all people. */
  #keepsAllUnread = false;

  /** Messages from `target` (undefined: from anyone) were not shown: what follows them is not told to be read. */
  keepUnread(target: string | undefined): void {
    if (target !== undefined) this.#keptUnread.add(casefold(target));
    if (target === undefined || this.#keptUnread.size > MAX_TARGETS) this.#keepsAllUnread = true;
  }

  /** `target` has been shown up to the message of the time `time`, the one at `seq` where the server tells places. */
  markShown(target: string, time: number, seq?: number): void {
    const folded = casefold(target);
    if (this.#keptUnread.has(folded) || this.#keepsAllUnread && !isChannelName(target)) return;
    const mark: ReadMarkerState = this.#marks.get(folded) ??
      { target, shownUntil: 0, seq: undefined, isTold: true, toldAt: -Infinity };
    // Where the clock was set back a later message has an earlier time.
    const isLater = seq === undefined || mark.seq === undefined ? time > mark.shownUntil : seq > mark.seq;
    if (isLater) [mark.shownUntil, mark.seq, mark.isTold] = [time, seq, false];
    this.#marks.delete(folded);
    this.#marks.set(folded, mark);
    if (this.#marks.size > MAX_TARGETS) this.#marks.delete(this.#marks.keys().next().value!);
  }

  /** What to tell the server now; `all`: without waiting. */
  take(now: number, all = false): MessageParts[] {
    const due = [...this.#marks.values()].filter((mark) =>
      !mark.isTold && (all || now >= mark.toldAt + MARK_INTERVAL_MS || now < mark.toldAt)
    );
    return due.map((mark) => {
      mark.isTold = true;
      mark.toldAt = now;
      return { command: "MARKREAD", params: [mark.target, formatTimestamp(mark.shownUntil)] };
    });
  }

  /** Milliseconds until there is something to tell; undefined: nothing is. */
  dueIn(now: number): number | undefined {
    let due: number | undefined;
    for (const { isTold, toldAt } of this.#marks.values()) {
      if (!isTold) due = Math.min(due ?? Infinity, Math.max(0, toldAt + MARK_INTERVAL_MS - now));
    }
    return due;
  }
}
