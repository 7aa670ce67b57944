import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { LOOPBACK } from "../../lib/base/ip.ts";
import { UNLIMITED_RATE } from "../../lib/base/token_bucket.ts";
import { parseFlags } from "../../lib/cli/flags/flags.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import { defaultArchiveBounds } from "../../lib/server/settings/archive_flags.ts";
import { SERVE_FLAGS } from "../../lib/server/settings/serve_flags.ts";
import { resolveServeSettings } from "../../lib/server/settings/settings.ts";
import type { SettingsOutcome } from "../../lib/server/settings/settings.ts";
import { resolveUnixAccess } from "../../lib/server/settings/unix_flags.ts";
import { withFile } from "../support/file.ts";
import { pureTest } from "../support/test.ts";

const ENV: Record<string, string> = { HOME: "/home/alice", XDG_STATE_HOME: "/state", LOCALAPPDATA: "/state" };

function settings(...args: string[]): Promise<SettingsOutcome> {
  const parsed = parseFlags(SERVE_FLAGS, args);
  assert(parsed.kind === "ok", JSON.stringify(parsed));
  return resolveServeSettings(parsed.flags, (name) => ENV[name]);
}

pureTest("nothing needs to be said", async () => {
  const outcome = await settings();
  assert(outcome.kind === "ok", JSON.stringify(outcome));
  const { addresses, capacityBytes, sync, serverName, passwordFile, motdFile, logFormat, cloak } =
    outcome.settings;
  assertEquals(
    { addresses, capacityBytes, sync, serverName, passwordFile, motdFile, logFormat, cloak },
    {
      addresses: [{ kind: "tcp", host: "127.0.0.1", port: 6667 }],
      capacityBytes: 16 << 20,
      sync: 1000,
      serverName: "chatterbox.local",
      passwordFile: undefined,
      motdFile: undefined,
      logFormat: "text",
      cloak: true,
    },
  );
  const open = await settings("--cloak", "off");
  assertEquals(open.kind === "ok" && open.settings.cloak, false);
});

pureTest("how much of a room is replayed is a number up to a bound, or off", async () => {
  const replay = async (...args: string[]) => {
    const outcome = await settings(...args);
    return outcome.kind === "ok" ? outcome.settings.replay : outcome.kind === "usage" ? outcome.why : "";
  };
  assertEquals(await replay(), 30);
  assertEquals(await replay("--replay", "off"), 0);
  assertEquals(await replay("--replay", "1000"), 1000);
  for (const wrong of ["1001", "-1", "many"]) {
    assertEquals(
      await replay(`--replay=${wrong}`),
      `--replay ${wrong}: not a number up to 1000, nor "off"`,
    );
  }
});

pureTest("the archive is off, has no bound, or has an age, a size or both", async () => {
  const archive = async (...args: string[]) => {
    const outcome = await settings(...args);
    return outcome.kind === "ok" ? outcome.settings.archive : outcome.kind === "usage" ? outcome.why : "";
  };
  const bounds = (maxBytes: number, maxAgeMs: number) => ({ maxBytes, maxAgeMs });
  const [days, gib] = [90 * 24 * 3_600_000, 1024 ** 3];
  assertEquals(await archive(), "default");
  assertEquals(await archive("--archive", "off"), "off");
  assertEquals(await archive("--archive", "forever"), bounds(Infinity, Infinity));
  assertEquals(await archive("--archive", "90d"), bounds(Infinity, days));
  assertEquals(await archive("--archive", "5GiB"), bounds(5 * gib, Infinity));
  assertEquals(await archive("--archive", "5GiB,90d"), bounds(5 * gib, days));
  for (const wrong of ["on", "5m", "0", "1023KiB", "90d,", "-1", "999PiB", "36500000d", "36601d"]) {
    assertEquals(
      await archive(`--archive=${wrong}`),
      `--archive ${wrong}: not off, forever, an age of 1h to 36600d (90d), a size of 1MiB to 8388607GiB (5GiB), or both (90d,5GiB)`,
    );
  }
  const [age, size] = [36_600 * 24 * 3_600_000, 8_388_607 * gib];
  assertEquals(await archive("--archive", "36600d,8388607GiB"), bounds(size, age));
  for (const [wrong, what] of [["90d,30d", "2 ages are"], ["1GiB,2GiB,1d", "2 sizes are"]] as const) {
    assertEquals(
      await archive("--archive", wrong),
      `--archive ${wrong}: ${what} given; give one age, one size, or one of each (90d,5GiB)`,
    );
  }
  assertEquals(defaultArchiveBounds(undefined), bounds(10 * gib, Infinity));
  assertEquals(defaultArchiveBounds(1000 * gib), bounds(10 * gib, Infinity));
  assertEquals(defaultArchiveBounds(20 * gib), bounds(2 * gib, Infinity));
  assertEquals(defaultArchiveBounds(0), bounds(1024 ** 2, Infinity));
});

