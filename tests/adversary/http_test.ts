/** Hostile HTTP clients at a web listener of a whole server: others go on, and nothing stays of them. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { AddressSet } from "../../lib/base/ip.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import type { HttpHandler } from "../../lib/net/web/http_handler.ts";
import type { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { REQUEST_TOKENS } from "../../lib/server/listen/web_client_admission.ts";
import { RawHttpClient, webOf } from "../net/http_client.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer, RunOptions } from "../support/chat_server.ts";
import { comesTrue } from "../support/guard.ts";

const LINES = "NICK page\r\nUSER page 0 * :page\r\nJOIN #lobby\r\nPRIVMSG #lobby :owned\r\n";
const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const NOBODY_EXEMPT = { config: { limits: { ...DEFAULT_LIMITS, exempt: [] } } };

/** Says where a request comes from. */
const whoAsks: HttpHandler = (_request, { host, isSecure }) =>
  Promise.resolve(Response.json({ host, isSecure }));

interface WebServer {
  readonly running: RunningServer;
  readonly web: HttpUpgrader;
  connect(): Promise<RawHttpClient>;
}

async function withWeb(
  fn: (server: WebServer) => Promise<void>,
  options: RunOptions = {},
  web = webOf(whoAsks),
): Promise<void> {
  const running = await runServer({ ...options, web });
  const { port } = running.address as { port: number };
  const connect = async () => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    return new RawHttpClient(conn, Promise.resolve());
  };
  try {
    await fn({ running, web, connect });
  } finally {
    await running.stop();
  }
}

for (
  const [name, text] of [
    ["in the body", `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${LINES.length}\r\n\r\n${LINES}`],
    ["behind the request", GET + LINES],
    ["in chunks", `POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${LINES}`],
  ] as const
) {
  Deno.test(`lines of IRC ${name} are no lines`, () =>
    withWeb(async ({ running, connect }) => {
      const client = await connect();
      await client.send(text);
      assertMatch(await client.rest(), /^HTTP\/1\.1 /);
      assertEquals(running.server.hub.context.state.sessions.size, 0);
      assertEquals(running.notices.filter(({ kind }) => kind === "came"), []);
      client.conn.close();
    }));
}

Deno.test("heads and bodies that come slowly are given up, and others are answered meanwhile", () =>
  withWeb(
    async ({ connect, web }) => {
      const slow = await Promise.all(Array.from({ length: 20 }, connect));
      for (const [index, client] of slow.entries()) {
        await client.send(
          index % 2 === 0
            ? "GET / HTTP/1.1\r\nX: "
            : "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
        );
      }
      // On a busy machine a client may be too slow that does not want to.
      await comesTrue("a quick one is answered", async () => {
        const quick = await connect();
        await quick.send(GET);
        const { status } = await quick.response();
        quick.conn.close();
        return status === 200;
      });
      for (const client of slow) assertEquals((await client.response()).status, 408);
      for (const client of slow) client.conn.close();
      await comesTrue("nothing is left of them", () => web.requests + web.exchanges === 0);
    },
    {},
    webOf(async (request) => new Response(await request.text()), { requestMs: 500, bodyMs: 500 }),
  ));

Deno.test("a connection counts for its address while it is open, whatever it is used for", () =>
  withWeb(async ({ running, connect }) => {
    const open = await connect();
    await open.send(GET);
    assertEquals((await open.response()).status, 200);
    const late = await connect();
    assertMatch(await late.rest(), /^HTTP\/1\.1 429 [^]*too many connections/);
    late.conn.close();
    assertEquals(running.server.connect("127.0.0.1", false).kind, "refused"); // the HTTP API counts as well
    open.conn.close();
    await comesTrue("there is room again", () => {
      const outcome = running.server.connect("127.0.0.1", false);
      if (outcome.kind === "connected") outcome.conn.close();
      return outcome.kind === "connected";
    });
  }, { ...NOBODY_EXEMPT, limits: { perAddress: 1 } }));

Deno.test("requests cost the tokens of their address, those of this machine none", async () => {
  const options = { limits: { lineRate: { count: REQUEST_TOKENS, ms: 3_600_000 } } };
  let answered = 0;
  const counting = webOf(() => {
    answered++;
    return Promise.resolve(new Response("ok"));
  });
  // An address has four times the tokens of a connection, and may owe those of one more request.
  await withWeb(
    async ({ connect }) => {
      const client = await connect();
      await client.send(GET.repeat(20));
      for (let count = 0; count < 5; count++) assertEquals((await client.response()).status, 200);
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
      assertEquals(answered, 5);
      client.conn.close();
    },
    { ...options, ...NOBODY_EXEMPT },
    counting,
  );
  await withWeb(async ({ connect }) => {
    const client = await connect();
    await client.send(GET.repeat(20));
    for (let count = 0; count < 20; count++) assertEquals((await client.response()).status, 200);
    client.conn.close();
  }, options);
});

Deno.test("a large response costs the tokens of its address", async () => {
  const options = { limits: { lineRate: { count: 100, ms: 3_600_000 } }, ...NOBODY_EXEMPT };
  let answered = 0;
  const large = webOf((_request, { charge }) => {
    answered++;
    charge(1024 * 1024);
    return Promise.resolve(new Response("ok"));
  });
  await withWeb(
    async ({ connect }) => {
      const client = await connect();
      await client.send(GET.repeat(3));
      assertEquals((await client.response()).status, 200);
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
      assertEquals(answered, 1);
      client.conn.close();
    },
    options,
    large,
  );
});

Deno.test("a trusted proxy names the client of each request, and needs no client for a health check", () =>
  withWeb(async ({ running, connect }) => {
    const ask = async (headers: string, target = "/") => {
      const client = await connect();
      await client.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
      const response = await client.response();
      client.conn.close();
      return response;
    };
    const named = await ask("X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n");
    assertEquals(JSON.parse(named.body), { host: "192.0.2.7", isSecure: true });
    assertEquals(named.headers.get("connection"), "close"); // the next request may be another client's
    assertEquals((await ask("")).status, 400);
    assertEquals(running.refused.length, 1);
    const check = await ask("", "/healthz");
    assertEquals(JSON.parse(check.body), { host: "proxied-127.0.0.1", isSecure: false });
    assertEquals(running.refused.length, 1);
  }, { proxies: new AddressSet(["127.0.0.1"]) }));

Deno.test("a client behind a proxy that is not trusted is no client of this machine", () =>
  withWeb(async ({ connect }) => {
    const client = await connect();
    for (
      const [header, host] of [
        ["", "127.0.0.1"],
        ["X-Forwarded-For: 127.0.0.1\r\n", "proxied-127.0.0.1"],
        ["", "proxied-127.0.0.1"],
      ]
    ) {
      await client.send(`GET / HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`);
      assertEquals(JSON.parse((await client.response()).body).host, host);
    }
    client.conn.close();
  }));

Deno.test("a client that does not read its response holds up no other, and the stop of the server", () =>
  withWeb(
    async ({ connect, web }) => {
      const deaf = await connect();
      await deaf.send(GET);
      await comesTrue("it is being answered", () => web.exchanges === 1);
      const other = await connect();
      await other.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertEquals((await other.head()).status, 200);
      other.conn.close();
      await deaf.head();
      assert(web.exchanges >= 1, "it is still being answered");
    },
    {},
    webOf(() =>
      Promise.resolve(
        new Response(
          new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)) }),
        ),
      )
    ),
  ));
