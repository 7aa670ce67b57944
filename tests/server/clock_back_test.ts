/** A clock that goes backwards, as one that is set right does: in order is what was said first, live and in history. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { LogLock } from "../../lib/log/lock.ts";
import { Ring } from "../../lib/log/ring.ts";
import { ChatServer } from "../../lib/server/server.ts";
import { START, TEST_CONFIG } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";

const HOUR_MS = 3_600_000;

interface Line {
  readonly text: string;
  readonly time: string;
  readonly msgid: string;
}

function parse(line: string): Line {
  const text = / PRIVMSG #lobby :(.*)/.exec(line)?.[1];
  const time = /time=([^; ]+)/.exec(line)?.[1];
  const msgid = /msgid=([^; ]+)/.exec(line)?.[1];
  assert(text !== undefined && time !== undefined && msgid !== undefined, line);
  return { text, time, msgid };
}

function seqOf({ msgid }: Line): number {
  return Number.parseInt(msgid.split("-")[0]!, 36);
}

let nextLock = 1;

async function start(ring: Ring, clock: { now: () => number }) {
  const fail = (error: unknown) => {
    throw error;
  };
  const server = new ChatServer({
    config: TEST_CONFIG,
    ring,
    clock,
    onNotices: () => {},
    onTrouble: fail,
    onFailure: fail,
    lock: new LogLock(ring, `clock_back_test.${nextLock++}`), // a server keeps its lock to the end
  });
  await server.start();
  const outcome = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  assert(outcome.kind === "listening", "listening");
  const client = await SocketClient.connect(outcome.address);
  for (
    const line of [
      "CAP REQ :server-time message-tags echo-message batch draft/chathistory",
      "NICK alice",
      "USER alice 0 * :alice",
      "CAP END",
      "JOIN #lobby",
    ]
  ) await client.send(line);
  await client.barrier();
  client.take();
  return { server, client };
}

Deno.test("a clock that goes backwards: times and ids grow all the same, also over a restart, and history is in order", async () => {
  const ring = Ring.create(1 << 18);
  let now = START;
  const clock = { now: () => now };
  const live: Line[] = [];
  let history: Line[] = [];
  // Each row is one server; each number what the clock is set by before a message.
  for (
    const jumps of [[0, 5, -HOUR_MS, 0, 1, -1, HOUR_MS, -2 * HOUR_MS], [-HOUR_MS, 0, 0], [10 * HOUR_MS, -3]]
  ) {
    const { server, client } = await start(ring, clock);
    for (const jump of jumps) {
      now += jump;
      await client.send(`PRIVMSG #lobby :m${live.length}`);
      await client.barrier();
      live.push(parse(client.take()[0]!));
    }
    await client.send("CHATHISTORY LATEST #lobby * 100");
    await client.barrier();
    history = client.take().filter((line) => line.includes(" PRIVMSG ")).map(parse);
    assertEquals(history, live);
    const middle = live[live.length >>> 1]!;
    await client.send(`CHATHISTORY BEFORE #lobby timestamp=${middle.time} 100`);
    await client.barrier();
    const before = client.take().filter((line) => line.includes(" PRIVMSG ")).map(parse);
    assertEquals(before, live.slice(0, live.length >>> 1), "a page by time is the one that was said before");
    client.close();
    await server.stop("end of the test");
  }
  for (let at = 1; at < live.length; at++) {
    assert(live[at]!.time > live[at - 1]!.time, `${live[at]!.text}: a later time`);
    assert(seqOf(live[at]!) > seqOf(live[at - 1]!), `${live[at]!.text}: a higher number`);
  }
});
