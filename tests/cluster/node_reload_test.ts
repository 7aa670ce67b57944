/** `serve --cluster --config` at SIGHUP: a node takes over what a server without a cluster does, and a standby keeps it. */
import { assertEquals, assertMatch } from "@std/assert";
import { frontsTest } from "../front/fronts_process.ts";
import { writeCertificate } from "../support/certificates.ts";
import { comesTrue } from "../support/guard.ts";
import { EtcdRig } from "./etcd_rig.ts";
import { NodeProcess, whenWhole } from "./node_process.ts";

/** The configuration file of a node. */
class ConfigFile {
  node: NodeProcess | undefined;

  constructor(readonly path: string, readonly settings: Record<string, unknown>) {}

  write(change: Record<string, unknown> = {}): Promise<void> {
    return Deno.writeTextFile(this.path, JSON.stringify({ ...this.settings, ...change }));
  }

  /** Has the node read it again; resolves with what it says, until `last`. */
  async reload(last: RegExp): Promise<string[]> {
    const { serve } = this.node!;
    const before = serve.said.length;
    serve.child.kill("SIGHUP");
    await serve.until(({ event, text }) => event === "reread" && last.test(text));
    return serve.said.slice(before).filter(({ event }) => event === "reread").map(({ level, text }) =>
      `${level}: ${text}`
    );
  }
}

const READ = /^password and message/;
const READ_LINE = "info: password and message of the day reloaded";

frontsTest(
  "a node takes over its configuration file, and a standby what counts when it leads",
  async (home) => {
    await using rig = await EtcdRig.start();
    const first = { "max-clients": 50, admin: "not known yet", "cluster-lease": "3s", "no-web": true };
    const [leading, following] = ["a", "b"].map((name) => new ConfigFile(`${home}/${name}.json`, first));
    const nodes: NodeProcess[] = [];
    for (const [name, config] of [["a", leading!], ["b", following!]] as const) {
      await config.write();
      config.node = await NodeProcess.start(home, rig, name, ["--config", config.path, "--replay", "5"]);
      nodes.push(config.node);
    }
    const [a, b] = nodes as [NodeProcess, NodeProcess];
    await whenWhole(nodes);
    const alice = await a.enter("alice");
    const admin = async () => {
      await alice.send("ADMIN");
      await alice.until((line) => / (259|423) /.test(line));
      return alice.take().findLast((line) => / 25[789] /.test(line))!.split(" :").at(-1);
    };
    const change = { admin: "carol, room 1", "max-clients": 60, replay: 9, "cluster-lease": "4s" };
    const restart = "warning: changed in the configuration file, but need a restart: cluster-lease";

    await leading!.write(change);
    assertEquals(await leading!.reload(READ), [
      "info: settings changed: admin, max-clients",
      restart,
      READ_LINE,
    ]);
    assertEquals(await admin(), "carol, room 1");

    await Deno.writeTextFile(leading!.path, '{\n  "admn": "x"\n}');
    assertMatch(
      (await leading!.reload(READ))[0]!,
      /^warning: .*a\.json: line 2: .*; the previous settings stay/,
    );
    assertEquals(await admin(), "carol, room 1");
    await leading!.write(change); // what its next hub reads

    await following!.write({ ...change, admin: "dave, room 2" });
    assertEquals(await following!.reload(READ), [
      "info: settings changed: max-clients",
      "info: settings changed, for the time when this node leads: admin",
      restart,
      READ_LINE,
    ]);
    assertEquals(await admin(), "carol, room 1"); // the leader's count
    await following!.write(); // it is not read again
    await a.stepDown();
    await b.says("this node leads");
    await alice.barrier();
    assertEquals(await admin(), "dave, room 2");
    await a.nextHub();
    await whenWhole(nodes);
    for (const node of [a, b]) assertEquals(await node.serve.end(), 0);
  },
);

frontsTest(
  "the fronts of a node take over limits, and show a renewed certificate, whether it leads or not",
  async (home) => {
    await using rig = await EtcdRig.start();
    const { flags, authority } = await writeCertificate(home);
    const config = new ConfigFile(`${home}/b.json`, { exempt: "none", "max-per-address": 1, "no-web": true });
    await config.write();
    const a = await NodeProcess.start(home, rig, "a");
    const b = config.node = await NodeProcess.start(home, rig, "b", [
      ...["--tls", "127.0.0.1:0", "--config", config.path, ...flags],
    ]);
    await whenWhole([a, b]);
    const listening = b.serve.said.filter(({ event }) => event === "listening");
    const port = Number(listening.at(-1)!.address!.split(":").at(-1));
    const connect = (ca: string) => Deno.connectTls({ hostname: "127.0.0.1", port, caCerts: [ca] });
    const handshake = async (ca: string) => {
      const conn = await connect(ca);
      try {
        await conn.handshake();
      } finally {
        conn.close();
      }
    };
    await comesTrue("the first certificate", () => handshake(authority.pem).then(() => true, () => false));
    const renewed = await writeCertificate(home);
    await config.write({ "max-per-address": 60, "connect-rate": "5000/1s" });
    assertEquals((await config.reload(READ)).slice(-2), [
      "info: settings changed: max-per-address, connect-rate",
      READ_LINE,
    ]);
    await comesTrue(
      "the renewed certificate",
      () => handshake(renewed.authority.pem).then(() => true, () => false),
    );
    const clients = await Promise.all(["one", "two", "three"].map((nick) => b.enter(nick)));
    assertEquals(clients.length, 3); // more than one from this address
    for (const node of [b, a]) assertEquals(await node.serve.end(), 0);
  },
);
