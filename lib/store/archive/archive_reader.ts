/** The archive, read beside its writer. Each answer is of one state of the database. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { unreachable } from "../../base/assert.ts";
import type {
  AnswerTo,
  ArchiveAnchor,
  ArchiveCut,
  ArchivedRecord,
  ArchiveLoss,
  ConversationKey,
  PageAnswer,
  PageQuery,
  RecordAnswer,
  RecordQuery,
  SearchQuery,
  TargetsAnswer,
  TargetsQuery,
} from "../../log/archive.ts";
import {
  conversationKeyOf,
  inSnapshot,
  type KeyRow,
  keyRowOf,
  openArchiveForReading,
  parseConversationIds,
  readArchiveRow,
} from "./archive_schema.ts";
import { ArchiveSearch } from "./archive_search.ts";
import { EntryTable, NO_BOUND } from "./entry_table.ts";
import { readLosses } from "./loss_table.ts";
import {
  cutArchivedAtTime,
  cutAtTime,
  earliestTimeFrom,
  latestTimeBefore,
  readClockBreaks,
} from "./time_cut.ts";

/** What is answered at once; a {@link SearchQuery} takes steps. */
export type ImmediateQuery = PageQuery | TargetsQuery | RecordQuery;

/** A conversation that is read. */
interface FoundConversation {
  readonly id: number;
  readonly prunedUntil: number;
}

/** The range of a conversation that a page shows. */
interface Stretch {
  readonly records: readonly ArchivedRecord[];
  /** Where it begins and ends, in sequence numbers. */
  readonly from: number;
  readonly until: number;
}

/** Throws errors of SQLite, and those of archive_schema.ts. */
export class ArchiveReader {
  readonly #db: DatabaseSync;
  readonly #entries: EntryTable;
  readonly #find: StatementSync;
  readonly #record: StatementSync;
  readonly #keyOf: StatementSync;

