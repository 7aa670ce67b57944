/**
 * A server of ours behind a proxy from the system, with the configuration that docs/proxies.md has for it; only addresses, ports
 * and paths are others. Clients come from addresses of their own (all of 127.0.0.0/8 is this machine), and none is exempt.
 */
import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Duplex } from "node:stream";
import { assert } from "../../lib/base/assert.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { inTime } from "../clients/lobby.ts";
import { linesOf, start } from "../commands/program.ts";
import { Authority } from "../support/certificates.ts";
import { SocketClient } from "../support/socket_client.ts";
import { WebClient } from "../support/web_client.ts";

const DOCS = new URL("../../docs/proxies.md", import.meta.url);
const LOOK_MS = 20;

/** Doors of the proxy, by the ports that the documentation gives them. */
export interface Doors {
  /** IRC over TLS that ends at the proxy. */
  readonly "6697": number;
  /** IRC over TLS that ends at the server. */
  readonly "6698": number;
  /** WebSocket over TLS. */
  readonly "443": number;
}

/** The configuration that docs/proxies.md has for a proxy. */
export function proxyExample(language: string): string {
  const text = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(Deno.readTextFileSync(DOCS))?.[1];
  assert(text !== undefined, `docs/proxies.md has an example for ${language}`);
  return text;
}

/** The command by which docs/proxies.md starts the server behind them. */
export function serverExample(): string {
  const text = /^ {4}chatterbox serve [^]*?\n\n/m.exec(Deno.readTextFileSync(DOCS))?.[0];
  assert(text !== undefined, "docs/proxies.md has an example of the server");
  return text;
}

export class Behind {
  readonly #processes: Deno.ChildProcess[] = [];
  readonly log: string[] = [];

  private constructor(readonly home: string, readonly ca: string, readonly doors: Doors) {}

