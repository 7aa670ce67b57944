/** The peer of a web listener that writes what it is told, as it is, and reads responses (RFC 9112). */
import { assert } from "../../lib/base/assert.ts";
import { concatBytes } from "../../lib/base/bytes.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { pipeConns } from "../../lib/net/pipe_conn.ts";
import type { HttpHandler } from "../../lib/net/web/http_handler.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import type { HttpUpgraderOptions, UpgradeAdmission } from "../../lib/net/web/http_upgrade.ts";
import { writeAll } from "../../lib/net/conn.ts";
import { inTime } from "../support/guard.ts";

export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export class RawHttpClient {
  readonly conn: Conn;
  /** Resolves when the server has let go of the connection. */
  readonly served: Promise<unknown>;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(conn: Conn, served: Promise<unknown>) {
    this.conn = conn;
    this.served = served;
  }

  /** A connection to a listener whose requests `handler` answers. */
  static over(web: HttpUpgrader, admission?: UpgradeAdmission, maxBytes?: number): RawHttpClient {
    const [client, server] = pipeConns(maxBytes);
    return new RawHttpClient(client, web.upgrade(server, admission));
  }

  /** `text`: latin-1; `piece`: bytes of each write. */
  async send(text: string, piece = Infinity): Promise<void> {
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    for (let at = 0; at < bytes.length; at += piece) {
      await writeAll(this.conn, bytes.subarray(at, Math.min(bytes.length, at + piece)));
      if (piece < bytes.length) await Promise.resolve();
    }
  }

  /** The next response; its body is framed by Content-Length, chunks, or the end of the connection. */
  response(method = "GET"): Promise<RawResponse> {
    return inTime("a response", this.#response(method), { heard: () => [latin1(this.#bytes)] });
  }

  /** The next chunk of a chunked body; "" at its end. */
  chunk(): Promise<string> {
    return inTime("a chunk", this.#chunk(), { heard: () => [latin1(this.#bytes)] });
  }

  /** Status, headers and no body. */
  async head(): Promise<Omit<RawResponse, "body">> {
    const [first = "", ...lines] = (await inTime("a head", this.#until("\r\n\r\n"))).split("\r\n");
    const headers = new Map(
      lines.filter((line) => line !== "").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]), headers };
  }

  /** Whatever else comes until the end of the connection. */
  async rest(): Promise<string> {
    while (await inTime("the end of the connection", this.#more()));
    return latin1(this.#take(this.#bytes.length));
  }

  async #response(method: string): Promise<RawResponse> {
    const { status, headers } = await this.head();
    if (method === "HEAD" || status === 204 || status === 304 || status < 200) {
      return { status, headers, body: "" };
    }
    const length = headers.get("content-length");
    if (length !== undefined) {
      while (this.#bytes.length < Number(length)) assert(await this.#more(), "the body is whole");
      return { status, headers, body: latin1(this.#take(Number(length))) };
    }
    if (headers.get("transfer-encoding") !== "chunked") return { status, headers, body: await this.rest() };
    let body = "";
    for (let chunk = await this.#chunk(); chunk !== ""; chunk = await this.#chunk()) body += chunk;
    return { status, headers, body };
  }

  async #chunk(): Promise<string> {
    const size = parseInt(await this.#until("\r\n"), 16);
    while (this.#bytes.length < size + 2) assert(await this.#more(), "the chunk is whole");
    const chunk = latin1(this.#take(size));
    assert(latin1(this.#take(2)) === "\r\n", "a chunk ends with CR LF");
    return chunk;
  }

  async #until(end: string): Promise<string> {
    for (;;) {
      const at = latin1(this.#bytes).indexOf(end);
      if (at >= 0) return latin1(this.#take(at + end.length));
      if (!await this.#more()) throw new Error(`the connection ended, heard ${latin1(this.#bytes)}`);
    }
  }

  #take(count: number): Uint8Array {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(4096);
    const length = await this.conn.read(buffer).catch(() => null);
    if (length === null) return false;
    this.#bytes = concatBytes([this.#bytes, buffer.subarray(0, length)]);
    return true;
  }
}

/** A listener whose requests `handler` answers. */
export function webOf(handler: HttpHandler, options: HttpUpgraderOptions = {}): HttpUpgrader {
  return new HttpUpgrader({ origins: new Set(), names: new Set() }, { handler, ...options });
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
