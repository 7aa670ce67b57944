import { assertEquals } from "@std/assert";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import type { ConnectOutcome, Link, LinkOptions } from "../../lib/client/connection/link.ts";
import { findFailureReply } from "../../lib/client/session/failure_reply.ts";
import { fakeServerTest, OUR_CAPS } from "./fake_server.ts";
import type { FakeServer } from "./fake_server.ts";

function open(server: FakeServer, options: Partial<LinkOptions> = {}): Promise<ConnectOutcome> {
  return connect({ address: server.address, registration: { nick: "alice" }, ...options });
}

async function linked(server: FakeServer, options: Partial<LinkOptions> = {}): Promise<Link> {
  const outcome = await open(server, options);
  if (outcome.kind !== "connected") throw new Error(JSON.stringify(outcome));
  return outcome.link;
}

fakeServerTest("connect, ask, be answered, leave", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/^@label=1 WHO/);
  await peer.send("@label=1 :fake 315 alice * :End of WHO list");
  await peer.until(/^QUIT :?Leaving$/);
}, async (server) => {
  const link = await linked(server);
  assertEquals(link.nick, "alice");
  const outcome = await link.request({ command: "WHO", params: ["*"] });
  assertEquals(outcome.kind === "answered" && outcome.lines.map(({ command }) => command), ["315"]);
  await link.close();
  assertEquals(link.isAlive, false);
});

fakeServerTest("a failure is in the answer", async (peer) => {
  await peer.welcome();
  await peer.until(/^PRIVMSG nobody/);
  const [, token] = await peer.until(/^PING (\S+)/);
  await peer.send(":fake 401 alice nobody :No such nick", `:fake PONG fake :${token}`);
  await peer.gone();
}, async (server) => {
  const link = await linked(server);
  const outcome = await link.request({ command: "PRIVMSG", params: ["nobody", "hi"] });
  assertEquals(outcome.kind === "answered" && findFailureReply(outcome.lines)?.command, "401");
  await link.close();
});

fakeServerTest(
  "lines that nobody asked for are events, in order, cut wherever the network cuts them",
  async (peer) => {
    await peer.welcome(OUR_CAPS);
    for (
      const byte of encodeUtf8(
        ":bob!b@h PRIVMSG alice :grüße 🌍\r\n:bob!b@h NOTICE alice :zwei\r\nERROR :bye\r\n",
      )
    ) {
      await peer.bytes(Uint8Array.of(byte));
    }
  },
  async (server) => {
    const seen: unknown[] = [];
    const link = await linked(server, {
      onEvent: (event) => seen.push(event.kind === "line" ? event.message.params.at(-1) : event.kind),
    });
    assertEquals(await link.closed, "bye");
    assertEquals(seen, ["grüße 🌍", "zwei", "closing"]);
  },
);

fakeServerTest(
  "lines that are not UTF-8, hold NUL or are too long are events too, from the first line on",
  async (peer) => {
    await peer.bytes(
      concatBytes([encodeUtf8(":fake NOTICE * :Accueil g"), Uint8Array.of(0xe9), encodeUtf8("nial\r\n")]),
    );
    await peer.welcome(OUR_CAPS);
    await peer.bytes(
      concatBytes([encodeUtf8(":bob!b@h PRIVMSG alice :caf"), Uint8Array.of(0xe9), encodeUtf8("\r\n")]),
    );
    await peer.bytes(encodeUtf8(":bob!b@h PRIVMSG alice :a\0b\r\n"));
    await peer.bytes(encodeUtf8(`:bob!b@h PRIVMSG alice :${"x".repeat(5000)}\r\n`));
    await peer.bytes(encodeUtf8("ERROR :bye\r\n"));
  },
  async (server) => {
    const seen: unknown[] = [];
    const link = await linked(server, {
      onEvent: (event) => seen.push(event.kind === "line" ? event.message.params.at(-1) : event.kind),
    });
    await link.closed;
    const long = "x".repeat(2046 - ":bob!b@h PRIVMSG alice :".length);
    assertEquals(seen, ["Accueil génial", "café", "a\ufffdb", `${long} […]`, "closing"]);
  },
);

