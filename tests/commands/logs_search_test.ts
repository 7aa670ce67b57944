import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command } from "../../commands/logs.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { commandTest, run } from "./run_command.ts";

const CAPS = [...OUR_CAPS, "soju.im/search"];

/** Told where the name is the login name, and has no key. */
const LOBBY_ONLY = "chatterbox: only the lobby is searched, without direct messages (--name NAME)\n";

/** Message number `n` as the server shows it. */
function found(n: number, text: string, target = "#dev"): string {
  const time = `2026-01-31T10:00:0${n}.000Z`;
  return `@batch=s;time=${time};msgid=m${n};chatterbox.chat/seq=${n} :bob!u@h PRIVMSG ${target} :${text}`;
}

/** Answers the next SEARCH with `messages`, and with a note behind them; returns its attributes. */
async function giveFound(peer: Peer, messages: readonly string[], note?: string): Promise<string> {
  const [, label, attributes = ""] = await peer.until(/^@label=(\S+) SEARCH :?(.*)$/);
  const lines = ["BATCH +s soju.im/search", ...messages, "BATCH -s"];
  if (note === undefined) await peer.send(`@label=${label} :fake ${lines[0]}`, ...messages, ":fake BATCH -s");
  else {
    await peer.send(
      `@label=${label} :fake BATCH +l labeled-response`,
      "@batch=l :fake BATCH +s soju.im/search",
      ...messages,
      "@batch=l :fake BATCH -s",
      `@batch=l :fake NOTE SEARCH ${note}`,
      ":fake BATCH -l",
    );
  }
  return attributes;
}

/** Gives two messages, of which the longer one has formatting, a match at its end and a second line. */
async function giveDeploys(peer: Peer): Promise<void> {
  await peer.welcome(CAPS);
  const messages = [
    found(1, `${"so ".repeat(80)}the \x02deploy\x02 went *wrong*`),
    found(2, "Deployed\x1b!", "alice"),
  ];
  assertEquals(await giveFound(peer, messages), "text=deploy*;limit=20");
  await peer.gone();
}

commandTest(
  "--search, piped: the newest first, each text whole and as it was sent",
  giveDeploys,
  async (server) => {
    assertEquals(await run(command, ["-s", "deploy*", "--utc", "--server", server]), {
      code: 0,
      out: "2026-01-31 10:00:02Z →alice bob: Deployed␛!\n" +
        `2026-01-31 10:00:01Z #dev bob: ${"so ".repeat(80)}the deploy went *wrong*\n`,
      err: LOBBY_ONLY,
    });
  },
);

for (
  const [what, env, args, match] of [
    ["in colours", {}, [], "\x1b[1;4;31mdeploy\x1b[0m"],
    ["without colours", { NO_COLOR: "1" }, [], "\x1b[1;4mdeploy\x1b[0m"],
    ["dumb", { TERM: "dumb" }, [], "deploy"],
    ["with --color never", {}, ["--color", "never"], "deploy"],
  ] as const
) {
  commandTest(
    `--search at a terminal ${what}: a match has a style, a long text is cut`,
    giveDeploys,
    async (server) => {
      const terminal = { terminal: true, env: { TERM: "xterm", ...env } };
      const { out } = await run(command, [
        "-s",
        "deploy*",
        "--utc",
        "--no-pager",
        ...args,
        "--server",
        server,
      ], terminal);
      assertStringIncludes(out, `the ${match} went *wrong*\n`);
      assertMatch(out, /: …so so/);
    },
  );
}

commandTest("--search: other flags, and further words, are part of the request", async (peer) => {
  await peer.welcome(CAPS);
  assertEquals(
    await giveFound(peer, []),
    "in=#dev;from=carol,bob;after=2026-01-31T00:00:00.000Z;before=2026-01-31T23:59:59.999Z;" +
      "text=went\\swrong\\shas:link;limit=20",
  );
  await peer.gone();
}, async (server) => {
  const flags = [
    "--room",
    "dev",
    "--from",
    "bob",
    "--since",
    "2026-01-31T00:00:00Z",
    "--until",
    "2026-02-01T00:00:00Z",
  ];
  const words = ["-s", "went", "wrong", "from:carol", "has:link"];
  assertEquals(await run(command, [...words, ...flags, "--server", server]), { code: 1, out: "", err: "" });
});

