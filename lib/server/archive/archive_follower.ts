/** Carries records from the ring to the archive, in transactions that advance the archive's cursor. */
import { ArchiveChanges, searchableTextIn } from "../../hub/history/archive_changes.ts";
import type { MemberChannel } from "../../hub/history/archive_changes.ts";
import type { ArchiveChange, ArchiveLoss } from "../../log/archive.ts";
import type { MissingRecords } from "../../log/read_outcome.ts";
import { recordBytes } from "../../log/record.ts";
import type { Ring } from "../../log/ring.ts";
import { ArchivePruning } from "../../store/archive/archive_pruning.ts";
import type { PruningBounds } from "../../store/archive/archive_pruning.ts";
import { ArchiveWriter } from "../../store/archive/archive_writer.ts";
import type { ArchiverStart } from "./archiver_messages.ts";
import { WaitingOrders } from "./waiting_orders.ts";
import type { ChangeOrder, RepeatOrder } from "./waiting_orders.ts";

/** Records of the first transaction; later ones have as many as fit the time. */
const FIRST_BATCH_RECORDS = 1000;
const MIN_BATCH_RECORDS = 100;
const MAX_BATCH_RECORDS = 10_000;
/** Duration of a transaction, its fsync included. */
const BATCH_MS = 35;
/** The same while the ring is in danger of lapping the archive: the fsync is a smaller part of it. */
const URGENT_BATCH_MS = 200;
/** Bytes of the records of one transaction, which are in memory twice. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Number of the first record of a new log. */
const FIRST_SEQ = 1;
/**
 * A ring of this size holds all records of the transactions that are not on disk yet: SQLite's write-ahead log has a
 * checkpoint after 4 MiB and the transaction that is written then. So the archive saves one fsync for each transaction,
 * and what a power cut takes out of it is read from the ring again.
 */
const DEFERRED_SYNC_RING_BYTES = 16 * 1024 * 1024;
/** Size of a record before any was seen. */
const TYPICAL_RECORD_BYTES = 160;

export interface BatchOutcome {
  /** Records that were read. */
  readonly records: number;
  /** Records that the ring no longer held, and how many they are. */
  readonly lost: { readonly loss: ArchiveLoss; readonly count: number } | undefined;
}

const NOTHING: BatchOutcome = { records: 0, lost: undefined };

/** The archive has lost records that rename or redact what it holds, and no order repeats them any more. */
export class IncompleteArchive extends Error {
  override readonly name = "IncompleteArchive";

  constructor() {
    super("too many renames and deletions waited for it, and the log has overwritten them; a new one begins");
  }
}

/** Records that were read, and what they change. */
interface Batch {
  readonly changes: readonly ArchiveChange[];
  readonly records: number;
  /** Every record below this number is in the batch, or does not exist. */
  readonly cursor: number;
  /** What follows is missing. */
  readonly missing: MissingRecords | undefined;
}

export class ArchiveFollower {
  readonly writer: ArchiveWriter;
  /** The cursor that the archive had; 0: it is new. */
  readonly openedAt: number;
  readonly #ring: Ring;
  readonly #changes: ArchiveChanges;
  /** Changes for the next transaction, before those of its records. */
  #pending: readonly ArchiveChange[] = [];
  /** Payloads of the batch that is being read: one of its redactions may be of one of its messages. */
  readonly #payloads = new Map<number, Uint8Array>();
  #pruning: ArchivePruning | undefined;
  #batchRecords = FIRST_BATCH_RECORDS;
  #recordBytes = TYPICAL_RECORD_BYTES;

