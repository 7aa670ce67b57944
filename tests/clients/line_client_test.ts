/**
 * A client that can ask for no history (no draft/chathistory), told what to say: as HexChat it knows server-time and no batch, as
 * others both.
 */
import { assertEquals } from "@std/assert";
import { SocketClient } from "../support/socket_client.ts";
import { Ear, inTime, Lobby, PASSWORD } from "./lobby.ts";

/** What HexChat 2.16 asks for, of what there is. */
const HEXCHAT =
  "sasl server-time multi-prefix account-notify away-notify extended-join userhost-in-names chghost setname";

/** A client that logs in as `person` and enters the lobby. It answers PING as every client does. */
async function come(lobby: Lobby, caps: string): Promise<{ ear: Ear; client: SocketClient }> {
  const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port: lobby.port });
  const ear = new Ear(client);
  const login = new TextEncoder().encode(`\0person\0${PASSWORD}`).toBase64();
  for (const line of [`CAP REQ :${caps}`, "NICK person", "USER person 0 * :p", "AUTHENTICATE PLAIN"]) {
    await client.send(line);
  }
  await client.send(`AUTHENTICATE ${login}`);
  await ear.hears(/ 903 /);
  await client.send("CAP END");
  await ear.hears(/ 422 /);
  await client.barrier();
  ear.collect();
  const [, token] = /^PING (\S+)$/.exec(ear.heard.findLast((line) => line.startsWith("PING ")) ?? "") ?? [];
  if (token !== undefined) await client.send(`PONG ${token}`);
  await client.send("JOIN #lobby");
  await ear.hears(/ 366 /);
  await client.barrier();
  await client.send("PRIVMSG HistServ :LIST");
  await ear.hears(/ NOTICE person :(.* unread|You have no unread messages)$/);
  return { ear, client };
}

async function leave(lobby: Lobby, client: SocketClient): Promise<void> {
  await client.send("QUIT");
  await inTime("it quits", client.ended());
  await lobby.seesOff("person");
}

Deno.test("a client with batch and server-time gets what came while it was away once, and no line of a room twice", async () => {
  await using lobby = await Lobby.open();
  await lobby.register("person");
  await lobby.tell("person", "direct, while you were away");
  const { ear: first, client } = await come(lobby, "sasl batch server-time");
  await lobby.say("in the room");
  await first.hears(/PRIVMSG #lobby :in the room$/);
  await leave(lobby, client);
  await lobby.say("in the room, while you were away");
  const { ear: second } = await come(lobby, "sasl batch server-time");
  const texts = ({ heard }: Ear) =>
    heard.flatMap((line) => /^@batch=.*PRIVMSG \S+ :(.*)$/.exec(line)?.[1] ?? []);
  assertEquals(texts(first), ["direct, while you were away", "said before you came"]);
  assertEquals(texts(second), ["in the room, while you were away"]);
});

Deno.test("a client like HexChat is told once what came while it was away, and gets no old line as a new one", async () => {
  await using lobby = await Lobby.open();
  await lobby.register("person");
  await lobby.tell("person", "direct, while you were away");
  const { ear: first, client } = await come(lobby, HEXCHAT);
  await client.send("PRIVMSG HistServ :bystander");
  await first.hears(/NOTICE person :\d{4}-\S+ \S+ <bystander> direct, while you were away$/);
  await first.hears(/NOTICE person :End of the history of bystander$/);
  await leave(lobby, client);
  await lobby.say("in the room, while you were away");
  const { ear: second } = await come(lobby, HEXCHAT);
  const notices = ({ heard }: Ear) =>
    heard.flatMap((line) => / NOTICE person :(\d+ messages? (?:for|in) [^;]*)/.exec(line)?.[1] ?? []);
  const direct = "1 message for you while you were away, from bystander";
  assertEquals(notices(first), [direct, "1 message in #lobby"]);
  assertEquals(notices(second), ["1 message in #lobby since you left"]);
  assertEquals([...first.heard, ...second.heard].filter((line) => / PRIVMSG /.test(line)), []);
});
