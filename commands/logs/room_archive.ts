/**
 * The history of rooms in the archive of a data folder, read without a server, or beside it. Direct conversations are
 * not read here: the server shows them to their owners.
 */
import { casefold } from "../../lib/irc/names/casemap.ts";
import type {
  ArchiveCut,
  ArchivedRecord,
  ArchiveLoss,
  ConversationKey,
  EntryKind,
  PageAnswer,
  PageQuery,
} from "../../lib/log/archive.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { EmptyArchive } from "../../lib/store/archive/archive_schema.ts";
import { ALL_KINDS } from "../../lib/store/archive/entry_table.ts";

/** Records read at once. */
const PAGE_RECORDS = 500;
const PAGE_BYTES = 1024 * 1024;
const MESSAGES: readonly EntryKind[] = ["message"];

export class RoomArchive {
  readonly #reader: ArchiveReader;

  private constructor(reader: ArchiveReader) {
    this.#reader = reader;
  }

  /** The archive at `path`; undefined: there is none of the log `logId`. Throws if it cannot be read. */
  static open(path: string, logId: string): RoomArchive | undefined {
    if (!exists(path)) return undefined;
    const reader = openReader(path);
    if (reader?.logId === logId) return new RoomArchive(reader);
    reader?.close();
    return undefined;
  }

  /** Every record below this number is archived, or lost. */
  get until(): number {
    return this.#reader.archivedUntil;
  }

  /** The room of that name; undefined: no record names it. */
  room(name: string): ArchivedRoom | undefined {
    const key: ConversationKey = { kind: "channel", name: casefold(name) };
    const room = new ArchivedRoom(this.#reader, key, name);
    return room.isNamed ? room : undefined;
  }

  close(): void {
    this.#reader.close();
  }
}

export class ArchivedRoom {
  readonly #reader: ArchiveReader;
  readonly #key: ConversationKey;
  readonly #name: string;
  #spelling: string | undefined;

  constructor(reader: ArchiveReader, key: ConversationKey, name: string) {
    this.#reader = reader;
    this.#key = key;
    this.#name = name;
  }

  get isNamed(): boolean {
    return this.#page({ shows: ALL_KINDS, before: 1 }).records.length > 0;
  }

  /** Its name as it is spelled. */
  get spelling(): string {
    return this.#spelling ??= this.#readSpelling();
  }

  /** Where `time` divides its messages. */
  cutAt(time: number): ArchiveCut {
    const [cut] = this.#page({ anchors: [{ by: "time", time, recent: {} }] }).cuts;
    return cut!;
  }

  /** What is lost from record `seq` on. */
  lossesFrom(seq: number): readonly ArchiveLoss[] {
    return this.#page({ anchors: [{ by: "seq", seq: seq - 1 }], after: 1 }).losses;
  }

  /** Messages from record `from` up to but not including `until`, a page at a time. */
  *messages(from: number, until: number): Iterable<readonly ArchivedRecord[]> {
    for (let next = from;;) {
      const { records } = this.#page({ anchors: [{ by: "seq", seq: next - 1 }], after: PAGE_RECORDS });
      const within = records.filter(({ seq }) => seq < until);
      if (within.length > 0) yield within;
      if (records.length === 0 || within.length < records.length) return;
      next = records.at(-1)!.seq + 1;
    }
  }

  /** Messages before record `until`, the newest page first, each in order. */
  *newestMessages(until: number): Iterable<readonly ArchivedRecord[]> {
    for (let before = until;;) {
      const { records } = this.#page({ anchors: [{ by: "seq", seq: before }], before: PAGE_RECORDS });
      if (records.length === 0) return;
      yield records;
      before = records[0]!.seq;
    }
  }

  #readSpelling(): string {
    const query = { owner: "", channels: [this.#key.name], after: -Infinity, before: Infinity, limit: 1 };
    const [found] = this.#reader.answer({ kind: "targets", newestFirst: true, ...query }).targets;
    return found?.name ?? this.#name;
  }

  #page(query: Partial<PageQuery>): PageAnswer {
    return this.#reader.answer({
      kind: "page",
      conversation: this.#key,
      shows: MESSAGES,
      anchors: [],
      before: 0,
      after: 0,
      maxBytes: PAGE_BYTES,
      ...query,
    });
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Undefined: the server is creating the archive at `path`. */
function openReader(path: string): ArchiveReader | undefined {
  try {
    return new ArchiveReader(path);
  } catch (error) {
    if (error instanceof EmptyArchive) return undefined;
    throw error;
  }
}
