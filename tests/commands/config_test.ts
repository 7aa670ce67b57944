import { assertEquals, assertMatch } from "@std/assert";
import { CLUSTER_FLAGS } from "../../lib/server/settings/cluster_flags.ts";
import { LINUX_ONLY } from "../front/fronts_process.ts";
import { selfSigned } from "../support/certificates.ts";
import { POSIX } from "../support/test.ts";
import { program, programTest } from "./program.ts";

programTest(
  "config check: no fault in the example; the faults of a file, each on a line, and 78",
  {},
  async (home) => {
    const { code, out: example } = await program(["config", "example", "--schema", "/s.json"], home);
    assertEquals([code, JSON.parse(example)["$schema"]], [0, "/s.json"]);
    const file = `${home}/serve.json`;
    await Deno.writeTextFile(file, example);
    assertEquals(await program(["config", "check", file], home), {
      code: 0,
      out: `${file}: no fault\n`,
      err: "",
    });
    await Deno.writeTextFile(file, '{\n  "lissten": "x",\n  "buffer": "1"\n}');
    const bad = await program(["config", "check", file], home);
    assertEquals([bad.code, bad.out], [78, ""]);
    assertEquals(bad.err.split("\n"), [
      `${file}: line 2: unknown setting "lissten"; did you mean "listen"?`,
      `${file}: line 3: buffer 1: not a size such as 512KiB or 64MiB from 64KiB to 1GiB`,
      "",
    ]);
    const served = await program(["serve", "--config", file], home);
    assertEquals([served.code, served.err.includes('line 2: unknown setting "lissten"')], [78, true]);
    const none = await program(["config", "check", `${home}/none`], home);
    assertEquals([none.code, none.err], [78, `${home}/none: no such file\n`]);
  },
);

programTest(
  "config check: settings that contradict each other, and files that they name",
  POSIX,
  async (home) => {
    const file = `${home}/serve.json`;
    const check = async (settings: Record<string, unknown>) => {
      await Deno.writeTextFile(file, JSON.stringify(settings, null, 1));
      const { code, err } = await program(["config", "check", file], home);
      assertEquals(code, err === "" ? 0 : 78);
      return err.replaceAll(home, "").trim();
    };
    assertEquals(
      await check({ name: "a.example", sts: "1d" }),
      "/serve.json: line 3: sts needs --tls HOST:PORT",
    );
    const identity = await selfSigned();
    const [cert, key] = [`${home}/cert.pem`, `${home}/key.pem`];
    await Deno.writeTextFile(cert, identity.cert);
    await Deno.writeTextFile(key, identity.key, { mode: 0o600 });
    await Deno.writeTextFile(`${home}/password`, "secret\n", { mode: 0o644 });
    const tls = { tls: ["127.0.0.1:0"], "tls-cert": cert, "tls-key": key };
    assertEquals(await check(tls), "");
    assertMatch(
      await check({
        ...tls,
        "tls-key": `${home}/key`,
        "password-file": `${home}/password`,
        "motd-file": `${home}/none`,
      }),
      /^\/serve\.json: line 6: tls-key: \/key: no such file\n\/serve\.json: line 7: password-file: \/password: .*\n\/serve\.json: line 8: motd-file: \/none: no such file$/,
    );
    const several = {
      lissten: "x", // a fault of its own: the others are told beside it
      listen: "127.0.0.1:99999",
      tls: "127.0.0.1:0", // needs a certificate, which may be what is misspelled
      sync: "soon",
      "motd-file": `${home}/none`,
    };
    assertEquals((await check(several)).split("\n"), [
      '/serve.json: line 2: unknown setting "lissten"; did you mean "listen"?',
      "/serve.json: line 3: listen 127.0.0.1:99999: port 99999 is above 65535",
      '/serve.json: line 5: sync soon: not a duration of 10ms or more, nor "always"',
      "/serve.json: line 6: motd-file: /none: no such file",
    ]);
  },
);

