/** Server-sent events of `GET /api/v1/messages`, at a real server. */
import { assertEquals, assertMatch } from "@std/assert";
import { programTest } from "../../commands/program.ts";
import { inTime } from "../../support/guard.ts";
import { MAX_TOKEN_STREAM_COUNT } from "../../../lib/web/api/api_call.ts";
import { ApiTestServer } from "./api_server.ts";
import { EventReader } from "./event_reader.ts";

const PATH = "/api/v1/messages?room=ops";

const open = (server: ApiTestServer, token: string, query = "", lastId?: string) =>
  server.open(PATH + query, token, lastId);

programTest(
  "api: a stream gives the newest messages, then each new one, and goes on behind any of them",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops\r\nPRIVMSG #ops :one\r\nPRIVMSG #ops :two\r\nPRIVMSG #ops :three");
    await alice.barrier();
    const { secret } = await server.token(alice, "read:#ops");
    const stream = await open(server, secret, "&limit=2");
    assertEquals(await stream.texts(2), ["two", "three"]);
    assertEquals((await stream.next()).event, "live");
    await alice.send("PRIVMSG #ops :four\r\nPRIVMSG #tea :other\r\nPRIVMSG #ops :five");
    assertEquals(await stream.texts(2), ["four", "five"]);
    const ids = stream.messages;
    stream.close();
    for (const [at, rest] of [["four", "five"], ["five"], []].entries()) {
      const again = await open(server, secret, "", ids[at + 1]!.id);
      assertEquals(await again.texts(rest.length), rest);
      assertEquals((await again.next()).event, "live");
      again.close();
    }
    const unknown = await server.fetch(`${PATH}&follow=1&after=zzz-other`, secret);
    assertEquals([unknown.status, (await unknown.json()).code], [404, "no_such_message"]);
    const lost = await server.fetch(`${PATH}&follow=1`, secret, {
      headers: { "last-event-id": "zzz-other" },
    });
    const { code, detail, parameter } = await lost.json();
    assertEquals([lost.status, code, parameter], [404, "no_such_message", "Last-Event-ID"]);
    assertMatch(detail, /^Last-Event-ID: /);
    const onlyNew = await open(server, secret);
    const first = await onlyNew.next();
    assertEquals([first.event, first.id], ["live", ids.at(-1)!.id]);
    onlyNew.close();
  },
);

programTest(
  "api: after kill -9 of the server a stream goes on by Last-Event-ID: nothing durable is missing or twice",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await alice.barrier();
    const { secret } = await server.token(alice, "read:#ops", "send:#ops");
    let stream = await open(server, secret);
    await stream.next(); // live
    const heard: string[] = [];
    const said: string[] = [];
    for (let round = 0; round < 3; round++) {
      for (let nth = 0; nth < 20; nth++) {
        said.push(`m${round}.${nth}`);
        const sent = await server.post(secret, { to: "#ops", text: said.at(-1), wait: "durable" });
        assertEquals((await sent.json()).durable, true);
      }
      heard.push(...await stream.texts(7)); // the rest is on its way when the server dies
      const { lastId } = stream;
      await server.crash();
      stream.close();
      stream = await open(server, secret, "", lastId);
      heard.push(...await stream.textsUntilLive());
    }
    assertEquals(heard.filter((text) => text !== "gap"), said); // a crash is a gap of an unknown number, possibly none
    stream.close();
  },
);

programTest(
  "api: a stream ends with an event when the token is revoked, the room renamed or left unreadable",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    const bob = await server.enter("bob");
    await alice.send("JOIN #ops\r\nJOIN #tea");
    await alice.barrier();
    const revoked = await server.token(bob, "read:*");
    const kept = await server.token(bob, "read:#ops");
    const [first, second] = [await open(server, revoked.secret), await open(server, kept.secret)];
    await bob.send(`TOKEN REVOKE ${revoked.id}`);
    assertEquals((await first.end()).data.reason, "server");
    assertEquals((await server.fetch(PATH, revoked.secret)).status, 401);
    await alice.send("MODE #ops +i");
    assertEquals((await second.end()).data.reason, "not_readable");
    const hidden = await server.fetch(`${PATH}&follow=1`, kept.secret);
    assertEquals([hidden.status, (await hidden.json()).code], [404, "no_such_target"]);
    await alice.send("MODE #ops -i");
    await alice.barrier();
    const third = await open(server, kept.secret);
    await alice.send("RENAME #ops #dev :moved");
    const end = await third.end();
    assertEquals([end.data.reason, end.data.text], ["renamed", "the room is called #dev now"]);
  },
);

