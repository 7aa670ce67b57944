/** The archive's only writer: applies changes in the order of the log, with the cursor in the same transaction. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { assert, unreachable } from "../../base/assert.ts";
import type { ArchiveChange, ArchiveLoss, SearchableReader } from "../../log/archive.ts";
import { OpenFiles } from "./archive_files.ts";
import { type PartBounds, partBoundsOf } from "./archive_index.ts";
import { emptyWal, ForeignArchive, inTransaction, openArchive, readArchiveRow } from "./archive_schema.ts";
import { ConversationTable } from "./conversation_table.ts";
import { FormerNameTable } from "./former_name_table.ts";
import { LossTable } from "./loss_table.ts";
import { MemberTable } from "./member_table.ts";
import { RecordTable } from "./record_table.ts";

export interface ArchiveWriterOptions {
  /** The log that is archived. */
  readonly logId: string;
  readonly readSearchable: SearchableReader;
  /** Bounds of the archive, from which those of the parts of its index follow; left out: none. */
  readonly bounds?: { readonly maxBytes?: number; readonly maxAgeMs?: number };
  /** Replaces them. */
  readonly partBounds?: PartBounds;
  /**
   * Transactions are on disk with the next checkpoint of the write-ahead log (some MiB), not each at once. After a
   * power cut the newest ones may be missing, the cursor with them, so the log must still hold their records.
   */
  readonly defersSync?: boolean;
}

/** Throws errors of SQLite, and those of archive_schema.ts. */
export class ArchiveWriter {
  readonly db: DatabaseSync;
  readonly records: RecordTable;
  readonly conversations: ConversationTable;
  readonly losses: LossTable;
  readonly formerNames: FormerNameTable;
  /** Of channels that lost their rights before this number, the archive had nothing to be read when it was opened. */
  readonly openedKnownFrom: number;
  readonly #setCursor: StatementSync;
  readonly #setKnown: StatementSync;
  readonly #setRepeated: StatementSync;
  readonly #putRedacted: StatementSync;
  readonly #findRedacted: StatementSync;
  readonly #members: MemberTable;
  readonly #files: OpenFiles;
  #cursor: number;
  readonly #defersSync: boolean;
  /** Whether the files may still hold something that was removed, at first by an earlier writer. */
  #hasResidue = true;
  /** The last attempt to remove it had to give way to another connection. */
  #isScrubBlocked = false;