programTest(
  "config: an example of a node has the flags of a cluster; check tells the fault of each, and of its files",
  LINUX_ONLY,
  async (home) => {
    const { out } = await program(["config", "example", "--cluster"], home);
    const example: Record<string, unknown> = JSON.parse(out);
    const ofUsers = ["cluster-user", "cluster-password-file"]; // for an etcd that has users
    const missing = Object.keys(CLUSTER_FLAGS).filter((name) => !(name in example));
    assertEquals(missing, ofUsers);
    const schema = JSON.parse((await program(["config", "schema"], home)).out);
    assertEquals(Object.keys(CLUSTER_FLAGS).filter((name) => !(name in schema.properties)), []);

    // Its files are somewhere else on this machine.
    const identity = await selfSigned();
    const files = { cert: `${home}/cert.pem`, key: `${home}/key.pem`, password: `${home}/password` };
    await Deno.writeTextFile(files.cert, identity.cert);
    await Deno.writeTextFile(files.key, identity.key, { mode: 0o600 });
    await Deno.writeTextFile(files.password, "tea pot\n", { mode: 0o600 });
    const named = {
      ...{ "cluster-ca": files.cert, "cluster-cert": files.cert, "cluster-key": files.key },
      ...{ "tls-cert": files.cert, "tls-key": files.key, "password-file": files.password },
      ...{ "cluster-user": "chat", "cluster-password-file": files.password },
    };
    const file = `${home}/serve.json`;
    /** The faults, with names in place of lines. */
    const check = async (change: Record<string, unknown>) => {
      const text = JSON.stringify({ ...example, ...named, ...change }, null, 1);
      await Deno.writeTextFile(file, text);
      const { err } = await program(["config", "check", file], home);
      return err.replaceAll(home, "").split("\n").filter((line) => line !== "").map((line) => {
        const [, number, words] = /^\/serve\.json: line (\d+): (.*)$/.exec(line)!;
        return `${/"([\w-]+)"/.exec(text.split("\n")[Number(number) - 1]!)![1]}: ${words}`;
      });
    };
    assertEquals(await check({}), []);
    const letters = "1 to 32 lower-case letters, digits";
    assertEquals(
      (await check({
        cluster: "etcds://10.0.0.1,10.0.0.2:99999",
        "cluster-name": "Chat",
        "cluster-lease": "2500ms",
        "cluster-ca": `${home}/ca`,
        "cluster-cert": files.password,
        "cluster-key": `${home}/none`,
        "cluster-password-file": `${home}/pw`,
        "cluster-import": "yes",
        node: "Bad Node",
        relay: "h:99999",
        "relay-advertise": "0.0.0.0",
      })).toSorted(),
      [
        "cluster-ca: cluster-ca: /ca: no such file",
        "cluster-cert: cluster-cert: /password: not PEM (-----BEGIN …)",
        'cluster-import: "cluster-import" is true or false, not "yes"',
        "cluster-key: cluster-key: /none: no such file",
        "cluster-lease: cluster-lease: etcd counts whole seconds",
        `cluster-name: cluster-name Chat: ${letters} and hyphens`,
        "cluster-password-file: cluster-password-file: /pw: no such file",
        "cluster: cluster: port 99999 is above 65535",
        `node: node Bad Node: ${letters}, dots and hyphens`,
        "relay-advertise: relay-advertise 0.0.0.0: not an address that another machine can connect to",
        "relay: relay h:99999: port 99999 is above 65535",
      ],
    );
    const needs: readonly (readonly [Record<string, unknown>, RegExp])[] = [
      [{ cluster: undefined }, /^cluster-name: cluster-name needs --cluster etcds:/],
      [{ relay: undefined, "relay-advertise": undefined }, /^cluster: cluster needs --relay HOST:PORT/],
      [
        { relay: "0.0.0.0", "relay-advertise": undefined },
        /^relay: relay 0\.0\.0\.0 needs --relay-advertise/,
      ],
      [{ "cluster-key": undefined }, /^cluster-cert: cluster-cert and --cluster-key need each other/],
      [
        { "cluster-user": undefined },
        /^cluster-password-file: cluster-user and --cluster-password-file need/,
      ],
      [{ cluster: "etcd://10.0.0.1" }, /^cluster-ca: cluster-ca needs --cluster etcds:/],
      [{ sync: "always" }, /^sync: sync always and --cluster contradict each other/],
    ];
    for (const [change, words] of needs) assertMatch((await check(change))[0]!, words);
  },
);

programTest("config: wrong usage is told", {}, async (home) => {
  for (
    const [args, words] of [
      [[], /which of check, example, schema\?/],
      [["chek"], /which of/],
      [["schema", "x"], /unexpected argument x/],
      [["check", "a", "b"], /unexpected argument b/],
      [["check", "--schema", "x"], /--schema is for example/],
      [["schema", "--cluster"], /--cluster is for example/],
    ] as const
  ) {
    const { code, err } = await program(["config", ...args], home);
    assertEquals(code, 64);
    assertMatch(err, words);
  }
  const { code, out } = await program(["config", "schema"], home);
  assertEquals([code, JSON.parse(out).type], [0, "object"]);
});
