import { assertEquals } from "@std/assert";
import { command } from "../../commands/list.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Script } from "../client/fake_server.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { commandTest, run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;
const NOW = Date.UTC(2026, 0, 31, 12);

/** Two people: alice in two channels, bob away. */
const people: Script = async (peer) => {
  const me = await peer.welcome(OUR_CAPS);
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
      await batch(label, ["352 #b u h2 fake bob G :0 B", "352 #a u h1 fake alice H :0 A", "315 * :End"]);
    } else if (request === "WHOIS alice") {
      const signon = (NOW - 7_500_000) / 1000;
      await batch(label, [
        "311 alice u h1 * :A",
        "319 alice :@#a #b",
        `317 alice 200 ${signon} :idle`,
        "318 alice :End",
      ]);
    } else await batch(label, ["311 bob u h2 * :B", "301 bob :lu\x1bnch", "318 bob :End"]);
  }
};

commandTest("who is online, since when, how idle", people, async (server) => {
  const { code, out } = await run(command, ["--utc", "--server", server], { now: NOW });
  assertEquals(code, 0);
  assertEquals(out.split("\n"), [
    "NAME   SINCE                         IDLE    ROOMS",
    "alice  2026-01-31 09:55:00Z (2h 5m)  3m 20s  #a #b",
    "bob    ?                             ?              away: lu\u241bnch",
    "",
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
    },
    { name: "bob", host: "h2", since: null, idle: null, away: "lu\x1bnch", rooms: [] },
  ]);
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
      assertEquals(io.out.split("\n").length, 4);
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
    assertEquals([found.code, found.out.slice(0, 4), found.out.includes("\x1b")], [0, "NAME", false]);
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
    out.replace(/ +/g, " "),
    "NAME SINCE IDLE ROOMS\nalice 2026-01-31 09:55:00Z (2h 5m) 1s\n\nno users are online\n",
  );
});

commandTest("--watch on a terminal redraws", people, async (server) => {
  const found = await run(command, ["--watch", "-m", "1", "--no-color", "--server", server], {
    terminal: true,
    now: NOW,
  });
  assertEquals([found.code, found.out.slice(0, 7)], [0, "\x1b[H\x1b[2J"]);
});

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
  const { out } = await run(command, ["--rooms", "--server", server]);
  assertEquals(out, "ROOM    PEOPLE  TOPIC\n#lobby  12\n#ops    1       on call\n");
});

commandTest("nobody is online", async (peer) => {
  await peer.welcome();
  const [, token] = await peer.until(/^PING (\S+)$/);
  await peer.send(":fake 315 me * :End of WHO list", `:fake PONG fake :${token}`);
  await peer.gone();
}, async (server) => {
  assertEquals(await run(command, ["--server", server]), { code: 0, out: "no users are online\n", err: "" });
});

Deno.test({
  name: "wrong usage is 64",
  permissions,
  async fn() {
    assertEquals((await run(command, ["alice"])).code, 64);
    assertEquals((await run(command, ["--romos"])).code, 64);
    assertEquals((await run(command, ["--rooms", "--server-stats"])).code, 64);
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
