/** `GET /api/v1/messages` as pages, people and rooms, at a real server. */
import { assertEquals } from "@std/assert";
import { programTest } from "../../commands/program.ts";
import { comesTrue } from "../../support/guard.ts";
import type { SocketClient } from "../../support/socket_client.ts";
import { ApiTestServer, linesOfJson, linkOf } from "./api_server.ts";

const MESSAGES = 5000;
/** Lines in one write: the server reads them as fast as it will. */
const WRITTEN_LINES = 500;

async function say(client: SocketClient, room: string, count: number): Promise<void> {
  for (let at = 0; at < count; at += WRITTEN_LINES) {
    const lines = Array.from(
      { length: Math.min(WRITTEN_LINES, count - at) },
      (_, nth) => `PRIVMSG ${room} :m${at + nth}`,
    );
    await client.send(lines.join("\r\n"));
    await client.barrier();
  }
  client.take();
}

async function followLinks(
  server: ApiTestServer,
  token: string,
  path: string,
  rel: string,
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const response: Response = await server.fetch(next, token);
    assertEquals([response.status, response.headers.get("content-type")], [200, "application/x-ndjson"]);
    next = linkOf(response, rel);
    pages.push((await linesOfJson(response)).map(({ text }) => text));
  }
  return pages;
}

programTest(
  "api: 5,000 messages are read by pages, forwards and backwards, without a gap or a repetition",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home, ["--flood-rate", "100000/1m"]);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await say(alice, "#ops", MESSAGES);
    const { secret } = await server.token(alice, "read:#ops");
    const all = Array.from({ length: MESSAGES }, (_, nth) => `m${nth}`);
    for (const limit of [1000, 999, 170]) {
      const forwards = await followLinks(
        server,
        secret,
        `/api/v1/messages?room=ops&since=1h&limit=${limit}`,
        "next",
      );
      assertEquals(forwards.flat(), all);
      assertEquals(forwards.length, Math.ceil(MESSAGES / limit));
    }
    const backwards = await followLinks(server, secret, "/api/v1/messages?room=%23ops&limit=700", "prev");
    assertEquals(backwards.reverse().flat(), all);
  },
);

programTest(
  "api: a page goes on behind a message, ends before a time, and knows what it does not have",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await say(alice, "#ops", 5);
    const { secret } = await server.token(alice, "read:#ops");
    const read = async (query: string) => await server.fetch(`/api/v1/messages?room=ops${query}`, secret);
    const texts = async (query: string) => (await linesOfJson(await read(query))).map(({ text }) => text);
    const [, second, third] = await linesOfJson(await read(""));
    assertEquals(await texts(`&after=${third.id}`), ["m3", "m4"]);
    assertEquals(await texts(`&before=${third.id}`), ["m0", "m1"]);
    assertEquals(await texts(`&before=${third.id}&limit=1`), ["m1"]);
    assertEquals(await texts(`&id=${second.id}`), ["m1"]);
    assertEquals(await texts("&until=2020-01-01"), []);
    assertEquals(await texts("&since=1h&limit=2"), ["m0", "m1"]);
    for (const name of ["after", "before", "id"]) {
      const unknown = await read(`&${name}=zzz-other`);
      assertEquals([unknown.status, (await unknown.json()).code], [404, "no_such_message"], name);
    }
    const moved = await linesOfJson(await read("&after=zzz-other@0"));
    assertEquals(moved.map(({ type, why, text }) => why ?? [type, text]), [
      "new_log",
      ...["m0", "m1", "m2", "m3", "m4"].map((text) => ["message", text]),
    ]);
  },
);

programTest("api: a gap stands where messages were overwritten", {}, async (home) => {
  await using server = await ApiTestServer.start(home, [
    "--buffer",
    "1MiB",
    "--archive",
    "off",
    "--flood-rate",
    "100000/1m",
  ]);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops");
  await say(alice, "#ops", 2);
  const { secret } = await server.token(alice, "read:#ops");
  const [first] = await linesOfJson(await server.fetch("/api/v1/messages?room=ops", secret));
  const line = `PRIVMSG #ops :${"x".repeat(350)}`;
  for (let nth = 0; nth < 4; nth++) {
    await alice.send(Array(1000).fill(line).join("\r\n"));
    await alice.barrier();
  }
  const [gap, next] = await linesOfJson(
    await server.fetch(`/api/v1/messages?room=ops&after=${first.id}&limit=2`, secret),
  );
  assertEquals([gap.type, gap.why, gap.lost > 0, next.type], ["gap", "overwritten", true, "message"]);
});

programTest("api: a search finds words, the oldest match first, and its pages go back", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops\r\nJOIN #tea");
  await say(alice, "#ops", 1);
  await alice.send("PRIVMSG #ops :deploy one\r\nPRIVMSG #tea :deploy two\r\nPRIVMSG #ops :the third deploy");
  await alice.barrier();
  const all = await server.token(alice, "read:*");
  const one = await server.token(alice, "read:#ops");
  const found = async (query: string, token = all.secret) =>
    (await linesOfJson(await server.fetch(`/api/v1/messages?search=deploy${query}`, token))).map(({ text }) =>
      text
    );
  assertEquals(await found(""), ["deploy one", "deploy two", "the third deploy"]);
  assertEquals(await found("&room=ops", one.secret), ["deploy one", "the third deploy"]);
  assertEquals(
    (await followLinks(server, all.secret, "/api/v1/messages?search=deploy&limit=1", "prev")).flat(),
    [
      "the third deploy",
      "deploy two",
      "deploy one",
    ],
  );
  for (const query of ["", "&room=tea", "+in:%23tea", "+in:%23tea&room=ops"]) {
    const refused = await server.fetch(`/api/v1/messages?search=deploy${query}`, one.secret);
    assertEquals([refused.status, (await refused.json()).code], [403, "missing_scope"], query);
  }
});

programTest("api: people and rooms are listed, as far as the token permits", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops\r\nTOPIC #ops :on call\r\nJOIN #tea\r\nAWAY :lunch");
  await alice.barrier();
  const people = await server.token(alice, "people");
  const ops = await server.token(alice, "read:#ops");
  const none = await server.token(alice, "send:#ops");
  const listed = await (await server.fetch("/api/v1/people", people.secret)).json();
  assertEquals(listed.people.map(({ name, away, rooms }: Record<string, unknown>) => [name, away, rooms]), [
    ["alice", "lunch", ["#ops", "#tea"]],
  ]);
  const rooms = async (token: string) => await (await server.fetch("/api/v1/rooms", token)).json();
  assertEquals((await rooms(people.secret)).rooms, [
    { name: "#ops", members: 1, topic: "on call" },
    { name: "#tea", members: 1, topic: "" },
    { name: "#lobby", members: 0, topic: "" },
  ]);
  assertEquals((await rooms(ops.secret)).rooms.map(({ name }: { name: string }) => name), ["#ops"]);
  assertEquals((await rooms(none.secret)).scope, "people");
  assertEquals((await server.fetch("/api/v1/people", ops.secret)).status, 403);
  await comesTrue("only alice is online", async () => {
    const now = await (await server.fetch("/api/v1/people", people.secret)).json();
    return now.people.length === 1;
  });
});
