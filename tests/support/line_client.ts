/**
 * A client that registers, answers PING, and hands on each line as a message: for tests that talk much and listen to all of
 * it. What it sends within one turn of the event loop is one write.
 */
import type { Message } from "../../lib/irc/message.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { Address } from "../../lib/net/address.ts";
import { inTime } from "./guard.ts";

export interface LineClientOptions {
  readonly address: Address & { kind: "tcp" };
  readonly nick: string;
  readonly caps?: readonly string[];
  /** Claim key: 43 characters of base64url. */
  readonly claim?: string;
  /** Gets every message but PING, and PONG to {@link LineClient.barrier}, from the welcome on. */
  readonly onMessage?: (message: Message) => void;
}

const READ_BYTES = 64 * 1024;
const encoder = new TextEncoder();

export class LineClient {
  /** Resolves with the end of the connection, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #conn: Deno.TcpConn;
  readonly #options: LineClientOptions;
  readonly #decoder = new TextDecoder();
  readonly #registered = Promise.withResolvers<void>();
  readonly #barriers = new Map<string, PromiseWithResolvers<boolean>>();
  /** The last line, for the error of a wait in vain. */
  #last: string[] = [];
  #rest = "";
  #pending = "";
  #writing = false;
  #closed = false;
  #tokens = 0;

  private constructor(conn: Deno.TcpConn, options: LineClientOptions) {
    conn.setNoDelay(true);
    this.#conn = conn;
    this.#options = options;
    this.ended = this.#read();
  }

  /** Connects and registers. Throws what became of it where it did not work. */
  static async enter(options: LineClientOptions): Promise<LineClient> {
    const { address: { host, port }, nick, caps = [], claim } = options;
    const client = new LineClient(await Deno.connect({ hostname: host, port }), options);
    client.send(
      ...caps.length > 0 ? [`CAP REQ :${caps.join(" ")}`] : [],
      ...claim !== undefined ? [`CLAIM ${claim}`] : [],
      `NICK ${nick}`,
      `USER ${nick} 0 * :${nick}`,
      "CAP END",
    );
    try {
      await inTime(`the welcome of ${nick}`, client.#registered.promise, { heard: () => client.#last });
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** Lines without CR LF. What can't be written any more is dropped: {@link ended} tells. */
  send(...lines: string[]): void {
    for (const line of lines) this.#pending += line + "\r\n";
    if (this.#writing || this.#closed) return;
    this.#writing = true;
    queueMicrotask(() => void this.#flush());
  }

  /** Resolves once the server has answered all that was sent: with `false` where the connection ended before. */
  barrier(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    const token = `barrier-${++this.#tokens}`;
    const waiting = Promise.withResolvers<boolean>();
    this.#barriers.set(token, waiting);
    this.send(`PING ${token}`);
    return inTime(`PONG ${token}`, waiting.promise, { heard: () => this.#last });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  async #flush(): Promise<void> {
    try {
      while (this.#pending !== "") {
        const bytes = encoder.encode(this.#pending);
        this.#pending = "";
        for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
      }
    } catch {
      // #read tells of the end
    }
    this.#writing = false;
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (let length; (length = await this.#conn.read(buffer)) !== null;) {
        const text = this.#rest + this.#decoder.decode(buffer.subarray(0, length), { stream: true });
        const lines = text.split("\r\n");
        this.#rest = lines.pop()!;
        for (const line of lines) this.#hear(line);
      }
    } catch {
      // reset, or closed by us: the same as an end
    }
    this.close();
    this.#registered.promise.catch(() => {}); // where nobody waits for it any more
    this.#registered.reject(new Error("the connection ended"));
    for (const { resolve } of this.#barriers.values()) resolve(false);
  }

  #hear(line: string): void {
    this.#last = [line];
    const message = parseMessage(line);
    switch (message?.command) {
      case undefined:
        return;
      case "PING":
        return this.send(`PONG :${message!.params.at(-1)}`);
      case "PONG": {
        const waiting = this.#barriers.get(message!.params.at(-1)!);
        if (waiting === undefined) break;
        this.#barriers.delete(message!.params.at(-1)!);
        return waiting.resolve(true);
      }
      case "001":
        this.#registered.resolve();
        break;
      case "433":
      case "ERROR":
        this.#registered.reject(new Error(line));
        break;
      case "CAP":
        if (message!.params[1] === "NAK") this.#registered.reject(new Error(line));
    }
    this.#options.onMessage?.(message!);
  }
}