pureTest("every door that is named is opened, and no other", async () => {
  const tcp = (host: string, port: number) => ({ kind: "tcp", host, port });
  const unix = { kind: "unix", path: "/run/s" };
  const doors = async (...args: string[]) => {
    const outcome = await settings(...args);
    return outcome.kind === "ok" ? outcome.settings.addresses : outcome;
  };
  assertEquals(await doors("--unix", "/run/s"), [unix]);
  assertEquals(await doors("--listen", ":1", "--listen=[::]:2", "--unix", "/run/s"), [
    tcp("127.0.0.1", 1),
    tcp("::", 2),
    unix,
  ]);
});

pureTest("a value that makes no sense is named with its flag", async () => {
  for (
    const [flag, value] of [["--listen", "x:y"], ["--sync", "1ms"], ["--sync", "soon"], [
      "--name",
      "a b",
    ], ["--exempt", "localhost"]] as const
  ) {
    const outcome = await settings(flag, value);
    assert(
      outcome.kind === "usage" && outcome.why.startsWith(`${flag} ${value}: `),
      JSON.stringify(outcome),
    );
  }
  const lost = await resolveServeSettings(SILENT, () => undefined);
  assert(lost.kind === "usage" && lost.why.includes("--data-dir DIR"), JSON.stringify(lost));
});

pureTest("who runs the server is said in one line that fits an answer", async () => {
  const outcome = await settings("--admin", "Élise <elise@example.org>");
  assertEquals(outcome.kind === "ok" && outcome.settings.admin, "Élise <elise@example.org>");
  for (const text of ["two\nlines", "é".repeat(201)]) {
    const refused = await settings("--admin", text);
    assertEquals(refused.kind === "usage" && refused.why, "--admin: one line of at most 400 bytes");
  }
});

pureTest(
  "what the server says of itself fits its lines, the lobby is a room or off, and a passphrase has bounds",
  async () => {
    const none = await settings();
    assertEquals(none.kind === "ok" && none.settings.hub, {});
    const icon = "https://example.net/i.png?size={size}";
    const all = await settings(
      "--description",
      "Tea: hot",
      "--icon",
      icon,
      "--lobby",
      "#Tea",
      "--passphrase-min",
      "43",
    );
    assertEquals(all.kind === "ok" && all.settings.hub, {
      description: "Tea: hot",
      icon,
      lobby: "#Tea",
      passphraseMinBytes: 43,
    });
    const off = await settings("--lobby", "off");
    assertEquals(off.kind === "ok" && off.settings.hub, { lobby: "" });
    const whyNot = async (...args: string[]) => {
      const outcome = await settings(...args);
      return outcome.kind === "ok" ? "it is taken" : outcome.why;
    };
    for (const text of ["  ", "two\nlines", "é".repeat(101)]) {
      assertEquals(await whyNot("--description", text), "--description: one line of 1 to 200 bytes");
    }
    for (
      const url of [
        "icon.png",
        "ftp://example.net/i",
        "https://",
        "https://a b",
        `https://a/${"=".repeat(120)}`,
      ]
    ) {
      assertEquals(
        (await whyNot("--icon", url)).startsWith(`--icon ${url}: not the URL of an image`),
        true,
        url,
      );
    }
    for (const name of ["lobby", "#a b", "#a,b", `#${"x".repeat(64)}`, "OFF"]) {
      assertEquals(
        (await whyNot("--lobby", name)).startsWith(`--lobby ${name}: neither a room name nor off`),
        true,
        name,
      );
    }
    for (const bytes of ["3", "44", "x"]) {
      assertEquals(parseFlags(SERVE_FLAGS, ["--passphrase-min", bytes]).kind, "usage");
    }
  },
);

