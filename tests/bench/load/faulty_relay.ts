/** A small IRC server on a port of its own that relays messages, with faults where the test wants them. */
import { delay } from "../../../lib/base/delay.ts";
import { MARK } from "../../../lib/bench/load/channel_load.ts";

/**
 * What becomes of the `nth` measured message (from 1), the line without its end: the lines that members get instead, or
 * "close": all connections are closed; "again": the line comes at once, and a second time 0.3 s later; "endless": a
 * line that does not end; "silence": from then on nothing is answered or relayed.
 */
export type Fault = (
  nth: number,
  line: string,
) => readonly string[] | "close" | "again" | "endless" | "silence";

const AGAIN_MS = 300;

interface Member {
  readonly conn: Deno.Conn;
  nick: string;
}

const encoder = new TextEncoder();

export class FaultyRelay {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #members = new Set<Member>();
  readonly #channels = new Map<string, Set<Member>>();
  readonly #serving: Promise<void>;
  /** What is sent beside the answers. */
  readonly #later: Promise<void>[] = [];
  #relayed = 0;
  #isSilent = false;

  constructor(readonly fault: Fault) {
    this.#serving = this.#serve();
  }

  get url(): string {
    return `irc://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#closeAll();
    await this.#serving;
    await Promise.allSettled(this.#later);
  }

  #closeAll(): void {
    for (const { conn } of this.#members) {
      try {
        conn.close();
      } catch {
        // the client has closed it
      }
    }
    this.#members.clear();
  }

  async #serve(): Promise<void> {
    const serving: Promise<void>[] = [];
    try {
      for await (const conn of this.#listener) serving.push(this.#serveMember({ conn, nick: "*" }));
    } catch {
      // the listener is closed
    }
    await Promise.all(serving);
  }

  async #serveMember(member: Member): Promise<void> {
    this.#members.add(member);
    let rest = "";
    try {
      for await (const chunk of member.conn.readable.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split("\r\n");
        rest = lines.pop()!;
        for (const line of lines) await this.#handle(member, line);
      }
    } catch {
      // closed by either side
    }
  }

  async #handle(member: Member, line: string): Promise<void> {
    if (this.#isSilent) return;
    const [verb, target = ""] = line.split(" ", 2);
    const channel = this.#channels.get(target) ?? new Set<Member>();
    switch (verb) {
      case "NICK":
        member.nick = target;
        return;
      case "USER":
        return await send(member, `:relay 001 ${member.nick} :Hello`, `:relay 422 ${member.nick} :No MOTD`);
      case "CAP":
        return await send(member, `:relay CAP * NAK ${line.slice("CAP REQ ".length)}`);
      case "JOIN":
        this.#channels.set(target, channel.add(member));
        return await send(member, `:relay 366 ${member.nick} ${target} :End`);
      case "PRIVMSG":
        return await this.#relay(member, `:${member.nick}!u@127.0.0.1 ${line}`, [...channel]);
    }
  }

  async #relay(sender: Member, line: string, members: readonly Member[]): Promise<void> {
    const lines = line.includes(MARK) ? [line] : this.fault(++this.#relayed, line);
    const receivers = members.filter((each) => each !== sender);
    switch (lines) {
      case "close":
        return this.#closeAll();
      case "silence":
        this.#isSilent = true;
        return;
      case "endless":
        for (const each of receivers) this.#later.push(sendEndlessly(each));
        return;
      case "again":
        for (const each of receivers) await send(each, line);
        this.#later.push(
          delay(AGAIN_MS).then(async () => {
            for (const each of receivers) await send(each, line);
          }),
        );
        return;
      default:
        for (const each of receivers) await send(each, ...lines);
    }
  }
}

/** Until the receiver closes the connection. */
async function sendEndlessly(member: Member): Promise<void> {
  const part = new Uint8Array(16 * 1024).fill(0x78);
  try {
    for (;;) await member.conn.write(part);
  } catch {
    // closed
  }
}

async function send({ conn }: Member, ...lines: string[]): Promise<void> {
  const bytes = encoder.encode(lines.map((line) => `${line}\r\n`).join(""));
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}
