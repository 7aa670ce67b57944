import { assertEquals, assertMatch } from "@std/assert";
import { command } from "../../commands/list.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer, Script } from "../client/fake_server.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { commandTest, run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;
const AWAY = "lu\x1bnch with the people of the other house";
const NOW = Date.UTC(2026, 0, 31, 12);

/** Two people: alice in two channels, bob away. */
const people: Script = (peer) => answerQueries(peer, []);

/** The same on a server that tells that bob has lost the connection. */
const lostBob: Script = (peer) => answerQueries(peer, ["chatterbox.chat/LOST=L"]);

async function answerQueries(peer: Peer, tokens: string[]): Promise<void> {
  const me = await peer.welcome(OUR_CAPS, tokens);
  const batch = (label: string, lines: string[]) =>
    peer.send(
      `@label=${label} :fake BATCH +x labeled-response`,
      ...lines.map((line) => `@batch=x :fake ${line.replace(" ", ` ${me} `)}`),
      ":fake BATCH -x",
    );
  for (;;) {
    const line = await peer.next();
    if (line === undefined || line.startsWith("QUIT")) return;
    const [, label = "", request = ""] = /^@label=(\S+) (.*)$/.exec(line)!;
    if (request.startsWith("WHO ")) {
      await batch(label, ["352 #b u h2 fake bob GL :0 B", "352 #a u h1 fake alice H :0 A", "315 * :End"]);
    } else if (request === "WHOIS alice") {
      const signon = (NOW - 7_500_000) / 1000;
      await batch(label, [
        "311 alice u h1 * :A",
        "319 alice :@#a #b",
        `317 alice 200 ${signon} :idle`,
        "318 alice :End",
      ]);
    } else await batch(label, ["311 bob u h2 * :B", `301 bob :${AWAY}`, "318 bob :End"]);
  }
}

commandTest("who is online, since when, how idle", people, async (server) => {
  const shown = async (columns: number) => {
    const options = { now: NOW, terminal: true, size: () => ({ columns, rows: 24 }) };
    const { code, out } = await run(command, ["--utc", "--no-color", "--server", server], options);
    assertEquals(code, 0);
    return out.split("\n");
  };
  assertEquals(await shown(120), [
    "NAME   SINCE                         IDLE    ROOMS  AWAY",
    "alice  2026-01-31 09:55:00Z (2h 5m)  3m 20s  #a #b",
    "bob    ?                             ?              lu\u241bnch with the people of the other house",
    "",
  ]);
  assertEquals(await shown(60), [
    "NAME   ON     IDLE    ROOMS  AWAY",
    "alice  2h 5m  3m 20s  #a #b",
    "bob    ?      ?              lu\u241bnch with the people of the…",
    "",
  ]);
  assertEquals(await shown(40), [
    "NAME   ON     IDLE    ROOMS  AWAY",
    "alice  2h 5m  3m 20s  #a #b",
    "bob    ?      ?              lu\u241bnch wit…",
    "",
  ]);
});

commandTest("where nothing is a terminal: tabs, no heading, whole texts", people, async (server) => {
  const { code, out } = await run(command, ["--server", server], { now: NOW });
  assertEquals([code, out], [
    0,
    "alice\t2026-01-31T09:55:00.000Z\t200\t#a #b\t\t\n" +
    "bob\t\t\t\tlu\u241bnch with the people of the other house\t\n",
  ]);
});

commandTest("--json: one object a line", people, async (server) => {
  const { out } = await run(command, ["--json", "--server", server], { now: NOW });
  assertEquals(out.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    {
      name: "alice",
      host: "h1",
      since: "2026-01-31T09:55:00.000Z",
      idle: 200,
      away: null,
      rooms: ["#a", "#b"],
      lost: null,
    },
    { name: "bob", host: "h2", since: null, idle: null, away: AWAY, rooms: [], lost: null },
  ]);
});

commandTest("a connection that is lost is marked, where the server tells it", lostBob, async (server) => {
  const args = ["--no-color", "--server", server];
  const shown = async (columns: number) => {
    const options = { now: NOW, terminal: true, size: () => ({ columns, rows: 24 }) };
    return (await run(command, args, options)).out.split("\n");
  };
  assertEquals(await shown(80), [
    "NAME   ON     IDLE    ROOMS  LINK  AWAY",
    "alice  2h 5m  3m 20s  #a #b",
    "bob    ?      ?              lost  lu\u241bnch with the people of the other house",
    "",
  ]);
  assertEquals(await shown(40), [
    "NAME   ON     IDLE    ROOMS  LINK  AWAY",
    "alice  2h 5m  3m 20s  #a #b",
    "bob    ?      ?              lost  lu\u241bn…",
    "",
  ]);
  const { out } = await run(command, args, { now: NOW });
  assertEquals(out.split("\n").map((row) => row.split("\t").at(-1)), ["", "lost", ""]);
  const { out: json } = await run(command, [...args, "--json"], { now: NOW });
  assertEquals(json.trimEnd().split("\n").map((line) => JSON.parse(line).lost), [false, true]);
});

