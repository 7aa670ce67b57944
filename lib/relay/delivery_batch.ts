/**
 * Deliveries of a turn to the sessions of one front. A buffer that many sessions get is in the frame once, and so is a
 * list of buffers: a message to a channel costs its bytes, and 4 bytes for each session.
 *
 *     number of buffers, their lengths │ lists: buffers of each, its sessions │ the bytes of the buffers
 *
 * Pure.
 */
import { FRAME_HEAD_BYTES, writeFrameHead } from "./frame.ts";
import { RelayFault, WireReader } from "./wire.ts";

/** No other frame to a front has this kind. */
export const DELIVERIES_KIND = 0x44;
/** A frame ends with the delivery that reaches this. A larger one is the delivery of one session. */
const FRAME_TARGET_BYTES = 1024 * 1024;

/** A list of buffers; its sessions; and the lists that continue it. */
class BufferList {
  readonly sessions: number[] = [];
  next: Map<Uint8Array, BufferList> | undefined;

  /** `indexes`: of the buffers in the frame. */
  constructor(readonly indexes: readonly number[]) {}
}

/** Gathers deliveries and makes frames of them. */
export class DeliveryBatch {
  #root = new BufferList([]);
  /** Lists with a session. */
  #lists: BufferList[] = [];
  #indexes = new Map<Uint8Array, number>();
  #bufferBytes = 0;
  /** Bytes of the lists. */
  #listBytes = 0;
  #frames: Uint8Array<ArrayBuffer>[] = [];
  /** The list of the last delivery if it has one buffer: that of most deliveries in a turn. */
  #lastBuffer: Uint8Array | undefined;
  #lastList: BufferList | undefined;

  /** `session` gets `chunks`, in order; at most one delivery of a session is added before {@link takeFrames}. */
  add(session: number, chunks: readonly Uint8Array[]): void {
    const isAgain = chunks.length === 1 && chunks[0] === this.#lastBuffer;
    const list = isAgain ? this.#lastList! : this.#listOf(chunks);
    if (list.sessions.length === 0) {
      this.#lists.push(list);
      this.#listBytes += 8 + 4 * list.indexes.length;
    }
    list.sessions.push(session);
    this.#listBytes += 4;
    if (this.#bufferBytes + this.#listBytes >= FRAME_TARGET_BYTES) this.#endFrame();
    else if (chunks.length === 1) [this.#lastBuffer, this.#lastList] = [chunks[0], list];
  }

  /** The frames of all deliveries so far. */
  takeFrames(): Uint8Array<ArrayBuffer>[] {
    if (this.#lists.length > 0) this.#endFrame();
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  #listOf(chunks: readonly Uint8Array[]): BufferList {
    let list = this.#root;
    for (const chunk of chunks) {
      list.next ??= new Map();
      let next = list.next.get(chunk);
      if (next === undefined) {
        next = new BufferList([...list.indexes, this.#indexOf(chunk)]);
        list.next.set(chunk, next);
      }
      list = next;
    }
    return list;
  }

  #indexOf(chunk: Uint8Array): number {
    const known = this.#indexes.get(chunk);
    if (known !== undefined) return known;
    const index = this.#indexes.size;
    this.#indexes.set(chunk, index);
    this.#bufferBytes += chunk.length;
    this.#listBytes += 4;
    return index;
  }

  #endFrame(): void {
    const frame = new Uint8Array(FRAME_HEAD_BYTES + 8 + this.#listBytes + this.#bufferBytes);
    const view = new DataView(frame.buffer);
    let at = writeFrameHead(frame, DELIVERIES_KIND);
    const put = (value: number) => {
      view.setUint32(at, value);
      at += 4;
    };
    put(this.#indexes.size);
    for (const buffer of this.#indexes.keys()) put(buffer.length);
    put(this.#lists.length);
    for (const { indexes, sessions } of this.#lists) {
      put(indexes.length);
      indexes.forEach(put);
      put(sessions.length);
      for (let n = 0; n < sessions.length; n++) put(sessions[n]!);
    }
    for (const buffer of this.#indexes.keys()) {
      frame.set(buffer, at);
      at += buffer.length;
    }
    this.#frames.push(frame);
    this.#reset();
  }

  #reset(): void {
    this.#root = new BufferList([]);
    this.#lists = [];
    this.#indexes = new Map();
    this.#bufferBytes = this.#listBytes = 0;
    this.#lastBuffer = this.#lastList = undefined;
  }
}

/** Buffers that some sessions get, in order. */
export interface SharedDelivery {
  /** Views of the frame. */
  readonly chunks: readonly Uint8Array[];
  readonly sessions: readonly number[];
}

/** The deliveries of a frame. Throws a {@link RelayFault} if it is none. */
export function decodeDeliveries(frame: Uint8Array): SharedDelivery[] {
  const reader = new WireReader(frame);
  if (reader.u8() !== DELIVERIES_KIND) throw new RelayFault("a frame has no deliveries");
  const lengths = readNumbers(reader);
  const lists: { indexes: number[]; sessions: number[] }[] = [];
  const count = reader.u32();
  if (count > reader.left / 8) throw new RelayFault("a frame has too many lists");
  for (let n = 0; n < count; n++) {
    const indexes = readNumbers(reader);
    if (indexes.some((index) => index >= lengths.length)) throw new RelayFault("a list names no buffer");
    lists.push({ indexes, sessions: readNumbers(reader) });
  }
  const buffers = lengths.map((length) => reader.bytes(length));
  reader.end();
  return lists.map(({ indexes, sessions }) => ({
    chunks: indexes.map((index) => buffers[index]!),
    sessions,
  }));
}

/** A number of numbers, which is checked before anything is allocated. */
function readNumbers(reader: WireReader): number[] {
  const count = reader.u32();
  if (count > reader.left / 4) throw new RelayFault("a frame ends within a list");
  const numbers = new Array<number>(count);
  for (let n = 0; n < count; n++) numbers[n] = reader.u32();
  return numbers;
}