pureTest("limits are as by default, or as they are given", async () => {
  const limits = async (...args: string[]) => {
    const outcome = await settings(...args);
    return outcome.kind === "ok" ? outcome.settings.limits : outcome;
  };
  assertEquals(await limits(), { maxClients: 20_000, hub: DEFAULT_LIMITS, server: {} });
  const given = await limits(
    ...["--max-clients=5", "--max-per-address=4", "--connect-rate=1/2s", "--flood-rate=off"],
    ...["--login-failures=1/1h", "--registrations=2/1h", "--nick-changes=3/1h", "--max-rooms-per-user=7"],
    ...["--max-rooms=8", "--max-room-members=9", "--register-timeout=10s", "--ping-timeout=11s"],
  );
  assertEquals(given, {
    maxClients: 5,
    hub: {
      channelsPerUser: 7,
      channels: 8,
      channelMembers: 9,
      nickChanges: { count: 3, ms: 3_600_000 },
      loginFailures: { count: 1, ms: 3_600_000 },
      registrations: { count: 2, ms: 3_600_000 },
      registerTimeoutMs: 10_000,
      pingTimeoutMs: 11_000,
      exempt: LOOPBACK,
    },
    server: { perAddress: 4, connectRate: { count: 1, ms: 2000 }, lineRate: UNLIMITED_RATE },
  });
});

pureTest("this machine is exempt, and who is named; not it either where that is said", async () => {
  const exempt = async (...args: string[]) => {
    const outcome = await settings(...args);
    return outcome.kind === "ok" ? outcome.settings.limits.hub.exempt : outcome;
  };
  assertEquals(await exempt("--exempt", "10.0.0.0/8", "--exempt", "::2"), [
    ...LOOPBACK,
    "10.0.0.0/8",
    "::2",
  ]);
  assertEquals(await exempt("--exempt", "none"), []);
  assertEquals(await exempt("--exempt", "none", "--exempt", "10.0.0.1"), ["10.0.0.1"]);
});

Deno.test("what is given for --exempt wins over the configuration file", () =>
  withFile(JSON.stringify({ exempt: ["none"], "connect-rate": "off", "max-rooms": 5 }), async (path) => {
    const [file, both] = [await settings("--config", path), await settings("--config", path, "--exempt=::2")];
    assert(file.kind === "ok" && both.kind === "ok", JSON.stringify([file, both]));
    const { hub, server } = file.settings.limits;
    assertEquals([hub.exempt, hub.channels, server.connectRate], [[], 5, UNLIMITED_RATE]);
    assertEquals(both.settings.limits.hub.exempt, [...LOOPBACK, "::2"]);
  }));

pureTest("a larger file keeps its size only where nothing is said about it", async () => {
  for (const [args, keepLarger] of [[[], true], [["--buffer=1MiB"], false]] as const) {
    const outcome = await settings(...args);
    assertEquals(outcome.kind === "ok" && outcome.settings.keepLarger, keepLarger);
  }
});

const silent = parseFlags(SERVE_FLAGS, []);
assert(silent.kind === "ok", "no flags are good flags");
const SILENT = silent.flags;

