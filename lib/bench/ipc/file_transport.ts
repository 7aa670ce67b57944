/**
 * Records in a file in /dev/shm that neither side maps: they read and write it with pread and pwrite, called by FFI,
 * because the runtime opens nothing below /dev without all permissions. Neither side can be woken: each looks again
 * after {@link FILE_POLL_MS}.
 *
 *     byte 0          8            4096                                        4096 + FILE_AREA_BYTES
 *          ┌─────────┬─────────┬──┬──────────────────────────────────────────────────┐
 *          │ written │ read    │  │ frames, a circular buffer                        │
 *          └─────────┴─────────┴──┴──────────────────────────────────────────────────┘
 *
 *     written, read: bytes in all; a position modulo the length of the area is an offset
 */
import { delay } from "../../base/delay.ts";
import { preciseNow } from "../process_usage.ts";
import { FrameBuffer, FrameSplitter } from "./frames.ts";
import { BenchSegment } from "./bench_segment.ts";
import type { OnRecord, RecordReceiver, RecordSender } from "./transport.ts";

export const FILE_POLL_MS = 1;

const AREA_OFFSET = 4096;
const FILE_AREA_BYTES = 4 * 1024 * 1024;
const WRITTEN_OFFSET = 0, READ_OFFSET = 8;
/** A reader that never has to wait lets the process look at other input as often. */
const READS_PER_TURN = 256;

/** A position in the header. */
class PositionField {
  readonly #view = new DataView(new ArrayBuffer(8));
  readonly #bytes = new Uint8Array(this.#view.buffer);

  constructor(readonly file: BenchSegment, readonly offset: number) {}

  load(): number {
    this.file.readAt(this.offset, this.#bytes);
    return this.#view.getFloat64(0, true);
  }

  store(position: number): void {
    this.#view.setFloat64(0, position, true);
    this.file.writeAt(this.offset, this.#bytes);
  }
}

/** The circular buffer of frames behind the header. */
class FileArea {
  position = 0;

  constructor(readonly file: BenchSegment) {}

  write(bytes: Uint8Array<ArrayBuffer>): void {
    for (let sent = 0; sent < bytes.length;) {
      const part = bytes.subarray(sent, sent + this.#untilEnd());
      sent += this.#advance(this.file.writeAt(this.#offset(), part));
    }
  }

  /** Reads at most as many bytes as `into` has, and no more than lie before `end`. */
  read(into: Uint8Array<ArrayBuffer>, end: number): number {
    const wanted = Math.min(into.length, this.#untilEnd(), end - this.position);
    return this.#advance(this.file.readAt(this.#offset(), into.subarray(0, wanted)));
  }

  #offset(): number {
    return AREA_OFFSET + this.position % FILE_AREA_BYTES;
  }

  #untilEnd(): number {
    return FILE_AREA_BYTES - this.position % FILE_AREA_BYTES;
  }

  #advance(count: number): number {
    this.position += count;
    return count;
  }
}

export class FileSender implements RecordSender {
  readonly #area: FileArea;
  readonly #written: PositionField;
  readonly #read: PositionField;
  readonly #frames = new FrameBuffer();
  /** The last known position of the reader. */
  #readPosition = 0;

  /** Takes the file that {@link FileReceiver} has made as the segment `name`, and removes its name. */
  constructor(name: string) {
    const file = BenchSegment.take(name);
    this.#area = new FileArea(file);
    this.#written = new PositionField(file, WRITTEN_OFFSET);
    this.#read = new PositionField(file, READ_OFFSET);
  }

  sendBatch(count: number, next: () => Uint8Array): void | Promise<void> {
    const frames = this.#frames;
    frames.clear();
    for (let nth = 0; nth < count; nth++) frames.add(next());
    return this.#hasRoom() ? this.#write() : this.#writeLater();
  }

  #hasRoom(): boolean {
    const end = this.#area.position + this.#frames.bytes.length;
    if (end - this.#readPosition > FILE_AREA_BYTES) this.#readPosition = this.#read.load();
    return end - this.#readPosition <= FILE_AREA_BYTES;
  }

  async #writeLater(): Promise<void> {
    while (!this.#hasRoom()) await delay(FILE_POLL_MS);
    this.#write();
  }

  /** The frames first, then the position that makes them visible. */
  #write(): void {
    this.#area.write(this.#frames.bytes);
    this.#written.store(this.#area.position);
  }
}

export class FileReceiver implements RecordReceiver {
  readonly #area: FileArea;
  readonly #written: PositionField;
  readonly #read: PositionField;
  readonly #frames = new FrameSplitter();

  /** Creates the file as the segment `name`. */
  constructor(name: string) {
    const file = BenchSegment.create(name, AREA_OFFSET + FILE_AREA_BYTES);
    this.#area = new FileArea(file);
    this.#written = new PositionField(file, WRITTEN_OFFSET);
    this.#read = new PositionField(file, READ_OFFSET);
  }

  get partialBytes(): number {
    return this.#frames.partialBytes;
  }

  /** Never resolves: a file does not tell that its writer is gone. */
  async receive(onRecord: OnRecord): Promise<string> {
    for (let reads = 1;; reads++) {
      const end = this.#written.load();
      if (this.#area.position < end) {
        const count = this.#area.read(this.#frames.free, end);
        this.#frames.take(count, preciseNow(), onRecord);
        this.#read.store(this.#area.position);
        if (reads % READS_PER_TURN !== 0) continue;
      }
      await delay(this.#area.position < end ? 0 : FILE_POLL_MS);
    }
  }
}
