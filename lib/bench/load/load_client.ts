/**
 * One connection of the load generator. It registers as any IRC client does and answers PING. What else comes is
 * searched for what is awaited, given out line by line, or, once {@link LoadClient.onBytes} is set, handed over as it
 * comes.
 */
import { makeNotIrcFailure } from "../../client/connection/connect_failure.ts";
import { dial } from "../../client/connection/dial.ts";
import { isIrcGreeting } from "../../client/session/irc_probe.ts";
import { parseMessage } from "../../irc/message.ts";
import type { Address } from "../../net/address.ts";
import { ERR_PASSWDMISMATCH } from "../../irc/numerics.ts";
import { formatAddress } from "../../net/address.ts";
import { closeQuietly } from "../../net/conn.ts";
import type { Conn } from "../../net/conn.ts";
import { checkLineBytes } from "./joined_bytes.ts";
import { LoadError } from "./load_error.ts";

/** A busy receiver gets many lines with one read. */
const READ_MAX_BYTES = 64 * 1024;
/** All read buffers of one thread together. */
const READ_TOTAL_BYTES = 256 * 1024 * 1024;
/** Time that a server may take for one step of the set-up. InspIRCd registers once a second. */
const STEP_MS = 60_000;

const encoder = new TextEncoder();
/** Bytes are characters here: what is measured is ASCII, and a length in characters is one in bytes. */
const decoder = new TextDecoder("latin1");

/** The server under load. */
export interface LoadTarget {
  readonly address: Address;
  /** The server's password (PASS). With it the certificate of a TLS server is checked. */
  readonly password?: string | undefined;
}

export interface LoadClientOptions extends LoadTarget {
  readonly nick: string;
  /** Capabilities to negotiate, separated by spaces; "" for none. */
  readonly caps?: string;
  /** Channel to join, if any. */
  readonly channel?: string;
  readonly readBytes?: number;
  /** Time that the server may take for one step. */
  readonly stepMs?: number;
}

/** Bytes of each read buffer where `count` connections wait at once. */
export function readBytesFor(count: number): number {
  return Math.min(READ_MAX_BYTES, Math.floor(READ_TOTAL_BYTES / Math.max(1, count)));
}

interface AwaitedMatch {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: LoadError) => void;
}

export class LoadClient {
  readonly nick: string;
  /** Gets every whole line, without CR LF; not PING. */
  onLine: ((line: string) => void) | undefined;
  /** Gets the start of `buffer`, `length` bytes, instead of all else here; the buffer is used again afterwards. */
  onBytes: ((buffer: Uint8Array, length: number) => void) | undefined;
  /** Called once with the reason, unless this side has closed the connection. */
  onEnd: ((why: string) => void) | undefined;
  readonly #conn: Conn;
  readonly #address: Address;
  readonly #where: string;
  readonly #stepMs: number;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #rest = "";
  #awaited: AwaitedMatch | undefined;
  #pending = "";
  #writing = false;
  #closed = false;
  /** Null: what has come so far is not a whole line. */
  #speaksIrc: boolean | null = null;
  /** The last ERROR of the server, with which it says why it closes the connection. */
  #lastError: string | undefined;

  private constructor(conn: Conn, { address, nick, readBytes = 4096, stepMs = STEP_MS }: LoadClientOptions) {
    this.#conn = conn;
    this.#address = address;
    this.#where = formatAddress(address);
    this.#stepMs = stepMs;
    this.nick = nick;
    this.#buffer = new Uint8Array(readBytes);
    void this.#read();
  }

  /**
   * Connects, negotiates, registers and joins; resolves when the server has confirmed all of it. Rejects with a
   * {@link LoadError}.
   */
  static async enter(options: LoadClientOptions): Promise<LoadClient> {
    const { caps = "", channel, password } = options;
    const client = new LoadClient(await openConn(options), options);
    try {
      await client.#register(caps, password);
      if (channel !== undefined) await client.join(channel);
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  async #register(caps: string, password: string | undefined): Promise<void> {
    const pass = password === undefined ? "" : `PASS :${password}\r\n`;
    const introduction = `${pass}NICK ${this.nick}\r\nUSER ${this.nick} 0 * :${this.nick}\r\n`;
    if (caps !== "") {
      const answer = this.sees("CAP", /^(?:@\S+ )?(?::\S+ )?(?:CAP \S+ (ACK|NAK)|(421) \S+ CAP) /m);
      this.send(`CAP REQ :${caps}\r\n${introduction}`);
      if ((await answer)[1] !== "ACK") {
        throw new LoadError("unsupported", `${this.#where} does not have all of these capabilities: ${caps}`);
      }
      this.send("CAP END\r\n");
    } else this.send(introduction);
    const end = await this.sees(
      "the end of the registration",
      /^(?:@\S+ )?:\S+ (376|422|43[1-7]|46[2-5]) .*$/m,
    );
    if (end[1] === ERR_PASSWDMISMATCH) {
      const fault = password === undefined ? "requires a password" : "does not accept the password";
      throw new LoadError("password", `${this.#where} ${fault}`);
    }
    if (end[1] !== "376" && end[1] !== "422") {
      throw new LoadError("refused", `${this.#where} does not register ${this.nick}: ${textOf(end[0])}`);
    }
  }

  async join(channel: string): Promise<void> {
    const joined = this.sees(`the end of JOIN ${channel}`, /^(?:@\S+ )?:\S+ (366|4\d\d) .*$/m);
    this.send(`JOIN ${channel}\r\n`);
    const end = await joined;
    if (end[1] === "366") return;
    throw new LoadError(
      "refused",
      `${this.#where} does not let ${this.nick} into ${channel}: ${textOf(end[0])}`,
    );
  }

  /** Resolves with the first match in whole lines that come from now on. One at a time may be awaited. */
  sees(what: string, pattern: RegExp, withinMs = this.#stepMs): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#awaited = undefined;
      };
      const fail = (error: LoadError) => (settle(), reject(error));
      const timer = setTimeout(() => fail(this.#timeoutError(what, withinMs)), withinMs);
      this.#awaited = { pattern, reject: fail, resolve: (match) => (settle(), resolve(match)) };
    });
  }

