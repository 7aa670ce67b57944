/**
 * Brings the ring file up to the ring. One pass: copy what is new under the log's lock, a few MiB at a time; release
 * the lock; write; fsync; only then publish how far the log is durable.
 *
 * The file mirrors the ring's data area, so a pass writes each byte to where it lies in the ring. While it is at work
 * the ring goes on; when that overwrites bytes which the pass has yet to copy, it copies the newer ones. That is as
 * good: what the older ones were part of is no longer in the log. For the same reason a ring that went round since the
 * last pass is simply copied whole.
 *
 * What a failed pass wrote counts for nothing, also if a later fsync succeeds (the kernel may have dropped the pages it
 * failed to write): the next pass writes it again.
 */
import type { Ring } from "../../log/ring.ts";
import type { StoreFile } from "../disk/disk_file.ts";
import type { DatabaseMark } from "../facts/database_mark.ts";
import {
  decodeHeaderPage,
  encodeHeaderSlot,
  type FileHeader,
  HEADER_PAGE_BYTES,
  slotOffset,
} from "../ring_file/file_header.ts";

/** The most that is copied while the log waits. */
export const COPY_BYTES = 4 * 1024 * 1024;

/** The disk as the syncer sees it; both throw when it does not serve. */
export interface SyncTarget {
  /** The ring file, under a name that is durable. */
  open(): StoreFile;
  /** An empty ring file of `header`, durably, in the place of one that was removed. */
  create(header: FileHeader): void;
}

/** Runs `fn` under the log's lock. */
export type WithLock = <T>(fn: () => T) => T | Promise<T>;

/** Up to where a pass brings the file. */
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
  /** As it stands in the file; kept when the file is lost. */
  #header: FileHeader | undefined;
  /** The file's header does not have the database's mark that {@link #header} has. */
  #isMarkNews = false;

  constructor(ring: Ring, target: SyncTarget, withLock: WithLock, copyBytes = COPY_BYTES) {
    this.#ring = ring;
    this.#target = target;
    this.#withLock = withLock;
    this.#copy = new Uint8Array(Math.min(copyBytes, ring.capacity));
  }

  /** One pass. Afterwards all that the log held when it began is durable; or it throws, and it may not be. */
  async runPass(): Promise<void> {
    const file = await this.#present();
    if (this.#ring.nextSeq === this.#ring.durableSeq) return;
    const { goal, start, copied } = await this.#withLock(() => {
      const { goal, start } = this.#aim();
      return { goal, start, copied: this.#copyFrom(start, goal.position) };
    });
    this.#writeHeader(file, goal.oldest, false);
    await this.#writeNew(file, start, copied, goal.position);
    file.sync();
    this.#ring.markDurable(goal.seq, goal.position);
  }

  /** The state database as the header knows it. Undefined before the first pass, too. */
  get database(): DatabaseMark | undefined {
    return this.#header?.database;
  }

  /** The state database has come to `mark`: the next header says so. Comes after a pass. */
  noteDatabase(mark: DatabaseMark): void {
    this.#header = { ...this.#header!, database: mark };
    this.#isMarkNews = true;
  }

  /** Brings to disk what was noted of the state database, if the header does not say it yet. */
  async saveMark(): Promise<void> {
    if (!this.#isMarkNews) return;
    const file = await this.#present();
    this.#writeHeader(file, this.#ring.oldestSeq, false);
    this.#isMarkNews = true; // until it is on disk
    file.sync();
    this.#isMarkNews = false;
  }

  /** The last pass, and a mark in the file that nothing was appended after it. */
  async finish(): Promise<void> {
    await this.runPass();
    const file = await this.#present();
    const { oldestSeq, nextSeq, durableSeq } = this.#ring;
    this.#writeHeader(file, oldestSeq, nextSeq === durableSeq);
    file.sync();
    this.close();
  }

  /** Lets go of the file, as it is. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** The file, open and in its place. When it was lost, nothing is durable any more: that is an error, once. */
  async #present(): Promise<StoreFile> {
    const file = this.#file ??= this.#open();
    const gone = file.findReplacement();
    if (gone === undefined) return file;
    this.close();
    const ring = this.#ring;
    await this.#withLock(() => ring.markDurable(ring.oldestSeq, ring.position - ring.capacity));
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
      if (capacity === this.#ring.capacity && logId === (this.#header?.logId ?? logId)) {
        const { database = outcome.header.database } = this.#header ?? {};
        this.#header = { ...outcome.header, database };
        return file;
      }
    }
    file.close();
    throw new Error("what is there is not this log's ring file");
  }

  /** The log as it is now, and from where on the file lacks it. */
  #aim(): { goal: SyncGoal; start: number } {
    const { position, nextSeq: seq, oldestSeq: oldest, syncedPosition, capacity } = this.#ring;
    return { goal: { position, seq, oldest }, start: Math.max(syncedPosition, position - capacity) };
  }

  /** Writes what lies from position `start` to `end`, of which `copied` bytes have been copied, the rest as it comes. */
  async #writeNew(file: StoreFile, start: number, copied: number, end: number): Promise<void> {
    for (let from = start, length = copied; length > 0;) {
      file.writeAt(HEADER_PAGE_BYTES + from % this.#ring.capacity, this.#copy.subarray(0, length));
      from += length;
      length = from < end ? await this.#withLock(() => this.#copyFrom(from, end)) : 0;
    }
  }

  /** Copies what lies from position `from` towards `end`, as much as goes at once; answers how much that is. */
  #copyFrom(from: number, end: number): number {
    const ring = this.#ring;
    const at = from % ring.capacity;
    const length = Math.min(end - from, ring.capacity - at, this.#copy.length);
    this.#copy.set(ring.area.bytes.subarray(at, at + length));
    return length;
  }

  /**
   * Says what is durable before this pass, and comes first in it: whoever finds a pass cut off knows by `oldest` which
   * records it may have been overwriting.
   */
  #writeHeader(file: StoreFile, oldest: number, clean: boolean): void {
    const { generation } = this.#header!;
    const synced = this.#ring.durableSeq;
    const header: FileHeader = { ...this.#header!, clean, generation: generation + 1, synced, oldest };
    file.writeAt(slotOffset(header), encodeHeaderSlot(header));
    this.#header = header;
    this.#isMarkNews = false;
  }
}