Deno.test("the configuration file speaks where the flags are silent", () =>
  withFile(
    JSON.stringify({ listen: [":1", ":2"], buffer: "2MiB", sync: "always", name: "from.file" }),
    async (path) => {
      const outcome = await settings("--config", path, "--name", "from.flag");
      assert(outcome.kind === "ok", JSON.stringify(outcome));
      const { addresses, capacityBytes, sync, serverName } = outcome.settings;
      assertEquals([addresses.length, capacityBytes, sync, serverName], [2, 2 << 20, "always", "from.flag"]);
    },
  ));

Deno.test("every flag may stand in the configuration file, but the file's own and what is meant for one start", async () => {
  const refused: string[] = [];
  for (const name of Object.keys(SERVE_FLAGS)) {
    await withFile(JSON.stringify({ [name]: "x" }), async (path) => {
      const outcome = await settings("--config", path);
      if (outcome.kind !== "ok" && outcome.why.includes("unknown setting")) refused.push(name);
    });
  }
  assertEquals(refused.sort(), ["accept-database", "config", "shrink"]);
});

Deno.test("a configuration file that can't be used says why, with its name", async () => {
  const bad = [
    "{",
    "[]",
    '"x"',
    '{"lisen": ":1"}',
    '{"config": "x"}',
    '{"accept-database": true}',
    '{"toString": 1}',
    '{"buffer": "lots"}',
  ];
  for (const text of bad) {
    await withFile(text, async (path) => {
      const outcome = await settings("--config", path);
      assert(
        outcome.kind === "config" && outcome.why.startsWith(`${path}: `),
        `${text}: ${JSON.stringify(outcome)}`,
      );
    });
  }
  assertEquals(await settings("--config", "/no/such/file"), {
    kind: "config",
    why: "/no/such/file: no such file",
  });
});

pureTest("TLS: its own doors, a certificate by one of two ways, and what is missing is said", async () => {
  const given = ["--tls-cert", "c", "--tls-key", "k"];
  const of = async (...args: string[]) => {
    const outcome = await settings(...args);
    if (outcome.kind !== "ok") return outcome.why;
    const { addresses, tls } = outcome.settings;
    return { addresses, tls };
  };
  const tls = (host: string, port: number) => ({ kind: "tls", host, port });
  assertEquals(await of("--tls", "0.0.0.0", "--tls-self-signed"), {
    addresses: [tls("0.0.0.0", 6697)],
    tls: { certificate: "self_signed", stsSeconds: undefined },
  });
  assertEquals(await of("--tls", ":1", "--tls=[::]:2", "--listen", ":3", ...given, "--sts", "1d"), {
    addresses: [{ kind: "tcp", host: "127.0.0.1", port: 3 }, tls("127.0.0.1", 1), tls("::", 2)],
    tls: { certificate: { cert: "c", key: "k" }, stsSeconds: 86_400 },
  });
  const both = "--tls needs a certificate: give --tls-cert FILE and --tls-key FILE, or --tls-self-signed";
  assertEquals(await of("--tls", ":1"), both);
  assertEquals(await of("--tls", ":1", "--tls-cert", "c"), both);
  assertEquals(
    await of("--tls", ":1", "--tls-self-signed", ...given),
    "give either --tls-self-signed, or --tls-cert and --tls-key; not both",
  );
  assertEquals(await of("--tls", "x:y", ...given), '--tls x:y: "x:y" is not HOST:PORT');
  for (const flags of [["--tls-self-signed"], ["--tls-key", "k"], ["--sts", "0"]]) {
    assertEquals(await of(...flags), `${flags[0]} needs --tls HOST:PORT`);
  }
});

