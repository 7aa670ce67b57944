/**
 * A file system in memory that fails, does half of what it is asked, lies, dies, and forgets in a power cut what was not
 * synced: contents by sectors, sizes, and names each by itself.
 *
 * After an fsync that failed the system's memory still has what was written, and takes it for saved, as Linux does:
 * only what is written once more can become safe.
 */
import { type Disk, openDurably } from "../../lib/store/disk/disk.ts";
import type { StoreFile } from "../../lib/store/disk/disk_file.ts";
import type { SyncTarget } from "../../lib/store/sync/ring_file_syncer.ts";
import type { FileHeader } from "../../lib/store/ring_file/file_header.ts";
import { writeRingFile } from "../../lib/store/ring_file/ring_file.ts";
import type { Random } from "../irc/property.ts";

export type Call =
  | "open"
  | "create"
  | "size"
  | "read"
  | "write"
  | "sync"
  | "stat"
  | "rename"
  | "remove"
  | "copy"
  | "syncFolder";

/** How a call can go wrong. */
export type Fault =
  /** Nothing is done, and it says so. */
  | "error"
  /** Half is done (of a write, of a copy), and it says that it failed. */
  | "short"
  /** All is done, and it says that it failed. */
  | "late"
  /** It says that all is on disk, and does not see to it. Other calls than syncs are done. */
  | "lie"
  /** The process is killed: nothing is done, now or after. */
  | "kill";

export const FAULTS: readonly Fault[] = ["error", "short", "late", "lie", "kill"];

const SECTOR_BYTES = 512;

class Inode {
  /** What a reader sees. */
  bytes = new Uint8Array(0);
  /** What survives a power cut for sure. */
  safe = new Uint8Array(0);
  /** Sectors that may survive it as they are in `bytes`, and that the next sync makes safe. */
  readonly dirty = new Set<number>();

  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    if (end > this.bytes.length) this.bytes = resized(this.bytes, end);
    this.bytes.set(bytes, offset);
    for (let at = offset - offset % SECTOR_BYTES; at < end; at += SECTOR_BYTES) this.dirty.add(at);
  }

  sync(): void {
    this.#keep([...this.dirty], this.bytes.length);
  }

  cut(random: Random): void {
    const length = random.chance(2) ? this.bytes.length : this.safe.length;
    this.#keep([...this.dirty].filter(() => random.chance(2)), length);
    this.bytes = this.safe.slice();
  }

  #keep(sectors: number[], length: number): void {
    this.safe = resized(this.safe, length);
    for (const at of sectors) {
      const sector = this.bytes.subarray(at, Math.min(at + SECTOR_BYTES, length));
      if (sector.length > 0) this.safe.set(sector, at);
    }
    this.dirty.clear();
  }
}

function resized(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length);
  longer.set(bytes.subarray(0, length));
  return longer;
}

export class FakeDisk implements Disk {
  readonly #names = new Map<string, Inode>();
  #safeNames = new Map<string, Inode>();
  #dead = false;
  /** Calls so far. */
  calls = 0;
  /** A sync was not one: what is called durable need not be. */
  lied = false;
  /** Is asked before each call how it is to go wrong; its number counts from 0. */
  fault: (call: Call, number: number) => Fault | undefined = () => undefined;
  /** Is run in the middle of each call: what happens while a slow disk is at work. */
  meanwhile: (call: Call) => void = () => {};

