/** A pair of connections in memory: what is written to one is read from the other. */
import type { Conn } from "./conn.ts";

/** Bytes on their way in each direction; further writes wait until the reader has taken some, as with a socket. */
export const PIPE_MAX_BYTES = 64 * 1024;

/** Two ends of a connection within this process. */
export function pipeConns(maxBytes = PIPE_MAX_BYTES): [Conn, Conn] {
  const [there, back] = [new Pipe(maxBytes), new Pipe(maxBytes)];
  return [new PipeConn(back, there), new PipeConn(there, back)];
}

class PipeConn implements Conn {
  readonly #input: Pipe;
  readonly #output: Pipe;

  constructor(input: Pipe, output: Pipe) {
    this.#input = input;
    this.#output = output;
  }

  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.#input.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#output.write(bytes);
  }

  closeWrite(): Promise<void> {
    this.#output.end();
    return Promise.resolve();
  }

  /** The other end reads what was written before. */
  close(): void {
    this.#input.stopReading();
    this.#output.end();
  }
}

/** One direction. */
class Pipe {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Nothing more is written. */
  #hasEnded = false;
  /** Nothing more is read. */
  #isStopped = false;
  /** Called when something has changed for the read, or for the write, that waits. */
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** As {@link Conn.read}. */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      if (this.#isStopped) throw new Deno.errors.BadResource("the connection is closed");
      if (this.#bytes > 0) return this.#take(buffer);
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
  }

  /** As {@link Conn.write}: copies what there is room for. */
  async write(bytes: Uint8Array): Promise<number> {
    for (;;) {
      if (this.#hasEnded) throw new Deno.errors.BadResource("the connection is closed");
      if (this.#isStopped) throw new Deno.errors.BrokenPipe("the other end is closed");
      const count = Math.min(bytes.length, this.#maxBytes - this.#bytes);
      if (count > 0 || bytes.length === 0) {
        if (count > 0) this.#chunks.push(bytes.slice(0, count));
        this.#bytes += count;
        this.#wakeReader?.();
        return count;
      }
      await new Promise<void>((resolve) => this.#wakeWriter = resolve);
    }
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  stopReading(): void {
    this.#isStopped = true;
    this.#chunks = [];
    this.#bytes = 0;
    this.#wake();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }

  #take(buffer: Uint8Array): number {
    let filled = 0;
    while (filled < buffer.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#bytes -= filled;
    this.#wakeWriter?.();
    return filled;
  }
}
