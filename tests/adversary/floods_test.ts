/**
 * Whoever floods the server with connections, lines, or half of either, is bounded, and nobody else notices: in every scene
 * alice and bob, who come from elsewhere, talk meanwhile, and at the end the server has as many sessions, addresses, files
 * and (the test runner sees to it) timers as before.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import type { Address } from "../../lib/net/address.ts";
import type { ServerLimits } from "../../lib/server/settings/limit_flags.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer } from "../support/chat_server.ts";
import { comesTrue } from "../support/guard.ts";
import { processFigures } from "../support/process_figures.ts";
import { SocketClient } from "../support/socket_client.ts";

const NEVER_MS = 1e12;
const NO_BOUND = { count: Infinity, ms: 1 };
const { registerTimeoutMs, pingTimeoutMs } = DEFAULT_LIMITS;
const encoder = new TextEncoder();

interface Scene extends RunningServer {
  /** A connection from the address of the attack. */
  attack(): Promise<SocketClient>;
  /** Alice says something and bob hears it, at once. */
  served(): Promise<void>;
  /** The server's clock moves, and it looks after its timeouts. */
  later(ms: number): Promise<void>;
}

function scene(
  name: string,
  limits: Partial<ServerLimits>,
  play: (scene: Scene) => Promise<void>,
): void {
  // Alice and bob come by a Unix socket: as another address.
  Deno.test({ name, ignore: Deno.build.os === "windows", fn: () => inScene(limits, play) });
}