  open(path: string, _access: "read" | "write"): StoreFile {
    this.do("open", () => void this.#at(path));
    return new FakeFile(this, path, this.#at(path));
  }

  create(path: string): StoreFile {
    this.do("create", () => {
      const file = this.#names.get(path) ?? new Inode();
      file.bytes = new Uint8Array(0);
      file.dirty.clear();
      this.#names.set(path, file);
    });
    return new FakeFile(this, path, this.#at(path));
  }

  rename(from: string, to: string): void {
    this.do("rename", () => {
      this.#names.set(to, this.#at(from));
      this.#names.delete(from);
    });
  }

  remove(path: string): void {
    this.do("remove", () => {
      this.#at(path);
      this.#names.delete(path);
    });
  }

  copy(from: string, to: string): void {
    const copied = (length: number) => {
      const copy = new Inode();
      copy.write(0, this.#at(from).bytes.subarray(0, length));
      this.#names.set(to, copy);
    };
    const { length } = this.#at(from).bytes;
    this.do("copy", () => copied(length), () => copied(length >>> 1));
  }

  syncFolder(_folder: string): void {
    this.do("syncFolder", () => void (this.#safeNames = new Map(this.#names)));
  }

  /** The ring file at `path`, as the sync worker has it. */
  target(path: string): SyncTarget {
    return {
      open: () => openDurably(this, path),
      create: (header: FileHeader) => writeRingFile(path, header, new Uint8Array(header.capacity), this),
    };
  }

  get names(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** The bytes at `path`, to be read and changed behind everybody's back. */
  bytesAt(path: string): Uint8Array<ArrayBuffer> {
    return this.#at(path).bytes;
  }

  put(path: string, bytes: Uint8Array<ArrayBuffer>): void {
    const file = new Inode();
    file.write(0, bytes);
    file.sync();
    this.#names.set(path, file);
    this.#safeNames.set(path, file);
  }

  /** The process is gone; what it wrote is not. A new one finds the disk in order. */
  restart(): void {
    this.#dead = false;
    this.fault = () => undefined;
    this.meanwhile = () => {};
  }

  /** The power fails, and comes back. */
  powerCut(random: Random): void {
    this.restart();
    const all = new Set([...this.#names.values(), ...this.#safeNames.values()]);
    for (const file of all) file.cut(random);
    for (const path of new Set([...this.#names.keys(), ...this.#safeNames.keys()])) {
      const file = (random.chance(2) ? this.#names : this.#safeNames).get(path);
      if (file === undefined) this.#names.delete(path);
      else this.#names.set(path, file);
    }
    this.#safeNames = new Map(this.#names);
  }

  isAt(path: string, file: unknown): boolean {
    return this.#names.get(path) === file;
  }

  /** One call: `work`, or what its fault makes of it; `half` is what a short one does, `lost` what a failed one breaks. */
  do(call: Call, work: () => void, half: () => void = () => {}, lost: () => void = () => {}): void {
    if (this.#dead) throw new Error("the process is dead");
    const fault = this.fault(call, this.calls++);
    this.meanwhile(call);
    switch (fault) {
      case undefined:
        return work();
      case "error":
        lost();
        throw new Error(`Input/output error at ${call}`);
      case "short":
        half();
        throw new Error(`No space left on device at ${call}`);
      case "late":
        work();
        throw new Error(`Input/output error after ${call}`);
      case "lie":
        if (call !== "sync" && call !== "syncFolder") return work();
        this.lied = true;
        return lost();
      case "kill":
        this.#dead = true;
        throw new Error("killed");
    }
  }

  #at(path: string): Inode {
    const file = this.#names.get(path);
    if (file === undefined) throw new Deno.errors.NotFound(`no such file: ${path}`);
    return file;
  }
}

class FakeFile implements StoreFile {
  constructor(readonly disk: FakeDisk, readonly path: string, readonly file: Inode) {}

  get size(): number {
    this.disk.do("size", () => {});
    return this.file.bytes.length;
  }

  readAt(offset: number, into: Uint8Array): number {
    let count = 0;
    this.disk.do("read", () => {
      const part = this.file.bytes.subarray(offset, offset + into.length);
      into.set(part);
      count = part.length;
    });
    return count;
  }

  writeAt(offset: number, bytes: Uint8Array): void {
    const write = (length: number) => this.file.write(offset, bytes.subarray(0, length));
    this.disk.do("write", () => write(bytes.length), () => write(bytes.length >>> 1));
  }

  sync(): void {
    this.disk.do("sync", () => this.file.sync(), undefined, () => this.file.dirty.clear());
  }

  findReplacement(): string | undefined {
    let there = true;
    this.disk.do("stat", () => void (there = this.disk.isAt(this.path, this.file)));
    return there ? undefined : "it was removed";
  }

  close(): void {}
}
