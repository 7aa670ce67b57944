/**
 * What the archive may not have handled yet. It follows the log behind the durable watermark; what it answers is as
 * of its cursor, and a channel may have got another name since, or a message may have been redacted.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { EventLog } from "../log/event_log.ts";

interface Rename {
  readonly seq: number;
  /** Folded names. */
  readonly from: string;
  readonly to: string;
}

export class ArchiveLag {
  /** In the order of the log. */
  #renames: Rename[] = [];
  /** Sequence number of a redaction by that of the redacted message, in the order of the redactions. */
  readonly #redactions = new Map<number, number>();
  readonly #log: EventLog;
  #archivedUntil = 0;
  /** Sequence number of the newest rename or redaction that is not known here any more, or a larger one. */
  #forgotten: number;

  /** `isUsed`: there is an archive; without one nothing is noted. */
  constructor(log: EventLog, readonly isUsed: boolean) {
    this.#log = log;
    this.#forgotten = log.oldestSeq - 1;
  }

  /** The archive has handled every record below this number, as far as it has said. */
  get archivedUntil(): number {
    return this.#archivedUntil;
  }

  /** Number of redactions that the archive may not have handled. */
  get redactionCount(): number {
    return this.#redactions.size;
  }

  /** Whether all is known here that an archive with the cursor `until` has not handled. */
  covers(until: number): boolean {
    return until > this.#forgotten;
  }

  /** Called when the archive has answered that it has handled every record below `until`. */
  noteArchived(until: number): void {
    this.#archivedUntil = Math.max(this.#archivedUntil, until);
    this.#prune();
  }

  /** Called for the record at `seq`, which renames the channel `from` to `to`. */
  noteRename(from: string, to: string, seq: number): void {
    if (!this.isUsed) return;
    this.#prune();
    this.#renames.push({ seq, from: casefold(from), to: casefold(to) });
  }

  /** Called for the record at `seq`, which redacts the message at `redacted`. */
  noteRedaction(redacted: number, seq: number): void {
    if (!this.isUsed) return;
    this.#prune();
    this.#redactions.delete(redacted);
    this.#redactions.set(redacted, seq);
  }

  /**
   * The name (folded) under which the archive has the channel that is called `folded` now, if its cursor is `until`;
   * undefined: it has nothing of it yet, because that name was another channel's.
   */
  nameAt(folded: string, until: number): string | undefined {
    for (const { seq, from, to } of this.#renames.toReversed()) {
      if (seq < until || from === to) continue;
      if (to === folded) folded = from;
      else if (from === folded) return undefined;
    }
    return folded;
  }

  /** Whether the message at `seq` is redacted by a record that an archive with the cursor `until` has not handled. */
  isRedacted(seq: number, until: number): boolean {
    return (this.#redactions.get(seq) ?? -1) >= until;
  }

  /** Drops what the archive has handled, or can handle no more: the log has overwritten it. */
  #prune(): void {
    const until = Math.max(this.#archivedUntil, this.#log.oldestSeq);
    const forget = (seq: number) => this.#forgotten = Math.max(this.#forgotten, seq);
    while (this.#renames.length > 0 && this.#renames[0]!.seq < until) forget(this.#renames.shift()!.seq);
    for (const [redacted, seq] of this.#redactions) {
      if (seq >= until) break;
      this.#redactions.delete(redacted);
      forget(seq);
    }
  }
}
