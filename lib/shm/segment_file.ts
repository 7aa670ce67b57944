/**
 * A segment read as a file that is already open, where FFI is not permitted. The runtime opens nothing below /dev
 * without all permissions, but reads what it is given: standard input, for example.
 */
import { nodeModules } from "../base/platform/node_modules.ts";
import { RUNNING, SEGMENT_HEADER_BYTES, SEGMENT_HEADER_USED_BYTES } from "./segment_header.ts";
import { readSegmentHeader, type SegmentInfo, STATE_OFFSET } from "./segment_header.ts";
import { checkHeader } from "./shared_segment.ts";

export class SegmentFile {
  readonly info: SegmentInfo;
  readonly #fd: number;

  private constructor(fd: number, info: SegmentInfo) {
    this.#fd = fd;
    this.info = info;
  }

  /** The segment in the open file `fd`; or what is wrong with it, as a clause. */
  static open(fd: number): SegmentFile | string {
    try {
      const bytes = new Uint8Array(SEGMENT_HEADER_USED_BYTES);
      nodeModules.fs.readSync(fd, bytes, 0, bytes.length, 0);
      const checked = checkHeader(readSegmentHeader(bytes), nodeModules.fs.fstatSync(fd).size);
      return typeof checked === "string" ? checked : new SegmentFile(fd, checked);
    } catch {
      return "it is not a file"; // a pipe or a terminal, which cannot be read at a position
    }
  }

  /** Fills `into` with what the ring's buffer has from `offset` on. False: the file has become shorter. */
  readRing(offset: number, into: Uint8Array<ArrayBuffer>): boolean {
    return this.#readAt(SEGMENT_HEADER_BYTES + offset, into);
  }

  /** Neither the server nor the next one in its place has marked it as ended; after a crash that takes until the next. */
  isRunning(): boolean {
    const state = new Uint32Array(1);
    this.#readAt(STATE_OFFSET, new Uint8Array(state.buffer));
    return state[0] === RUNNING;
  }

  #readAt(offset: number, into: Uint8Array<ArrayBuffer>): boolean {
    for (let at = 0; at < into.length;) {
      const count = nodeModules.fs.readSync(this.#fd, into, at, into.length - at, offset + at);
      if (count === 0) return false;
      at += count;
    }
    return true;
  }
}
