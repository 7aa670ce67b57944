/** The messages of a ring file and of the archive beside it. */
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { UnreadableArchive } from "../../lib/store/archive/unreadable_archive.ts";
import type { OpenLog } from "../../lib/store/ring_file/open_log.ts";
import type { ArchivedRange, FileArchive } from "./file_archive.ts";
import { collectChanges, earlierName, laterName } from "./later_changes.ts";
import type { LaterChanges } from "./later_changes.ts";
import { makeRecordEntry, recordsBetween } from "./record_entries.ts";

/** Messages that are read before they are shown. */
export const CHUNK_ENTRIES = 1000;

type EntryRange = Omit<ArchivedRange, "until">;

export interface LogSources {
  readonly log: OpenLog;
  readonly archive: FileArchive | undefined;
  /** Told why the archive cannot be read to its end. */
  readonly onFailure: (why: string) => void;
}

/** The messages of a log, a slice at a time, with the present names of their rooms and without redacted ones. */
export class LogEntries {
  readonly #log: OpenLog;
  readonly #archive: FileArchive | undefined;
  readonly #onFailure: (why: string) => void;
  readonly #changes: LaterChanges;

  private constructor({ log, archive, onFailure }: LogSources, changes: LaterChanges) {
    this.#log = log;
    this.#archive = archive;
    this.#onFailure = onFailure;
    this.#changes = changes;
  }

  static async of(sources: LogSources, signal: AbortSignal): Promise<LogEntries> {
    const { oldestSeq, nextSeq } = sources.log.ring;
    return new LogEntries(sources, await collectChanges(sources.log, oldestSeq, nextSeq, signal));
  }

  /** Those in the ring, in order. */
  *recent(): Iterable<MessageEntry[]> {
    const { ring, logId } = this.#log;
    let slice: MessageEntry[] = [];
    for (const record of recordsBetween(ring, ring.oldestSeq, ring.nextSeq)) {
      const entry = makeRecordEntry(decodeEvent(record.payload), record, logId);
      if (entry !== undefined) slice.push(...this.#asOfNow(record.seq, [entry]));
      if (slice.length < CHUNK_ENTRIES) continue;
      yield slice;
      slice = [];
    }
    yield slice;
  }

  /** Those in the archive alone, in order. */
  *archived(range: EntryRange): Iterable<MessageEntry[]> {
    const archive = this.#archive;
    if (archive === undefined) return;
    for (const entries of this.#read(archive.entries(this.#rangeIn(archive, range)))) {
      yield this.#asOfNow(archive.cursor, entries);
    }
  }

  /** The same, the newest slice first, each in order. */
  *newestArchived(range: EntryRange): Iterable<MessageEntry[]> {
    const archive = this.#archive;
    if (archive === undefined) return;
    const slices = archive.newestEntries(this.#rangeIn(archive, range));
    for (const entries of this.#read(slices)) yield this.#asOfNow(archive.cursor, entries);
  }

  /** The slices up to where the archive cannot be read. */
  *#read<T>(slices: Iterable<T>): Iterable<T> {
    try {
      yield* slices;
    } catch (error) {
      if (!(error instanceof UnreadableArchive)) throw error;
      this.#onFailure(error.message);
    }
  }

  #rangeIn({ cursor }: FileArchive, { target, since }: EntryRange): ArchivedRange {
    const name = target && earlierName(this.#changes, target, cursor);
    return { target: name, since, until: this.#log.ring.oldestSeq };
  }

  /** Entries as they are after the changes of all records from `seq` on. */
  #asOfNow(seq: number, entries: readonly MessageEntry[]): MessageEntry[] {
    return entries.filter((entry) => !this.#changes.redacted.has(entry.seq ?? 0)).map((entry) =>
      entry.channel === undefined
        ? entry
        : { ...entry, channel: laterName(this.#changes, entry.channel, seq) }
    );
  }
}