  /** Opens the archive at `path`. Throws if there is none. */
  constructor(path: string) {
    const db = this.#db = openArchiveForReading(path);
    this.#entries = new EntryTable(db);
    this.#find = db.prepare(
      "SELECT id, pruned_until FROM conversation WHERE kind = ? AND owner = ? AND name = ? AND retired = 0",
    );
    this.#record = db.prepare("SELECT seq, time, conversations, payload FROM record WHERE seq = ?");
    this.#keyOf = db.prepare("SELECT kind, owner, name FROM conversation WHERE id = ? AND retired = 0");
  }

  /** Id of the log that is archived. */
  get logId(): string {
    return readArchiveRow(this.#db).logId;
  }

  /** The cursor: every record below this number is handled. */
  get archivedUntil(): number {
    return readArchiveRow(this.#db).cursor;
  }

  answer<Query extends ImmediateQuery>(query: Query): AnswerTo<Query>;
  answer(query: ImmediateQuery): AnswerTo<ImmediateQuery> {
    return inSnapshot(this.#db, () => {
      switch (query.kind) {
        case "page":
          return this.#page(query);
        case "targets":
          return this.#targets(query);
        case "record":
          return this.#recordAnswer(query);
        default:
          return unreachable(query);
      }
    });
  }

  /** Starts a search. */
  search(query: SearchQuery): ArchiveSearch {
    return new ArchiveSearch(this.#db, query);
  }

  close(): void {
    this.#db.close();
  }

  #conversation(key: ConversationKey): FoundConversation | undefined {
    const { kind, owner, name } = keyRowOf(key);
    const row = this.#find.get(kind, owner, name);
    return row && { id: Number(row["id"]), prunedUntil: Number(row["pruned_until"]) };
  }

  #page(query: PageQuery): PageAnswer {
    const { conversation, shows, anchors } = query;
    const found = this.#conversation(conversation);
    const breaks = found === undefined ? [] : readClockBreaks(this.#db, found.id);
    const cuts = anchors.map((anchor) => this.#cut(found, shows, breaks, anchor));
    const stretch = found === undefined ? emptyStretch(cuts) : this.#stretch(found.id, query, cuts);
    const { records, from, until } = stretch;
    const latestBefore = found === undefined
      ? 0
      : latestTimeBefore(this.#entries, found.id, shows, breaks, from);
    const earliestAfter = found === undefined
      ? Infinity
      : earliestTimeFrom(this.#entries, found.id, shows, breaks, until);
    const [isStart, isEnd] = [latestBefore === 0, earliestAfter === Infinity];
    return {
      kind: "page",
      cuts,
      records,
      isStart,
      isEnd,
      latestBefore,
      earliestAfter,
      losses: this.#lossesBehind(found, from, anchors[0], cuts[0]),
      lostWithin: this.#lostWithin(isStart ? 0 : from, isEnd ? NO_BOUND : until),
      archivedUntil: this.archivedUntil,
    };
  }

  #cut(
    found: FoundConversation | undefined,
    shows: PageQuery["shows"],
    breaks: readonly number[],
    anchor: ArchiveAnchor,
  ): ArchiveCut {
    if (anchor.by === "seq") return { before: anchor.seq, through: anchor.seq + 1 };
    const { time, recent } = anchor;
    const archived = found === undefined
      ? {}
      : cutArchivedAtTime(this.#entries, found.id, shows, breaks, time);
    return cutAtTime(archived, recent);
  }

  /** See {@link PageQuery}. */
  #stretch(id: number, query: PageQuery, cuts: readonly ArchiveCut[]): Stretch {
    const [first] = cuts;
    if (first === undefined || query.isAtEnd) return this.#before(id, query, NO_BOUND);
    if (query.before <= 0) return this.#after(id, query, first.through);
    const lower = this.#before(id, query, first.before);
    const upper = this.#after(id, query, first.before);
    return { records: [...lower.records, ...upper.records], from: lower.from, until: upper.until };
  }

  #before(id: number, query: PageQuery, until: number): Stretch {
    const records: ArchivedRecord[] = [];
    this.#read(this.#entries.newest(id, query.shows, 0, until, query.before), query.maxBytes, records);
    records.reverse();
    return { records, from: records[0]?.seq ?? until, until };
  }

  #after(id: number, query: PageQuery, from: number): Stretch {
    const records: ArchivedRecord[] = [];
    this.#read(this.#entries.oldest(id, query.shows, from, NO_BOUND, query.after), query.maxBytes, records);
    const last = records.at(-1)?.seq;
    return { records, from, until: last === undefined ? from : last + 1 };
  }

  /** Reads records until `maxBytes` of payloads are reached, but at least one. */
  #read(seqs: readonly number[], maxBytes: number, into: ArchivedRecord[]): void {
    let bytes = 0;
    for (const seq of seqs) {
      const row = this.#record.get(seq);
      if (row === undefined) continue; // of a damaged archive
      const payload = row["payload"] as Uint8Array;
      bytes += payload.length;
      if (bytes > maxBytes && into.length > 0) return;
      into.push({ seq, time: Number(row["time"]), payload });
    }
  }

  /** Losses from `from` up to `until`, without what was pruned. */
  #lostWithin(from: number, until: number): ArchiveLoss[] {
    return readLosses(this.#db, from, until).filter(({ why }) => why !== "pruned").map((loss) => ({
      ...loss,
      from: Math.max(loss.from, from),
      until: Math.min(loss.until, until),
    }));
  }

  /**
   * Losses from the record `from` on, and those between an anchor and that record. Behind a time they are those that
   * follow the last earlier record of the conversation, unless a record that follows the loss shows that it is older.
   */
  #lossesBehind(
    found: FoundConversation | undefined,
    from: number,
    anchor: ArchiveAnchor | undefined,
    cut: ArchiveCut | undefined,
  ): ArchiveLoss[] {
    if (anchor?.by !== "time" || cut === undefined) {
      return this.#losses(found, Math.min(from, cut?.through ?? from));
    }
    const next = this.#db.prepare("SELECT time FROM record WHERE seq >= ? ORDER BY seq LIMIT 1");
    const timeBehind = (seq: number) => Number(next.get(seq)?.["time"] ?? Infinity);
    return this.#losses(found, Math.min(from, cut.before)).filter(({ until }) =>
      until > from || timeBehind(until) > anchor.time
    );
  }

  /** Losses from `from` on. What was pruned is known of each conversation that still exists. */
  #losses(found: FoundConversation | undefined, from: number): ArchiveLoss[] {
    const all = readLosses(this.#db, from).map((loss) => ({ ...loss, from: Math.max(loss.from, from) }));
    if (found === undefined) return all;
    const others = all.filter(({ why }) => why !== "pruned");
    if (found.prunedUntil <= from) return others;
    return subtractLosses({ from, until: found.prunedUntil, why: "pruned" }, others);
  }

  #targets({ owner, channels, after, before, newestFirst, limit }: TargetsQuery): TargetsAnswer {
    const rows = owner === "" ? [] : this.#db.prepare(
      "SELECT id, kind, owner, name, shown FROM conversation WHERE kind = 'direct' AND owner = ? AND retired = 0",
    ).all(owner);
    const channel = this.#db.prepare(
      "SELECT id, kind, owner, name, shown FROM conversation WHERE kind = 'channel' AND owner = '' AND name = ? AND retired = 0",
    );
    for (const name of new Set(channels)) rows.push(...channel.all(name));
    const targets = rows.flatMap((row) => {
      const [seq] = this.#entries.newest(Number(row["id"]), ["message"], 0, NO_BOUND, 1);
      const time = seq === undefined ? undefined : this.#entries.timeOf(seq);
      if (seq === undefined || time === undefined || time <= after || time >= before) return [];
      const conversation = conversationKeyOf(row as unknown as KeyRow);
      return [{ conversation, name: String(row["shown"]), time, seq }];
    });
    const byName = (a: string, b: string) => a < b ? -1 : Number(a > b);
    targets.sort((a, b) =>
      a.time - b.time || a.seq - b.seq || byName(a.conversation.name, b.conversation.name)
    );
    if (newestFirst) targets.reverse();
    const lost = this.#lostWithin(0, NO_BOUND);
    return { kind: "targets", targets: targets.slice(0, limit), lost, archivedUntil: this.archivedUntil };
  }

  #recordAnswer({ seq }: RecordQuery): RecordAnswer {
    const row = this.#record.get(seq);
    const conversations = parseConversationIds(row?.["conversations"] ?? "").flatMap((id) => {
      const key = this.#keyOf.get(id);
      return key === undefined ? [] : [conversationKeyOf(key as unknown as KeyRow)];
    });
    const { archivedUntil } = this;
    // Of a retired conversation nothing is read.
    if (row === undefined || conversations.length === 0) {
      return { kind: "record", record: undefined, conversations: [], archivedUntil };
    }
    const record = { seq, time: Number(row["time"]), payload: row["payload"] as Uint8Array };
    return { kind: "record", record, conversations, archivedUntil };
  }
}

function emptyStretch(cuts: readonly ArchiveCut[]): Stretch {
  const at = cuts[0]?.through ?? NO_BOUND;
  return { records: [], from: at, until: at };
}

/** `loss` without the ranges of `others`, and these, in order. */
function subtractLosses(loss: ArchiveLoss, others: readonly ArchiveLoss[]): ArchiveLoss[] {
  const losses: ArchiveLoss[] = [];
  let { from } = loss;
  for (const other of others) {
    if (from < Math.min(other.from, loss.until)) {
      losses.push({ ...loss, from, until: Math.min(other.from, loss.until) });
    }
    losses.push(other);
    from = Math.max(from, other.until);
  }
  if (from < loss.until) losses.push({ ...loss, from });
  return losses;
}