programTest(
  "api: a token has a bounded number of streams, and one that ends makes room",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await alice.barrier();
    const { secret } = await server.token(alice, "read:#ops");
    const streams: EventReader[] = [];
    for (let nth = 0; nth < MAX_TOKEN_STREAM_COUNT; nth++) streams.push(await open(server, secret));
    const refused = await server.fetch(`${PATH}&follow=1`, secret);
    assertEquals([refused.status, (await refused.json()).code, refused.headers.get("retry-after")], [
      429,
      "too_many_streams",
      "1",
    ]);
    streams.pop()!.close();
    const opened = await inTime(
      "a place for a stream",
      (async () => {
        for (;;) {
          const response = await server.fetch(`${PATH}&follow=1`, secret);
          if (response.status === 200) return new EventReader(response);
          await response.body?.cancel();
        }
      })(),
    );
    assertEquals((await server.fetch(`${PATH}&follow=1`, secret, { method: "HEAD" })).status, 200); // no stream
    for (const stream of [opened, ...streams]) stream.close();
  },
);

programTest(
  "api: a direct conversation is followed from both sides, with messages of several lines",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    const bob = await server.enter("bob");
    const { secret } = await server.token(alice, "read:*", "send:*");
    const stream = await server.open("/api/v1/messages?with=bob", secret);
    assertEquals((await stream.next()).event, "live");
    await bob.send("PRIVMSG alice :hello");
    assertEquals(await stream.texts(1), ["hello"]);
    await (await server.post(secret, { to: "bob", text: "one\ntwo" })).body?.cancel();
    assertEquals(await stream.texts(1), ["one\ntwo"]);
    await bob.send("PRIVMSG carol :not for alice\r\nPRIVMSG alice :bye");
    assertEquals(await stream.texts(1), ["bye"]);
    assertEquals(stream.messages.map(({ data }) => [data.with, data.to, data.from]), [
      ["bob", "alice", "bob"],
      ["bob", "bob", "alice"],
      ["bob", "alice", "bob"],
    ]);
    const again = await server.open("/api/v1/messages?with=bob", secret, stream.messages[0]!.id);
    assertEquals(await again.textsUntilLive(), ["one\ntwo", "bye"]);
    for (const each of [stream, again]) each.close();
  },
);

programTest(
  "api: a stream has redactions, and on request reactions, members and topics",
  {},
  async (home) => {
    await using server = await ApiTestServer.start(home);
    const alice = await server.enter("alice");
    await alice.send("JOIN #ops");
    await alice.barrier();
    const { secret } = await server.token(alice, "read:#ops", "send:#ops");
    const bob = await server.enter("bob");
    await bob.send("CAP REQ :draft/message-redaction");
    await bob.barrier();
    const [usual, all, none] = await Promise.all(
      ["", "&events=redactions,reactions,members,topics", "&events=none"].map((query) =>
        open(server, secret, query)
      ),
    );
    for (const stream of [usual!, all!, none!]) assertEquals((await stream.next()).event, "live");
    await bob.send("JOIN #ops\r\nPRIVMSG #ops :one");
    assertEquals((await all!.next()).data.name, "bob");
    const { data: { id } } = await all!.next();
    await bob.send(`@+draft/react=👍;+draft/reply=${id} TAGMSG #ops`);
    await bob.send(`@+chatterbox.chat/replaces=${id};+draft/reply=${id} PRIVMSG #ops :two`);
    await alice.send("TOPIC #ops :on call");
    await bob.barrier();
    const told = [await all!.next(), await all!.next(), await all!.next()].map(({ event, data }) => ({
      event,
      ...data,
    }));
    const byType = (type: string) => told.find((each) => each.type === type);
    assertEquals([byType("reaction").id, byType("reaction").text, byType("reaction").removed], [
      id,
      "👍",
      false,
    ]);
    assertEquals([byType("message").text, byType("message").reply_to, byType("message").replaces], [
      "two",
      id,
      id,
    ]);
    assertEquals([byType("topic").event, byType("topic").text], ["topic", "on call"]);
    await bob.send(`REDACT #ops ${id} :a slip\r\nPART #ops :bye\r\nQUIT`);
    const redaction = await all!.next();
    assertEquals([redaction.event, redaction.id, redaction.data.id, redaction.data.by, redaction.data.room], [
      "redaction",
      "",
      id,
      "bob",
      "#ops",
    ]);
    const part = await all!.next();
    assertEquals([part.event, part.data.name, part.data.reason], ["part", "bob", "bye"]);
    assertEquals(await usual!.texts(2), ["one", "two"]);
    assertEquals((await usual!.next()).event, "redaction");
    await (await server.post(secret, { to: "#ops", text: "three" })).body?.cancel();
    assertEquals(await none!.texts(3), ["one", "two", "three"]);
    for (
      const [query, why] of [["&follow=1&events=x", /neither/], ["&events=topics", /for a stream/]] as const
    ) {
      const refused = await server.fetch(PATH + query, secret);
      const { parameter, detail } = await refused.json();
      assertEquals([refused.status, parameter], [422, "events"]);
      assertMatch(detail, why);
    }
    for (const stream of [usual!, all!, none!]) stream.close();
  },
);
