import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { Ring } from "../../lib/log/ring.ts";
import { type RunningServer, runServer } from "../support/chat_server.ts";
import { SocketClient } from "../support/socket_client.ts";

async function enter({ address }: RunningServer, nick: string): Promise<SocketClient> {
  const client = await SocketClient.connect(address);
  await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN #lobby`);
  await client.barrier();
  client.take();
  return client;
}

Deno.test("at the end everybody is told, connections are closed, and nobody can come any more", async () => {
  const running = await runServer();
  const clients = [await enter(running, "alice"), await enter(running, "bob")];
  const newcomer = await SocketClient.connect(running.address);
  await newcomer.barrier();
  for (const client of [...clients, newcomer]) {
    await client.barrier();
    client.take();
  }
  await running.stop("Server is going down");
  for (const client of [...clients, newcomer]) {
    await client.ended();
    assertEquals(client.take(), ["ERROR :Closing Link: 127.0.0.1 (Server is going down)", "(closed)"]);
  }
  let refused = false;
  await SocketClient.connect(running.address).catch(() => refused = true);
  assertEquals(refused, true);
});

Deno.test("what was said before a restart is there after it, under the same id", async () => {
  const ring = Ring.create(1 << 20);
  const said: string[][] = [];
  for (const round of [0, 1]) {
    const running = await runServer({ ring });
    const alice = await enter(running, "alice");
    await alice.send("CAP REQ :message-tags server-time");
    if (round === 0) await alice.send("PRIVMSG #lobby :hello");
    await alice.barrier();
    alice.take();
    await alice.send("CHATHISTORY LATEST #lobby * 10");
    await alice.barrier();
    said.push(alice.take());
    alice.close();
    await running.stop();
  }
  assertEquals(said[0]!.length, 1);
  assertEquals(said[1], said[0]);
});

Deno.test("a full server says so and closes", async () => {
  const running = await runServer({ config: { maxClients: 1 } });
  const alice = await enter(running, "alice");
  const late = await SocketClient.connect(running.address);
  await late.ended();
  assertEquals(late.take(), ["ERROR :Closing Link: the server is full", "(closed)"]);
  await alice.barrier();
  assertEquals(alice.take(), []);
  late.close();
  alice.close();
  await running.stop();
});

Deno.test("an IPv6 host in a source does not begin with a colon", async () => {
  const running = await runServer({ host: "::1" }).catch(() => undefined);
  if (running === undefined) return console.log("skipped: this machine has no IPv6");
  const alice = await enter(running, "alice");
  await alice.send("PRIVMSG alice :hello");
  await alice.barrier();
  assertEquals(alice.take(), [":alice!~alice@0::1 PRIVMSG alice :hello"]);
  alice.close();
  await running.stop();
});

Deno.test("who came and who left is told to whoever runs the server", async () => {
  const running = await runServer();
  const alice = await enter(running, "alice");
  await alice.send("NICK alicia");
  await alice.send("QUIT :bye");
  await alice.ended();
  const nobody = await SocketClient.connect(running.address);
  await nobody.send("QUIT");
  await nobody.ended();
  assertEquals(running.notices, [
    { kind: "came", nick: "alice", host: "127.0.0.1", sessions: 1 },
    { kind: "renamed", nick: "alice", to: "alicia" },
    { kind: "left", nick: "alicia", host: "127.0.0.1", reason: "Quit: bye", sessions: 0 },
    { kind: "turned_away", nick: "*", host: "127.0.0.1", reason: "Quit: " },
  ]);
  await running.stop();
});

Deno.test("many talk at once, and everybody sees one order", async () => {
  const running = await runServer();
  const clients = await Promise.all(Array.from({ length: 10 }, (_, index) => enter(running, `user${index}`)));
  for (const client of clients) await client.send("CAP REQ echo-message");
  for (const client of clients) await client.barrier();
  for (const client of clients) client.take();
  await Promise.all(clients.map(async (client, index) => {
    for (let each = 0; each < 100; each++) await client.send(`PRIVMSG #lobby :${index}.${each}`);
  }));
  for (const client of clients) await client.barrier();
  for (const client of clients) await client.barrier(); // what the last barrier of another let through
  const [first, ...others] = clients.map((client) => client.take());
  assertEquals(first!.length, 1000);
  for (const other of others) assertEquals(other, first);
  for (const index of clients.keys()) {
    const own = first!.filter((line) => line.includes(`:${index}.`)).map((line) => line.split(".").at(-1));
    assertEquals(own, Array.from({ length: 100 }, (_, each) => String(each)));
  }
  assert(first!.every((line) => line.includes(" PRIVMSG #lobby :")), "messages only");
  for (const client of clients) client.close();
  await running.stop();
});
