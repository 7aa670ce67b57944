/**
 * Clients that ask for much and read none of it: what waits for all those of one address has a bound, and what does not move
 * ends, whatever else they send. Alice connects from another address and is served meanwhile.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { SendBudget } from "../../lib/net/send_budget.ts";
import { WRITE_TIMEOUT_MS } from "../../lib/net/send_queue.ts";
import { writeAll } from "../../lib/net/conn.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer } from "../support/chat_server.ts";
import { comesTrue } from "../support/guard.ts";
import { START } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";

const NO_BOUND = { count: Infinity, ms: 1 };
/** A line that is answered by one as long. */
const PING = encodeUtf8(`PING ${"x".repeat(450)}\r\n`);
/** So many lines are asked at a time; what they are answered with has at most twice their bytes. */
const ROUND = 100;
const ROUND_BYTES = ROUND * 2 * PING.length;
/** Enough for all their sockets (some 200 KiB each, unix(7)) and the share to be filled three times. */
const MAX_ROUNDS = 40;

interface SlowReader {
  readonly nick: string;
  readonly conn: Deno.Conn;
  /** Sends so many lines that are answered, and waits until they have been worked on, or the server has closed. */
  ask(lines: number): Promise<void>;
}

interface Scene extends RunningServer {
  readonly budget: SendBudget;
  readonly alice: SocketClient;
  /** A user that reads nothing, by a Unix socket: all of those are one address. */
  slow(nick: string): Promise<SlowReader>;
  /** Why users have left, by their nick. */
  left(): Record<string, string>;
}

function scene(name: string, budget: SendBudget, play: (scene: Scene) => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os === "windows", fn: () => inScene(budget, play) });
}

async function inScene(budget: SendBudget, play: (scene: Scene) => Promise<void>): Promise<void> {
  const running = await runServer({
    config: { limits: { exempt: [] } },
    limits: { perAddress: 1000, connectRate: NO_BOUND, lineRate: NO_BOUND },
    sendBudget: budget,
  });
  const dir = await Deno.makeTempDir();
  const path = `${dir}/s`;
  await running.server.listen({ kind: "unix", path });
  const alice = await SocketClient.connect(running.address);
  await alice.send("NICK alice\r\nUSER alice 0 * :alice");
  await alice.barrier();
  const left = () =>
    Object.fromEntries(
      running.notices.flatMap((notice) => notice.kind === "left" ? [[notice.nick, notice.reason]] : []),
    );
  const conns: Deno.Conn[] = [];
  let asked = 0;
  const slow = async (nick: string): Promise<SlowReader> => {
    const conn = await Deno.connect({ transport: "unix", path });
    conns.push(conn);
    const said = async (bytes: Uint8Array) => {
      const text = `that was ${++asked}`;
      await writeAll(conn, concatBytes([bytes, encodeUtf8(`PRIVMSG alice :${text}\r\n`)])).catch(() => {}); // closed by the server
      for (let heard = false; !heard && !(nick in left());) {
        await alice.barrier();
        heard = alice.take().some((line) => line.endsWith(text));
      }
    };
    await said(encodeUtf8(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\n`));
    return { nick, conn, ask: (lines) => said(concatBytes(new Array(lines).fill(PING))) };
  };
  try {
    await play({ ...running, budget, alice, slow, left });
    await alice.barrier();
  } finally {
    for (const conn of [...conns, alice]) close(conn);
    await running.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

function close(conn: { close(): void }): void {
  try {
    conn.close();
  } catch {
    // closed by the server
  }
}

const SHARE_BYTES = 4 << 20;

scene(
  "many slow readers of one address hold its share and no more; the fullest go first, others stay",
  new SendBudget(64 << 20, SHARE_BYTES),
  async ({ budget, slow, left, server }) => {
    const modest = await slow("modest");
    await modest.ask(600);
    const waiting = budget.bytes;
    assert(waiting > 0 && waiting < SHARE_BYTES / 20, `${waiting} bytes wait`);
    const greedy: SlowReader[] = [];
    for (let count = 0; count < 12; count++) greedy.push(await slow(`greedy${count}`));
    let most = 0;
    for (let rounds = 0; Object.keys(left()).length < greedy.length / 2; rounds++) {
      assert(rounds < MAX_ROUNDS, "no connection was closed");
      for (const each of greedy) {
        await each.ask(ROUND);
        most = Math.max(most, budget.bytes);
      }
      await modest.ask(0);
    }
    // Before a connection is closed the server sees for some turns what the network takes; meanwhile rounds go on.
    assert(most > SHARE_BYTES / 2 && most <= SHARE_BYTES + 8 * ROUND_BYTES, `${most} bytes waited`);
    assertEquals(new Set(Object.values(left())), new Set(["Send queue exceeded (limit of the address)"]));
    assertEquals(left().modest, undefined);
    for (const { conn } of [modest, ...greedy]) close(conn);
    await comesTrue("all but one have left", () => server.hub.context.state.sessions.size === 1);
    assertEquals(budget.bytes, 0, "what is gone waits no more");
  },
);

scene(
  "a write that has not moved for a minute ends the connection, however alive the client seems",
  new SendBudget(),
  async ({ server, slow, left }) => {
    const mallory = await slow("mallory");
    await mallory.ask(2000);
    const reader = await slow("reader");
    await reader.ask(2000);
    await server.tick(START);
    await reader.conn.read(new Uint8Array(1 << 20));
    for (let ahead = 1; ahead < 6; ahead++) {
      for (const each of [mallory, reader]) await each.ask(1);
      await server.tick(START + ahead * WRITE_TIMEOUT_MS / 6);
    }
    assertEquals(left(), {});
    await server.tick(START + WRITE_TIMEOUT_MS);
    assertEquals(left(), { mallory: "Write timeout: 60 seconds" });
  },
);

scene(
  "a room that reads in time loses no member, though more than the budget is said to it at once",
  new SendBudget(256 << 10, 64 << 10),
  async ({ address, alice, budget, left }) => {
    const members = await Promise.all(Array.from({ length: 30 }, () => SocketClient.connect(address)));
    try {
      for (const [at, member] of [alice, ...members].entries()) {
        await member.send(`NICK m${at}\r\nUSER m 0 * :m\r\nJOIN #room`);
        await member.barrier();
      }
      const lines = Array.from({ length: 100 }, (_, at) => `PRIVMSG #room :${at} ${"x".repeat(400)}`).join(
        "\r\n",
      );
      assert(lines.length * members.length > 4 * budget.maxBytes, "more than the budget");
      for (let round = 0; round < 20; round++) {
        await alice.send(lines);
        await alice.barrier();
        await Promise.all(members.map((member) => member.barrier()));
        assertEquals(left(), {});
        for (const member of members) {
          assertEquals(member.take().filter((line) => line.includes(" PRIVMSG #room ")).length, 100);
        }
      }
    } finally {
      for (const member of members) member.close();
    }
  },
);