commandTest(
  "--watch shows a change once, and ends when interrupted",
  people,
  (server) =>
    withTempDir(async (home) => {
      const io: FakeIo = new FakeIo({
        env: { XDG_CONFIG_HOME: home },
        now: NOW,
        onStdout: () => io.interrupt(),
      });
      assertEquals(await command.run(["--watch", "--server", server], io), 130);
      await io.flush();
      assertEquals(io.out.split("\n").length, 3);
    }),
);

commandTest(
  "--watch on a dumb terminal writes no escape codes, and --max-count ends it",
  people,
  async (server) => {
    const env = { TERM: "dumb" };
    const found = await run(command, ["--watch", "-m", "1", "--server", server], {
      env,
      terminal: true,
      now: NOW,
    });
    assertEquals([found.code, found.out.slice(0, 4), found.out.includes("\x1b[")], [0, "NAME", false]);
  },
);

const looks = { count: 0 };

commandTest("--watch, piped: that time goes by is no change; that a person has left is one", async (peer) => {
  const me = await peer.welcome(OUR_CAPS);
  for (let look = 1;; look++) {
    looks.count = look;
    const isHere = look < 3;
    for (const what of ["WHO", ...isHere ? ["WHOIS"] : []]) {
      const [, label] = await peer.until(new RegExp(`^@label=(\\S+) ${what} |^QUIT`));
      if (label === undefined) return;
      const lines = what === "WHO"
        ? [...isHere ? [`352 ${me} #a u h fake alice H :0 A`] : [], `315 ${me} * :End`]
        : [
          `311 ${me} alice u h * :A`,
          `317 ${me} alice ${look} ${(NOW - 7_500_000) / 1000} :idle`,
          `318 ${me} alice :End`,
        ];
      await peer.send(
        `@label=${label} :fake BATCH +x labeled-response`,
        ...lines.map((line) => `@batch=x :fake ${line}`),
        ":fake BATCH -x",
      );
    }
  }
}, async (server) => {
  const { code, out } = await run(command, ["--watch", "-m", "2", "--utc", "--server", server], { now: NOW });
  assertEquals([code, looks.count >= 3], [0, true]);
  assertEquals(
    out,
    "alice\t2026-01-31T09:55:00.000Z\t1\t\t\t\n\n",
  );
});

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

for (const how of ["interrupt", "terminate", "hang up", "count", "fault"] as const) {
  commandTest(
    `--watch takes the screen of a terminal, and gives it back: ${how}`,
    people,
    (server) =>
      withTempDir(async (home) => {
        const io: FakeIo = new FakeIo({
          env: { XDG_CONFIG_HOME: home },
          terminal: true,
          now: NOW,
          size: () => {
            if (how === "fault" && io.out !== "") throw new Error("no size");
            return { columns: 40, rows: 24 };
          },
          onStdout: (text) => {
            if (!text.includes("alice")) return;
            if (how === "interrupt") io.interrupt();
            if (how === "terminate") io.interrupt("SIGTERM");
            if (how === "hang up") io.hangUp();
            if (how === "fault") queueMicrotask(() => io.resize());
          },
        });
        const args = ["--watch", "--no-color", ...how === "count" ? ["-m", "1"] : [], "--server", server];
        const code = await command.run(args, io).catch((error: Error) => error.message);
        await io.flush();
        const codes = { interrupt: 130, terminate: 143, "hang up": 129, count: 0, fault: "no size" };
        assertEquals([code, io.out.startsWith(ENTER), io.out.endsWith(LEAVE)], [codes[how], true, true]);
        assertEquals(io.out.split("\x1b[?1049").length, 3);
      }),
  );
}

