/** Messages of the archive beside a ring file: those that the ring has overwritten. */
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { isChannelName } from "../../lib/irc/names/name_rules.ts";
import { ArchiveExport } from "../../lib/store/archive/archive_export.ts";
import type { ExportedRecord } from "../../lib/store/archive/archive_export.ts";
import { openArchiveForReading } from "../../lib/store/archive/archive_schema.ts";
import { readingArchive, readingSlices } from "./archive_reads.ts";
import { makeRecordEntry } from "./record_entries.ts";

/** Which messages of the archive are read. */
export interface ArchivedRange {
  /** Undefined: those of all rooms and people. */
  readonly target: string | undefined;
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** The first record that the ring holds. */
  readonly until: number;
}

/** What is read throws an `UnreadableArchive` where that fails. */
export class FileArchive {
  readonly #db: ReturnType<typeof openArchiveForReading>;
  readonly #records: ArchiveExport;

  constructor(path: string) {
    this.#db = readingArchive(() => openArchiveForReading(path));
    this.#records = readingArchive(() => new ArchiveExport(this.#db));
  }

  get logId(): string {
    return this.#records.logId;
  }

  /** Every record below this number is archived, or lost. */
  get cursor(): number {
    return this.#records.cursor;
  }

  /** A slice at a time, in order. */
  entries(range: ArchivedRange): Iterable<readonly MessageEntry[]> {
    return readingSlices(this.#entries(range));
  }

  /** The newest slice first, each in order. */
  newestEntries(range: ArchivedRange): Iterable<readonly MessageEntry[]> {
    return readingSlices(this.#newestEntries(range));
  }

  close(): void {
    this.#db.close();
  }

  *#entries(range: ArchivedRange): Iterable<readonly MessageEntry[]> {
    const [id, first] = [this.#channelId(range), this.#first(range)];
    if (id === "none" || first === undefined) return;
    for (const slice of this.#records.records(id, first)) {
      yield this.#entriesOf(slice, range);
      if ((slice.at(-1)?.seq ?? 0) >= range.until) return;
    }
  }

  *#newestEntries(range: ArchivedRange): Iterable<readonly MessageEntry[]> {
    const [id, first] = [this.#channelId(range), this.#first(range)];
    if (id === "none" || first === undefined) return;
    for (const slice of this.#records.newestRecords(id, range.until)) {
      yield this.#entriesOf(slice, range);
      if ((slice[0]?.seq ?? 0) < first) return;
    }
  }

  /** The conversation that is read; undefined: all of them. */
  #channelId({ target }: ArchivedRange): number | undefined | "none" {
    if (target === undefined || !isChannelName(target)) return undefined;
    return this.#records.channel(casefold(target))?.id ?? "none";
  }

  #first({ since }: ArchivedRange): number | undefined {
    return since === undefined ? 0 : this.#records.firstSince(since);
  }

  /** Messages with the present names of their rooms. */
  #entriesOf(records: readonly ExportedRecord[], { until }: ArchivedRange): MessageEntry[] {
    return records.flatMap((record) => {
      const { seq, conversations: [conversation] } = record;
      const message = makeRecordEntry(decodeEvent(record.payload), record, this.logId);
      if (message === undefined || seq >= until) return [];
      if (message.channel === undefined || conversation === undefined) return [message];
      return [{ ...message, channel: conversation.shown }];
    });
  }
}