  #timeoutError(what: string, withinMs: number): LoadError {
    const waited = `${withinMs / 1000} s`;
    if (this.#speaksIrc === null) {
      if (this.#rest !== "" && !/^[:@]/.test(this.#rest)) return this.#notIrcError();
      return new LoadError("timed_out", `${this.#where} did not answer within ${waited}`);
    }
    return new LoadError("timed_out", `${this.#where} did not send ${what} to ${this.nick} within ${waited}`);
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
    this.#awaited?.reject(new LoadError("closed", `${this.nick}: closed`));
    closeQuietly(this.#conn);
  }

  async #flush(): Promise<void> {
    try {
      while (this.#pending !== "") {
        const bytes = encoder.encode(this.#pending);
        this.#pending = "";
        await this.write(bytes);
      }
    } catch {
      // the read fails too, and reports the end of the connection
    }
    this.#writing = false;
  }

  async #read(): Promise<void> {
    let why = "the server closed the connection";
    try {
      while (this.reading) {
        const length = await this.#conn.read(this.#buffer);
        if (length === null) break;
        if (this.onBytes !== undefined) this.onBytes(this.#buffer, length);
        else this.#take(decoder.decode(this.#buffer.subarray(0, length)));
      }
      if (!this.reading) return;
    } catch (error) {
      why = error instanceof Error ? error.message.replace(/ \(os error \d+\)$/, "") : String(error);
    }
    if (this.#closed) return;
    closeQuietly(this.#conn);
    this.#awaited?.reject(this.#endError(why));
    this.onEnd?.(this.#lastError ?? why);
  }

  /** Why the connection has ended before the awaited line came. */
  #endError(why: string): LoadError {
    if (this.#lastError !== undefined) {
      return new LoadError("refused", `${this.#where} refuses ${this.nick}: ${this.#lastError}`);
    }
    if (this.#speaksIrc === null) {
      if (this.#rest !== "" && !/^[:@]/.test(this.#rest)) return this.#notIrcError();
      return new LoadError("unreachable", `${this.#where}: ${why}`);
    }
    return new LoadError("closed", `${this.#where} ended the connection of ${this.nick}: ${why}`);
  }

  #notIrcError(): LoadError {
    return new LoadError("not_irc", makeNotIrcFailure(this.#address).text);
  }

  #take(chunk: string): void {
    checkLineBytes(this.#rest.length);
    const text = this.#rest + chunk;
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(end);
    const lines = end === text.length ? text : text.slice(0, end);
    if (this.#speaksIrc === null && lines !== "") {
      const first = parseMessage(lines.slice(0, lines.indexOf("\n")).trimEnd());
      this.#speaksIrc = first !== undefined && isIrcGreeting(first);
      if (!this.#speaksIrc) this.#awaited?.reject(this.#notIrcError());
    }
    if (lines.includes("ERROR ")) this.#lastError = /^(?::\S+ )?ERROR :?(.*)$/m.exec(lines)?.[1]?.trim();
    // A channel of thousands tells each of them of every other: what is not awaited is not cut into lines.
    if (this.onLine !== undefined || lines.includes("PING ")) {
      for (const line of splitLines(lines)) this.line(line);
    }
    const match = this.#awaited?.pattern.exec(lines);
    if (match != null) this.#awaited!.resolve(match);
  }
}

/** The certificate of a TLS server is checked where a password is sent. */
async function openConn({ address, password, stepMs = STEP_MS }: LoadClientOptions): Promise<Conn> {
  const isChecked = address.kind !== "tls" || password !== undefined;
  const dialed = await dial(isChecked ? address : { ...address, kind: "tcp" }, AbortSignal.timeout(stepMs));
  if (dialed.kind === "aborted") {
    throw new LoadError("timed_out", `${formatAddress(address)} did not answer within ${stepMs / 1000} s`);
  }
  if (dialed.kind !== "connected") throw new LoadError(dialed.kind, dialed.text);
  if (isChecked) return dialed.conn;
  const { connectTls } = await import("../../net/tls/tls_conn.ts");
  const outcome = await connectTls(dialed.conn as Deno.TcpConn, address.host, undefined);
  if (outcome.kind === "secured") return outcome.conn;
  throw new LoadError(
    outcome.speaksTls ? "unreachable" : "not_irc",
    `${formatAddress(address)}: ${outcome.why}`,
  );
}

/** The words of a numeric, and its number. */
function textOf(reply: string): string {
  const message = parseMessage(reply.trim());
  return message === undefined ? reply.trim() : `${message.params.at(-1) ?? ""} (${message.command})`;
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