commandTest(
  "--watch: what a screen has no room for is counted, and a resize shows more",
  people,
  (server) =>
    withTempDir(async (home) => {
      const size = { columns: 40, rows: 2 };
      const io: FakeIo = new FakeIo({
        env: { XDG_CONFIG_HOME: home },
        terminal: true,
        now: NOW,
        size: () => size,
        onStdout: (text) => {
          if (text.includes("… 2 more")) {
            size.rows = 3;
            queueMicrotask(() => io.resize());
          } else if (text.includes("bob")) io.interrupt();
        },
      });
      assertEquals(await command.run(["--watch", "--no-color", "--server", server], io), 130);
      await io.flush();
      assertEquals(io.out.includes("alice"), true);
    }),
);

commandTest(
  "--watch: a lost connection is told below the list, of which the time is told",
  async (peer, nth) => {
    if (nth > 0) return await peer.gone();
    await people(
      {
        ...peer,
        next: async () => {
          const line = await peer.next();
          return line?.includes("WHO *") && peer.heard.filter((each) => each.includes("WHO *")).length > 1
            ? undefined
            : line;
        },
        welcome: (...args: Parameters<typeof peer.welcome>) => peer.welcome(...args),
        send: (...lines: string[]) => peer.send(...lines),
      } as unknown as typeof peer,
      nth,
    );
    await peer.send("ERROR :restart");
    peer.close();
  },
  (server) =>
    withTempDir(async (home) => {
      const io: FakeIo = new FakeIo({
        env: { XDG_CONFIG_HOME: home },
        terminal: true,
        now: NOW,
        size: () => ({ columns: 100, rows: 24 }),
        onStdout: (text) => void (text.includes("connection lost") && io.interrupt()),
      });
      assertEquals(await command.run(["--watch", "--no-color", "--server", server], io), 130);
      await io.flush();
      assertMatch(io.out, /connection lost: restart; trying again\. This is the list of \d\d:\d\d:\d\d/);
      assertEquals(io.err, "");
    }),
);

commandTest("--rooms: the fullest first", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/LIST$/);
  await peer.send(
    "@label=1 :fake BATCH +x labeled-response",
    "@batch=x :fake 321 me Channel :Users  Name",
    "@batch=x :fake 322 me #ops 1 :on call",
    "@batch=x :fake 322 me #lobby 12 :",
    "@batch=x :fake 323 me :End",
    ":fake BATCH -x",
  );
  await peer.gone();
}, async (server) => {
  const { out } = await run(command, ["--rooms", "--no-color", "--server", server], { terminal: true });
  assertEquals(out, "ROOM    PEOPLE  TOPIC\n#lobby  12\n#ops    1       on call\n");
});

commandTest("--rooms, where nothing is a terminal: tabs, no heading", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/LIST$/);
  await peer.send(
    "@label=1 :fake BATCH +x labeled-response",
    "@batch=x :fake 322 me #ops 1 :on\tcall",
    "@batch=x :fake 323 me :End",
    ":fake BATCH -x",
  );
  await peer.gone();
}, async (server) => {
  const { out } = await run(command, ["--rooms", "--server", server]);
  assertEquals(out, "#ops\t1\ton\u2409call\n");
});

commandTest("nobody is online", async (peer) => {
  await peer.welcome();
  const [, token] = await peer.until(/^PING (\S+)$/);
  await peer.send(":fake 315 me * :End of WHO list", `:fake PONG fake :${token}`);
  await peer.gone();
}, async (server) => {
  const none = "no users are online\n";
  assertEquals(await run(command, ["--server", server]), { code: 0, out: "", err: `chatterbox: ${none}` });
});

Deno.test({
  name: "wrong usage is 64",
  permissions,
  async fn() {
    assertEquals((await run(command, ["alice"])).code, 64);
    assertEquals((await run(command, ["--romos"])).code, 64);
    assertEquals((await run(command, ["--rooms", "--server-stats"])).code, 64);
    assertEquals((await run(command, ["--nodes", "--server-stats"])).code, 64);
    assertEquals((await run(command, ["--max-count", "1"])).code, 64);
    assertEquals((await run(command, ["--watch", "--max-count", "0"])).code, 64);
  },
});

commandTest("--server-stats: one request, one object", async (peer) => {
  await peer.welcome([...OUR_CAPS, "chatterbox.chat/receipts"]);
  const [, label] = await peer.until(/^@label=(\S+) SERVERSTATS$/);
  await peer.send(
    `@label=${label} :fake BATCH +x labeled-response`,
    "@batch=x :fake SERVERSTATS last :57",
    "@batch=x :fake SERVERSTATS durable :55",
    "@batch=x :fake SERVERSTATS *",
    ":fake BATCH -x",
  );
  await peer.gone();
}, async (server) => {
  const { code, out } = await run(command, ["--server-stats", "--json", "--server", server]);
  assertEquals([code, JSON.parse(out).last, JSON.parse(out).durable], [0, 57, 55]);
});

