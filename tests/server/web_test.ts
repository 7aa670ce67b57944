import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import { makeTlsWrapper } from "../../lib/net/tls/tls_conn.ts";
import { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { selfSigned } from "../support/certificates.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer, RunOptions } from "../support/chat_server.ts";
import { comesTrue, readToEnd } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { handshake } from "../support/web_client.ts";
import { webSocket, WebSocketConn } from "../support/web_socket.ts";
import type { WebProtocol, WebSocketExtras } from "../support/web_socket.ts";

const POLICY = { origins: new Set(["https://chat.example"]), names: new Set<string>() };

interface Web {
  readonly running: RunningServer;
  readonly door: HttpUpgrader;
  readonly port: number;
  enter(nick: string, protocol?: WebProtocol): Promise<SocketClient>;
  /** Says `text` as it is, and gets the whole answer. */
  ask(text: string): Promise<string>;
}

async function withWeb(fn: (web: Web) => Promise<void>, options: RunOptions = {}): Promise<void> {
  const door = options.web ?? new HttpUpgrader(POLICY);
  const running = await runServer({ ...options, web: door });
  const { port } = running.address as { port: number };
  const enter = async (nick: string, protocol?: WebProtocol) => {
    const client = SocketClient.over(await WebSocketConn.connect(`ws://127.0.0.1:${port}`, protocol));
    for (const line of [`NICK ${nick}`, `USER ${nick} 0 * :${nick}`, "JOIN #lobby"]) await client.send(line);
    await client.barrier();
    client.take();
    return client;
  };
  const ask = async (text: string) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode(text));
    return await readToEnd(conn);
  };
  try {
    await fn({ running, door, port, enter, ask });
  } finally {
    await running.stop();
  }
}

Deno.test("the platform's WebSocket: two subprotocols, one chat, and an end that is told", () =>
  withWeb(async ({ enter, running }) => {
    const alice = await enter("alice", "text.ircv3.net");
    const bob = await enter("bob", "binary.ircv3.net");
    await alice.send("PRIVMSG #lobby :hello é");
    await alice.barrier();
    await bob.barrier();
    assertEquals(bob.take(), [":alice!~alice@127.0.0.1 PRIVMSG #lobby :hello é"]);
    await running.server.stop("bye");
    await Promise.all([alice.ended(), bob.ended()]);
    assertEquals(alice.take().filter((line) => !/ (?:QUIT|JOIN) /.test(line)), [
      "ERROR :Closing Link: 127.0.0.1 (bye)",
      "(closed)",
    ]);
  }));

Deno.test("over https it is WebSocket within TLS, and the hub knows", async () => {
  const identity = await selfSigned();
  await withWeb(async ({ port }) => {
    using client = Deno.createHttpClient({ caCerts: [identity.cert] });
    const url = `wss://localhost:${port}`;
    const alice = SocketClient.over(await WebSocketConn.connect(url, "text.ircv3.net", { client }));
    for (const line of ["NICK alice", "USER a 0 * :a", "WHOIS alice"]) await alice.send(line);
    await alice.barrier();
    assertEquals(alice.take().filter((line) => / 671 /.test(line)).length, 1);
    alice.close();
  }, { secure: makeTlsWrapper(identity) });
});

Deno.test("pages of strangers are refused, and so is whoever asks for something else", () =>
  withWeb(async ({ port, ask }) => {
    const from = (Origin: string): WebSocketExtras => ({ headers: { Origin } });
    const url = `ws://127.0.0.1:${port}/irc`;
    await assertRejects(() => webSocket(url, [], from("https://evil.example")));
    (await webSocket(url, [], from("https://chat.example"))).close();
    (await webSocket(url, [], from(`http://127.0.0.1:${port}`))).close();
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals([page.status, page.headers.get("upgrade")], [426, "websocket"]);
    assertMatch(await page.text(), /chat server/);
    const missing = await fetch(`http://127.0.0.1:${port}/favicon.ico`);
    assertEquals([missing.status, await missing.text()], [404, "There is no page at this address.\n"]);
    assertMatch(await ask("CAP LS 302\r\nNICK alice\r\n"), /^HTTP\/1\.1 400 [^]*speaks HTTP and WebSocket/);
    assertMatch(await ask("\x16\x03\x01"), /^HTTP\/1\.1 400 /);
  }));

Deno.test("a request that does not end costs no session, and is given up", async () => {
  const door = new HttpUpgrader(POLICY, { requestMs: 500 });
  await withWeb(async ({ enter, ask, port, running }) => {
    const waiting = [ask("GET / HT"), ask(handshake().slice(0, -2)), ask("")];
    const cut = await Deno.connect({ hostname: "127.0.0.1", port });
    cut.close();
    const alice = await enter("alice");
    assertEquals(running.server.hub.context.state.unregisteredCount, 0);
    for (const answer of await Promise.all(waiting)) assertMatch(answer, /^HTTP\/1\.1 408 /);
    await comesTrue("no request waits", () => door.requests === 0);
    await alice.send("PRIVMSG alice :still here");
    await alice.barrier();
    assertEquals(alice.take().length, 1);
  }, { web: door });
});

Deno.test("half a handshake and silence are over when the server stops", () =>
  withWeb(async ({ ask, door }) => {
    void ask("GET / HT").catch(() => {});
    void ask("").catch(() => {});
    await comesTrue("both requests wait", () => door.requests === 2);
  }));

Deno.test("limits of an address hold here too, in HTTP's words", () =>
  withWeb(async ({ enter, ask, running, door }) => {
    const alice = await enter("alice");
    assertMatch(await ask(handshake()), /^HTTP\/1\.1 429 [^]*too many connections from 127\.0\.0\.1/);
    alice.close();
    await comesTrue("alice has left", () => running.server.hub.context.state.users.size === 0);
    const asked = await ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"); // one that is answered is gone again
    assertMatch(asked, /^HTTP\/1\.1 426 /);
    await comesTrue("no request waits", () => door.requests === 0);
    await nextLoopIteration();
    (await enter("bob")).close();
  }, { limits: { perAddress: 1 }, config: { limits: { ...DEFAULT_LIMITS, exempt: [] } } }));

Deno.test("where the server is full it says so as any chat server", () =>
  withWeb(async ({ enter, port }) => {
    const alice = await enter("alice");
    const late = SocketClient.over(await WebSocketConn.connect(`ws://127.0.0.1:${port}`));
    await late.ended();
    assertEquals(late.take(), ["ERROR :Closing Link: the server is full", "(closed)"]);
    alice.close();
  }, { config: { maxClients: 1 } }));
