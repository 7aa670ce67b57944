/** Logs that are synced, cut off and opened again as a server's is, without a file or a thread. */
import { assert } from "../../lib/base/assert.ts";
import type { EventLog } from "../../lib/hub/log/event_log.ts";
import { Ring } from "../../lib/log/ring.ts";
import { encodeHeaderSlot, slotOffset } from "../../lib/store/ring_file/file_header.ts";
import { nextSeqAfter } from "../../lib/store/ring_file/ring_file.ts";
import { RingFileSyncer } from "../../lib/store/sync/ring_file_syncer.ts";
import type { Random } from "../irc/property.ts";
import { headerOf, MemoryDisk } from "../store/memory_disk.ts";
import { MemoryEventLog } from "../support/memory_event_log.ts";

/** What a pass copies at once: little, so that much can happen between two copies. */
const COPY_BYTES = 8 * 1024;

export interface RestartableLog {
  readonly events: EventLog;
  /**
   * One pass of the sync task; `meanwhile` is called before each time it takes the lock. `false`: the disk failed, at the
   * `failsAt`th call that writes (from 0; undefined: never).
   */
  sync(meanwhile: () => void, failsAt?: number): Promise<boolean>;
  /** A new server opens what the disk holds after a `kill -9`, or after a power cut, which takes `power` for its chance. */
  restart(power?: Random): void;
}

/** An unbounded log in plain memory: a sync makes all of it durable, and a new server finds all of it. */
export class UnboundedLog implements RestartableLog {
  readonly events = new MemoryEventLog();

  sync(meanwhile: () => void, failsAt?: number): Promise<boolean> {
    const { nextSeq } = this.events;
    meanwhile();
    if (failsAt !== 0) this.events.markDurable(nextSeq);
    return Promise.resolve(failsAt !== 0);
  }

  restart(): void {}
}

/** A ring over a disk in memory. */
export class DiskLog implements RestartableLog {
  events: Ring;
  readonly #disk: MemoryDisk;
  #syncer: RingFileSyncer;
  #meanwhile: () => void = () => {};

  constructor(capacity: number) {
    this.#disk = new MemoryDisk(headerOf(capacity));
    this.events = Ring.create(capacity);
    this.#syncer = this.#syncerOf(this.events);
  }

  async sync(meanwhile: () => void, failsAt?: number): Promise<boolean> {
    let calls = 0;
    this.#disk.before = (call) => {
      if ((call === "write" || call === "sync") && calls++ === failsAt) throw new Error("the disk fails");
    };
    this.#meanwhile = meanwhile;
    try {
      await this.#syncer.runPass();
      return true;
    } catch (error) {
      if (!(error instanceof Error && error.message === "the disk fails")) throw error;
      return false;
    } finally {
      this.#disk.before = () => {};
      this.#meanwhile = () => {};
    }
  }

  /** After a `kill -9` all that was written is there; after a power cut what was synced, and of the rest some sectors. */
  restart(power?: Random): void {
    if (power !== undefined) this.#disk.cut(power);
    const { ring, found, header } = this.#disk.load();
    assert(header !== undefined, "the header is there");
    const nextSeq = nextSeqAfter(found, header);
    const renewed = {
      ...header,
      generation: header.generation + 1,
      synced: nextSeq,
      boot: nextSeq,
      missing: found.missing,
      oldest: found.count > 0 ? found.seqs[0]! : nextSeq,
    };
    for (const offset of found.torn === undefined ? found.leftovers : [found.torn, ...found.leftovers]) {
      ring.area.erase(offset);
      this.#disk.writeAt(this.#disk.size - ring.capacityBytes + offset, new Uint8Array(8));
    }
    this.#disk.writeAt(slotOffset(renewed), encodeHeaderSlot(renewed));
    this.#disk.sync();
    ring.restoreContents({ ...found, nextSeq });
    this.events = ring;
    this.#syncer = this.#syncerOf(ring);
  }

  #syncerOf(ring: Ring): RingFileSyncer {
    return new RingFileSyncer(ring, this.#disk, (fn) => {
      this.#meanwhile();
      return Promise.resolve(fn());
    }, COPY_BYTES);
  }
}
