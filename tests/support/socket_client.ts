/** The plainest client over a real socket: lines out, lines in, and a barrier. */
import type { Address } from "../../lib/net/address.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { inTime } from "./guard.ts";

/** Lines that an error may quote. */
const KEPT_LINES = 10;
const encoder = new TextEncoder();

export class SocketClient {
  readonly #conn: Conn;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #lines: string[] = [];
  /** The last lines, for the error of a wait in vain; {@link take} leaves them. */
  readonly #last: string[] = [];
  #ended = false;
  #tokens = 0;
  #waiting: { done: (line: string) => boolean; resolve: (found: boolean) => void } | undefined;

  private constructor(conn: Conn) {
    this.#conn = conn;
    void this.#read();
  }

  static async connect(address: Address): Promise<SocketClient> {
    if (address.kind === "unix") {
      return new SocketClient(await Deno.connect({ transport: "unix", path: address.path }));
    }
    const conn = await Deno.connect({ hostname: address.host, port: address.port });
    conn.setNoDelay(true); // a barrier follows each line at once
    return new SocketClient(conn);
  }

  /** Over a connection that is there. */
  static over(conn: Conn): SocketClient {
    return new SocketClient(conn);
  }

  send(line: string): Promise<void> {
    return this.bytes(encoder.encode(line + "\r\n"));
  }

  /** Bytes as they are. What can't be written any more, because the server has closed, is dropped. */
  async bytes(bytes: Uint8Array): Promise<void> {
    try {
      for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
    } catch {
      // closed by the server; take() tells
    }
  }

  /** Waits until the server has answered everything sent so far, or has closed. */
  async barrier(): Promise<void> {
    const token = `barrier-${++this.#tokens}`;
    if (this.#ended) return;
    const isAnswer = (line: string) => line.includes(" PONG ") && line.endsWith(`:${token}`);
    const answered = this.#until(`PONG ${token}`, isAnswer, true);
    await this.send(`PING ${token}`);
    await answered;
  }

  /** Waits for a line that `done` holds of; `false` when the connection ended before it. The line stays to be taken. */
  until(done: (line: string) => boolean, what = String(done)): Promise<boolean> {
    if (this.#lines.some(done)) return Promise.resolve(true);
    return this.#ended ? Promise.resolve(false) : this.#until(what, done, false);
  }

  /** Waits for the end of the connection. */
  async ended(): Promise<void> {
    if (!this.#ended) await this.#until("the end of the connection", () => false, false);
  }

  /** Lines since the last call; `(closed)` once the server has closed. */
  take(): string[] {
    return this.#lines.splice(0);
  }

  close(): void {
    try {
      this.#conn.close();
    } catch {
      // closed before
    }
  }

  #until(what: string, done: (line: string) => boolean, drop: boolean): Promise<boolean> {
    const found = new Promise<boolean>((resolve) => {
      this.#waiting = {
        done: (line) => {
          if (!done(line)) return false;
          if (drop) this.#lines.pop();
          return true;
        },
        resolve,
      };
    });
    return inTime(what, found, { heard: () => this.#last });
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const length = await this.#conn.read(buffer);
        if (length === null) break;
        const lines = (this.#rest + this.#decoder.decode(buffer.subarray(0, length), { stream: true })).split(
          "\r\n",
        );
        this.#rest = lines.pop()!;
        for (const line of lines) this.#got(line);
      }
    } catch {
      // reset: the same as an end
    }
    this.#ended = true;
    this.#lines.push("(closed)");
    this.close();
    this.#waiting?.resolve(false);
  }

  #got(line: string): void {
    this.#lines.push(line);
    if (this.#last.push(line) > KEPT_LINES) this.#last.shift();
    if (!this.#waiting?.done(line)) return;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve(true);
  }
}
