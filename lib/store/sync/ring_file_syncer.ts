/**
 * Brings the ring file up to the ring. One pass: copy the new bytes under the log lock, a few MiB at a time; release
 * the lock; write; fsync; only then publish the durable watermark.
 *
 * The file mirrors the ring's data area, so a pass writes each byte at its offset in the ring. The ring continues
 * meanwhile. If it overwrites bytes that the pass has yet to copy, the pass copies the newer ones, which is just as
 * good: the records of the older bytes are no longer in the log. For the same reason, a ring that has gone around
 * since the last pass is copied as a whole.
 *
 * A ring that other processes have damaged is not written: its numbers are checked before those of the file change.
 *
 * Nothing that a failed pass wrote counts, even if a later fsync succeeds (the kernel may have dropped the pages that
 * it failed to write): the next pass writes it again.
 */
import type { Ring } from "../../log/ring.ts";
import type { StoreFile } from "../disk/disk_file.ts";
import type { DatabaseMark } from "../../log/fact_store.ts";
import {
  decodeHeaderPage,
  encodeHeaderSlot,
  type FileHeader,
  HEADER_PAGE_BYTES,
  slotOffset,
} from "../ring_file/file_header.ts";

/** Most bytes copied at once while the log is locked. */
const COPY_BYTES = 4 * 1024 * 1024;

/** The disk as the syncer needs it; both calls throw disk errors. */
export interface SyncTarget {
  /** The ring file, under a durable name. */
  open(): StoreFile;
  /** Creates an empty ring file with `header`, durably, to replace one that was removed. */
  create(header: FileHeader): void;
}

/** Runs `fn` under the log lock. */
export type WithLock = <T>(fn: () => T) => T | Promise<T>;

/** State of the log that a pass brings the file to. */
interface SyncGoal {
  readonly position: number;
  readonly seq: number;
  readonly oldest: number;
}

export class RingFileSyncer {
  readonly #ring: Ring;
  readonly #target: SyncTarget;
  readonly #withLock: WithLock;
  readonly #copy: Uint8Array;
  #file: StoreFile | undefined;
  /** The header in the file; kept if the file is lost. */
  #header: FileHeader | undefined;
  /** {@link #header} has a database mark that the file's header does not have yet. */
  #isMarkNews = false;
  /** The file's header may still say that nothing was shown but what a sync had covered, which is no longer so. */
  #isUnsyncedNews = false;

  constructor(ring: Ring, target: SyncTarget, withLock: WithLock, copyBytes = COPY_BYTES) {
    this.#ring = ring;
    this.#target = target;
    this.#withLock = withLock;
    this.#copy = new Uint8Array(Math.min(copyBytes, ring.capacityBytes));
  }

  /** One pass. Afterwards everything that the log held at its start is durable; if it throws, that is uncertain. */
  async runPass(): Promise<void> {
    const file = await this.#present();
    if (this.#ring.syncLimit.seq === this.#ring.durableSeq) return;
    const { goal, start, copied } = await this.#withLock(() => {
      this.#ring.check.requireEnd();
      const { goal, start } = this.#aim();
      return { goal, start, copied: this.#copyFrom(start, goal.position) };
    });
    if (goal.position < start) return; // what may be written is overwritten by what may not
    this.#writeHeader(file, goal.oldest, false);
    await this.#writeNew(file, start, copied, goal.position);
    file.sync();
    this.#ring.markDurable(goal.seq, goal.position);
  }

  /** The mark of the state database in the header. Also undefined before the first pass. */
  get database(): DatabaseMark | undefined {
    return this.#header?.database;
  }

  /** Notes that the state database has reached `mark`, for the next header. To be called after a pass. */
  noteDatabase(mark: DatabaseMark): void {
    this.#header = { ...this.#header!, database: mark };
    this.#isMarkNews = true;
  }

