import { writable } from "../../lib/hub/apply/writable.ts";
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { type RunningServer, type RunOptions, runServer } from "../support/chat_server.ts";
import { comesTrue } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";

/** Nobody is exempt, though all come from this machine. */
const BOUND = { limits: { exempt: [] } };
const NEVER_MS = 1e12;

function serverTest(
  name: string,
  options: RunOptions,
  fn: (running: RunningServer, open: () => Promise<SocketClient>) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const running = await runServer(options);
    const clients: SocketClient[] = [];
    try {
      await fn(running, async () => {
        const client = await SocketClient.connect(running.address);
        clients.push(client);
        return client;
      });
    } finally {
      for (const client of clients) client.close();
      await running.stop();
    }
  });
}

async function enter(open: () => Promise<SocketClient>, nick: string): Promise<SocketClient> {
  const client = await open();
  await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN #lobby`);
  await client.barrier();
  client.take();
  return client;
}

/** Waits until the server has noticed that as many connections are gone. */
async function untilSessions({ server }: RunningServer, count: number): Promise<void> {
  await comesTrue(`${count} sessions are left`, () => server.hub.context.state.sessions.size <= count);
}

serverTest(
  "an address has so many connections; what comes beyond is told why, and costs no session",
  { config: BOUND, limits: { perAddress: 2 } },
  async (running, open) => {
    const alice = await enter(open, "alice");
    const bob = await enter(open, "bob");
    for (const hasSpoken of [false, true]) {
      const late = await open();
      if (hasSpoken) await late.send("NICK late\r\nUSER late 0 * :late"); // read nowhere, and yet the line arrives
      await late.ended();
      assertEquals(late.take(), [
        "ERROR :Closing Link: too many connections from 127.0.0.1: 2 are open; close one before you try again",
        "(closed)",
      ]);
    }
    assertEquals(running.server.hub.context.state.sessions.size, 2);
    await alice.barrier();
    bob.close();
    await untilSessions(running, 1);
    await enter(open, "carol");
    assertEquals(running.refused.length, 1, "told once a minute");
  },
);

serverTest(
  "new connections come at a bounded speed, and what is refused is told when to try again",
  { config: BOUND, limits: { connectRate: { count: 2, ms: 60_000 } } },
  async (_running, open) => {
    const alice = await enter(open, "alice");
    (await open()).close();
    const late = await open();
    await late.ended();
    assertEquals(late.take(), [
      "ERROR :Closing Link: too many new connections from 127.0.0.1; try again in 30 seconds",
      "(closed)",
    ]);
    await alice.barrier();
  },
);

serverTest(
  "this machine is exempt where nothing else is said",
  {
    limits: {
      perAddress: 1,
      connectRate: { count: 1, ms: NEVER_MS },
      lineRate: { count: 1, ms: NEVER_MS },
    },
  },
  async (_running, open) => {
    for (const nick of ["alice", "bob", "carol"]) await enter(open, nick);
  },
);

serverTest(
  "a flood waits, and nobody else with it; an operator's does not",
  { config: BOUND, limits: { lineRate: { count: 20, ms: NEVER_MS } } },
  async ({ server }, open) => {
    const mallory = await enter(open, "mallory"); // 4 lines
    const bob = await enter(open, "bob");
    const texts = Array.from({ length: 40 }, (_, i) => `${i}`);
    const flood = texts.map((text) => `PRIVMSG #lobby :${text}`).join("\r\n");
    await mallory.send(flood);
    await bob.until((line) => line.endsWith(" :15"));
    await bob.barrier();
    assertEquals(bob.take().map((line) => line.split(" :")[1]), texts.slice(0, 16));

    const state = writable(server.hub.context.state);
    const user = writable(state.user("mallory")!);
    user.isServerOperator = true;
    state.serverOperators.add(user);
    await bob.until((line) => line.endsWith(" :39"));
    assertEquals(bob.take().map((line) => line.split(" :")[1]), texts.slice(16), "late, and whole");
    await mallory.send(flood);
    await bob.until((line) => line.endsWith(" :39"));
  },
);

serverTest(
  "what comes faster than is allowed is slowed down, not lost",
  { config: BOUND, limits: { lineRate: { count: 100, ms: 1 } } },
  async (_running, open) => {
    const alice = await enter(open, "alice");
    await alice.send(Array.from({ length: 350 }, (_, i) => `PING ${i}`).join("\r\n"));
    await alice.until((line) => line.endsWith(" :349"));
    assertEquals(
      alice.take().map((line) => line.split(" :")[1]),
      Array.from({ length: 350 }, (_, i) => `${i}`),
    );
  },
);

serverTest(
  "who is let go in the middle of a flood goes at once, and what was left of it is dropped",
  { config: BOUND, limits: { lineRate: { count: 10, ms: NEVER_MS } } },
  async (running, open) => {
    const mallory = await enter(open, "mallory");
    const bob = await enter(open, "bob");
    await mallory.send("PRIVMSG #lobby :x\r\n".repeat(50));
    await bob.until((line) => line.endsWith(" :x"));
    await running.server.turnQueue.run((hub) =>
      hub.context.disconnect(hub.context.state.user("mallory")!.sessions[0]!, "enough")
    );
    await mallory.ended();
    assert(mallory.take().includes("ERROR :Closing Link: 127.0.0.1 (enough)"), "told why");
    await untilSessions(running, 1);
    await enter(open, "carol");
  },
);

serverTest(
  "a server that ends does not wait for a flood that waits",
  { config: BOUND, limits: { lineRate: { count: 5, ms: NEVER_MS } } },
  async ({ server }, open) => {
    const mallory = await enter(open, "mallory"); // 4 lines
    await mallory.send("PING x\r\n".repeat(50));
    await mallory.until((line) => line.endsWith(" :x"));
    await server.stop("the end");
    await mallory.ended();
    assertEquals(mallory.take().at(-2), "ERROR :Closing Link: 127.0.0.1 (the end)");
  },
);

serverTest(
  "what a server that is full turns away does not count for its address",
  { config: { ...BOUND, maxClients: 1 }, limits: { perAddress: 2 } },
  async (running, open) => {
    const alice = await enter(open, "alice");
    for (let nth = 0; nth < 3; nth++) {
      const late = await open();
      await late.ended();
      assertEquals(late.take(), ["ERROR :Closing Link: the server is full", "(closed)"]);
    }
    alice.close();
    await untilSessions(running, 0);
    await enter(open, "bob");
  },
);
