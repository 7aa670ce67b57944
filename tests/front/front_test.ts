/** A server and a front in one process: to a client and to the hub it is as without a front. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { SEND_QUEUE_MAX_BYTES } from "../../lib/net/send_queue.ts";
import type { RunOptions } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";
import { comesTrue } from "../support/guard.ts";
import type { FrontSetup } from "../../lib/server/relay/front_setup.ts";
import { type RelayedServer, runRelayed } from "./relayed_server.ts";

function frontTest(
  name: string,
  { setup = {}, ...options }: RunOptions & { setup?: Partial<FrontSetup> },
  fn: (running: RelayedServer) => Promise<void>,
): void {
  Deno.test(`front: ${name}`, async () => {
    const running = await runRelayed(options, setup);
    try {
      await fn(running);
    } finally {
      await running.stop();
    }
  });
}

frontTest("lines of a client are answered in order, however they are cut", {}, async (running) => {
  const alice = await running.enter("alice");
  const script = Array.from({ length: 500 }, (_, n) => `PING ${n}\r\n`).join("");
  for (let at = 0; at < script.length; at += 701) {
    await alice.bytes(new TextEncoder().encode(script.slice(at, at + 701)));
  }
  await alice.until((line) => line.endsWith(" :499"));
  assertEquals(
    alice.take().flatMap((line) => / PONG .*:(\d+)$/.exec(line)?.[1] ?? []),
    Array.from({ length: 500 }, (_, n) => String(n)),
  );
});

frontTest("a line that is too long or not UTF-8 is answered as without a front", {}, async (running) => {
  const alice = await running.enter("alice");
  await alice.send(`PRIVMSG #lobby :${"x".repeat(600)}`);
  await alice.bytes(Uint8Array.of(...new TextEncoder().encode("PRIVMSG #lobby :"), 0xff, 0xfe, 13, 10));
  await alice.barrier();
  const lines = alice.take();
  assertEquals(lines.filter((line) => / 417 /.test(line)).length, 1);
  assert(lines.some((line) => /INVALID_UTF8|not UTF-8/i.test(line)), lines.join("\n"));
});

frontTest("the hub knows address and endpoint, and hears of the end", {}, async (running) => {
  const { hub } = running.server;
  const alice = await running.enter("alice");
  const [session] = [...hub.context.state.sessions.values()];
  assertEquals([session!.host, session!.isSecure], ["127.0.0.1", false]);
  assert(running.front.kind === "tcp", "as it was asked to");
  assertEquals(session!.endpoint, `tcp:[127.0.0.1]:${running.front.port}`);
  alice.close();
  await comesTrue("the session has ended", () => hub.context.state.sessions.size === 0);
});

frontTest("QUIT and KILL end the connection after the last line", {}, async (running) => {
  const alice = await running.enter("alice");
  await alice.send("QUIT :bye");
  await alice.ended();
  assertMatch(alice.take().join("\n"), /ERROR :.*bye\)\n\(closed\)$/);
});

frontTest(
  "a client that does not read is disconnected for its send queue, and others are not delayed",
  {},
  async (running) => {
    assert(running.front.kind === "tcp", "as it was asked to");
    const slow = await Deno.connect({ hostname: "127.0.0.1", port: running.front.port });
    await slow.write(new TextEncoder().encode("NICK slow\r\nUSER slow 0 * :slow\r\n"));
    const reader = await running.enter("reader");
    await comesTrue("slow is in", () => running.server.hub.context.state.users.has("slow"));
    const { turnQueue, slowClients } = running.server;
    assertEquals(slowClients, 0);
    const text = "x".repeat(400);
    const each = Math.ceil(SEND_QUEUE_MAX_BYTES / 400 / 20);
    for (let round = 0; running.server.slowClients === 0; round++) {
      assert(round < 200, "a queue is bounded");
      await turnQueue.run((hub) => {
        for (let n = 0; n < each; n++) hub.broadcastNotice(text);
      });
      await reader.barrier();
      reader.take();
    }
    assertEquals(running.server.slowClients, 1);
    await comesTrue("it is gone", () => running.server.hub.context.state.sessions.size === 1);
    slow.close();
  },
);

frontTest(
  "the hub refuses by the address's limits and bans, with the same words",
  { config: { limits: { exempt: [] } }, limits: { perAddress: 2 }, setup: { exempt: [] } },
  async (running) => {
    const [alice, bob] = [await running.enter("alice"), await running.enter("bob")];
    const late = await running.open();
    await late.send("NICK late\r\nUSER late 0 * :late");
    await late.ended();
    assertEquals(late.take(), [
      "ERROR :Closing Link: too many connections from 127.0.0.1: 2 are open; close one before you try again",
      "(closed)",
    ]);
    assertEquals(running.server.refusals.address, 1);
    alice.close();
    bob.close();
    await comesTrue("they are gone", () => running.server.hub.context.state.sessions.size === 0);
    await running.enter("carol");
  },
);

frontTest(
  "the front refuses by itself, and the hub counts it",
  { setup: { maxClients: 1 } },
  async (running) => {
    await running.enter("alice");
    const late = await running.open();
    await late.ended();
    assertEquals(late.take(), ["ERROR :Closing Link: the server is full", "(closed)"]);
    await comesTrue("it is counted", () => running.server.refusals.full === 1);
  },
);

frontTest("input beyond the rate waits, and is not lost", {
  config: { limits: { exempt: [] } },
  clock: systemClock,
  limits: { lineRate: { count: 50, ms: 500 } },
  setup: { exempt: [] },
}, async (running) => {
  const alice = await running.enter("alice");
  const script = Array.from({ length: 120 }, (_, n) => `PING ${n}`).join("\r\n");
  await alice.send(script);
  await alice.until((line) => line.endsWith(" :119"));
  assertEquals(alice.take().filter((line) => / PONG /.test(line)).length, 120);
});

frontTest("a front is told how far the log is, also where it gets nothing of it", {}, async (running) => {
  const { link, address, ring } = running;
  const local = await SocketClient.connect(address);
  await local.send("NICK local\r\nUSER local 0 * :local\r\nJOIN #lobby\r\nPRIVMSG #lobby :hello");
  await local.barrier();
  await comesTrue("the front knows it", () => !link.isBehind(ring.nextSeq));
  local.close();
});

frontTest("a relay that ends ends its sessions", {}, async (running) => {
  const alice = await running.enter("alice");
  running.link.close();
  await alice.ended();
  await comesTrue("the hub has no session", () => running.server.hub.context.state.sessions.size === 0);
});
