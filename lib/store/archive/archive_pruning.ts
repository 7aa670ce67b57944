/**
 * Pruning: removes what the archive may no longer hold, in small steps between which its writer writes. In this order:
 * conversations that no client may read any more, messages that are too old for their channel, those that are too old
 * for the archive, and then the oldest ones as long as the archive is too large. Free pages go back to the file system.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseConversationIds } from "./archive_schema.ts";
import type { ArchiveWriter } from "./archive_writer.ts";
import { ALL_KINDS, EntryTable, NO_BOUND } from "./entry_table.ts";
import type { RecordRow } from "./record_table.ts";

export interface PruningBounds {
  /** Most bytes of the database, free pages not counted. */
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
  /** Ages of channels (folded) that have one of their own; the archive's is a bound for all. */
  readonly channelAges: ReadonlyMap<string, number>;
}

/** Records that one step removes, with one fsync. */
const RECORDS_PER_STEP = 250;
/** Pages that one step returns to the file system: 1 MiB. */
const PAGES_PER_STEP = 256;
/** Share of free pages that stay, for what is written next. */
const MAX_FREE_SHARE = 1 / 16;

export class ArchivePruning {
  readonly #writer: ArchiveWriter;
  readonly #db: DatabaseSync;
  readonly #entries: EntryTable;
  readonly #oldest: StatementSync;
  readonly #retired: StatementSync;
  readonly #prunedUntil: StatementSync;
  readonly #setPruned: StatementSync;
  readonly #dropBreaks: StatementSync;
  readonly #dropIdle: StatementSync;
  /** Whether conversations that were left empty by earlier writers are removed. */
  #isSwept = false;

  constructor(writer: ArchiveWriter) {
    const db = writer.db;
    this.#writer = writer;
    this.#db = db;
    this.#entries = new EntryTable(db);
    this.#oldest = db.prepare("SELECT * FROM record ORDER BY seq LIMIT ?");
    this.#retired = db.prepare("SELECT id FROM conversation WHERE retired = 1 ORDER BY id LIMIT 1");
    this.#prunedUntil = db.prepare("SELECT max(until) AS until FROM loss WHERE why = 'pruned'");
    this.#setPruned = db.prepare("UPDATE conversation SET pruned_until = max(pruned_until, ?) WHERE id = ?");
    this.#dropBreaks = db.prepare("DELETE FROM clock_break WHERE conversation = ? AND seq < ?");
    this.#dropIdle = db.prepare(`DELETE FROM conversation WHERE id = ?1
      AND NOT EXISTS (SELECT 1 FROM entry WHERE conversation = ?1)
      AND NOT EXISTS (SELECT 1 FROM member WHERE conversation = ?1)`);
  }

  /** Does one step towards `bounds`; returns whether there was anything to do. */
  step(bounds: PruningBounds, now: number): boolean {
    const { maxAgeMs = Infinity, maxBytes = Infinity, channelAges } = bounds;
    const isBusy = this.#dropPart() || this.#pruneRetired() ||
      this.#pruneChannels(channelAges, now) ||
      this.#pruneOldest(({ time }) => time < now - maxAgeMs) ||
      this.usedBytes > maxBytes && this.#pruneOldest(() => true) ||
      this.#sweep() || this.#returnPages();
    if (!isBusy) this.#writer.scrubUnlessBlocked();
    return isBusy;
  }

  /** Bytes of the database without its free pages. */
  get usedBytes(): number {
    return (this.#pragma("page_count") - this.#pragma("freelist_count")) * this.#pragma("page_size");
  }

  #pruneRetired(): boolean {
    const row = this.#retired.get();
    if (row === undefined) return false;
    const id = Number(row["id"]);
    const seqs = this.#entries.oldest(id, ALL_KINDS, 0, NO_BOUND, RECORDS_PER_STEP);
    this.#writer.change(() => this.#removeEntries(id, seqs), true);
    return true;
  }

  #pruneChannels(ages: ReadonlyMap<string, number>, now: number): boolean {
    for (const [name, ageMs] of ages) {
      const found = this.#writer.conversations.find({ kind: "channel", name });
      if (found === undefined) continue;
      const seqs = this.#entries.oldest(found.id, ALL_KINDS, 0, NO_BOUND, RECORDS_PER_STEP);
      const young = seqs.findIndex((seq) => (this.#entries.timeOf(seq) ?? 0) >= now - ageMs);
      const old = young < 0 ? seqs : seqs.slice(0, young);
      if (old.length === 0) continue;
      this.#writer.change(() => this.#removeEntries(found.id, old), true);
      return true;
    }
    return false;
  }

  /** Takes the records `seqs`, in order the oldest of the conversation `id`, out of it. */
  #removeEntries(id: number, seqs: readonly number[]): void {
    for (const seq of seqs) this.#writer.records.removeFrom(id, seq);
    this.#note(id, (seqs.at(-1) ?? 0) + 1);
  }

  /** Removes the oldest records as far as `isOver`. */
  #pruneOldest(isOver: (row: RecordRow) => boolean): boolean {
    const rows = this.#oldest.all(RECORDS_PER_STEP) as unknown as RecordRow[];
    const young = rows.findIndex((row) => !isOver(row));
    const old = young < 0 ? rows : rows.slice(0, young);
    const [first, last] = [old[0], old.at(-1)];
    if (first === undefined || last === undefined) return false;
    this.#writer.change(() => {
      const { records } = this.#writer;
      const pruned = new Map<number, number>();
      for (const row of old) {
        records.removeRow(row);
        for (const id of parseConversationIds(row.conversations)) pruned.set(id, row.seq + 1);
      }
      for (const [id, until] of pruned) this.#note(id, until);
      const from = Number(this.#prunedUntil.get()?.["until"] ?? first.seq);
      this.#writer.losses.add({ from: Math.min(from, first.seq), until: last.seq + 1, why: "pruned" });
    }, true);
    return true;
  }

  /** Notes that the entries of a conversation below `until` are pruned, and removes it if it is empty. */
  #note(id: number, until: number): void {
    this.#setPruned.run(until, id);
    this.#dropBreaks.run(id, until);
    this.#dropIfIdle(id);
  }

  #dropIfIdle(id: number): void {
    if (this.#dropIdle.run(id).changes === 0) return;
    this.#dropBreaks.run(id, NO_BOUND);
    this.#writer.conversations.forget();
  }

  #dropPart(): boolean {
    const { index } = this.#writer.records;
    if (!index.hasSpentPart) return false;
    this.#writer.change(() => index.dropOldestPart(), true);
    return true;
  }

  /** Removes conversations without entries and members: a server start has taken the last members. */
  #sweep(): boolean {
    if (this.#isSwept) return false;
    const rows = this.#db.prepare(`SELECT id FROM conversation
      WHERE NOT EXISTS (SELECT 1 FROM entry WHERE conversation = id)
      AND NOT EXISTS (SELECT 1 FROM member WHERE conversation = id) LIMIT ?`).all(RECORDS_PER_STEP);
    this.#isSwept = rows.length < RECORDS_PER_STEP;
    if (rows.length > 0) this.#writer.change(() => rows.forEach(({ id }) => this.#dropIfIdle(Number(id))));
    return rows.length > 0;
  }

  #returnPages(): boolean {
    if (this.#pragma("freelist_count") <= MAX_FREE_SHARE * this.#pragma("page_count")) return false;
    this.#db.prepare(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`).all(); // a row for each page
    return true;
  }

  #pragma(name: string): number {
    return Number(this.#db.prepare(`PRAGMA ${name}`).get()?.[name]);
  }
}
