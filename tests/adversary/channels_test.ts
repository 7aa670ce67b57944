/**
 * Over real sockets: those without an account can't take, push out, lead away or use up the channels of others. Alice, who has an account,
 * comes by a Unix socket, as another address than the attack.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { MAX_IDLE_SETTINGS } from "../../lib/hub/model/config.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";

const NO_BOUND = { count: Infinity, ms: 1 };
const KEY = "k".repeat(43);

interface Scene extends RunningServer {
  readonly alice: SocketClient;
  /** A connection from the address of the attack that says `lines` first. */
  attack(...lines: string[]): Promise<SocketClient>;
}

function scene(name: string, play: (scene: Scene) => Promise<void>, channels = 1000): void {
  const ignore = Deno.build.os === "windows"; // alice comes by a Unix socket
  Deno.test({ name: `rooms under attack: ${name}`, ignore, fn: () => inScene(channels, play) });
}

async function inScene(channels: number, play: (scene: Scene) => Promise<void>): Promise<void> {
  const running = await runServer({
    config: { limits: { exempt: [], channels } },
    limits: { perAddress: 2000, connectRate: NO_BOUND, lineRate: NO_BOUND },
    ring: Ring.create(RING_MIN_BYTES),
  });
  const dir = await Deno.makeTempDir();
  const outcome = await running.server.listen({ kind: "unix", path: `${dir}/s` });
  assert(outcome.kind === "listening", "a Unix socket");
  const clients: SocketClient[] = [];
  const enter = async (address: typeof running.address, lines: readonly string[]) => {
    const client = await SocketClient.connect(address);
    clients.push(client);
    await answers(client, ...lines);
    return client;
  };
  try {
    const alice = await enter(outcome.address, [...registration("alice"), `REGISTER * * ${KEY}`]);
    await play({ ...running, alice, attack: (...lines) => enter(running.address, lines) });
  } finally {
    for (const client of clients) client.close();
    await running.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

function registration(nick: string): string[] {
  return [`NICK ${nick}`, `USER ${nick} 0 * :${nick}`];
}

/** What the server answers to `lines`. */
async function answers(client: SocketClient, ...lines: string[]): Promise<string[]> {
  client.take();
  await client.send(lines.join("\r\n"));
  await client.barrier();
  return client.take();
}

scene(
  "an owner's closed room is there after more rooms than are kept were set up and left",
  async ({ alice, attack, server }) => {
    await answers(alice, "JOIN #closed", "MODE #closed +i", "PART #closed", "JOIN #plain", "PART #plain");
    const mallory = await attack(...registration("mallory"));
    for (let made = 0; made < MAX_IDLE_SETTINGS + 500; made += 100) {
      const names = Array.from({ length: 100 }, (_, at) => `#m${made + at}`);
      await answers(mallory, ...names.flatMap((name) => [`JOIN ${name}`, `MODE ${name} +m`, `PART ${name}`]));
    }
    await server.turnQueue.run((hub, now) => hub.tick(now));
    const { channels } = server.hub.services.history;
    assert(channels.size < MAX_IDLE_SETTINGS + 500, `${channels.size} rooms are kept`);
    const [refusal] = await answers(mallory, "JOIN #closed");
    assertMatch(refusal!, / 473 mallory #closed /);
    const names = (await answers(mallory, "JOIN #plain")).find((line) => line.includes(" 353 "));
    assertMatch(names!, / = #plain :mallory$/);
    const back = await answers(alice, "JOIN #closed");
    assert(back.some((line) => line.endsWith(" 353 alice = #closed :@alice")), back.join("\n"));
  },
);

scene("one address makes a fifth of the rooms, and observers none", async ({ alice, attack, server }) => {
  const list = (lead: string) => Array.from({ length: 99 }, (_, at) => `#${lead}-${at}`);
  const refused: string[] = [];
  for (let each = 0; each < 20; each++) {
    const client = await attack(...registration(`m${each}`));
    for (const name of list(`m${each}`)) await client.send(`JOIN ${name}`);
    refused.push(...(await answers(client, "")).filter((line) => line.includes(" 405 ")));
  }
  for (let each = 0; each < 20; each++) {
    const eye = await attack("CAP REQ :chatterbox.chat/observer", ...registration("eye"), "CAP END");
    const told = await answers(eye, ...list(`eye${each}`).map((name) => `FOLLOW ${name}`));
    assertEquals(told.every((line) => line.startsWith(":irc.test FOLLOW #eye")), true);
  }
  const { size } = server.hub.context.state.channels;
  assert(size <= 202, `${size} of 1000 rooms`);
  assert(
    refused.some((line) => line.includes("Your address has reached the limit of rooms that it may create")),
    "told",
  );
  const joined = await answers(alice, "JOIN #mine");
  assert(joined.some((line) => line.endsWith(" 353 alice = #mine :@alice")), joined.join("\n"));
});

scene("nobody leads a room's people elsewhere by being first in it", async ({ alice, attack }) => {
  const mallory = await attack(...registration("mallory"), "JOIN #news");
  const [refusal] = await answers(mallory, "RENAME #news #evil");
  assertMatch(refusal!, /^:irc\.test FAIL RENAME CANNOT_RENAME #news #evil :/);
  await answers(mallory, "PART #news");
  const joined = await answers(alice, "JOIN #news");
  assert(joined.some((line) => line.endsWith(" 353 alice = #news :@alice")), joined.join("\n"));
});

scene("a banned user reads on by no observer", async ({ alice, attack }) => {
  await answers(alice, "JOIN #tea");
  const claim = ["CAP REQ :chatterbox.chat/claim", `CLAIM ${"m".repeat(43)}`];
  const observe = ["CAP REQ :chatterbox.chat/observer chatterbox.chat/claim", `CLAIM ${"m".repeat(43)}`];
  const mallory = await attack(...claim, ...registration("mallory"), "CAP END", "JOIN #tea");
  const eye = await attack(...observe, ...registration("cb123"), "CAP END", "FOLLOW #tea");
  await answers(alice, "PRIVMSG #tea :one");
  await eye.barrier();
  assertEquals(said(eye.take()), ["one"]);
  await answers(alice, "KICK #tea mallory", "MODE #tea +b mallory");
  await answers(alice, "PRIVMSG #tea :two");
  await eye.send("FOLLOW #tea\r\nCHATHISTORY LATEST #tea * 9");
  await eye.barrier();
  assertEquals(said(eye.take()), []);
  assertEquals(said(await answers(mallory, "CHATHISTORY LATEST #tea * 9")), []);
});

function said(lines: readonly string[]): string[] {
  return lines.flatMap((line) => / PRIVMSG #tea :(.*)/.exec(line)?.[1] ?? []);
}
