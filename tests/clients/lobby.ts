/**
 * What the tests of other people's clients share: #lobby on a server of ours, and somebody in it who has said something before
 * they come. Their programs tell by the files that they write, so these are looked at until they hold what is waited for.
 */
import { SocketClient } from "../support/socket_client.ts";
import { Server } from "../commands/program.ts";

/** How long a client may take for anything: only a guard against waiting for ever. */
const GUARD_MS = 30_000;
const LOOK_MS = 20;

/** Said before the client comes. */
export const BEFORE = "said before you came";

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

  say(text: string): Promise<void> {
    return this.#bystander.send(`PRIVMSG #lobby :${text}`);
  }

  /** The bystander hears `nick` say `text` in #lobby. */
  async hears(nick: string, text: string): Promise<void> {
    const line = new RegExp(`^:${nick}!\\S+ PRIVMSG #lobby :${text}$`);
    await inTime(`${nick} says "${text}"`, this.#bystander.until((heard) => line.test(heard)));
  }

  /** The bystander sees `nick` go by its own will. */
  async seesOff(nick: string): Promise<void> {
    const line = new RegExp(`^:${nick}!\\S+ QUIT :Quit:`);
    await inTime(`${nick} quits`, this.#bystander.until((heard) => line.test(heard)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bystander.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** `what` has to come; rejects when it takes too long. */
export async function inTime<T>(what: string, it: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`waited in vain: ${what}`)), GUARD_MS);
  return await Promise.race([it, late.promise]).finally(() => clearTimeout(timer));
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
  for (const until = Date.now() + GUARD_MS; Date.now() < until;) {
    try {
      if (look() !== undefined) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`waited in vain: ${what}`);
}
