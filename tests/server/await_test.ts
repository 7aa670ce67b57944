import { assert, assertEquals } from "@std/assert";
import { Ring } from "../../lib/log/ring.ts";
import { runServer } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";

const SENDERS = 100;

/** A disk that is as slow as the test wants. */
class Disk {
  readonly ring = Ring.create(1 << 20);
  /** How many syncs were asked for. */
  syncs = 0;
  /** What the hub is told: `trouble` fails every sync. */
  readonly state: { sync: number; trouble: string | undefined } = { sync: 1000, trouble: undefined };
  #waiting = Promise.withResolvers<void>();

  readonly sync = async () => {
    this.syncs++;
    const { nextSeq, position } = this.ring;
    await this.#waiting.promise;
    if (this.state.trouble === undefined) this.ring.markDurable(nextSeq, position);
    return { trouble: this.state.trouble };
  };

  /** Ends the sync that is under way, and each that comes after. */
  go(): void {
    this.#waiting.resolve();
  }
}

async function sender(
  address: Parameters<typeof SocketClient.connect>[0],
  nick: string,
): Promise<SocketClient> {
  const client = await SocketClient.connect(address);
  for (
    const line of [
      "CAP REQ :chatterbox.chat/receipts message-tags echo-message batch labeled-response",
      `NICK ${nick}`,
      `USER ${nick} 0 * :${nick}`,
      "CAP END",
    ]
  ) await client.send(line);
  await client.barrier();
  client.take();
  return client;
}

/** Says something to the lobby and awaits its being durable under the label `d`; answers its msgid. */
async function sayAndAwait(client: SocketClient): Promise<string> {
  await client.send("PRIVMSG #lobby :hello");
  await client.barrier();
  const id = /msgid=([^ ;]+)/.exec(client.take()[0]!)![1]!;
  await client.send(`@label=d AWAIT durable ${id}`);
  return id;
}

Deno.test("a hundred who wait for the disk wait for two syncs at the most; who says something else meanwhile is answered", async () => {
  const disk = new Disk();
  const server = await runServer({ ring: disk.ring, sync: disk.sync, config: { storage: disk.state } });
  const clients = await Promise.all(
    Array.from({ length: SENDERS }, (_, n) => sender(server.address, `s${n}`)),
  );
  const ids = await Promise.all(clients.map(sayAndAwait));
  for (const client of clients) {
    await client.barrier();
    assertEquals(client.take(), []);
  }
  disk.go();
  for (const [n, client] of clients.entries()) {
    await client.until((line) => line.includes("AWAIT"));
    assertEquals(client.take(), [`@label=d :irc.test AWAIT durable ${ids[n]}`]);
  }
  assert(disk.syncs <= 2, `${disk.syncs} syncs`);
  for (const client of clients) client.close();
  await server.stop();
});

Deno.test("when the disk fails, who waits for it is told, and why; the chat goes on", async () => {
  const disk = new Disk();
  disk.state.trouble = "no space left on device";
  const server = await runServer({ ring: disk.ring, sync: disk.sync, config: { storage: disk.state } });
  const alice = await sender(server.address, "alice");
  const id = await sayAndAwait(alice);
  disk.go();
  await alice.until((line) => line.includes("AWAIT"));
  assertEquals(alice.take(), [
    `@label=d :irc.test FAIL AWAIT NOT_DURABLE ${id} :Not on disk yet: no space left on device; the server keeps trying to save it`,
  ]);
  disk.state.trouble = undefined;
  const again = await sayAndAwait(alice);
  await alice.until((line) => line.includes("AWAIT"));
  assertEquals(alice.take(), [`@label=d :irc.test AWAIT durable ${again}`]);
  alice.close();
  await server.stop();
});

Deno.test("a direct message is durable once the facts about it are on disk, one to a room with its record alone", async () => {
  const disk = new Disk();
  disk.go();
  const facts = Promise.withResolvers<string | undefined>();
  let isAsked = false;
  let handed = 0;
  const factsDurable = () => {
    isAsked = true;
    return facts.promise;
  };
  const server = await runServer({
    ring: disk.ring,
    sync: disk.sync,
    config: { storage: disk.state },
    onFacts: (rows) => void (handed += rows.length),
    factsDurable,
  });
  const [alice, bob] = [await sender(server.address, "alice"), await sender(server.address, "bob")];
  await sayAndAwait(alice);
  while (!alice.take().some((line) => line.includes("AWAIT durable"))) await alice.barrier();
  await alice.send("PRIVMSG bob :hello");
  await alice.barrier();
  const id = /msgid=([^ ;]+)/.exec(alice.take().find((line) => line.includes(" bob "))!)![1]!;
  const before = handed;
  server.server.hub.services.facts.put("waiting", "carol", { since: {}, more: 1 });
  await alice.send(`@label=d AWAIT durable ${id}`);
  for (let tries = 0; tries < 100 && !isAsked; tries++) await alice.barrier();
  assert(isAsked, "the facts are asked for");
  assertEquals(handed, before + 1, "what there is to save was handed over before it was asked for");
  await alice.barrier();
  await alice.barrier();
  assertEquals(alice.take(), []);
  facts.resolve(undefined);
  while (!alice.take().some((line) => line.includes("AWAIT durable"))) await alice.barrier();
  for (const client of [alice, bob]) client.close();
  await server.stop();
});