Deno.test({
  name: "a flag without a value is true or false in the configuration file",
  permissions: { read: true, write: true },
  fn: async () => {
    const tls = (text: string) =>
      withFile(text, async (path) => {
        const outcome = await settings("--config", path);
        return outcome.kind === "ok" ? outcome.settings.tls?.certificate : outcome.why.replace(path, "file");
      });
    assertEquals(await tls('{"tls": ["0.0.0.0"], "tls-self-signed": true}'), "self_signed");
    const given = '"tls-cert": "c", "tls-key": "k"';
    assertEquals(await tls(`{"tls": "0.0.0.0", "tls-self-signed": false, ${given}}`), {
      cert: "c",
      key: "k",
    });
    assertEquals(await tls('{"sync": true}'), 'file: line 1: "sync" takes a value, not true');
  },
});

pureTest("doors for browsers stand beside those for IRC; https wants a certificate", async () => {
  const web = async (...args: string[]) => {
    const outcome = await settings(...args);
    if (outcome.kind !== "ok") return outcome.why;
    const { addresses, origins } = outcome.settings.web;
    return [outcome.settings.addresses.length, addresses, [...origins]];
  };
  const tcp = { kind: "tcp", host: "127.0.0.1", port: 6680 };
  assertEquals(await web(), [1, [tcp], []]);
  assertEquals(await web("--no-web"), [1, [], []]);
  assertEquals(await web("--unix", "/s"), [1, [], []]); // its permissions are those of the server
  assertEquals(await web("--unix", "/s", "--listen", "1"), [2, [tcp], []]);
  assertEquals(await web("--no-web", "--web=:0"), "--web and --no-web contradict each other");
  assertEquals(await web("--web-origin", "*"), [1, [tcp], ["*"]]);
  assertEquals(await web("--web", "127.0.0.1", "--web", "http://[::1]:1/"), [
    1,
    [tcp, { kind: "tcp", host: "::1", port: 1 }],
    [],
  ]);
  assertEquals(
    await web(
      "--web=https://a.example",
      "--tls-self-signed",
      "--web-origin=*",
      "--web-origin=https://B.example/",
    ),
    [1, [{ kind: "tls", host: "a.example", port: 8443 }], ["*", "https://b.example"]],
  );
  assertEquals(
    await web("--web", "https://:0"),
    "--web https:// needs a certificate: give --tls-cert FILE and --tls-key FILE, or --tls-self-signed",
  );
  assertEquals(await web("--web", "ws://a"), '--web ws://a: "ws://a" is not HOST:PORT');
  assertEquals(await web("--no-web", "--web-origin", "*"), "--web-origin needs --web HOST:PORT");
  assertEquals(
    await web("--web=:0", "--web-origin", "b.example"),
    "--web-origin b.example: not an origin such as https://chat.example",
  );
});

pureTest(
  "who needs an account: as --accounts says, or --require-account, which can't contradict it",
  async () => {
    const accounts = async (...args: string[]) => {
      const outcome = await settings(...args);
      return outcome.kind === "ok" ? outcome.settings.accounts : outcome.kind;
    };
    assertEquals(await accounts(), "open");
    assertEquals(await accounts("--accounts", "off"), "off");
    assertEquals(await accounts("--require-account"), "required");
    assertEquals(await accounts("--require-account", "--accounts", "required"), "required");
    assertEquals(await accounts("--require-account", "--accounts", "off"), "usage");
  },
);

pureTest("trusted proxies: addresses, blocks and Unix sockets, one by one or as a list", async () => {
  const trusted = async (...args: string[]) => {
    const outcome = await settings(...args);
    if (outcome.kind !== "ok") return outcome;
    const hosts = ["127.0.0.1", "10.1.2.3", "2001:db8::1", "localhost", "192.0.2.1"];
    return hosts.filter((host) => outcome.settings.proxies?.has(host));
  };
  assertEquals(await trusted(), []);
  assertEquals(await trusted("--trust-proxy", "127.0.0.1"), ["127.0.0.1"]);
  assertEquals(await trusted("--trust-proxy", "10.0.0.0/8, [2001:db8::1]", "--trust-proxy=unix"), [
    "10.1.2.3",
    "2001:db8::1",
    "localhost",
  ]);
  for (const wrong of ["nginx", "10.0.0.0/33", ",", "127.0.0.1,"]) {
    const outcome = await settings("--trust-proxy", wrong);
    assertEquals(outcome.kind, "usage");
    if (outcome.kind === "usage") {
      assertMatch(outcome.why, /^--trust-proxy .*: not an address, a block/);
    }
  }
});