  /** Opens the archive, and creates it if there is none. Throws what {@link ArchiveWriter} throws. */
  constructor(ring: Ring, { path, logId, bounds }: Pick<ArchiverStart, "path" | "logId" | "bounds">) {
    this.#ring = ring;
    const defersSync = ring.capacityBytes >= DEFERRED_SYNC_RING_BYTES;
    this.writer = new ArchiveWriter(path, { logId, readSearchable: searchableTextIn, bounds, defersSync });
    this.openedAt = this.cursor;
    try {
      this.#changes = new ArchiveChanges({
        members: this.#storedMembers(),
        payloadOf: (seq) => this.#payloads.get(seq) ?? this.writer.records.get(seq)?.payload,
      });
      if (this.cursor === 0) this.#begin();
      if (this.writer.endsWithLoss) this.#pending = this.#changes.changesOfLoss();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A new archive begins with the oldest record of the log: what was before it is lost. */
  #begin(): void {
    const { oldestSeq, nextSeq } = this.#ring;
    const isWhole = oldestSeq <= FIRST_SEQ;
    const begin = [{ kind: "begin", at: nextSeq, isWhole }] as const;
    if (isWhole) this.writer.append(begin, FIRST_SEQ);
    else this.writer.skip(oldestSeq, "overwritten", begin);
  }

  /** Every record below this number is archived. */
  get cursor(): number {
    return this.writer.cursor;
  }

  /** About as many bytes of the ring are not archived yet. */
  get waitingBytes(): number {
    return (this.#ring.nextSeq - this.cursor) * this.#recordBytes;
  }

  /**
   * Archives records below `limit`, as many as one transaction takes. If a record is lost, that one of `orders` which
   * says the same is carried out instead; a loss ends where an order is to be carried out that says what no record does.
   * Throws errors of SQLite, and an {@link IncompleteArchive}.
   */
  archiveBatch(limit: number, isUrgent = false, orders = new WaitingOrders()): BatchOutcome {
    if (this.cursor >= limit) return NOTHING;
    const began = performance.now();
    const { changes, records, cursor, missing } = this.#read(limit);
    if (cursor > this.cursor) {
      this.writer.append([...this.#pending, ...changes], cursor);
      this.#pending = [];
    }
    this.#adapt(records, performance.now() - began, isUrgent ? URGENT_BATCH_MS : BATCH_MS);
    if (missing === undefined) return { records, lost: undefined };
    const why = missing.next <= this.#ring.oldestSeq ? "overwritten" : "damaged";
    const loss: ArchiveLoss = { from: this.cursor, until: Math.min(missing.next, orders.limit), why };
    if (why === "overwritten" && loss.from < orders.droppedUntil) throw new IncompleteArchive();
    const lost = orders.repeats.filter(({ seq }) => seq > loss.from && seq <= loss.until);
    this.writer.skip(loss.until, why, lost.flatMap(changesOf));
    this.#pending = this.#changes.changesOfLoss();
    return { records, lost: { loss, count: Math.min(missing.lost, loss.until - loss.from) } };
  }

  /** Carries out orders of the hub, at the present cursor: all of them, or none. */
  carryOut(orders: readonly ChangeOrder[]): void {
    this.writer.apply(orders);
  }

  /**
   * Carries out an order that says what a record below the cursor says, unless the archive has got that record, or has
   * carried out the order already: since then the names may be those of other channels.
   */
  repeat(order: RepeatOrder): void {
    const { records, conversations } = this.writer;
    if (order.seq <= this.writer.repeatedUntil || records.get(order.seq - 1) !== undefined) return;
    if (order.kind === "redact") {
      if (!this.writer.isRedacted(order.redacted)) this.writer.apply(changesOf(order));
      return;
    }
    const from = conversations.find({ kind: "channel", name: order.from });
    if (from === undefined || !records.hasEntryBefore(from.id, order.seq)) return; // another channel has that name now
    const to = conversations.find({ kind: "channel", name: order.to });
    const isLate = to !== undefined && to.lastSeq >= order.seq; // the channel has a part of its own there already
    const [rename, repeated] = changesOf(order);
    this.writer.apply([isLate ? { kind: "retire", name: order.from } : rename, repeated]);
  }

  /**
   * Does one step to bring the archive within `bounds`, in some milliseconds; `now` in milliseconds since the epoch.
   * Returns whether there was anything to do.
   */
  prune(bounds: PruningBounds, now: number): boolean {
    this.#pruning ??= new ArchivePruning(this.writer);
    return this.#pruning.step(bounds, now);
  }

  close(): void {
    this.writer.close();
  }

  /** Channels by member, each as it is spelled. */
  *#storedMembers(): Iterable<readonly [nick: string, channels: readonly MemberChannel[]]> {
    const { conversations } = this.writer;
    for (const [nick, channels] of this.writer.members()) {
      const spelled = channels.map((folded) => ({
        folded,
        name: conversations.find({ kind: "channel", name: folded })?.shown ?? folded,
      }));
      yield [nick, spelled];
    }
  }

  #read(limit: number): Batch {
    const changes: ArchiveChange[] = [];
    let [records, bytes, cursor] = [0, 0, this.cursor];
    let missing: MissingRecords | undefined;
    this.#payloads.clear();
    while (cursor < limit && records < this.#batchRecords && bytes < MAX_BATCH_BYTES) {
      const record = this.#ring.read(cursor);
      if (record.kind === "empty") break;
      if (record.kind === "missing") {
        if (record.lost > 0) {
          missing = record;
          break;
        }
        cursor = record.next; // numbers that a restart has skipped
        continue;
      }
      this.#payloads.set(record.seq, record.payload);
      changes.push(...this.#changes.changesOf(record));
      cursor = record.seq + 1;
      bytes += recordBytes(record.payload.length);
      records++;
    }
    if (records > 0) this.#recordBytes = bytes / records;
    return { changes, records, cursor, missing };
  }

  /** Makes the next batch of a size that takes `wantedMs`, after one of `records` that took `ms`. */
  #adapt(records: number, ms: number, wantedMs: number): void {
    if (records < this.#batchRecords) return; // it was not bounded by its size
    const fitting = Math.round(records * wantedMs / Math.max(ms, 1));
    const next = Math.min(fitting, 2 * this.#batchRecords);
    this.#batchRecords = Math.max(MIN_BATCH_RECORDS, Math.min(MAX_BATCH_RECORDS, next));
  }
}

function changesOf(order: RepeatOrder): [ArchiveChange, ArchiveChange] {
  const change: ArchiveChange = order.kind === "rename" ? order : { kind: "remove", seq: order.redacted };
  return [change, { kind: "repeated", until: order.seq }];
}