fakeServerTest("a server that says no is a refusal with its reason", async (peer) => {
  await peer.until(/^USER/);
  await peer.send(":fake 464 * :Password incorrect", "ERROR :Closing Link");
  await peer.gone();
}, async (server) => {
  assertEquals(await open(server), { kind: "refused", reason: "password", text: "Password incorrect" });
});

fakeServerTest("a web server is not an IRC server", async (peer) => {
  await peer.until(/^USER/);
  await peer.send("HTTP/1.1 400 Bad Request", "Connection: close", "", "Bad Request");
}, async (server) => {
  const text = `the server at 127.0.0.1:${server.port} is not an IRC server`;
  assertEquals(await open(server), { kind: "not_irc", text });
});

fakeServerTest("bytes without a line, and then the end, are not IRC either", async (peer) => {
  await peer.until(/^USER/);
  await peer.bytes(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 22)); // a TLS alert
}, async (server) => {
  assertEquals((await open(server)).kind, "not_irc");
});

fakeServerTest("a server that hangs up without a word is unreachable", async (peer) => {
  await peer.until(/^USER/);
}, async (server) => {
  assertEquals(await open(server), {
    kind: "unreachable",
    text: `127.0.0.1:${server.port}: the server closed the connection`,
  });
});

fakeServerTest(
  "a server that says nothing is given up after the timeout",
  (peer) => peer.gone(),
  async (server) => {
    assertEquals(await open(server, { timeoutMs: 20 }), {
      kind: "timed_out",
      text: `127.0.0.1:${server.port} did not answer within 0.02 s`,
    });
  },
);

fakeServerTest("an interruption ends the attempt", (peer) => peer.gone(), async (server) => {
  const controller = new AbortController();
  const attempt = open(server, { signal: controller.signal });
  controller.abort();
  assertEquals((await attempt).kind, "aborted");
  assertEquals((await open(server, { signal: controller.signal })).kind, "aborted");
});

fakeServerTest(
  "a request that is not answered times out, the server is asked whether it is there, and the link lives on",
  async (peer) => {
    await peer.welcome(OUR_CAPS);
    await peer.until(/^PING chatterbox-beat$/);
    await peer.until(/^@label=2 WHO b/);
    await peer.send("@label=1 :fake 315 alice a :too late", "@label=2 :fake 315 alice b :End");
    await peer.gone();
  },
  async (server) => {
    const link = await linked(server);
    assertEquals(await link.request({ command: "WHO", params: ["a"] }, 1), { kind: "timed_out" });
    const second = await link.request({ command: "WHO", params: ["b"] });
    assertEquals(second.kind === "answered" && second.lines[0]?.params[1], "b");
    await link.close();
  },
);

fakeServerTest("requests under way when the connection ends are lost", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/WHO/);
  await peer.send("ERROR :Closing Link: maintenance");
}, async (server) => {
  const link = await linked(server);
  const lost = { kind: "lost", text: "Closing Link: maintenance" } as const;
  assertEquals(await link.request({ command: "WHO" }), lost);
  assertEquals(await link.request({ command: "WHO" }), lost);
});

Deno.test({
  name: "nobody listens, no such host, no such socket: each has its outcome",
  permissions: { net: true, read: true, write: true },
  async fn() {
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = free.addr;
    free.close();
    const registration = { nick: "alice" };
    assertEquals(await connect({ address: { kind: "tcp", host: "127.0.0.1", port }, registration }), {
      kind: "unreachable",
      text: `cannot reach 127.0.0.1:${port}: connection refused`,
    });
    assertEquals(await connect({ address: { kind: "tcp", host: "bad host", port }, registration }), {
      kind: "no_such_host",
      text: "no such host: bad host",
    });
    if (Deno.build.os === "windows") return;
    assertEquals(
      await connect({ address: { kind: "unix", path: "/nowhere/chatterbox.sock" }, registration }),
      {
        kind: "unreachable",
        text: "cannot reach unix:/nowhere/chatterbox.sock: no such socket",
      },
    );
  },
});