pureTest("notifications: on and to public addresses, unless something else is said", async () => {
  const notify = async (...args: string[]) => {
    const outcome = await settings(...args);
    if (outcome.kind !== "ok") return outcome;
    const { isOn, allowed } = outcome.settings.notify;
    return [isOn, allowed.members];
  };
  assertEquals(await notify(), [true, []]);
  assertEquals(
    await notify("--notify", "off", "--notify-allow", "10.0.0.0/8, [fd00::1]", "--notify-allow=::1"),
    [
      false,
      ["10.0.0.0/8", "fd00::1", "::1"],
    ],
  );
  for (const wrong of ["gotify.lan", "10.0.0.0/33", ",", "http://10.0.0.1", "10.0.0.1:80", "localhost"]) {
    assertEquals(await notify("--notify-allow", wrong), {
      kind: "usage",
      why: `--notify-allow ${wrong === "," ? "" : wrong}: not an address, nor a block such as 192.168.0.0/16`,
    });
  }
});

pureTest("a Unix socket's rights are octal digits, and want a socket", async () => {
  const unix = async (...args: string[]) => {
    const outcome = await settings(...args);
    return outcome.kind === "ok" ? outcome.settings.unix : outcome;
  };
  assertEquals(await unix("--unix", "/s", "--unix-mode", "0666", "--unix-group", "chat"), {
    path: "/s",
    mode: 0o666,
    group: "chat",
  });
  assertEquals(await unix("--unix", "/s", "--unix-mode", "600"), {
    path: "/s",
    mode: 0o600,
    group: undefined,
  });
  for (const wrong of ["rw", "0688", "66", "07777", "-660", "0060"]) {
    assertEquals(await unix("--unix", "/s", `--unix-mode=${wrong}`), {
      kind: "usage",
      why: `--unix-mode ${wrong}: not three octal digits such as 0660, 0666 or 0600`,
    });
  }
  assertEquals(await unix("--unix-group", "1"), { kind: "usage", why: "--unix-group needs --unix PATH" });
});

Deno.test("a Unix socket's group by its name is looked up, and one that does not exist is told", async () => {
  const access = (group: string) => resolveUnixAccess({ path: "/s", mode: undefined, group });
  assertEquals(await access("4711"), { group: 4711 });
  const missing = await access("no-such-group");
  assert("why" in missing, JSON.stringify(missing));
  assertMatch(missing.why, /^--unix-group no-such-group: no such group in \/etc\/group/);
  if (Deno.build.os !== "windows") assertEquals(await access("daemon"), { group: 1 });
});

Deno.test("trusted proxies stand in the configuration file, too, and the flag wins over it", () =>
  withFile(
    JSON.stringify({ "trust-proxy": ["10.0.0.1", "unix"], unix: "/s", "unix-mode": "0600" }),
    async (path) => {
      const [file, both] = [
        await settings("--config", path),
        await settings("--config", path, "--trust-proxy=::2"),
      ];
      assert(file.kind === "ok" && both.kind === "ok", JSON.stringify([file, both]));
      const trusted = (outcome: typeof file) =>
        ["10.0.0.1", "localhost", "::2"].filter((host) => outcome.settings.proxies?.has(host));
      assertEquals([trusted(file), trusted(both)], [["10.0.0.1", "localhost"], ["::2"]]);
      assertEquals(file.settings.unix, { path: "/s", mode: 0o600, group: undefined });
    },
  ));
