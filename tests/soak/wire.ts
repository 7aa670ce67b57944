/** One connection to the server under test: bytes out, lines in; each line is held against what a client may rely on. */
import { MAX_LINE_BYTES, MAX_SERVER_TAGS_BYTES } from "../../lib/irc/limits.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import type { Address } from "../../lib/net/address.ts";

/** A server that has not answered for so long, on a machine that does other things as well, does not answer. */
const ANSWER_MS = 30_000;
const READ_BYTES = 64 * 1024;
const encoder = new TextEncoder();

export interface WireHandler {
  heard(message: Message, line: string): void;
  /** Something that must not be. */
  fault(text: string): void;
}

export class Wire {
  closed = false;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #conn: Deno.TcpConn;
  readonly #handler: WireHandler;
  #awaited: { token: string; resolve: (answered: boolean) => void } | undefined;
  #barriers = 0;

  private constructor(conn: Deno.TcpConn, handler: WireHandler) {
    this.#conn = conn;
    this.#handler = handler;
    this.ended = this.#read();
  }

  static async open({ host, port }: Address & { kind: "tcp" }, handler: WireHandler): Promise<Wire> {
    const conn = await Deno.connect({ hostname: host, port });
    conn.setNoDelay(true);
    return new Wire(conn, handler);
  }

  /** What can't be written any more is dropped. */
  async bytes(bytes: Uint8Array): Promise<void> {
    try {
      for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
    } catch {
      // `ended` tells
    }
  }

  send(...lines: string[]): Promise<void> {
    return this.bytes(encoder.encode(lines.map((line) => `${line}\r\n`).join("")));
  }

  /** Waits until all that was sent has been answered; `false`: the connection has ended before. */
  async barrier(): Promise<boolean> {
    if (this.closed) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const token = `barrier-${++this.#barriers}`;
    this.#awaited = { token, resolve };
    const late = setTimeout(() => {
      this.#handler.fault(`PING was not answered within ${ANSWER_MS / 1000} s`);
      resolve(false);
    }, ANSWER_MS);
    await this.send(`PING ${token}`);
    const answered = await promise;
    clearTimeout(late);
    return answered;
  }

  /** Closes at once, whatever is under way. */
  close(): void {
    this.closed = true;
    try {
      this.#conn.close();
    } catch {
      // closed before
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let rest = "";
    try {
      for (let length; (length = await this.#conn.read(buffer)) !== null;) {
        const lines = (rest + this.#decode(decoder, buffer.subarray(0, length))).split("\r\n");
        rest = lines.pop()!;
        for (const line of lines) this.#hear(line);
      }
    } catch {
      // reset, or closed by us: the same as an end
    }
    this.close();
    this.#awaited?.resolve(false);
  }

  #decode(decoder: TextDecoder, bytes: Uint8Array): string {
    try {
      return decoder.decode(bytes, { stream: true });
    } catch {
      this.#handler.fault("what came is not UTF-8");
      return "";
    }
  }

  #hear(line: string): void {
    const message = parseMessage(line);
    const tagsLength = line.startsWith("@") ? line.indexOf(" ") + 1 : 0;
    const tagsBytes = encoder.encode(line.slice(0, tagsLength)).length;
    const restBytes = encoder.encode(line).length - tagsBytes + 2;
    if (message === undefined || /[\r\n\0]/.test(line)) return this.#handler.fault(`no line of IRC: ${line}`);
    if (restBytes > MAX_LINE_BYTES || tagsBytes > MAX_SERVER_TAGS_BYTES) {
      this.#handler.fault(`a line of ${tagsBytes} + ${restBytes} bytes: ${line}`);
    }
    if (message.command === "PING") return void this.send(`PONG :${message.params.at(-1)}`);
    if (message.command === "PONG" && message.params.at(-1) === this.#awaited?.token) {
      const { resolve } = this.#awaited!;
      this.#awaited = undefined;
      return resolve(true);
    }
    this.#handler.heard(message, line);
  }
}