commandTest("--server-stats: a server that cannot save its history: shown, told, and 74", async (peer) => {
  await peer.welcome([...OUR_CAPS, "chatterbox.chat/receipts"]);
  const [, label] = await peer.until(/^@label=(\S+) SERVERSTATS$/);
  await peer.send(
    `@label=${label} :fake BATCH +x labeled-response`,
    "@batch=x :fake SERVERSTATS trouble :/data/log.ring: No space left on device",
    "@batch=x :fake SERVERSTATS *",
    ":fake BATCH -x",
  );
  await peer.gone();
}, async (server) => {
  const { code, out, err } = await run(command, ["--server-stats", "--json", "--server", server]);
  const trouble = "/data/log.ring: No space left on device";
  assertEquals([code, JSON.parse(out).trouble], [74, trouble]);
  assertEquals(err, `chatterbox: history is not being saved: ${trouble}\n`);
});

for (const more of [[], ["--watch"]]) {
  commandTest(`--server-stats ${more}: a server that does not tell its state: 69`, async (peer) => {
    await peer.welcome(OUR_CAPS);
    await peer.gone();
  }, async (server) => {
    assertEquals(await run(command, ["--server-stats", ...more, "--server", server]), {
      code: 69,
      out: "",
      err: "chatterbox: this server does not report statistics\n",
    });
  });
}

/** Answers NODES with `lines`. */
function nodes(...lines: string[]): Script {
  return async (peer) => {
    await peer.welcome([...OUR_CAPS, "chatterbox.chat/receipts"]);
    const [, label] = await peer.until(/^@label=(\S+) NODES$/);
    await peer.send(
      `@label=${label} :fake BATCH +x labeled-response`,
      ...lines.map((line) => `@batch=x :fake ${line}`),
      ":fake BATCH -x",
    );
    await peer.gone();
  };
}

const TWO_NODES = nodes(
  "NODES a leader 0 412 2026-01-31T09:55:00.000Z 10.0.0.1:6690 :0.1.0",
  "NODES b standby many 3 yesterday * :0.1.1\x1b",
  "NODES *",
);

commandTest("--nodes: a table, at a terminal", TWO_NODES, async (server) => {
  const options = { now: NOW, terminal: true, size: () => ({ columns: 120, rows: 24 }) };
  const { code, out } = await run(command, ["--nodes", "--utc", "--no-color", "--server", server], options);
  assertEquals([code, ...out.split("\n")], [
    0,
    "NODE  ROLE     RELAY          VERSION  LACKS  CLIENTS  SINCE",
    "a     leader   10.0.0.1:6690  0.1.0    0      412      2026-01-31 09:55:00Z (2h 5m)",
    "b     standby  -              0.1.1\u241b   -      3        -",
    "",
  ]);
});

commandTest("--nodes: rows and objects for programs", TWO_NODES, async (server) => {
  const { code, out } = await run(command, ["--nodes", "--server", server]);
  assertEquals([code, ...out.split("\n")], [
    0,
    "a\tleader\t10.0.0.1:6690\t0.1.0\t0\t412\t2026-01-31T09:55:00.000Z",
    "b\tstandby\t\t0.1.1\u241b\t\t3\t",
    "",
  ]);
});

commandTest("--nodes --json: what is not told is null", TWO_NODES, async (server) => {
  const { code, out } = await run(command, ["--nodes", "--json", "--server", server]);
  assertEquals([code, ...out.trim().split("\n").map((line) => JSON.parse(line))], [0, {
    name: "a",
    role: "leader",
    relay: "10.0.0.1:6690",
    version: "0.1.0",
    lag: 0,
    sessions: 412,
    since: "2026-01-31T09:55:00.000Z",
  }, {
    name: "b",
    role: "standby",
    relay: null,
    version: "0.1.1\x1b",
    lag: null,
    sessions: 3,
    since: null,
  }]);
});

for (
  const [line, err] of [
    ["FAIL NODES NO_CLUSTER :This server is no node of a cluster", "this server is no node of a cluster"],
    ["421 me NODES :Unknown command", "this server does not report nodes"],
  ] as const
) {
  commandTest(`--nodes: ${err}: 69`, nodes(line), async (server) => {
    assertEquals(await run(command, ["--nodes", "--server", server]), {
      code: 69,
      out: "",
      err: `chatterbox: ${err}\n`,
    });
  });
}