  /** Writes the noted mark of the state database to disk, unless the header on disk has it already. */
  async saveMark(): Promise<void> {
    if (!this.#isMarkNews) return;
    const file = await this.#present();
    await this.#withLock(() => this.#ring.check.requireEnd());
    this.#writeHeader(file, this.#ring.oldestSeq, false);
    this.#isMarkNews = true; // until it is on disk
    file.sync();
    this.#isMarkNews = false;
  }

  /**
   * A pass has failed: clients may be told of what no sync has covered, and the next start has to know it. What the disk
   * does not take is tried again at the next call. The numbers of the header stay, as the ring may be damaged.
   */
  noteUnsynced(): void {
    if (this.#header?.syncsFirst === true) {
      this.#header = { ...this.#header, syncsFirst: false };
      this.#isUnsyncedNews = true;
    }
    if (!this.#isUnsyncedNews || this.#file === undefined) return;
    this.#putHeader(this.#file, this.#header!);
    this.#file.sync();
    this.#isUnsyncedNews = false;
  }

  /** The last pass; marks the file as clean, with nothing appended after it. */
  async finish(): Promise<void> {
    await this.runPass();
    const file = await this.#present();
    await this.#withLock(() => this.#ring.check.requireEnd());
    const { oldestSeq, nextSeq, durableSeq } = this.#ring;
    this.#writeHeader(file, oldestSeq, nextSeq === durableSeq);
    file.sync();
    this.close();
  }

  /** Closes the file as it is. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** The file, open and at its path. If the file was lost, nothing is durable any more; this throws once. */
  async #present(): Promise<StoreFile> {
    const file = this.#file ??= this.#open();
    const gone = file.findReplacement();
    if (gone === undefined) return file;
    this.close();
    await this.#withLock(() => this.#ring.markFileLost());
    throw new Error(`the ring file is lost: ${gone}`);
  }

  #open(): StoreFile {
    let file: StoreFile;
    try {
      file = this.#target.open();
    } catch (error) {
      if (this.#header === undefined || !(error instanceof Deno.errors.NotFound)) throw error;
      this.#target.create(this.#header);
      file = this.#target.open();
    }
    const page = new Uint8Array(HEADER_PAGE_BYTES);
    file.readAt(0, page);
    const outcome = decodeHeaderPage(page);
    if (outcome.kind === "ok") {
      const { capacity, logId } = outcome.header;
      if (capacity === this.#ring.capacityBytes && logId === (this.#header?.logId ?? logId)) {
        const { database = outcome.header.database } = this.#header ?? {};
        const syncsFirst = outcome.header.syncsFirst && this.#header?.syncsFirst !== false;
        this.#header = { ...outcome.header, syncsFirst, database };
        return file;
      }
    }
    file.close();
    throw new Error("the file at its path is not this log's ring file");
  }

  /** The current end of the log, or the limit of what may be written, and the position from which the file lacks it. */
  #aim(): { goal: SyncGoal; start: number } {
    const { position: end, oldestSeq: oldest, syncedPosition, capacityBytes, syncLimit } = this.#ring;
    const { position, seq } = syncLimit;
    return { goal: { position, seq, oldest }, start: Math.max(syncedPosition, end - capacityBytes) };
  }

  /**
   * Writes the bytes from position `start` to `end`. `copied` bytes are copied already, the rest is copied on the
   * way.
   */
  async #writeNew(file: StoreFile, start: number, copied: number, end: number): Promise<void> {
    for (let from = start, length = copied; length > 0;) {
      file.writeAt(HEADER_PAGE_BYTES + from % this.#ring.capacityBytes, this.#copy.subarray(0, length));
      from += length;
      length = from < end ? await this.#withLock(() => this.#copyFrom(from, end)) : 0;
    }
  }

  /** Copies bytes from position `from` towards `end`, as many as one copy allows; returns their number. */
  #copyFrom(from: number, end: number): number {
    const ring = this.#ring;
    const at = from % ring.capacityBytes;
    const length = Math.min(Math.max(0, end - from), ring.capacityBytes - at, this.#copy.length);
    this.#copy.set(ring.area.bytes.subarray(at, at + length));
    return length;
  }

  /**
   * Written first in a pass. It states what was durable before, and by `oldest` recovery knows which records an
   * unfinished pass may have been overwriting.
   */
  #writeHeader(file: StoreFile, oldest: number, clean: boolean): void {
    this.#putHeader(file, { ...this.#header!, clean, synced: this.#ring.durableSeq, oldest });
    this.#isMarkNews = false;
  }

  /** Writes `content` as the next generation of the header. */
  #putHeader(file: StoreFile, content: FileHeader): void {
    const header = { ...content, generation: content.generation + 1 };
    file.writeAt(slotOffset(header), encodeHeaderSlot(header));
    this.#header = header;
  }
}
