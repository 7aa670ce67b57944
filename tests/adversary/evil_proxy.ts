/** A way to a server of ours on which harmless words of others become {@link EVIL}, as a server without our rules would pass them on. */
import { EVIL } from "./evil.ts";

/** The word that becomes it: good in names of ours. */
export const WORD = "zqz";

export class EvilProxy {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();
  readonly #pumps: Promise<void>[] = [];

  constructor(port: number) {
    this.#pumps.push(this.#accept(port));
  }

  get url(): string {
    return `irc://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of [...this.#open]) this.#close(conn);
    await Promise.all(this.#pumps);
  }

  async #accept(port: number): Promise<void> {
    try {
      for await (const client of this.#listener) {
        const server = await Deno.connect({ port });
        this.#open.add(client).add(server);
        this.#pumps.push(this.#pump(client, server, (line) => line.replaceAll(EVIL, WORD)));
        this.#pumps.push(this.#pump(server, client, (line) => line.replaceAll(WORD, EVIL)));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #pump(from: Deno.Conn, to: Deno.Conn, change: (line: string) => string): Promise<void> {
    const decoder = new TextDecoder();
    const encoder = new TextEncoder();
    let rest = "";
    try {
      for await (const chunk of from.readable) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop()!;
        const bytes = encoder.encode(lines.map((line) => change(line) + "\n").join(""));
        for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
      }
    } catch {
      // one side has gone
    }
    this.#close(from);
    this.#close(to);
  }

  #close(conn: Deno.Conn): void {
    this.#open.delete(conn);
    try {
      conn.close();
    } catch {
      // closed already
    }
  }
}
