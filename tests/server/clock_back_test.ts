/** A clock that goes backwards, as one that is set right does: times tell it, and in order is what was said first, live and in history. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { HOUR_MS } from "../../lib/base/values/time_unit.ts";
import { MAX_AHEAD_MS } from "../../lib/hub/model/timeline.ts";
import { Ring } from "../../lib/log/ring.ts";
import { runServer } from "../support/chat_server.ts";
import { START } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";

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

async function start(ring: Ring, clock: Clock) {
  const server = await runServer({ ring, clock });
  const client = await SocketClient.connect(server.address);
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

Deno.test("a clock that goes backwards: times are the clock's, also over a restart; ids grow, and history is in their order", async () => {
  const ring = Ring.create(1 << 18);
  let now = START;
  const clock = { now: () => now };
  const live: Line[] = [];
  const clocks: number[] = [];
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
      clocks.push(now);
    }
    await client.send("CHATHISTORY LATEST #lobby * 100");
    await client.barrier();
    history = client.take().filter((line) => line.includes(" PRIVMSG ")).map(parse);
    assertEquals(history, live);
    for (const page of [1, 3]) assertEquals(await pagedByTime(client, page), live);
    client.close();
    await server.stop();
  }
  for (const [at, line] of live.entries()) {
    const ahead = Date.parse(line.time) - clocks[at]!;
    assert(ahead >= 0 && ahead <= MAX_AHEAD_MS, `${line.text}: ${ahead} ms ahead of the clock`);
    assert(at === 0 || seqOf(line) > seqOf(live[at - 1]!), `${line.text}: a higher number`);
  }
});

/** All that was said, read forwards in pages by the time of the last message. */
async function pagedByTime(client: SocketClient, limit: number): Promise<Line[]> {
  const read: Line[] = [];
  for (let time = "1970-01-01T00:00:00.000Z"; read.length < 100;) {
    await client.send(`CHATHISTORY AFTER #lobby timestamp=${time} ${limit}`);
    await client.barrier();
    const page = client.take().filter((line) => line.includes(" PRIVMSG ")).map(parse);
    if (page.length === 0) break;
    read.push(...page);
    time = page.at(-1)!.time;
  }
  return read;
}
