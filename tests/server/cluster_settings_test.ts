/** The flags of a cluster: what they mean, and which of them are refused. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { readClusterFiles } from "../../lib/server/settings/cluster_files.ts";
import { resolveCluster } from "../../lib/server/settings/cluster_flags.ts";
import { resolveFronts } from "../../lib/server/settings/front_flags.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { resolveServeSettings } from "../../lib/server/settings/settings.ts";
import type { SettingsOutcome } from "../../lib/server/settings/settings.ts";
import { POSIX, pureTest, tempDirTest } from "../support/test.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };
const NEEDED = ["--cluster", "etcds://e1,e2:4001,[2001:db8::3]", "--relay", "10.0.0.1"];

function parse(args: readonly string[]) {
  const parsed = parseFlags(SERVE_FLAGS, args);
  assert(parsed.kind === "ok", JSON.stringify(parsed));
  return parsed.flags;
}

function settings(args: readonly string[], hostname = "chat1"): Promise<SettingsOutcome> {
  return resolveServeSettings(
    parse(args),
    (name) => name === "HOME" ? "/home/alice" : undefined,
    () => hostname,
  );
}

async function cluster(...args: string[]) {
  const outcome = await settings([...NEEDED, ...args]);
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  return outcome.settings.cluster!;
}

/** Why it is refused, after the exit code that it leads to. */
async function fault(...args: string[]): Promise<string> {
  const outcome = await settings(args);
  return outcome.kind === "ok" ? "" : `${outcome.kind === "usage" ? 64 : 78} ${outcome.why}`;
}

Deno.test({ name: "cluster flags: without --cluster the server is alone", permissions: "none" }, async () => {
  const outcome = await settings([]);
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  assertEquals([outcome.settings.cluster, outcome.settings.fronts], [undefined, 0]);
  for (
    const [flag, value] of Object.entries({
      node: "a",
      relay: "h",
      "cluster-user": "u",
      "cluster-lease": "3s",
    })
  ) {
    assertEquals(await fault(`--${flag}`, value), `64 --${flag} needs --cluster etcds://HOST:PORT,…`);
  }
  assertEquals(
    await fault("--cluster-insecure"),
    "64 --cluster-insecure needs --cluster etcds://HOST:PORT,…",
  );
});

Deno.test(
  { name: "cluster flags: addresses of etcd, and what is left out", permissions: "none", ...LINUX },
  async () => {
    assertEquals(await cluster(), {
      endpoints: ["https://e1:2379", "https://e2:4001", "https://[2001:db8::3]:2379"],
      name: "chatterbox",
      node: "chat1",
      relay: { host: "10.0.0.1", port: 6690 },
      advertised: undefined,
      caFile: undefined,
      certificate: undefined,
      user: undefined,
      leaseSeconds: 3,
      isImport: false,
    });
    const outcome = await settings(NEEDED);
    assertEquals(outcome.kind === "ok" && outcome.settings.fronts, 1);
  },
);

Deno.test({ name: "cluster flags: all of them", permissions: "none", ...LINUX }, async () => {
  const given = await cluster(
    ...["--cluster-name", "team", "--node", "a.example", "--cluster-ca", "ca", "--cluster-cert", "cert"],
    ...[
      "--cluster-key",
      "key",
      "--cluster-user",
      "chat",
      "--cluster-password-file",
      "pw",
      "--cluster-lease",
      "10s",
    ],
    ...["--relay", "0.0.0.0:7000", "--relay-advertise", "chat1.example"],
  );
  const { endpoints: _, ...others } = given;
  assertEquals(others, {
    name: "team",
    node: "a.example",
    relay: { host: "0.0.0.0", port: 7000 },
    advertised: { host: "chat1.example", port: 6690 },
    caFile: "ca",
    certificate: { cert: "cert", key: "key" },
    user: { name: "chat", passwordFile: "pw" },
    leaseSeconds: 10,
    isImport: false,
  });
});

