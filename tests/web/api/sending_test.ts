/** `POST /api/v1/messages` at a real server. */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { programTest } from "../../commands/program.ts";
import { ApiTestServer, linesOfJson } from "./api_server.ts";

programTest(
  "api: a message is sent as JSON or as text, is durable where that is wanted, and can be read",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await alice.barrier();
    alice.take();
    const { secret } = await server.token(alice, "send:#ops", "read:#ops");

    const sent = await server.post(secret, { to: "#ops", text: "one\ntwo", wait: "durable", id: "job-1" });
    assertEquals(sent.status, 201);
    const body = await sent.json();
    assertEquals([body.durable, body.to, body.key, body.queued], [true, "#ops", "job-1", false]);
    assertMatch(body.time, /^\d{4}-.*Z$/);
    const found = await linesOfJson(await server.fetch(sent.headers.get("location")!, secret));
    assertEquals(found.map(({ id, seq, text, room, from }) => ({ id, seq, text, room, from })), [
      { id: body.id, seq: body.seq, text: "one\ntwo", room: "#ops", from: "alice" },
    ]);

    const plain = await server.fetch("/api/v1/messages?to=%23ops&id=job-2", secret, {
      method: "POST",
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: "Grüße",
    });
    assertEquals([plain.status, (await plain.json()).durable], [201, null]);
    await alice.barrier();
    assertEquals(
      alice.take().map((line) => line.replace(/^@\S+ /, "")).filter((line) => / PRIVMSG /.test(line)),
      [
        ":alice!~alice@127.0.0.1 PRIVMSG #ops :one",
        ":alice!~alice@127.0.0.1 PRIVMSG #ops :two",
        ":alice!~alice@127.0.0.1 PRIVMSG #ops :Grüße",
      ],
    );
  },
);

programTest("api: a text that does not fit one message is several, each with its id", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops");
  await alice.barrier();
  const { secret } = await server.token(alice, "send:#ops", "read:#ops");
  const text = Array.from({ length: 300 }, (_, nth) => `line ${nth}`).join("\n");
  const sent = await (await server.post(secret, { to: "#ops", text, id: "long" })).json();
  assertEquals(sent.more.length, 2);
  const stored = await linesOfJson(await server.fetch("/api/v1/messages?room=ops", secret));
  assertEquals(stored.map(({ text }) => text).join("\n"), text);
  assertEquals(stored.map(({ id }) => id), [sent.id, ...sent.more.map(({ id }: { id: string }) => id)]);
});

programTest("api: of a text whose key has been used for another one nothing is stored", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  await alice.send("JOIN #ops");
  await alice.barrier();
  const { secret } = await server.token(alice, "send:#ops", "read:#ops");
  const [x, y, z] = ["x", "y", "z"].map((letter) => letter.repeat(3000));
  const post = async (id: string, ...parts: (string | undefined)[]) => {
    const response = await server.post(secret, { to: "#ops", text: parts.join("\n"), id });
    const { code, parameter } = await response.json();
    return [response.status, code ?? parameter];
  };
  const [done, used, invalid] = [[201, undefined], [409, "id_in_use"], [422, "invalid"]];
  assertEquals(await post("short", x), done);
  assertEquals(await post("short", x, y), used, "longer");
  assertEquals(await post("long", x, y, z), done);
  assertEquals(await post("long", x, y, z), done, "the same");
  assertEquals(await post("long", x), used, "shorter");
  assertEquals(await post("long", x, y, z, y), used, "longer");
  assertEquals(await post("long", x, z, z), used, "another middle");
  assertEquals(await post("v2.1", "own message"), done);
  assertEquals(await post("v2", x, y, z), done, "the id of no part is a key");
  for (const id of ["v2~12345678", "v2~abcdef-_.1"]) assertEquals(await post(id, "hi"), invalid, id);
  const stored = await linesOfJson(await server.fetch("/api/v1/messages?room=ops&limit=100", secret));
  // Letters and how often each is there in a row, without the ends of lines.
  const shown = stored.map(({ text }) => text).join("").replaceAll("\n", "")
    .replace(/([xyz])\1*/g, (run: string, letter: string) => `${letter}${run.length} `);
  assertEquals(shown, "x6000 y3000 z3000 own messagex3000 y3000 z3000 ");
});

programTest(
  "api: a message that is sent again with its key is stored once, also after a crash",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await alice.barrier();
    const { secret } = await server.token(alice, "send:#ops", "read:#ops");
    const message = { to: "#ops", text: "deployed", wait: "durable" };
    const send = async () =>
      await (await server.post(secret, message, { "idempotency-key": '"deploy-7"' })).json();
    const first = await send();
    assertEquals(await send(), first);
    await server.crash();
    assertEquals(await send(), first);
    const other = await server.post(secret, { ...message, text: "not deployed", id: "deploy-7" });
    assertEquals([other.status, (await other.json()).code], [409, "id_in_use"]);
    const stored = await linesOfJson(await server.fetch("/api/v1/messages?room=ops", secret));
    assertEquals(stored.map(({ id, text }) => [id, text]), [[first.id, "deployed"]]);
  },
);