  /** Opens the archive at `path`, and creates it if there is none. Throws {@link ForeignArchive}. */
  constructor(
    path: string,
    { logId, readSearchable, bounds = {}, partBounds, defersSync = false }: ArchiveWriterOptions,
  ) {
    const db = this.db = openArchive(path);
    this.#defersSync = defersSync;
    try {
      if (defersSync) db.exec("PRAGMA synchronous = NORMAL");
      const row = readArchiveRow(db);
      if (row.logId === "") db.prepare("UPDATE archive SET log_id = ?").run(logId);
      else if (row.logId !== logId) throw new ForeignArchive(row.logId);
      this.#cursor = row.cursor;
      this.openedKnownFrom = row.knownFrom;
      this.conversations = new ConversationTable(db);
      this.records = new RecordTable(
        db,
        this.conversations,
        readSearchable,
        partBounds ?? partBoundsOf(bounds),
      );
      this.losses = new LossTable(db);
      this.formerNames = new FormerNameTable(db);
      this.#setCursor = db.prepare("UPDATE archive SET cursor = ?");
      this.#setKnown = db.prepare("UPDATE archive SET known_from = max(known_from, ?)");
      this.#setRepeated = db.prepare("UPDATE archive SET repeated_until = max(repeated_until, ?)");
      this.#putRedacted = db.prepare("INSERT OR IGNORE INTO redacted VALUES (?)");
      this.#findRedacted = db.prepare("SELECT 1 FROM redacted WHERE seq = ?");
      this.#members = new MemberTable(db, this.conversations);
      this.scrub();
      this.#files = new OpenFiles(path);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Every record below this number is handled. */
  get cursor(): number {
    return this.#cursor;
  }

  /** The orders that repeat records before this number are carried out, as far as the records are lost. */
  get repeatedUntil(): number {
    return readArchiveRow(this.db).repeatedUntil;
  }

  /** Channels (folded) of each user (folded nick), as the changes up to the cursor say. */
  members(): Map<string, string[]> {
    return this.#members.read();
  }

  /** Time of the oldest record, milliseconds since the epoch; 0: there is none. */
  get oldestTime(): number {
    return Number(this.db.prepare("SELECT time FROM record ORDER BY seq LIMIT 1").get()?.["time"] ?? 0);
  }

  /** Whether the last records before the cursor are lost. */
  get endsWithLoss(): boolean {
    return this.db.prepare("SELECT 1 FROM loss WHERE until = ?").get(this.#cursor) !== undefined;
  }

  /**
   * Applies `changes`, which follow from the records from the present cursor up to but not including `cursor`: all
   * of them, or none. Does nothing if the cursor is there already.
   */
  append(changes: readonly ArchiveChange[], cursor: number): void {
    this.advance(cursor, () => {
      for (const change of changes) this.#apply(change, cursor);
    });
  }

  /** Applies `changes` that follow from no record: all of them, or none. They are on disk when it returns. */
  apply(changes: readonly ArchiveChange[]): void {
    if (this.#defersSync) this.db.exec("PRAGMA synchronous = FULL");
    try {
      this.change(() => changes.forEach((change) => this.#apply(change)));
    } finally {
      if (this.#defersSync) this.db.exec("PRAGMA synchronous = NORMAL");
    }
    this.scrubUnlessBlocked();
  }

  /**
   * Notes that the records from the cursor up to `until` are lost, applies what is known of them, and goes on behind
   * them.
   */
  skip(until: number, why: ArchiveLoss["why"], changes: readonly ArchiveChange[] = []): void {
    this.advance(until, () => {
      this.losses.add({ from: this.#cursor, until, why });
      if (why === "damaged") this.formerNames.forgetBefore(until);
      for (const change of changes) this.#apply(change, until);
    });
  }

  /** Whether the message at `seq` is redacted, as far as the cursor says. */
  isRedacted(seq: number): boolean {
    return this.#findRedacted.get(seq) !== undefined;
  }

  /**
   * Removes what the WAL still holds of removed texts. Returns whether it is gone: not while another connection
   * reads an older state.
   */
  scrub(): boolean {
    if (!this.#hasResidue) return true;
    this.#hasResidue = !emptyWal(this.db, this.#isScrubBlocked);
    this.#isScrubBlocked = this.#hasResidue;
    return !this.#hasResidue;
  }

  /** The same, but only the next {@link scrub} tries again when one has waited for another connection in vain. */
  scrubUnlessBlocked(): void {
    if (!this.#isScrubBlocked && !this.db.isTransaction) this.scrub();
  }

  /** Whether {@link scrub} has to be called again. */
  get hasResidue(): boolean {
    return this.#hasResidue;
  }

  /** Runs `change`, which makes several changes and waits between them, in one transaction. */
  async changeTogether<Result>(change: () => Promise<Result>): Promise<Result> {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      const result = await change();
      this.db.exec("COMMIT");
      this.scrub();
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      this.#cursor = readArchiveRow(this.db).cursor;
      throw error;
    }
  }

  /** Runs `change` in one transaction, or in that of {@link changeTogether}; `removes`: it removes texts. */
  change<Result>(change: () => Result, removes = false): Result {
    const run = this.db.isTransaction
      ? (act: () => Result) => act()
      : (act: () => Result) => inTransaction(this.db, act);
    try {
      const result = run(() => {
        const result = change();
        this.#members.flush();
        this.conversations.flush();
        this.records.index.flush();
        return result;
      });
      this.#hasResidue ||= removes;
      return result;
    } catch (error) {
      this.#members.discard();
      this.conversations.discard();
      this.records.index.discard();
      throw error;
    }
  }

  /** Runs `change` and moves the cursor, in one transaction; does nothing if the cursor is there already. */
  advance(cursor: number, change: () => void): void {
    if (cursor <= this.#cursor) return;
    this.change(() => {
      change();
      this.#setCursor.run(cursor);
    });
    this.#cursor = cursor;
    this.scrubUnlessBlocked();
  }

  /** Writes the cursor as it is: throws if the archive cannot be written. */
  rewriteCursor(): void {
    this.change(() => this.#setCursor.run(this.#cursor));
  }

  /** Whether the path of the archive still leads to the file that is open. */
  get isInPlace(): boolean {
    return this.#files.isInPlace;
  }

  /** Closes the archive. One that was moved away gets what its WAL still has. */
  close(): void {
    const isInPlace = this.#files.isInPlace;
    try {
      if (!isInPlace) emptyWal(this.db, true);
    } finally {
      this.db.close();
      if (!isInPlace) this.#files.removeCompanions();
    }
  }

  /** Applies `change` in a transaction after which the cursor is `cursor`. */
  #apply(change: ArchiveChange, cursor = this.#cursor): void {
    switch (change.kind) {
      case "add":
        assert(change.record.seq >= this.#cursor, "a record is archived once");
        return this.records.add(change);
      case "remove":
        this.#putRedacted.run(change.seq);
        this.#hasResidue = this.records.remove(change.seq) || this.#hasResidue;
        return;
      case "rename":
        this.#members.flush();
        for (const name of change.from === change.to ? [] : [change.from, change.to]) {
          this.#endName(name, cursor);
        }
        return this.conversations.rename(change.from, change.to, change.name);
      case "retire":
        this.#members.flush();
        this.#setKnown.run(cursor);
        this.#endName(change.name, cursor);
        return this.conversations.retire(change.name);
      case "begin":
        this.#setKnown.run(change.at); // the log has nothing of channels that have lost their rights
        if (!change.isWhole) this.formerNames.forgetBefore(change.at + 1); // an export may end here and be older
        return;
      case "repeated":
        return void this.#setRepeated.run(change.until);
      case "membership":
        return this.#members.set(change.nick, change.channels);
      case "boot":
        return this.#members.clear();
      case "forget":
        this.#endName(change.owner, cursor);
        return this.conversations.retireOwner(change.owner);
      case "forget_temporary":
        return this.conversations.retireTemporaryOwners(change.except);
      default:
        return unreachable(change);
    }
  }

  /** Notes that `name`, or an owner, is given up; an export may end at this cursor and have it still. */
  #endName(name: string, cursor: number): void {
    this.formerNames.add({ name, until: cursor + 1 });
  }
}
