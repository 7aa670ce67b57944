/** `serve --fronts 2` as processes: what clients get, and what becomes of them when a front dies. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { programTest } from "../commands/program.ts";
import { Serve } from "../server/serve_process.ts";
import { frontsTest, haveEnded, kill, LINUX_ONLY, startFronts } from "./fronts_process.ts";
import { comesTrue } from "../support/guard.ts";
import { modulesOf } from "../support/loaded_modules.ts";
import { SocketClient } from "../support/socket_client.ts";
import { WebClient } from "../support/web_client.ts";

/** As many clients that are in #lobby. */
async function enterAll(serve: Serve, count: number): Promise<SocketClient[]> {
  const clients: SocketClient[] = [];
  for (let n = 0; n < count; n++) clients.push(await serve.enter(`c${n}`));
  for (const client of clients) {
    await client.barrier();
    client.take();
  }
  return clients;
}

function textsOf(client: SocketClient): string[] {
  return client.take().flatMap((line) => / PRIVMSG #lobby :(.*)/.exec(line)?.[1] ?? []);
}

programTest("fronts: without --fronts nothing of them is loaded", LINUX_ONLY, async () => {
  const started = await modulesOf("commands/serve.ts");
  const server = await modulesOf("commands/serve/run_server.ts");
  const isOfFronts = (path: string) =>
    /^lib\/(relay|front|server\/(relay|keeper))\/|^lib\/net\/(frame_conn)/.test(path);
  assertEquals([...started.loaded, ...server.loaded].filter(isOfFronts), []);
  for (const { known } of [started, server]) {
    assertEquals(known.some(isOfFronts), true, "with the flag it is");
  }
  const front = await modulesOf("lib/front/front_run.ts");
  const isOfChat = (path: string) => /^lib\/hub\/(?!model\/|policy\/foreign)|^lib\/store\//.test(path);
  assertEquals(front.loaded.filter(isOfChat), [], "a front knows no chat");
  const keeper = await modulesOf("commands/serve/keep.ts");
  assertEquals(
    keeper.loaded.filter((path) => /^lib\/(hub\/(hub|verbs|apply)|store|front|relay)/.test(path)),
    [],
    "the keeper knows none, either",
  );
});

frontsTest("20 clients over two fronts get every message once, in one order", async (home) => {
  const { serve, pids } = await startFronts(home);
  const clients = await enterAll(serve, 20);
  const [a, b, c] = clients as [SocketClient, SocketClient, SocketClient];
  const perSender = 60;
  await Promise.all([a, b, c].map(async (sender, from) => {
    for (let n = 0; n < perSender; n++) await sender.send(`PRIVMSG #lobby :${from}.${n}`);
    await sender.barrier();
  }));
  const readers = clients.slice(3);
  await Promise.all(readers.map((client) => client.barrier()));
  const [first, ...others] = readers.map(textsOf);
  assertEquals(first!.length, 3 * perSender);
  for (const from of [0, 1, 2]) {
    const own = first!.filter((text) => text.startsWith(`${from}.`));
    assertEquals(own, Array.from({ length: perSender }, (_, n) => `${from}.${n}`));
  }
  for (const texts of others) assertEquals(texts, first);
  assertEquals(await serve.end(), 0);
  for (const client of clients) {
    await client.ended();
    assertMatch(client.take().join("\n"), /ERROR :.*Server shutting down/);
  }
  await comesTrue("the fronts have ended", () => haveEnded(...pids));
});

frontsTest(
  "a front that is killed costs its own clients their connections, and is started again",
  async (home) => {
    const { serve, pids } = await startFronts(home);
    const clients = await enterAll(serve, 24); // the kernel deals them out: all to one front once in 8 million times
    await kill(pids[0]!);
    const said = await serve.until(({ event, level }) => event === "front" && level === "error");
    assertMatch(
      said.text,
      /^front 1 ended \(SIGKILL\): \d+ clients? ha(s|ve) lost the connection; it is started again$/,
    );
    const lost = Number((said as unknown as { clients: number }).clients);
    assert(lost > 0 && lost < clients.length, `${lost} of 24 clients were at front 1`);
    await serve.until(({ text }) => text === "front 1 is connected");
    const left: SocketClient[] = [];
    for (const client of clients) {
      await client.barrier(); // settles also when the connection has ended
      if (!client.take().includes("(closed)")) left.push(client);
    }
    assertEquals(left.length, clients.length - lost);
    const late = await serve.enter("late");
    await late.send("PRIVMSG #lobby :still here");
    await late.barrier();
    for (const client of left) {
      await client.barrier();
      const lines = client.take();
      assert(lines.some((line) => line.endsWith(":still here")), "others go on");
      assertEquals(lines.filter((line) => / QUIT /.test(line)), [], "a lost connection may come back");
    }
    for (const client of [...clients, late]) client.close();
    assertEquals(await serve.end(), 0);
  },
);

frontsTest("limits of an address hold for all fronts together", async (home) => {
  const { serve } = await startFronts(home, ["--exempt", "none", "--max-per-address", "3"]);
  const clients = await enterAll(serve, 3);
  for (let n = 0; n < 6; n++) {
    const late = await serve.connect();
    await late.ended();
    assertMatch(late.take().join("\n"), /^ERROR :Closing Link: too many connections from 127.0.0.1/);
    late.close();
  }
  clients[0]!.close();
  await comesTrue("there is room for another one", async () => {
    const next = await serve.connect();
    await next.send("NICK next\r\nUSER next 0 * :next");
    await next.barrier(); // settles also when it is refused
    next.close();
    return !next.take().includes("(closed)");
  });
  for (const client of clients) client.close();
  assertEquals(await serve.end(), 0);
});

frontsTest(
  "a trusted proxy names the clients of the fronts; a Unix socket is at the first one",
  async (home) => {
    const unix = `${home}/chat.sock`;
    const { serve } = await startFronts(home, ["--trust-proxy", "127.0.0.1", "--unix", unix]);
    const proxied = await serve.connect();
    await proxied.send(
      "PROXY TCP4 192.0.2.7 192.0.2.1 5000 6667\r\nNICK far\r\nUSER far 0 * :far\r\nJOIN #lobby",
    );
    await proxied.barrier();
    const local = await SocketClient.connect({ kind: "unix", path: unix });
    await local.send("NICK near\r\nUSER near 0 * :near\r\nJOIN #lobby\r\nPRIVMSG #lobby :hello");
    await local.barrier();
    await proxied.barrier();
    assert(proxied.take().some((line) => line.endsWith("PRIVMSG #lobby :hello")), "both are in one room");
    await proxied.send("WHOIS far");
    await proxied.barrier();
    assertMatch(proxied.take().join("\n"), / (338|378) .*192\.0\.2\.7/);
    proxied.close();
    local.close();
    const bare = await serve.connect();
    await bare.send("NICK bare");
    await bare.ended();
    assertMatch(bare.take().join("\n"), /ERROR :.*127\.0\.0\.1 is a trusted proxy/);
    assertEquals(await serve.end(), 0);
  },
);

frontsTest("an address that another program uses is refused, and no front stays", async (home) => {
  // It would share the port, as the fronts of another server would.
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0, reusePort: true });
  const { port } = other.addr;
  const refused = await Serve.refused(home, ["--fronts", "2", "--listen", `127.0.0.1:${port}`]);
  other.close();
  assertEquals(refused.code, 73);
  assertMatch(refused.words, new RegExp(`127.0.0.1:${port} is in use by another program`));
});

frontsTest("WebSocket is at the fronts, and other HTTP requests are answered through them", async (home) => {
  const { serve } = await startFronts(home, ["--web", "127.0.0.1:0"]);
  const { address } = serve.said.filter(({ event }) => event === "listening").at(-1)!;
  const port = Number(address!.split(":").at(-1));
  const browser = SocketClient.over(await WebClient.connect(port));
  await browser.send("NICK web\r\nUSER web 0 * :web\r\nJOIN #lobby");
  await browser.barrier();
  const alice = await serve.enter("alice");
  await alice.send("PRIVMSG #lobby :to the browser");
  await alice.barrier();
  await browser.barrier();
  assert(
    browser.take().some((line) => line.endsWith("PRIVMSG #lobby :to the browser")),
    "the browser gets it",
  );
  for (let n = 0; n < 3; n++) {
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    assertEquals([health.status, await health.text()], [200, "ok\n"]);
  }
  const missing = await fetch(`http://127.0.0.1:${port}/no/such/page`);
  assertEquals(missing.status, 404);
  await missing.body?.cancel();
  browser.close();
  alice.close();
  assertEquals(await serve.end(), 0);
});
