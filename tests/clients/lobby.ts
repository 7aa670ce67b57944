/**
 * What the tests of other people's clients share: #lobby on a server of ours, and somebody in it who has said something before
 * they come. Their programs tell by the files that they write, so these are looked at until they hold what is waited for.
 */
import { comesTrue } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { Server } from "../commands/program.ts";

/** Said before the client comes. */
export const BEFORE = "said before you came";
/** Of every account in these tests. */
export const PASSWORD = "correct-horse-battery";
/** Why the bystander is away, once it is. */
export const AWAY = "gone fishing";

export { inTime } from "../support/guard.ts";

export class Lobby {
  readonly #server: Server;
  readonly #bystander: SocketClient;

  private constructor(server: Server, readonly port: number, bystander: SocketClient) {
    this.#server = server;
    this.#bystander = bystander;
  }

  static async open(): Promise<Lobby> {
    const server = await Server.start();
    const port = Number(new URL(server.url).port);
    const bystander = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
    for (const line of ["NICK bystander", "USER by 0 * :by", "JOIN #lobby", `PRIVMSG #lobby :${BEFORE}`]) {
      await bystander.send(line);
    }
    await bystander.barrier();
    return new Lobby(server, port, bystander);
  }

  /** A folder for the client's own files, which goes with the server's. */
  async folder(name: string): Promise<string> {
    const path = `${this.#server.home}/${name}`;
    await Deno.mkdir(path);
    return path;
  }

  /** The bystander says it in the channel. */
  async say(text: string): Promise<void> {
    await this.#bystander.send(`PRIVMSG #lobby :${text}`);
    await this.#bystander.barrier();
  }

  /** The bystander writes to `nick`, be it here or not. */
  async tell(nick: string, text: string): Promise<void> {
    await this.#bystander.send(`PRIVMSG ${nick} :${text}`);
    await this.#bystander.barrier();
  }

  /** Somebody who has gone since has registered `name`, with {@link PASSWORD}. */
  async register(name: string): Promise<void> {
    const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port: this.port });
    for (const line of [`NICK ${name}`, "USER u 0 * :u", `REGISTER ${name} * :${PASSWORD}`]) {
      await client.send(line);
    }
    const line = new RegExp(`REGISTER SUCCESS ${name} `);
    await client.until((heard) => line.test(heard), String(line));
    await client.send("QUIT");
    await client.ended();
  }

  /** The bystander goes away, for {@link AWAY}. */
  async away(): Promise<void> {
    await this.#bystander.send(`AWAY :${AWAY}`);
    await this.#bystander.barrier();
  }

  /** Whether somebody called `nick` is logged in to the account `name`. */
  async isLoggedIn(nick: string, name = nick): Promise<boolean> {
    this.#bystander.take();
    await this.#bystander.send(`WHOIS ${nick}`);
    await this.#bystander.barrier();
    return this.#bystander.take().some((line) => line.includes(` 330 bystander ${nick} ${name} `));
  }

  /** The bystander sees `from` become `to`. */
  async seesRenamed(from: string, to: string): Promise<void> {
    const line = new RegExp(`^:${from}!\\S+ NICK :?${to}$`);
    await this.#hears(line);
  }

  /** The bystander hears `nick` say `text` in #lobby. */
  async hears(nick: string, text: string): Promise<void> {
    const line = new RegExp(`^:${nick}!\\S+ PRIVMSG #lobby :${text}$`);
    await this.#hears(line);
  }

  /** The bystander sees `nick` go by its own will. */
  async seesOff(nick: string): Promise<void> {
    const line = new RegExp(`^:${nick}!\\S+ QUIT :Quit:`);
    await this.#hears(line);
  }

  async #hears(line: RegExp): Promise<void> {
    await this.#bystander.until((heard) => line.test(heard), String(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bystander.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** What a client of other people hears, line by line, each looked at once. */
export class Ear {
  readonly heard: string[] = [];
  readonly #client: SocketClient;
  #looked = 0;

  constructor(client: SocketClient) {
    this.#client = client;
  }

  /** Waits for a line, behind the one that was waited for before. */
  async hears(what: RegExp): Promise<void> {
    for (;;) {
      this.collect();
      const at = this.heard.findIndex((line, index) => index >= this.#looked && what.test(line));
      this.#looked = at < 0 ? this.heard.length : at + 1;
      if (at >= 0) return;
      const more = await this.#client.until(() => true, `a line like ${what}`);
      if (!more) throw new Error(`it ended before a line like ${what}`);
    }
  }

  /** Takes in what has come so far. */
  collect(): void {
    this.heard.push(...this.#client.take());
  }

  /** How many lines so far are like that. */
  times(what: RegExp): number {
    return this.heard.filter((line) => what.test(line)).length;
  }
}

/** A port that nothing listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until the file at `path` (or the pipe: one can't read it and leave it be) is there. */
export async function isThere(path: string): Promise<void> {
  await comes(`${path} appears`, () => Deno.statSync(path));
}

/** Waits until the file at `path` holds `text`. */
export async function holds(path: string, text: RegExp): Promise<void> {
  await comes(`${path} holds ${text}`, () => text.test(Deno.readTextFileSync(path)) || undefined);
}

async function comes(what: string, look: () => unknown): Promise<void> {
  await comesTrue(what, () => {
    try {
      return look() !== undefined;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return false;
    }
  });
}
