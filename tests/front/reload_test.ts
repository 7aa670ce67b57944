/** `serve --fronts --config` at SIGHUP: the fronts take over what they apply themselves, and a renewed certificate. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { writeCertificate } from "../support/certificates.ts";
import { comesTrue } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { frontsTest, kill, processesOf, startFronts } from "./fronts_process.ts";

let clients = 0;

/** The greeting of a new client, or the reason of its refusal. */
async function firstLine(client: SocketClient): Promise<string> {
  await client.send(`NICK bob${++clients}\r\nUSER bob 0 * :bob`);
  await client.until((line) => / 001 |^ERROR /.test(line));
  return client.take().find((line) => / 001 |^ERROR /.test(line))!;
}

frontsTest(
  "SIGHUP: limits and trusted proxies hold at the fronts, too, also at one that is started later",
  async (home) => {
    const config = `${home}/serve.json`;
    const write = (settings: Record<string, unknown>) => Deno.writeTextFile(config, JSON.stringify(settings));
    const first = { "max-per-address": 1, exempt: "none", "no-web": true };
    await write(first);
    const { serve, pids } = await startFronts(home, ["--config", config]);
    const reload = async (settings: Record<string, unknown>) => {
      await write(settings);
      serve.child.kill("SIGHUP");
      return (await serve.until(({ event, text }) => event === "reread" && /^settings|: line /.test(text)))
        .text;
    };
    const alice = await serve.enter("alice");
    /** Connects until both fronts have had some: each sees a part of the connections. */
    const greetings = async (header?: () => string) => {
      const lines: string[] = [];
      for (let n = 0; n < 12; n++) {
        const client = await serve.connect();
        if (header !== undefined) await client.send(header());
        lines.push(await firstLine(client));
        client.close();
        await client.ended();
      }
      return lines;
    };
    const areTaken = (lines: string[]) => lines.every((line) => / 001 /.test(line));
    for (const line of await greetings()) assertMatch(line, /^ERROR .*too many connections/);
    assertEquals(
      await reload({ ...first, "max-per-address": 9, "connect-rate": "5000/1s" }),
      "settings changed: max-per-address, connect-rate",
    );
    await comesTrue("both fronts take more clients", async () => areTaken(await greetings()));
    assertMatch(await reload({ ...first, "max-clients": 0 }), /serve\.json: line 1: /);
    await comesTrue("the settings stay", async () => areTaken(await greetings()));

    await reload({ ...first, "connect-rate": "5000/1s", "trust-proxy": "127.0.0.1" });
    await kill(pids[1]!);
    await serve.until(({ text }) => text === "front 2 is connected");
    let addresses = 0;
    const header = () => `PROXY TCP4 192.0.${addresses >> 7}.${addresses++ & 127} 192.0.2.99 1024 6667`;
    await comesTrue("clients of the proxy are from other addresses than alice", async () => {
      return areTaken(await greetings(header));
    });
    await write({ ...first, "max-per-address": 9, "connect-rate": "5000/1s" });
    serve.child.kill("SIGUSR2");
    await processesOf(serve);
    await comesTrue(
      "fronts have the settings of the next hub: no proxy is trusted",
      async () => areTaken(await greetings()),
    );
    alice.close();
    assertEquals(await serve.end(), 0);
  },
);

frontsTest("SIGHUP: TLS is at the fronts, and a renewed certificate is shown there", async (home) => {
  const { identity, flags, authority } = await writeCertificate(home);
  const { serve } = await startFronts(home, ["--tls", "127.0.0.1:0", ...flags]);
  const { address } = serve.said.filter(({ event }) => event === "listening").at(-1)!;
  const port = Number(address!.split(":").at(-1));
  const connect = (ca: string) => Deno.connectTls({ hostname: "127.0.0.1", port, caCerts: [ca] });
  const client = SocketClient.over(await connect(authority.pem));
  await client.send("NICK tls\r\nUSER tls 0 * :tls\r\nWHOIS tls");
  await client.barrier();
  assert(client.take().some((line) => / 671 /.test(line)), "the hub knows that the connection is secure");

  const renewed = await writeCertificate(home);
  assert(renewed.identity.cert !== identity.cert, "it is another one");
  serve.child.kill("SIGHUP");
  await serve.until(({ event }) => event === "reread");
  await comesTrue("all fronts show the renewed certificate", async () => {
    for (let n = 0; n < 12; n++) {
      try {
        SocketClient.over(await connect(renewed.authority.pem)).close();
      } catch {
        return false;
      }
    }
    return true;
  });
  await client.barrier(); // its connection goes on with the former one
  client.close();
  assertEquals(await serve.end(), 0);
});
