/**
 * One connection of the load generator. It registers as any IRC client does and answers PING; what else comes is searched
 * for what somebody waits for, given out line by line, or, once {@link Client.onBytes} is set, handed over as it comes.
 */

/** A busy receiver gets many lines with one read. */
const READ_MAX_BYTES = 64 * 1024;
/** All read buffers of one thread together. */
const READ_TOTAL_BYTES = 256 * 1024 * 1024;
/** So long a server may take for one step of the set-up. InspIRCd registers once a second. */
const STEP_MS = 60_000;

const encoder = new TextEncoder();
/** Bytes are characters here: what is measured is ASCII, and a length in characters is one in bytes. */
const decoder = new TextDecoder("latin1");

export interface Door {
  readonly hostname: string;
  readonly port: number;
}

export interface ClientOptions {
  readonly door: Door;
  readonly nick: string;
  /** Capabilities to negotiate, separated by spaces; "" for none. */
  readonly caps?: string;
  /** Channel to enter, if any. */
  readonly channel?: string;
  readonly readBytes?: number;
}

/** The server does not have what the run needs; that is no fault of it. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/** Bytes of each read buffer where `count` connections wait at once. */
export function readBytesFor(count: number): number {
  return Math.min(READ_MAX_BYTES, Math.floor(READ_TOTAL_BYTES / Math.max(1, count)));
}

export class Client {
  readonly nick: string;
  /** Gets every whole line, without CR LF; not PING. */
  onLine: ((line: string) => void) | undefined;
  /** Gets the start of `buffer`, `length` bytes, instead of all else here; the buffer is used again afterwards. */
  onBytes: ((buffer: Uint8Array, length: number) => void) | undefined;
  /** Told once, unless it was us who closed. */
  onEnd: ((why: string) => void) | undefined;
  readonly #conn: Deno.TcpConn;
  readonly #buffer: Uint8Array;
  #rest = "";
  #wanted:
    | { pattern: RegExp; found: (match: RegExpExecArray) => void; failed: (why: Error) => void }
    | undefined;
  #pending = "";
  #writing = false;
  #closed = false;

  private constructor(conn: Deno.TcpConn, nick: string, readBytes: number) {
    this.#conn = conn;
    this.nick = nick;
    this.#buffer = new Uint8Array(readBytes);
    conn.setNoDelay(true);
    void this.#read();
  }

  /** Connects, negotiates, registers and enters; resolves when the server has confirmed all of it. */
  static async enter({ door, nick, caps = "", channel, readBytes = 4096 }: ClientOptions): Promise<Client> {
    const client = new Client(await Deno.connect(door), nick, readBytes);
    try {
      await client.#register(caps);
      if (channel !== undefined) await client.join(channel);
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  async #register(caps: string): Promise<void> {
    const introduction = `NICK ${this.nick}\r\nUSER ${this.nick} 0 * :${this.nick}\r\n`;
    if (caps !== "") {
      const answer = this.sees(/^(?:@\S+ )?(?::\S+ )?(?:CAP \S+ (ACK|NAK)|(421) \S+ CAP) /m);
      this.send(`CAP REQ :${caps}\r\n${introduction}`);
      if ((await answer)[1] !== "ACK") throw new Unsupported(`the server does not have all of: ${caps}`);
      this.send("CAP END\r\n");
    } else this.send(introduction);
    const end = await this.sees(/^(?:@\S+ )?:\S+ (376|422|43[1-7]|46[2-5]) .*$/m);
    if (end[1] !== "376" && end[1] !== "422") throw new Error(`not registered: ${end[0].trim()}`);
  }

  async join(channel: string): Promise<void> {
    const entered = this.sees(/^(?:@\S+ )?:\S+ (366|4\d\d) .*$/m);
    this.send(`JOIN ${channel}\r\n`);
    const end = await entered;
    if (end[1] !== "366") throw new Error(`not in ${channel}: ${end[0].trim()}`);
  }

  /** Resolves with the first match in whole lines that come from now on. One at a time may be waited for. */
  sees(pattern: RegExp, withinMs = STEP_MS): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => failed(new Error(`no ${pattern} within ${withinMs} ms`)), withinMs);
      const settle = () => {
        clearTimeout(timer);
        this.#wanted = undefined;
      };
      const failed = (why: Error) => (settle(), reject(new Error(`${this.nick}: ${why.message}`)));
      this.#wanted = { pattern, failed, found: (match) => (settle(), resolve(match)) };
    });
  }

  /** Queues lines. All that is queued within one turn of the event loop is one write; one write is in flight. */
  send(lines: string): void {
    this.#pending += lines;
    if (this.#writing) return;
    this.#writing = true;
    queueMicrotask(() => void this.#flush());
  }

  /** Writes `bytes` as they are and resolves when the kernel has taken them; not to be mixed with {@link send}. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Answers PING; gives all other lines to {@link onLine}. */
  line(line: string): void {
    if (line.startsWith("PING ")) this.send(`PONG ${line.slice(5)}\r\n`);
    else this.onLine?.(line);
  }

  /** Reads on, or, when `false`, nothing more once the read in flight has ended. */
  reading = true;

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wanted?.failed(new Error("closed"));
    this.#conn.close();
  }

  async #flush(): Promise<void> {
    try {
      while (this.#pending !== "") {
        const bytes = encoder.encode(this.#pending);
        this.#pending = "";
        await this.write(bytes);
      }
    } catch {
      // whoever reads is told that the connection has ended
    }
    this.#writing = false;
  }

  async #read(): Promise<void> {
    let why = "closed by the server";
    try {
      while (this.reading) {
        const length = await this.#conn.read(this.#buffer);
        if (length === null) break;
        if (this.onBytes !== undefined) this.onBytes(this.#buffer, length);
        else this.#take(decoder.decode(this.#buffer.subarray(0, length)));
      }
      if (!this.reading) return;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    if (this.#closed) return;
    this.#wanted?.failed(new Error(why));
    this.onEnd?.(why);
  }

  #take(chunk: string): void {
    const text = this.#rest + chunk;
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(end);
    const lines = end === text.length ? text : text.slice(0, end);
    // A channel of thousands tells each of them of every other: what nobody waits for is not cut into lines.
    if (this.onLine !== undefined || lines.includes("PING ")) {
      for (const line of splitLines(lines)) this.line(line);
    }
    const match = this.#wanted?.pattern.exec(lines);
    if (match != null) this.#wanted!.found(match);
  }
}

/** Whole lines without their ends. */
export function splitLines(text: string): string[] {
  const lines = text.split("\n");
  lines.pop(); // what follows the last end of line: nothing
  return lines.map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
}

/** Runs `make(0)` … `make(count - 1)`, `atOnce` of them at one time. */
export async function inParallel<T>(
  count: number,
  atOnce: number,
  make: (index: number) => Promise<T>,
): Promise<T[]> {
  const made: T[] = new Array(count);
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      made[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, work));
  return made;
}
