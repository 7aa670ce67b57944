/** Servers on this machine for tests of notifications: one that answers, and ones that do not do what they should. */
import type { PageNotification } from "../../../lib/base/values/page_notification.ts";
import { inTime } from "../../support/guard.ts";

export const RINGING: PageNotification = {
  page: 12,
  list: "ops",
  text: "db down",
  from: "ci",
  ring: 1,
  time: Date.UTC(2026, 10, 30, 20, 15, 30, 250),
  state: "ringing",
};

export interface SeenRequest {
  readonly line: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the server writes to a connection once it has read a request; resolves when there is no more. */
export type Answer = (conn: Deno.Conn, request: SeenRequest) => Promise<unknown>;

export function answerOf(text: string): Answer {
  return (conn) => write(conn, text);
}

export async function write(conn: Deno.Conn, text: string): Promise<void> {
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
    rest = rest.subarray(await conn.write(rest));
  }
}

export const OK = answerOf("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

/** A server of plain HTTP, or of `tls`, which notes each connection and each request, byte by byte. */
export class WebTarget {
  readonly requests: SeenRequest[] = [];
  connections = 0;
  readonly port: number;
  readonly #listener: Deno.Listener;
  readonly #open: Promise<void>[] = [];

  private constructor(listener: Deno.Listener, readonly answer: Answer) {
    this.#listener = listener;
    this.port = (listener.addr as Deno.NetAddr).port;
    void this.#accept();
  }

  static listen(
    answer: Answer = OK,
    { hostname = "127.0.0.1", port = 0, tls }: {
      hostname?: string;
      port?: number;
      tls?: Deno.TlsCertifiedKeyPem;
    } = {},
  ): WebTarget {
    const listener = tls === undefined
      ? Deno.listen({ hostname, port })
      : Deno.listenTls({ hostname, port, ...tls });
    return new WebTarget(listener, answer);
  }

  /** Waits for the ends of all connections: the sender must not leave one open. */
  async close(): Promise<void> {
    this.#listener.close();
    await this.whenIdle();
  }

  /** Resolves when the connections so far have ended. */
  async whenIdle(): Promise<void> {
    await inTime("the ends of the connections", Promise.all(this.#open));
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      this.connections++;
      this.#open.push(this.#serve(conn).catch(() => {}).finally(() => conn.close()));
    }
  }

  async #serve(conn: Deno.Conn): Promise<void> {
    const request = await readRequest(conn);
    if (request === undefined) return;
    this.requests.push(request);
    await this.answer(conn, request);
    while (await conn.read(new Uint8Array(1024)) !== null) { /* until the sender closes */ }
  }
}

/** Undefined: the connection ended before the request was complete. */
async function readRequest(conn: Deno.Conn): Promise<SeenRequest | undefined> {
  let text = "";
  const decoder = new TextDecoder();
  for (;;) {
    const buffer = new Uint8Array(4096);
    const count = await conn.read(buffer);
    if (count === null) return undefined;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
    const [head = "", body] = text.split(/\r\n\r\n(.*)/s);
    if (body === undefined) continue;
    const [line = "", ...fields] = head.split("\r\n");
    const headers = Object.fromEntries(fields.map((field) => {
      const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(field) ?? [];
      return [name.toLowerCase(), value];
    }));
    if (new TextEncoder().encode(body).length < Number(headers["content-length"])) continue;
    return { line, headers, body };
  }
}
