/** A server on a real socket that does as a script says: each connection is one run of it. */
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Address } from "../../lib/net/address.ts";
import { inTime } from "../support/guard.ts";
import type { TestOptions } from "../support/test.ts";

export type Script = (peer: Peer, nth: number) => Promise<void>;

/** What the script sees of one client. */
export class Peer {
  readonly #conn: Deno.Conn;
  readonly #lines: AsyncIterator<string>;
  /** All lines received, in order. */
  readonly heard: string[] = [];

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#lines = linesOf(conn);
  }

  /** The next line, which is to be `wanted`; undefined when the client has closed. */
  async next(wanted = "a line of the client"): Promise<string | undefined> {
    const { value, done } = await inTime(wanted, this.#lines.next(), { heard: () => this.heard });
    if (done) return undefined;
    this.heard.push(value);
    return value;
  }

  /** Lines up to the first that `pattern` matches, which is answered. Throws when the client closes before. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const line = await this.next(`a line like ${pattern}`);
      if (line === undefined) {
        throw new Error(`the client closed before ${pattern}; it said ${this.heard.join(" | ")}`);
      }
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
  }

  async send(...lines: string[]): Promise<void> {
    await this.bytes(encodeUtf8(lines.map((line) => `${line}\r\n`).join("")));
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Lets a client in: `caps` are offered, and all that it asks for is granted. Its nick. */
  async welcome(caps: readonly string[] = [], isupport: readonly string[] = []): Promise<string> {
    await this.until(/^CAP LS 302$/);
    const [, nick = ""] = await this.until(/^NICK (\S+)$/);
    await this.until(/^USER /);
    await this.send(`:fake CAP * LS :${caps.join(" ")}`);
    if (caps.length > 0) {
      const [, wanted] = await this.until(/^CAP REQ :(.*)$/);
      await this.send(`:fake CAP * ACK :${wanted}`);
    }
    await this.until(/^CAP END$/);
    await this.send(`:fake 001 ${nick} :Welcome`);
    if (isupport.length > 0) {
      await this.send(`:fake 005 ${nick} ${isupport.join(" ")} :are supported by this server`);
    }
    const [, token] = await this.until(/^PING (\S+)$/);
    await this.send(`:fake PONG fake :${token}`);
    return nick;
  }

  /** Waits until the client says goodbye, or is gone without a word. */
  async gone(): Promise<void> {
    const next = () => this.next("the end of the client");
    for (let line = await next(); line !== undefined && !line.startsWith("QUIT");) line = await next();
  }

  close(): void {
    try {
      this.#conn.close();
    } catch {
      // closed by the script already
    }
  }
}

export class FakeServer {
  readonly #listener: Deno.TcpListener | Deno.TlsListener;
  readonly #runs: Promise<void>[] = [];
  readonly #failed = Promise.withResolvers<never>();
  readonly #serving: Promise<void>;

  /**
   * Listens on a free port of the loopback, with TLS where it has a certificate and key (PEM). Close it (`await using`) to have
   * errors of the script thrown.
   */
  constructor(script: Script, readonly identity?: { cert: string; key: string }, port = 0) {
    this.#listener = identity === undefined
      ? Deno.listen({ hostname: "127.0.0.1", port })
      : Deno.listenTls({ hostname: "127.0.0.1", port, ...identity });
    this.#failed.promise.catch(() => {}); // told by run() or at the end
    this.#serving = this.#serve(script);
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  get address(): Address {
    return { kind: this.identity === undefined ? "tcp" : "tls", host: "127.0.0.1", port: this.port };
  }

  get url(): string {
    return `irc://127.0.0.1:${this.port}`;
  }

  /** What `body` comes to, unless the script fails first: then that. */
  run<T>(body: Promise<T>): Promise<T> {
    return inTime("the end of what runs on this server", Promise.race([body, this.#failed.promise]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving;
    await Promise.all(this.#runs);
    await Promise.race([this.#failed.promise, Promise.resolve()]);
  }

  async #serve(script: Script): Promise<void> {
    let nth = 0;
    try {
      for await (const conn of this.#listener) {
        const peer = new Peer(conn);
        const run = script(peer, nth++).catch(this.#failed.reject);
        this.#runs.push(run.then(() => peer.close()));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}

/** A test of a client that connects to a server that does as `script` says. */
export function fakeServerTest(
  name: string,
  script: Script,
  fn: (server: FakeServer) => Promise<void>,
  options: TestOptions = {},
): void {
  Deno.test({
    name,
    permissions: { net: true },
    ...options,
    async fn() {
      await using server = new FakeServer(script);
      await server.run(fn(server));
    },
  });
}

async function* linesOf(conn: Deno.Conn): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let rest = "";
  for (;;) {
    const length = await conn.read(buffer).catch(() => null); // reset is one way to close
    if (length === null) return;
    rest += decoder.decode(buffer.subarray(0, length), { stream: true });
    const lines = rest.split("\r\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** The capabilities of our own server, as far as scripts play them. */
export const OUR_CAPS = [
  "message-tags",
  "server-time",
  "batch",
  "labeled-response",
  "echo-message",
  "draft/chathistory",
  "chatterbox.chat/seq",
  "chatterbox.chat/claim",
  "chatterbox.chat/observer",
];