  /**
   * `configure` turns the documentation's example into the file that `command` is run with; `ports`, `home` are the test's.
   * `flags` are more of the server's.
   */
  static async open(
    language: "nginx" | "haproxy",
    command: (config: string) => [string, ...string[]],
    adapt: (example: string, home: string) => string,
    flags: readonly string[] = [],
  ): Promise<Behind> {
    const home = await Deno.makeTempDir();
    const authority = await Authority.create();
    const identity = await authority.issue("localhost");
    await Deno.writeTextFile(`${home}/cert.pem`, identity.cert);
    await Deno.writeTextFile(`${home}/key.pem`, identity.key, { mode: 0o600 });
    await Deno.writeTextFile(`${home}/chat.pem`, `${identity.cert}\n${identity.key}\n`, { mode: 0o600 });
    const [irc, tls, web] = freePorts(3);
    const behind = new Behind(home, authority.pem, { "6697": irc!, "6698": tls!, "443": web! });
    try {
      const server = await behind.#serve(flags);
      const config = `${home}/proxy.conf`;
      await Deno.writeTextFile(config, adapt(behind.#example(language, server), home));
      await behind.#run(...command(config));
    } catch (error) {
      await behind[Symbol.asyncDispose]();
      throw error;
    }
    return behind;
  }

  /** The server as the documentation starts it; its doors for TLS and for the web. */
  async #serve(flags: readonly string[]): Promise<{ tls: number; web: number }> {
    const doors = ["--unix", `${this.home}/irc.sock`, "--tls", "127.0.0.1:0", "--web", "127.0.0.1:0"];
    const certificate = ["--tls-cert", `${this.home}/cert.pem`, "--tls-key", `${this.home}/key.pem`];
    const child = start([
      "serve",
      ...["--name", "chat.example", "--data-dir", `${this.home}/data`, "--trust-proxy", "unix,127.0.0.2"],
      ...["--exempt", "none", "--unix-mode", "0666", "--cloak", "off"],
      ...[...doors, ...certificate, ...flags],
    ], this.home);
    this.#processes.push(child);
    child.stderr.pipeTo(new WritableStream());
    const ports = { tls: 0, web: 0 };
    const listening = Promise.withResolvers<typeof ports>();
    void (async () => {
      for await (const line of linesOf(child.stdout)) {
        this.log.push(line);
        const [, scheme, port] = /listening on (ircs|http):\/\/127\.0\.0\.1:(\d+)$/.exec(line) ?? [];
        if (port !== undefined) ports[scheme === "ircs" ? "tls" : "web"] = Number(port);
        if (ports.tls > 0 && ports.web > 0) listening.resolve(ports);
      }
      listening.reject(new Error(`the server has ended: ${this.log.join("\n")}`));
    })();
    return await inTime("the server listens", listening.promise);
  }

  /** The documentation's example with the test's addresses and paths. */
  #example(language: string, server: { tls: number; web: number }): string {
    const { doors, home } = this;
    return proxyExample(language)
      .replaceAll("127.0.0.1:16698", `127.0.0.1:${server.tls}`)
      .replaceAll("127.0.0.1:6680", `127.0.0.1:${server.web}`)
      .replace(
        /(listen |bind :)(6697|6698|443)\b/g,
        (_, word: string, port: keyof Doors) => `${word.replace(":", "")}127.0.0.1:${doors[port]}`,
      )
      .replaceAll("/run/chatterbox/irc.sock", `${home}/irc.sock`)
      .replace(/\/etc\/(?:ssl\/chat|haproxy)\//g, `${home}/`);
  }

  async #run(command: string, ...args: string[]): Promise<void> {
    const child = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "piped" })
      .spawn();
    this.#processes.push(child);
    child.stdout.pipeTo(new WritableStream());
    const words = new Response(child.stderr).text();
    const ended = child.status.then(async ({ code }) => {
      throw new Error(`${command} has ended with ${code}: ${await words}`);
    });
    ended.catch(() => {}); // also when it is stopped
    await inTime(`${command} listens`, Promise.race([ended, isOpen(Object.values(this.doors))]));
  }

  /** A client at `from`, over a socket of its own with TLS. */
  async #dial(from: string, port: number): Promise<Conn> {
    const socket = connectTcp({ host: "127.0.0.1", port, localAddress: from });
    const secured = connectTls({ socket, ca: this.ca, servername: "localhost" });
    await new Promise<void>((resolve, reject) =>
      secured.once("secureConnect", resolve).once("error", reject)
    );
    return new NodeConn(secured);
  }

  /** A client of IRC, registered as `nick`; it has said so when its door had it registered. */
  async enter(nick: string, from: string, door: keyof Doors): Promise<SocketClient> {
    const conn = await this.#dial(from, this.doors[door]);
    const client = SocketClient.over(door === "443" ? await WebClient.over(conn) : conn);
    await client.send(`NICK ${nick}`);
    await client.send(`USER ${nick} 0 * :${nick}`);
    await client.barrier();
    return client;
  }

  /** Waits until the server's log has a line like `line`. */
  async logs(line: RegExp): Promise<void> {
    while (!this.log.some((each) => line.test(each))) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes.toReversed()) {
      try {
        child.kill("SIGTERM");
      } catch {
        // ended already
      }
      await child.status;
    }
    await Deno.remove(this.home, { recursive: true });
  }
}

/** What WHOIS tells `client` of `nick`: the host, and whether it is secure. */
export async function whois(client: SocketClient, nick: string): Promise<{ host: string; secure: boolean }> {
  client.take();
  await client.send(`WHOIS ${nick}`);
  await client.barrier();
  const lines = client.take();
  const user = lines.map((line) => / 311 \S+ \S+ \S+ (\S+) /.exec(line)?.[1]).find((host) =>
    host !== undefined
  );
  return { host: user ?? lines.join("\n"), secure: lines.some((line) => line.includes(" 671 ")) };
}

/** Ports on which nothing listened just now. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  for (const listener of listeners) listener.close();
  return listeners.map(({ addr }) => addr.port);
}

async function isOpen(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    for (let open = false; !open;) {
      open = await Deno.connect({ hostname: "127.0.0.1", port }).then(
        (conn) => (conn.close(), true),
        () => false,
      );
      if (!open) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

/** A socket of the platform's for Node as a connection: it alone can choose the address that it comes from. */
class NodeConn implements Conn {
  readonly #socket: Socket;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = Duplex.toWeb(socket).readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    if (this.#rest.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) return null;
      this.#rest = value;
    }
    const count = Math.min(buffer.length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length))
    );
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(() => resolve()));
  }

  close(): void {
    this.#socket.destroy();
  }
}
