/**
 * One channel, many members: a message from one real TCP session to all others, 100 messages a round. Server and members
 * share this machine and, by default, its cores; compare figures of one run only.
 */
import { ChatServer } from "../../lib/server/server.ts";
import { LogLock } from "../../lib/log/log_lock.ts";
import { Ring } from "../../lib/log/ring.ts";
import type { Address } from "../../lib/net/address.ts";
import { TEST_CONFIG } from "../support/hub.ts";

const MESSAGES = 100;
const TEXT = "x".repeat(64);
/** Longer than any mark that a member waits for. */
const TAIL_BYTES = 64;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

const ring = Ring.create(1 << 20);
const server = new ChatServer({
  config: { ...TEST_CONFIG, maxClients: 10_000 },
  log: ring,
  lock: new LogLock(ring),
  clock: { now: () => Date.now() },
  onServerEvents: () => {},
  onRecoverableError: console.error,
  onFatalError: (error) => {
    throw error;
  },
});
await server.start();
const door = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
if (door.kind !== "listening" || door.address.kind !== "tcp") throw new Error("cannot listen");
const { address } = door;

/** The end of what a member has got so far is enough to tell whether all has come: lines keep their order. */
class Member {
  readonly #conn: Deno.TcpConn;
  #tail = "";
  #mark = "";
  #seen: (() => void) | undefined;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    conn.setNoDelay(true);
    void this.#read();
  }

  static async enter(
    { host, port }: Address & { kind: "tcp" },
    nick: string,
    channel: string,
  ): Promise<Member> {
    const member = new Member(await Deno.connect({ hostname: host, port }));
    const entered = member.sees("End of /NAMES list.");
    await member.write(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN ${channel}\r\n`);
    await entered;
    return member;
  }

  async write(text: string): Promise<void> {
    const bytes = encoder.encode(text);
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Resolves when a line that ends with `mark` is the last one that has come. */
  sees(mark: string): Promise<void> {
    this.#mark = mark + "\r\n";
    return new Promise((resolve) => this.#seen = resolve);
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const length = await this.#conn.read(buffer);
      if (length === null) return;
      this.#tail = (this.#tail + decoder.decode(buffer.subarray(Math.max(0, length - TAIL_BYTES), length)))
        .slice(-TAIL_BYTES);
      if (this.#tail.endsWith(this.#mark)) this.#seen?.();
    }
  }
}

let round = 0;
for (const size of [10, 100, 1000]) {
  const channel = `#bench${size}`;
  const members: Member[] = [];
  Deno.bench(`${MESSAGES} messages to a room of ${size} (${MESSAGES * size} deliveries)`, {
    group: "fan-out over TCP",
    n: 20,
    warmup: 2,
  }, async (bench) => {
    while (members.length < size + 1) {
      members.push(await Member.enter(address, `m${size}x${members.length}`, channel));
    }
    const [sender, ...receivers] = members;
    const mark = `~${++round}`;
    const all = Promise.all(receivers.map((member) => member.sees(mark)));
    bench.start();
    await sender!.write(
      `PRIVMSG ${channel} :${TEXT}\r\n`.repeat(MESSAGES - 1) + `PRIVMSG ${channel} :${TEXT}${mark}\r\n`,
    );
    await all;
    bench.end();
  });
}