async function inScene(limits: Partial<ServerLimits>, play: (scene: Scene) => Promise<void>): Promise<void> {
  const running = await runServer({
    config: { limits: { exempt: [] } },
    limits: { perAddress: 2000, connectRate: NO_BOUND, lineRate: NO_BOUND, ...limits },
  });
  const { server } = running;
  const dir = await Deno.makeTempDir();
  const path = `${dir}/s`;
  const outcome = await server.listen({ kind: "unix", path });
  assert(outcome.kind === "listening", "a Unix socket");
  const [alice, bob] = [await enter(outcome.address, "alice"), await enter(outcome.address, "bob")];
  const files = await openFiles();
  const attackers: SocketClient[] = [];
  let said = 0;
  let ahead = 0;
  const scene: Scene = {
    ...running,
    async attack() {
      const client = await SocketClient.connect(running.address);
      attackers.push(client);
      return client;
    },
    async served() {
      await alice.send(`PRIVMSG bob :${++said}`);
      assert(
        await bob.until((line) => line === `:alice!~alice@localhost PRIVMSG bob :${said}`),
        "bob is there",
      );
      await bob.barrier(); // a sign of life
    },
    later: (ms) => server.turnQueue.run((hub, now) => hub.tick(now + (ahead += ms))),
  };
  try {
    await scene.served();
    await play(scene);
    await scene.served();
  } finally {
    for (const client of attackers) client.close();
    await comesTrue("all attackers have left", () => server.hub.context.state.sessions.size === 2);
    // Tests of other files run in this process, too, and open some of their own.
    const others = Math.max(100, attackers.length / 2);
    await comesTrue("their sockets are closed", async () => await openFiles() <= files + others);
    assertEquals([server.hub.context.state.unregisteredCount, server.hub.context.state.users.size], [0, 2]);
    alice.close();
    bob.close();
    await running.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

async function enter(address: Address, nick: string): Promise<SocketClient> {
  const client = await SocketClient.connect(address);
  await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN #lobby`);
  await client.barrier();
  client.take();
  return client;
}

/** Files of this process: the server's, and the clients'. */
async function openFiles(): Promise<number> {
  return (await processFigures(Deno.pid)).files;
}

scene(
  "a thousand connections from one address: so many are let in, the others are told why",
  { perAddress: 50 },
  async ({ attack, served, server }) => {
    const ends = { in: 0, refused: 0 };
    for (let round = 0; round < 10; round++) {
      const clients = await Promise.all(Array.from({ length: 100 }, attack));
      await served();
      const letIn = server.hub.context.state.sessions.size - 2;
      assert(letIn <= 50, `${letIn} are in`);
      for (const client of clients.slice(round === 0 ? 50 : 0)) {
        await client.ended();
        const [line = ""] = client.take();
        assert(
          line.startsWith("ERROR :Closing Link: too many connections from 127.0.0.1: 50 are open"),
          line,
        );
        ends.refused++;
      }
    }
    ends.in = server.hub.context.state.sessions.size - 2;
    assertEquals(ends, { in: 50, refused: 950 });
  },
);

scene(
  "connections that come and go as fast as they can",
  { connectRate: { count: 30, ms: NEVER_MS } },
  async ({ attack, served, refused, notices }) => {
    for (let round = 0; round < 10; round++) {
      const clients = await Promise.all(Array.from({ length: 30 }, attack));
      for (const client of clients) client.close();
      await served();
    }
    assert(refused.length <= 1, "told once a minute");
    assert(notices.length <= 2 + 30, "who was refused is no newcomer who left");
  },
);

scene(
  "a flood of lines from many connections",
  { lineRate: { count: 1000, ms: 50 } },
  async ({ attack, served }) => {
    const flood = encoder.encode(
      Array.from({ length: 3000 }, (_, i) => `PRIVMSG #flood :${i}`).join("\r\n") + "\r\n",
    );
    const clients = await Promise.all(Array.from({ length: 10 }, attack));
    for (const [index, client] of clients.entries()) {
      await client.send(`NICK flood${index}\r\nUSER x 0 * :x\r\nJOIN #flood`);
    }
    const floods = clients.map((client) => client.bytes(flood));
    for (let time = 0; time < 20; time++) await served();
    await Promise.all(floods);
  },
);

scene(
  "registrations that are begun and not finished end in time",
  {},
  async ({ attack, served, later, server }) => {
    const begun = [
      "",
      "CAP LS 302",
      "NICK mallory",
      "USER m 0 * :m",
      "PASS x\r\nCAP REQ :batch\r\nNICK m\r\nUSER m 0 * :m",
    ];
    const clients = await Promise.all(Array.from({ length: 50 }, attack));
    for (const [index, client] of clients.entries()) {
      await client.send(begun[index % begun.length]!);
      await client.barrier();
      client.take();
    }
    assertEquals(server.hub.context.state.unregisteredCount, 50);
    await served();
    await later(registerTimeoutMs);
    for (const client of clients) {
      await client.ended();
      assertEquals(client.take(), ["ERROR :Closing Link: 127.0.0.1 (Registration timed out)", "(closed)"]);
    }
    await served();
  },
);

/** Lines that never end: a few bytes, as many as a line has, and far more; a tag section likewise. */
const UNENDED = [
  "N",
  "NICK mallory",
  "x".repeat(600),
  "@" + "t".repeat(4000),
  "@" + "t".repeat(9000),
  "@a=b :",
  "\0",
];

scene(
  "lines that never end are no sign of life: before registration …",
  {},
  async ({ attack, served, later, server }) => {
    const clients = await Promise.all(UNENDED.map(attack));
    for (const [index, client] of clients.entries()) {
      await client.bytes(encoder.encode(UNENDED[index]));
    }
    await later(registerTimeoutMs / 2);
    for (const client of clients) await client.bytes(encoder.encode("z"));
    await served();
    assertEquals(server.hub.context.state.unregisteredCount, UNENDED.length);
    await later(registerTimeoutMs / 2);
    for (const client of clients) await client.ended();
  },
);

scene("… and after it", {}, async ({ attack, served, later, server }) => {
  const clients = await Promise.all(UNENDED.map(attack));
  for (const [index, client] of clients.entries()) {
    await client.send(`NICK loris${index}\r\nUSER x 0 * :x`);
    await client.barrier();
    client.take();
    await client.bytes(encoder.encode(UNENDED[index]));
  }
  await later(pingTimeoutMs);
  await served();
  for (const client of clients) {
    await client.until((line) => line === "PING irc.test");
    await client.bytes(encoder.encode("z"));
  }
  assertEquals(server.hub.context.state.users.size, 2 + UNENDED.length);
  await served();
  await later(pingTimeoutMs);
  for (const client of clients) {
    await client.ended();
    assert(client.take().some((line) => line.includes("Ping timeout")), "told why");
  }
});

scene("half a line, and gone", {}, async ({ attack, served, server }) => {
  for (const text of UNENDED) {
    const client = await attack();
    await client.bytes(encoder.encode(text));
    client.close();
  }
  await served();
  await comesTrue("they have left", () => server.hub.context.state.sessions.size === 2);
});
