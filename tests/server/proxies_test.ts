/** Clients behind trusted proxies, and what comes from others that says what a proxy says. */
import { assertEquals, assertMatch } from "@std/assert";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { AddressSet } from "../../lib/base/ip.ts";
import { concatBytes, encodeUtf8 } from "../../lib/base/bytes.ts";
import { HostCloak } from "../../lib/hub/model/host_cloak.ts";
import type { ServerEvent } from "../../lib/hub/model/server_event.ts";
import { makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { writeAll } from "../../lib/net/conn.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { runConsoleLine } from "../../lib/server/console/command_table.ts";
import { inTime } from "../clients/lobby.ts";
import { selfSigned } from "../support/certificates.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer, RunOptions } from "../support/chat_server.ts";
import { readToEnd } from "../support/guard.ts";
import { binaryHeader, sslTlv } from "../support/proxy_header.ts";
import { SocketClient } from "../support/socket_client.ts";
import { clientFrame, handshake } from "../support/web_client.ts";

const IDENTITY = await selfSigned();
const LOCAL = new AddressSet(["127.0.0.1"]);
const UNIX = new AddressSet(["localhost"]);
const web = () => new HttpUpgrader({ origins: new Set(), names: new Set() });

async function withServer(options: RunOptions, fn: (running: RunningServer) => Promise<void>): Promise<void> {
  const running = await runServer(options);
  try {
    await inTime("the end of the test", fn(running));
  } finally {
    await running.stop();
  }
}

async function open({ address }: RunningServer, start: Uint8Array | string = ""): Promise<Deno.Conn> {
  const conn = address.kind === "unix"
    ? await Deno.connect({ transport: "unix", path: address.path })
    : await Deno.connect({ hostname: "127.0.0.1", port: address.port });
  await writeAll(conn, typeof start === "string" ? encodeUtf8(start) : start);
  return conn;
}

/** A client whose connection begins with `header`, registered as `nick`. */
async function enter(
  running: RunningServer,
  header: Uint8Array | string,
  nick: string,
): Promise<SocketClient> {
  const client = SocketClient.over(await open(running, header));
  await register(client, nick);
  return client;
}

async function register(client: SocketClient, nick: string): Promise<void> {
  await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}`);
  await client.barrier();
  client.take();
}

/** What a connection that begins with `bytes` hears until it is closed. */
async function heardOf(running: RunningServer, bytes: Uint8Array | string): Promise<string[]> {
  const client = SocketClient.over(await open(running, bytes));
  await client.ended();
  return client.take();
}

/** Hosts of the users there are. */
function hosts({ server }: RunningServer): Record<string, string> {
  return Object.fromEntries(
    Array.from(server.hub.context.state.users.values(), (user) => [user.nick, user.realHost]),
  );
}

/** Connects over IPv4. */
async function overIpv4(port: number, nick: string): Promise<SocketClient> {
  const client = SocketClient.over(await Deno.connect({ hostname: "127.0.0.1", port }));
  await register(client, nick);
  return client;
}

Deno.test("IPv4 that comes by a socket of IPv6 is IPv4, and trusted as such", async () => {
  for (const proxies of [undefined, LOCAL]) {
    await withServer({ host: "*", ...proxies && { proxies } }, async (running) => {
      const { port } = running.address as { port: number };
      if (proxies === undefined) {
        await overIpv4(port, "alice");
        assertEquals(hosts(running), { alice: "127.0.0.1" });
      } else {
        const client = SocketClient.over(await Deno.connect({ hostname: "127.0.0.1", port }));
        await client.send(line("192.0.2.1").trimEnd());
        await register(client, "bob");
        assertEquals(hosts(running), { bob: "192.0.2.1" });
      }
    });
  }
});

Deno.test("health checks of a trusted proxy are not logged; what begins to register is", () =>
  withServer({ proxies: LOCAL }, async (running) => {
    const turnedAway = () =>
      running.notices.flatMap((notice) => notice.kind === "turned_away" ? [notice.nick] : []);
    const local = binaryHeader(0x20, 0x00, []);
    for (const check of ["", "PROXY UNKNOWN\r\n", local, binaryHeader(0x21, 0x00, [])]) {
      const conn = await open(running, check);
      await conn.closeWrite();
      await readToEnd(conn);
    }
    for (const start of [concatBytes([local, encodeUtf8("NICK eve\r\n")]), line("192.0.2.1")]) {
      const conn = await open(running, start);
      await conn.closeWrite();
      await readToEnd(conn);
    }
    await running.server.turnQueue.run(() => {});
    assertEquals(turnedAway(), ["eve", "*"]);
  }));

function untrusted(notices: readonly ServerEvent[]): string[] {
  return notices.flatMap((notice) =>
    notice.kind === "untrusted_proxy" ? [`${notice.header} ${notice.host}`] : []
  );
}

const line = (host: string) => `PROXY TCP4 ${host} 198.51.100.7 56324 6667\r\n`;
const V4 = [192, 0, 2, 9, 198, 51, 100, 7, 0xdc, 0x04, 0x1a, 0x0b];

Deno.test("clients of a trusted proxy have addresses of their own, by both versions of its header", () =>
  withServer({ proxies: LOCAL }, async (running) => {
    await enter(running, line("192.0.2.1"), "alice");
    await enter(running, binaryHeader(0x21, 0x11, V4), "bob");
    await enter(running, "PROXY TCP6 ::2 2001:db8::2 1 6667\r\n", "carol");
    assertEquals(hosts(running), { alice: "192.0.2.1", bob: "192.0.2.9", carol: "0::2" });
    const came = running.notices.flatMap((notice) => notice.kind === "came" ? [notice.host] : []);
    assertEquals(came, ["192.0.2.1", "192.0.2.9", "0::2"]);
    const endpoints = Array.from(
      running.server.hub.context.state.sessions.values(),
      ({ endpoint }) => endpoint,
    );
    assertEquals(endpoints, [
      "tcp:[198.51.100.7]:6667",
      "tcp:[198.51.100.7]:6667",
      "tcp:[2001:db8::2]:6667",
    ]);
  }));

async function banAddress({ server }: RunningServer, address: string): Promise<void> {
  await server.turnQueue.run((hub, now) => void runConsoleLine(hub, `ban address:${address}`, now));
}

Deno.test("the client's address counts for cloaks, limits and bans, and not the proxy's", () => {
  const config = { cloak: new HostCloak(new Uint8Array(32)) };
  return withServer({ proxies: LOCAL, config, limits: { perAddress: 2 } }, async (running) => {
    const { server } = running;
    await enter(running, line("192.0.2.1"), "alice");
    await enter(running, line("192.0.2.1"), "alice2");
    assertEquals(server.hub.context.state.users.get("alice")?.host, config.cloak.hostOf("192.0.2.1"));
    const [told] = await heardOf(running, line("192.0.2.1"));
    assertMatch(told!, /^ERROR .*too many connections from 192\.0\.2\.1: 2 are open/);
    const bob = await enter(running, line("192.0.2.2"), "bob");
    await banAddress(running, "192.0.2.3");
    const [numeric, error] = await heardOf(running, line("192.0.2.3"));
    assertMatch(numeric!, / 465 /);
    assertMatch(error!, /^ERROR /);
    await bob.barrier();
  });
});

Deno.test("an exempt client is exempt also behind a proxy, and a client of which nothing is known is not", () =>
  withServer({ proxies: LOCAL, limits: { perAddress: 1 } }, async (running) => {
    for (const nick of ["alice", "bob"]) await enter(running, line("127.0.0.1"), nick);
    // The proxy itself, which is this machine: a health check.
    for (const nick of ["check1", "check2"]) await enter(running, binaryHeader(0x20, 0, []), nick);
    await enter(running, "PROXY UNKNOWN\r\n", "dave");
    const [told] = await heardOf(running, binaryHeader(0x21, 0, []));
    assertMatch(told!, /^ERROR .*too many connections from proxied-127\.0\.0\.1/);
    assertEquals(hosts(running).dave, "proxied-127.0.0.1");
  }));

Deno.test("over TLS the header comes before the handshake; the client is as secure as the proxy says", () =>
  withServer({ proxies: LOCAL, secure: makeTlsWrapper(IDENTITY) }, async (running) => {
    const secured = async (header: Uint8Array | string, nick: string) => {
      const conn = await open(running, header) as Deno.TcpConn;
      const client = SocketClient.over(
        await Deno.startTls(conn, { hostname: "localhost", caCerts: [IDENTITY.cert] }),
      );
      await register(client, nick);
    };
    await secured(line("192.0.2.1"), "alice");
    await secured(binaryHeader(0x21, 0x11, [...V4, ...sslTlv(0)]), "bob");
    assertEquals(hosts(running), { alice: "192.0.2.1", bob: "192.0.2.9" });
    assertEquals(secures(running), { alice: true, bob: false });
    const [told] = await heardOf(running, "NICK carol\r\n");
    assertEquals(told, "(closed)");
    assertMatch(running.refused.join(), /127\.0\.0\.1 is a trusted proxy .*no PROXY header/);
  }));

function secures({ server }: RunningServer): Record<string, boolean> {
  return Object.fromEntries(
    Array.from(server.hub.context.state.users.values(), (user) => [user.nick, user.isSecure]),
  );
}

Deno.test("where a proxy ends TLS its client is known to be secure, and WHOIS says so", () =>
  withServer({ proxies: LOCAL }, async (running) => {
    await enter(running, binaryHeader(0x21, 0x11, [...V4, ...sslTlv(1)]), "alice");
    const bob = await enter(running, line("192.0.2.1"), "bob");
    assertEquals(secures(running), { alice: true, bob: false });
    await bob.send("WHOIS alice");
    await bob.barrier();
    assertEquals(bob.take().filter((heard) => heard.includes(" 671 ")).length, 1);
  }));

Deno.test({
  name: "what comes over a Unix socket may be a proxy's",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withServer({ proxies: UNIX, transport: "unix" }, async (running) => {
      await enter(running, line("192.0.2.1"), "alice");
      assertEquals(hosts(running), { alice: "192.0.2.1" });
      const [told] = await heardOf(running, "NICK carol\r\n");
      assertMatch(told!, /localhost is a trusted proxy \(--trust-proxy\), and sent no PROXY header/);
    }),
});

for (
  const [name, bytes, why] of [
    ["without a header", "NICK alice\r\n", /no PROXY header/],
    ["with a malformed one", "PROXY TCP4 1 2 3 4\r\n", /a malformed PROXY line/],
    ["with one that is too long", binaryHeader(0x21, 0, new Array(5000).fill(4)), /more than 4096/],
  ] as const
) {
  Deno.test(`a connection of a trusted proxy ${name} is refused, and the log says so`, () =>
    withServer({ proxies: LOCAL }, async (running) => {
      const [told] = await heardOf(running, bytes);
      assertMatch(
        told!,
        /^ERROR :Closing Link: 127\.0\.0\.1 is a trusted proxy \(--trust-proxy\), and sent /,
      );
      assertMatch(told!, why);
      assertMatch(running.refused.join(), why);
      assertEquals(running.server.hub.context.state.sessions.size, 0);
    }));
}

Deno.test("a connection of a trusted proxy that ends without a word is no news", () =>
  withServer({ proxies: LOCAL }, async (running) => {
    (await open(running)).close();
    await enter(running, line("192.0.2.1"), "alice");
    assertEquals(running.refused, []);
  }));

Deno.test("a header that comes in pieces, with the lines behind it, is one header", () =>
  withServer({ proxies: LOCAL }, async (running) => {
    const conn = await open(running);
    const bytes = concatBytes([
      binaryHeader(0x21, 0x11, [...V4, ...sslTlv(1)]),
      encodeUtf8("NICK alice\r\nUSER a 0 * :a\r\n"),
    ]);
    (conn as Deno.TcpConn).setNoDelay(true);
    for (const byte of bytes) await writeAll(conn, new Uint8Array([byte]));
    const client = SocketClient.over(conn);
    await client.barrier();
    assertEquals(hosts(running), { alice: "192.0.2.9" });
  }));

Deno.test("an address that is not trusted: a header closes the connection, and the log says once how to trust it", () =>
  withServer({ proxies: new AddressSet(["192.0.2.1"]) }, async (running) => {
    for (
      const bytes of [line("192.0.2.1"), binaryHeader(0x21, 0x11, V4), "WEBIRC pass gw host 192.0.2.1\r\n"]
    ) {
      for (let time = 0; time < 2; time++) assertMatch((await heardOf(running, bytes))[0]!, /^ERROR /);
    }
    assertEquals(untrusted(running.notices), ["PROXY 127.0.0.1", "WEBIRC 127.0.0.1"]);
  }));

Deno.test("… and over TLS, where it comes in place of a handshake", () =>
  withServer({ secure: makeTlsWrapper(IDENTITY) }, async (running) => {
    for (const bytes of [line("192.0.2.1"), binaryHeader(0x21, 0x11, V4)]) {
      assertMatch(
        (await heardOf(running, bytes))[0]!,
        /^ERROR .*PROXY headers are accepted from trusted proxies only/,
      );
    }
    await running.server.turnQueue.run(() => {});
    assertEquals(untrusted(running.notices), ["PROXY 127.0.0.1"]);
  }));

/** The status line of the answer to a WebSocket handshake with `headers`, or a client registered as `nick`. */
async function asked(
  running: RunningServer,
  headers: Record<string, string | undefined>,
  nick = "",
): Promise<string> {
  const conn = await open(running, handshake(headers));
  const text = await readHead(conn);
  if (!text.startsWith("HTTP/1.1 101 ")) return text;
  await writeAll(
    conn,
    concatBytes([`NICK ${nick}`, "USER u 0 * :u"].map((text) => clientFrame(encodeUtf8(text)))),
  );
  return "";
}

async function readHead(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const length = await conn.read(buffer);
    if (length === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
  return text;
}

Deno.test("web: the rightmost hop that is no proxy counts, with its scheme, its limits and its bans", () =>
  withServer(
    { proxies: new AddressSet(["127.0.0.1", "10.0.0.0/8"]), web: web(), limits: { perAddress: 1 } },
    async (running) => {
      const sees = async (nick: string, headers: Record<string, string>) => {
        const came = () => running.notices.some((notice) => notice.kind === "came" && notice.nick === nick);
        assertEquals(await asked(running, headers, nick), "");
        while (!came()) await nextLoopIteration(); // it has been said: it will be read
      };
      await sees("alice", {
        "X-Forwarded-For": "203.0.113.1, 192.0.2.1, 10.0.0.1",
        "X-Forwarded-Proto": "https",
      });
      await sees("bob", { Forwarded: 'for="[2001:db8::1]:1";proto=http' });
      assertEquals(hosts(running), { alice: "192.0.2.1", bob: "2001:db8::1" });
      assertEquals(secures(running), { alice: true, bob: false });
      assertMatch(
        await asked(running, { "X-Forwarded-For": "192.0.2.1" }),
        /^HTTP\/1\.1 429 [^]*too many connections from 192\.0\.2\.1/,
      );
      await banAddress(running, "192.0.2.3");
      assertMatch(await asked(running, { "X-Forwarded-For": "192.0.2.3" }), /^HTTP\/1\.1 403 /);
      assertMatch(await asked(running, {}), /^HTTP\/1\.1 400 /);
      assertMatch(await asked(running, { "X-Forwarded-For": "unknown" }), /^HTTP\/1\.1 400 /);
      assertMatch(running.refused.join(), /too many connections from 192\.0\.2\.1/);
    },
  ));

Deno.test("web: a trusted proxy's health check needs no header", () =>
  withServer({ proxies: LOCAL, web: web() }, async (running) => {
    const conn = await open(running, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assertMatch(await readHead(conn), /^HTTP\/1\.1 426 /);
    assertEquals(running.refused, []);
  }));

Deno.test("web: what a proxy on this machine that is not trusted passes on is not exempt, and the log says once why", () =>
  withServer({ web: web(), limits: { perAddress: 1 } }, async (running) => {
    const headers = { "X-Forwarded-For": "192.0.2.1" };
    assertEquals(await asked(running, headers, "alice"), "");
    assertMatch(
      await asked(running, headers),
      /^HTTP\/1\.1 429 [^]*too many connections from proxied-127\.0\.0\.1/,
    );
    assertMatch(await asked(running, { Forwarded: "for=192.0.2.7" }), /^HTTP\/1\.1 429 /);
    // This machine itself is exempt.
    for (const nick of ["bob", "carol"]) assertEquals(await asked(running, {}, nick), "");
    assertEquals(untrusted(running.notices), ["X-Forwarded-For 127.0.0.1", "Forwarded 127.0.0.1"]);
  }));

Deno.test("web: a PROXY header is told what it is, trusted or not", async () => {
  for (const proxies of [undefined, LOCAL]) {
    await withServer({ web: web(), ...proxies && { proxies } }, async (running) => {
      for (const bytes of [line("192.0.2.1"), binaryHeader(0x21, 0x11, V4)]) {
        assertMatch(await readHead(await open(running, bytes)), /^HTTP\/1\.1 400 /);
      }
      await running.server.turnQueue.run(() => {});
      assertEquals(untrusted(running.notices), proxies ? [] : ["PROXY 127.0.0.1"]);
      assertEquals(running.refused.length, proxies ? 1 : 0);
    });
  }
});
