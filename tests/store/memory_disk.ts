/** A disk in memory that can fail at any call, and forget in a power cut what was not synced. */
import type { StoreFile } from "../../lib/store/disk/disk_file.ts";
import {
  encodeHeaderSlot,
  type FileHeader,
  HEADER_PAGE_BYTES,
  slotOffset,
} from "../../lib/store/ring_file/file_header.ts";
import { type LoadedRingFile, loadRingFile } from "../../lib/store/ring_file/ring_file.ts";
import type { SyncTarget } from "../../lib/store/sync/ring_file_syncer.ts";
import type { Random } from "../irc/property.ts";

const SECTOR_BYTES = 512;

export class MemoryDisk implements SyncTarget, StoreFile {
  /** What a reader of the file sees. */
  bytes: Uint8Array;
  /** What is safe. */
  safe: Uint8Array;
  present = true;
  opened = 0;
  /** Is told of each call before it is done; to fail it, throw. */
  before: (call: "open" | "create" | "read" | "write" | "sync", length: number) => void = () => {};

  constructor(header: FileHeader) {
    this.bytes = new Uint8Array(HEADER_PAGE_BYTES + header.capacity);
    this.bytes.set(encodeHeaderSlot(header), slotOffset(header));
    this.safe = this.bytes.slice();
  }

  open(): StoreFile {
    this.before("open", 0);
    if (!this.present) throw new Deno.errors.NotFound("no such file");
    this.opened++;
    return this;
  }

  create(header: FileHeader): void {
    this.before("create", 0);
    this.present = true;
    const fresh = new MemoryDisk(header);
    this.bytes = fresh.bytes;
    this.safe = fresh.safe;
  }

  get size(): number {
    return this.bytes.length;
  }

  readAt(offset: number, into: Uint8Array): number {
    this.before("read", into.length);
    const part = this.bytes.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }

  writeAt(offset: number, bytes: Uint8Array): void {
    this.before("write", bytes.length);
    this.bytes.set(bytes, offset);
  }

  sync(): void {
    this.before("sync", 0);
    this.safe = this.bytes.slice();
  }

  findReplacement(): string | undefined {
    return this.present ? undefined : "it was removed";
  }

  close(): void {}

  /** The power fails: of what was not synced each sector is there or is not. */
  cut(random: Random): void {
    for (let at = 0; at < this.bytes.length; at += SECTOR_BYTES) {
      if (random.chance(2)) this.bytes.set(this.safe.subarray(at, at + SECTOR_BYTES), at);
    }
    this.safe = this.bytes.slice();
  }

  /** What a server would find in the file. */
  load(): LoadedRingFile {
    const outcome = loadRingFile(this);
    if (outcome.kind !== "ok") throw new Error(outcome.kind);
    return outcome;
  }
}

export function headerOf(capacity: number): FileHeader {
  return {
    clean: false,
    syncsFirst: false,
    generation: 1,
    capacity,
    logId: 7n,
    created: 0,
    synced: 1,
    boot: 1,
    missing: 0,
    oldest: 1,
    database: undefined,
  };
}
