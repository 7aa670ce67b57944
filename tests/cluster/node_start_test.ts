/** Nodes that do not start: each reason with its exit code. */
import { assertEquals, assertMatch } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { frontsTest } from "../front/fronts_process.ts";
import { Serve } from "../server/serve_process.ts";
import { Authority } from "../support/certificates.ts";
import { comesTrue } from "../support/guard.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { flagsOf, NodeProcess, readLobby, say } from "./node_process.ts";

/** An etcd that is not there. */
const NOWHERE = ["--cluster", "etcd://127.254.254.254:1", "--node", "a", "--relay", "127.0.0.1:0"];

function taken(): { port: number } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { port: listener.addr.port, [Symbol.dispose]: () => listener.close() };
}

frontsTest("a node without etcd waits for it, and can be stopped; an import does not wait", async (home) => {
  const imported = await Serve.refused(home, [...NOWHERE, "--cluster-import"]);
  assertEquals(imported.code, 74);
  assertMatch(imported.words, /--cluster-import: .*there is no cluster yet/s);
  const waiting = Serve.starting(home, NOWHERE);
  const { text } = await waiting.until(({ event }) => event === "cluster");
  assertMatch(text, /^etcd is waited for: /);
  assertEquals(await waiting.end(), 0);
  const missing = await Serve.refused(home, [
    "--cluster=etcds://127.254.254.254:1",
    "--node=a",
    "--relay=127.0.0.1:0",
    `--cluster-ca=${home}/missing.pem`,
  ]);
  assertEquals(missing.code, 78);
  assertMatch(missing.words, /missing\.pem: /);
});

frontsTest(
  "a certificate of etcd that is not trusted ends a start; etcd that does not answer is waited for",
  async (home) => {
    const [authority, other] = [await Authority.create(), await Authority.create()];
    await Deno.writeTextFile(`${home}/ca.pem`, authority.pem);
    await Deno.writeTextFile(`${home}/other.pem`, other.pem);
    const etcd = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...await authority.issue("127.0.0.1") });
    const refusing = (async () => {
      // A handshake that fails is an error of accept.
      for (let isOpen = true; isOpen;) {
        isOpen = await etcd.accept().then(
          (conn) => {
            conn.close();
            return true;
          },
          (error) => !(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted),
        );
      }
    })();
    const { port } = etcd.addr;
    const flags = (ca: string, name = "127.0.0.1") => [
      `--cluster=etcds://127.254.254.254:1,${name}:${port},127.254.254.253:1`,
      "--node=a",
      "--relay=127.0.0.1:0",
      `--cluster-ca=${home}/${ca}.pem`,
    ];
    for (
      const wrong of [
        flags("other"),
        flags("ca", "localhost"), // the certificate has another name
        [...flags("other"), "--cluster-import"],
      ]
    ) {
      const refused = await Serve.refused(home, wrong);
      assertEquals(refused.code, 78, refused.words);
      assertMatch(refused.words, /the certificate of etcd is not trusted: \S+:\d+: .*--cluster-ca/);
    }
    const waiting = Serve.starting(home, flags("ca"));
    const { text } = await waiting.until(({ event }) => event === "cluster");
    assertMatch(text, /^etcd is waited for: /);
    assertEquals(await waiting.end(), 0);
    etcd.close();
    await refusing;
  },
);

frontsTest("a node with an address or a folder that cannot be used does not start", async (home) => {
  await using rig = await EtcdRig.start();
  const [a, b] = [flagsOf(rig, "a"), flagsOf(rig, "b")];
  using other = taken();
  const relay = await Serve.refused(home, [...a.slice(0, -1), `127.0.0.1:${other.port}`]);
  assertEquals(relay.code, 73);
  assertMatch(relay.words, /--relay|in use/);
  const listen = await Serve.refused(home, [...a, "--listen", `127.0.0.1:${other.port}`]);
  assertEquals(listen.code, 73);
  assertMatch(listen.words, /in use/);
  const first = await Serve.start(home, a);
  const folder = await Serve.refused(home, b);
  assertEquals(folder.code, 73);
  assertMatch(folder.words, /is in use by another server/);
  assertEquals(await first.end(), 0);
  await rig.clear();
  await Deno.writeTextFile(`${home}/data/log.ring`, "something else".repeat(9999));
  for (const flags of [a, [...a, "--cluster-import"]]) {
    assertEquals((await Serve.refused(home, flags)).code, 74);
  }
});

frontsTest("a cluster of another format is left alone", async (home) => {
  await using rig = await EtcdRig.start();
  using client = rig.client();
  const key = "/chatterbox/chatterbox/meta";
  const value = encodeUtf8('{"format":99}');
  await client.transact({ compare: [], success: [{ kind: "put", key, value }] });
  const { code, words } = await Serve.refused(home, flagsOf(rig, "a"));
  assertEquals(code, 74);
  assertMatch(words, /its format is 99; this program reads 1/);
  assertEquals((await client.range({ key })).entries[0]?.value, value);
});

frontsTest("a cluster that turns unreadable stops its nodes, and is not overwritten", async (home) => {
  await using rig = await EtcdRig.start();
  const a = await NodeProcess.start(home, rig, "a");
  using client = rig.client();
  const key = "/chatterbox/chatterbox/tail";
  await comesTrue("the first commit", async () => (await client.range({ key })).entries.length > 0);
  await client.transact({ compare: [], success: [{ kind: "put", key, value: encodeUtf8("no JSON") }] });
  const { text } = await a.serve.until(({ event }) => event === "hub");
  assertMatch(text, /^the hub ended \(exit code 74\)/);
  assertEquals(await a.serve.end(), 74);
  assertMatch(await a.serve.stderr, /tail in etcd cannot be used: it is not JSON/);
});

frontsTest(
  "a server that was killed is imported, with numbers after those that are lost; one without its key is not",
  async (home) => {
    await using rig = await EtcdRig.start();
    const alone = await Serve.start(home);
    const alice = await alone.enter("alice");
    await alice.send("PRIVMSG #lobby :said");
    await alice.barrier();
    await alone.kill();
    alice.close();
    await Deno.mkdir(`${home}/a`);
    await Deno.rename(`${home}/data`, `${home}/a/data`);
    const a = await NodeProcess.start(home, rig, "a", ["--cluster-import"]);
    const bob = await a.enter("bob");
    await say(bob, "after it", bob);
    assertEquals((await readLobby(bob)).slice(-1), ["after it"]);
    assertEquals(await a.serve.end(), 0);
    await rig.clear();
    await Deno.rename(`${home}/a/data`, `${home}/data`);
    await Deno.writeTextFile(`${home}/data/cloak.key`, "no key");
    const cloak = await Serve.refused(home, [...flagsOf(rig, "a"), "--cluster-import"]);
    assertEquals(cloak.code, 74);
    assertMatch(cloak.words, /cloak\.key: /);
  },
);