programTest("api: a direct message to an account that is offline waits for it", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  const bob = await server.enter("bob");
  await bob.send("QUIT");
  await bob.ended();
  const { secret } = await server.token(alice, "send:bob", "read:*");
  const sent = await (await server.post(secret, { to: "bob", text: "psst" })).json();
  assertEquals(sent.queued, true);
  const read = await linesOfJson(await server.fetch("/api/v1/messages?with=bob", secret));
  assertEquals(read.map(({ with: nick, to, from, text }) => [nick, to, from, text]), [[
    "bob",
    "bob",
    "alice",
    "psst",
  ]]);
  const unknown = await server.post((await server.token(alice, "send:*")).secret, { to: "carol", text: "x" });
  assertEquals([unknown.status, (await unknown.json()).code], [404, "no_such_target"]);
});

programTest("api: a name without the # of its room is told the room", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  const textOf = async (scope: string, to: string) => {
    const response = await server.post((await server.token(alice, scope)).secret, { to, text: "x" });
    const { code, detail } = await response.json();
    return [response.status, code, detail];
  };
  assertEquals(await textOf("send:*", "Lobby"), [
    404,
    "no_such_target",
    "no user called Lobby is online; the room is #lobby",
  ]);
  assertEquals(await textOf("send:*", "carol"), [404, "no_such_target", "no user called carol is online"]);
  assertEquals(await textOf("send:#lobby", "lobby"), [
    403,
    "missing_scope",
    "the token has no scope send:lobby; the room is #lobby",
  ]);
});

programTest("api: what is no message is refused, and says what is wrong", {}, async (home) => {
  await using server = await ApiTestServer.start(home);
  const alice = await server.enter("alice");
  const { secret } = await server.token(alice, "send:*");
  const post = async (body: BodyInit, type: string, query = "", headers = {}) => {
    const init = { method: "POST", body, headers: { "content-type": type, ...headers } };
    const response = await server.fetch(`/api/v1/messages${query}`, secret, init);
    assertEquals(response.headers.get("content-type"), "application/problem+json");
    const { code, parameter } = await response.json();
    return [response.status, code, parameter];
  };
  const json = (value: unknown, headers = {}) => post(JSON.stringify(value), "application/json", "", headers);
  const ok = { to: "#ops", text: "x" };
  assertEquals(await post("{", "application/json"), [400, "malformed", undefined]);
  assertEquals(await post(new Uint8Array([0xff, 0xfe]), "application/json"), [400, "malformed", undefined]);
  assertEquals(await json([]), [422, "invalid", "body"]);
  assertEquals(await json({ text: "x" }), [422, "invalid", "to"]);
  assertEquals(await json({ ...ok, to: "a,b" }), [422, "invalid", "to"]);
  assertEquals(await json({ ...ok, to: "a\r\nQUIT" }), [422, "invalid", "to"]);
  assertEquals(await json({ ...ok, text: 5 }), [422, "invalid", "text"]);
  assertEquals(await json({ ...ok, text: "\n" }), [422, "invalid", "text"]);
  assertEquals(await json({ ...ok, text: "a\0b" }), [422, "invalid", "text"]);
  assertEquals(await json({ ...ok, wait: "read" }), [422, "invalid", "wait"]);
  assertEquals(await json({ ...ok, id: "a b" }), [422, "invalid", "id"]);
  assertEquals(await json({ ...ok, id: "a" }, { "idempotency-key": "b" }), [422, "invalid", "id"]);
  assertEquals(await json(ok, { "idempotency-key": "a b" }), [422, "invalid", "Idempotency-Key"]);
  assertEquals(await json({ ...ok, silent: true }), [422, "invalid", "silent"]);
  assertEquals(await json({ ...ok, text: "x".repeat(65537) }), [413, "too_large", undefined]);
  assertEquals(await post("x".repeat(65537), "text/plain", "?to=%23ops"), [413, "too_large", undefined]);
  assertEquals(await post("x", "text/plain"), [422, "invalid", "to"]);
  assertEquals(await post("x", "text/plain", "?to=%23ops&room=1"), [422, "invalid", "room"]);
  assertEquals(await post("a=b", "application/x-www-form-urlencoded"), [415, "unsupported_type", undefined]);
  assertEquals(await json(ok), [404, "no_such_target", undefined]);
  const answered = await server.post(secret, { to: "alice", text: "note" });
  assertNotEquals((await answered.json()).id, null);
});
