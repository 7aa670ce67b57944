/** A server for tests of its page: killed and started again at the same address, with IRC clients beside the pages. */
import { Serve } from "../../server/serve_process.ts";
import { SocketClient } from "../../support/socket_client.ts";
import { buildPage } from "../built_page.ts";

export class PageServer implements AsyncDisposable {
  readonly #home: string;
  #serve: Serve;
  /** Of the page. */
  readonly address: string;

  private constructor(home: string, serve: Serve, address: string) {
    this.#home = home;
    this.#serve = serve;
    this.address = address;
  }

  static async start(home: string): Promise<PageServer> {
    await buildPage();
    const serve = await Serve.start(home, ["--web", "127.0.0.1:0"]);
    return new PageServer(home, serve, await untilWeb(serve));
  }

  /** The port for IRC clients. */
  get port(): number {
    return this.#serve.port;
  }

  /** A client of IRC without a page. */
  async client(nick: string): Promise<SocketClient> {
    const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port: this.port });
    for (const line of [`NICK ${nick}`, `USER ${nick} 0 * :${nick}`]) await client.send(line);
    await client.barrier();
    return client;
  }

  /** Sends `count` messages to `room`, from some clients, in the order of their numbers. */
  async fill(room: string, count: number): Promise<void> {
    const clients: SocketClient[] = [];
    for (const nick of ["ann", "ben", "cat", "dan", "eve"]) clients.push(await this.client(nick));
    for (const client of clients) await client.send(`JOIN ${room}`);
    const size = 250;
    for (let start = 0; start < count; start += size) {
      const client = clients[start / size % clients.length]!;
      const numbers = Array.from({ length: Math.min(size, count - start) }, (_, nth) => start + nth);
      const lines = numbers.map((number) => {
        return `PRIVMSG ${room} :number ${number} ${"some words ".repeat(number % 13)}`;
      });
      await client.send(lines.join("\r\n"));
      await client.barrier();
      for (const other of clients) other.take();
    }
  }

  /** Kills it as a power failure does. */
  kill(): Promise<void> {
    return this.#serve.kill();
  }

  /** Starts it again, at the same address of the page. */
  async restart(): Promise<void> {
    this.#serve = await Serve.start(this.#home, ["--web", new URL(this.address).host]);
    await untilWeb(this.#serve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#serve.end();
    await this.#serve.stderr;
  }
}

async function untilWeb(serve: Serve): Promise<string> {
  const { address } = await serve.until(({ event, address }) =>
    event === "listening" && address?.startsWith("http") === true
  );
  return address!;
}