Deno.test({
  name: "cluster flags: the configuration file has them, too",
  permissions: { read: true, write: true },
  ...LINUX,
}, async () => {
  const path = await Deno.makeTempFile();
  try {
    const file = { cluster: "etcd://127.0.0.1", relay: "127.0.0.1:0", node: "b", "cluster-lease": "5s" };
    await Deno.writeTextFile(path, JSON.stringify(file));
    const outcome = await settings(["--config", path, "--node", "c"]);
    assert(outcome.kind === "ok", JSON.stringify(outcome));
    const { endpoints, node, leaseSeconds } = outcome.settings.cluster!;
    assertEquals({ endpoints, node, leaseSeconds }, {
      endpoints: ["http://127.0.0.1:2379"],
      node: "c",
      leaseSeconds: 5,
    });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({
  name: "cluster flags: nothing goes over a network in clear unless it is allowed",
  permissions: "none",
  ...LINUX,
}, async () => {
  const far = ["--cluster", "etcd://127.0.0.1,10.0.0.9", "--relay", "10.0.0.1"];
  assertMatch(
    await fault(...far),
    /^78 .* 10\.0\.0\.9:2379 in clear, .*use etcds:\/\/, or --cluster-insecure/,
  );
  assertEquals(await fault(...far, "--cluster-insecure"), "");
  assertEquals(await fault("--cluster", "etcd://127.0.0.1,[::1],localhost", "--relay", "10.0.0.1"), "");
});

Deno.test({ name: "cluster flags: what is wrong is said", permissions: "none", ...LINUX }, async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["--cluster", "e1:2379"], /not etcds:\/\/HOST:PORT,…/],
    [["--cluster", "etcds://"], /not etcds:\/\//],
    [["--cluster", "etcds://e1,,e2"], /--cluster: "" is not HOST:PORT/],
    [["--cluster", "etcds://e1,etcds://e2"], /--cluster: .* is not HOST:PORT/],
    [["--cluster", "etcds://user@e1"], /leave out the part before the @/],
    [["--cluster", `etcds://${Array(17).fill("e").join()}`], /more than 16 addresses/],
    [["--cluster-name", "Team"], /--cluster-name Team: 1 to 32 lower-case/],
    [["--cluster-name", "a".repeat(33)], /--cluster-name a+: 1 to 32/],
    [["--node", "a/b"], /--node a\/b: 1 to 32/],
    [["--relay", "h:70000"], /--relay h:70000: port 70000 is above/],
    [["--relay", "*:6690"], /--relay \*:6690 needs --relay-advertise HOST:PORT/],
    [["--relay-advertise", "0.0.0.0"], /--relay-advertise 0\.0\.0\.0: not an address that another/],
    [["--relay-advertise", "h:0"], /not an address that another/],
    [["--cluster-cert", "c"], /--cluster-cert and --cluster-key need each other/],
    [["--cluster-password-file", "p"], /--cluster-user and --cluster-password-file need each other/],
    [["--cluster-lease", "2500ms"], /etcd counts whole seconds/],
    [["--shm"], /--shm and --cluster contradict each other/],
    [["--sync", "always"], /--sync always and --cluster contradict .* majority/],
  ];
  for (const [args, why] of cases) {
    const text = await fault(...NEEDED, ...args);
    assertMatch(text, why);
    assertEquals(text.slice(0, 3), "64 ");
  }
  assertMatch(await fault("--cluster", "etcds://e"), /^64 --cluster needs --relay HOST:PORT/);
  assertMatch(
    await fault("--cluster", "etcd://[::1]", "--relay", "h", "--cluster-ca", "c"),
    /^64 --cluster-ca needs --cluster etcds:/,
  );
  for (const lease of ["1s", "61s"]) {
    assertEquals(parseFlags(SERVE_FLAGS, ["--cluster-lease", lease]).kind, "usage");
  }
});

Deno.test({
  name: "cluster flags: a host name is a node's name if it can be one",
  permissions: "none",
  ...LINUX,
}, async () => {
  const named = await settings(NEEDED, "Chat1.Example.ORG");
  assertEquals(named.kind === "ok" && named.settings.cluster?.node, "chat1.example.org");
  for (const hostname of ["localhost", "my_host", "a".repeat(33)]) {
    const outcome = await settings(NEEDED, hostname);
    assertMatch(outcome.kind === "usage" ? outcome.why : "", /is no name for a node: give --node NAME/);
  }
});

pureTest("cluster flags: a cluster needs Linux", () => {
  const outcome = resolveCluster(parse(NEEDED), () => "a", "darwin");
  assertMatch("why" in outcome ? outcome.why : "", /^--cluster needs Linux/);
  assertEquals(resolveFronts({ fronts: 3 }, true, "linux"), { fronts: 3 });
});

tempDirTest(
  "cluster files: certificates, and the secrets that only their owner can read",
  POSIX,
  async (dir) => {
    const pem = "-----BEGIN CERTIFICATE-----\n…\n";
    const files = { ca: `${dir}/ca`, cert: `${dir}/cert`, key: `${dir}/key`, password: `${dir}/pw` };
    for (const path of [files.ca, files.cert]) await Deno.writeTextFile(path, pem);
    await Deno.writeTextFile(files.key, "-----BEGIN PRIVATE KEY-----\n", { mode: 0o600 });
    await Deno.writeTextFile(files.password, "tea pot\n", { mode: 0o600 });
    const named = {
      caFile: files.ca,
      certificate: { cert: files.cert, key: files.key },
      user: { name: "chat", passwordFile: files.password },
    };
    assertEquals(await readClusterFiles(named), {
      credentials: {
        ca: pem,
        identity: { cert: pem, key: "-----BEGIN PRIVATE KEY-----\n" },
        user: { name: "chat", password: "tea pot" },
      },
    });
    const none = { caFile: undefined, certificate: undefined, user: undefined };
    assertEquals(await readClusterFiles(none), { credentials: {} });
    for (const path of [files.key, files.password]) {
      await Deno.chmod(path, 0o644);
      const outcome = await readClusterFiles(named);
      assert("why" in outcome, "it is refused");
      assertEquals(outcome.path, path);
      assertMatch(outcome.why, /^other users can read or change it/);
      await Deno.chmod(path, 0o600);
    }
    const wrong = await readClusterFiles({ ...none, caFile: files.password });
    assertEquals(wrong, { path: files.password, why: "not PEM (-----BEGIN …)" });
    assertEquals(await readClusterFiles({ ...none, caFile: `${dir}/no` }), {
      path: `${dir}/no`,
      why: "no such file",
    });
  },
);