commandTest("--search asks for page after page until there are as many as wanted", async (peer) => {
  await peer.welcome(CAPS);
  assertEquals(await giveFound(peer, [found(5, "x")], "MORE p5 :more"), "text=x;limit=2");
  assertEquals(
    await giveFound(peer, [found(4, "x")], "INCOMPLETE time p3 :slow"),
    "text=x;limit=1;chatterbox.chat/before=p5",
  );
  await peer.gone();
}, async (server) => {
  const { code, out, err } = await run(command, ["-s", "x", "-n", "2", "--json", "--server", server]);
  assertEquals([code, err], [
    0,
    `${LOBBY_ONLY}chatterbox: older messages are not searched yet; to go on: -n 4\n`,
  ]);
  assertEquals(
    out.split("\n").slice(0, -1).map((line) => JSON.parse(line)),
    [5, 4].map((n) => ({
      seq: n,
      id: `m${n}`,
      time: `2026-01-31T10:00:0${n}.000Z`,
      room: "#dev",
      from: "bob",
      type: "message",
      text: "x",
      matches: [[0, 1]],
    })),
  );
});

commandTest("--search: a server that gets no further is not asked for ever: 75", async (peer) => {
  await peer.welcome(CAPS);
  await giveFound(peer, [found(5, "x")], "INCOMPLETE time p5 :slow");
  await giveFound(peer, [], "INCOMPLETE time p5 :slow");
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["-s", "x", "--room", "dev", "--server", server]);
  assertEquals([code, err], [
    75,
    "chatterbox: the server's search gets no further now: older messages are not searched; try again later\n",
  ]);
});

commandTest("--search: what was not searched is told", async (peer) => {
  await peer.welcome(CAPS);
  await giveFound(peer, [], "INCOMPLETE archive * :off");
  await peer.gone();
}, async (server) => {
  assertEquals(await run(command, ["-s", "x", "--server", server]), {
    code: 1,
    out: "",
    err: `${LOBBY_ONLY}chatterbox: only recent messages were searched: the archive does not answer now\n`,
  });
});

for (
  const [reply, code, text] of [
    ["INVALID_PARAMS in #x :There is no such room", 67, "#x: There is no such room; did you mean '#y'?"],
    ["NEED_REGISTRATION :Register first", 77, "Register first"],
  ] as const
) {
  commandTest(`--search: a refusal of the server is told: ${code}`, async (peer) => {
    await peer.welcome(CAPS);
    const [, label] = await peer.until(/^@label=(\S+) SEARCH/);
    await peer.send(`@label=${label} :fake FAIL SEARCH ${reply}`);
    if (code === 67) {
      const [, asked] = await peer.until(/^@label=(\S+) LIST/);
      await peer.send(`@label=${asked} :fake 322 alice #y 3 :`);
    }
    await peer.gone();
  }, async (server) => {
    assertEquals(await run(command, ["-s", "x in:#x", "--server", server]), {
      code,
      out: "",
      err: `chatterbox: ${text}\n`,
    });
  });
}

commandTest("--search: a connection that is lost before the answer: 75", async (peer) => {
  await peer.welcome(CAPS);
  await peer.until(/ SEARCH /);
  peer.close();
}, async (server) => {
  const { code, err } = await run(command, ["-s", "x", "--server", server]);
  assertEquals(code, 75);
  assertMatch(err, /\nchatterbox: the connection was lost: /);
});

commandTest("--search: words that do not fit a line are a usage error", async (peer) => {
  await peer.welcome(CAPS);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["-s", "x".repeat(500), "--server", server]);
  assertEquals([code, err], [64, `${LOBBY_ONLY}chatterbox: this search is too long: use fewer words\n`]);
});

commandTest("--search: too many searches are told", async (peer) => {
  await peer.welcome(CAPS);
  const [, label] = await peer.until(/^@label=(\S+) SEARCH/);
  await peer.send(`@label=${label} :fake FAIL SEARCH RATE_LIMITED 9 :Too many searches: try again in 9 s`);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["-s", "x", "--server", server]);
  assertEquals([code, err], [75, `${LOBBY_ONLY}chatterbox: Too many searches: try again in 9 s\n`]);
});

commandTest("--search on a server without search", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["-s", "x", "--server", server]);
  assertEquals([code, err], [69, `${LOBBY_ONLY}chatterbox: the server has no search\n`]);
});

Deno.test(
  "--search: what cannot be searched is a usage error",
  { permissions: { write: true, read: true } },
  async () => {
    const faults: [string[], RegExp][] = [
      [["-s", ""], /--search needs a value/],
      [["-s", " "], /--search needs a value/],
      [["-s", "* in:#z"], /--search: \*: a word has a letter, a digit or an emoji/],
      [["-s", "has:image"], /--search: has:image: only has:link is known/],
      [["-s", "x", "--follow"], /--search and --follow cannot be used together/],
      [["-s", "x", "--grep", "y"], /--search and --grep cannot be used together/],
      [["-s", "x", "-n", "0"], /--search needs -n 1 or more/],
      [["-s", "x since:1d", "--since", "1d"], /--since and since: cannot be used together/],
    ];
    for (const [args, expected] of faults) {
      const { code, err } = await run(command, args);
      assertEquals(code, 64);
      assertMatch(err, expected);
    }
  },
);
