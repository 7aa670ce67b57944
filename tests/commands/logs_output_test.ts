/** How `logs` shows messages: layouts, colours, messages around those that match, programs that run, the pager. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command } from "../../commands/logs.ts";
import { MessageCommand } from "../../commands/logs/output/message_command.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer, Script } from "../client/fake_server.ts";
import { POSIX } from "../support/test.ts";
import { linesOf, program, programTest, Server, start } from "./program.ts";
import { Pty } from "./pty.ts";
import { commandTest, run } from "./run_command.ts";

const START = Date.UTC(2026, 0, 31, 23, 59, 58);

function message(n: number, text: string, verb = "PRIVMSG", tags = ""): string {
  const time = new Date(START + n * 1000).toISOString();
  return `@batch=h;time=${time};msgid=m${n};chatterbox.chat/seq=${n}${tags} :bob!u@h ${verb} #lobby :${text}`;
}

/** Answers each CHATHISTORY with those of `rows` that are not yet given. */
function history(...rows: string[]): Script {
  return async (peer: Peer) => {
    await peer.welcome(OUR_CAPS);
    let left: readonly string[] = rows;
    for (;;) {
      const line = await peer.next();
      if (line === undefined || line.startsWith("QUIT")) return;
      const [, label] = /^@label=(\S+) CHATHISTORY/.exec(line)!;
      await peer.send(`@label=${label} :fake BATCH +h chathistory #lobby`, ...left, ":fake BATCH -h");
      left = [];
    }
  };
}

const DAYS = history(
  message(1, "a\tb"),
  message(2, "\x01ACTION waves\x01"),
  message(3, "\x01VERSION\x01"),
  message(4, "*not* \x02bold\x02\u200b"),
  message(5, "careful", "NOTICE"),
  message(6, "helo", "PRIVMSG", ";+chatterbox.chat/replaces=m0"),
);

for (
  const [layout, expected] of [
    ["full", [
      "2026-01-31 23:59:59Z bob: a       b",
      "2026-02-01 00:00:00Z * bob waves",
      "2026-02-01 00:00:02Z bob: *not* bold",
      "2026-02-01 00:00:03Z -bob- careful",
      "2026-02-01 00:00:04Z bob: helo (edited)",
    ]],
    ["short", [
      "Jan 31 23:59:59Z bob: a       b",
      "Feb 01 00:00:00Z * bob waves",
      "Feb 01 00:00:02Z bob: *not* bold",
      "Feb 01 00:00:03Z -bob- careful",
      "Feb 01 00:00:04Z bob: helo (edited)",
    ]],
    ["iso", [
      "2026-01-31T23:59:59Z bob: a       b",
      "2026-02-01T00:00:00Z * bob waves",
      "2026-02-01T00:00:02Z bob: *not* bold",
      "2026-02-01T00:00:03Z -bob- careful",
      "2026-02-01T00:00:04Z bob: helo (edited)",
    ]],
    ["cat", ["a       b", "waves", "*not* bold", "careful", "helo"]],
    ["md", [
      "## 2026-01-31",
      "",
      "- 23:59:59Z bob: a       b",
      "",
      "## 2026-02-01",
      "",
      "- 00:00:00Z \\* bob waves",
      "- 00:00:02Z bob: \\*not\\* bold",
      "- 00:00:03Z \\-bob\\- careful",
      "- 00:00:04Z bob: helo (edited)",
    ]],
  ] as const
) {
  commandTest(`-o ${layout}: each message so, and CTCP queries not`, DAYS, async (server) => {
    const { out } = await run(command, ["-o", layout, "--utc", "--server", server]);
    assertEquals(out.trimEnd().split("\n"), [...expected]);
  });
}

commandTest("-o iso: local times have their offset", history(message(1, "a")), async (server) => {
  const { out } = await run(command, ["-o", "iso", "--server", server]);
  const [time = ""] = out.split(" ");
  assertEquals([Date.parse(time), /[+-]\d\d:\d\d$/.test(time)], [START + 1000, true]);
});

commandTest("-o json is --json: texts as they are, CTCP queries too", DAYS, async (server) => {
  const { out } = await run(command, ["-o", "json", "--server", server]);
  const texts = out.trimEnd().split("\n").map((line) => JSON.parse(line).text);
  assertEquals(texts, ["a\tb", "waves", "\x01VERSION\x01", "*not* \x02bold\x02\u200b", "careful", "helo"]);
});

commandTest(
  "--color always: formatting and matches, also where nothing is a terminal",
  DAYS,
  async (server) => {
    const args = ["--color", "always", "-g", "BOL|not", "-i", "-o", "cat", "--server", server];
    const { out } = await run(command, args, { env: { NO_COLOR: "1" } });
    assertEquals(out, "*\x1b[1;31mnot\x1b[0m* \x1b[1;1;31mbol\x1b[0m\x1b[1md\x1b[0m\n");
  },
);

for (
  const [what, env, args, shown] of [
    ["NO_COLOR", { NO_COLOR: "1" }, [], "*not* \x1b[1;4mbol\x1b[0md\n"],
    ["a dumb one", { TERM: "dumb" }, [], "*not* bold\n"],
    ["--color never", {}, ["--color", "never"], "*not* bold\n"],
  ] as const
) {
  commandTest(
    `-g at a terminal, ${what}: matches are bold and underlined, or plain`,
    DAYS,
    async (server) => {
      const terminal = { terminal: true, env: { TERM: "xterm", ...env } };
      const flags = ["-g", "bol", "-o", "cat", "--no-pager", ...args];
      assertEquals((await run(command, [...flags, "--server", server], terminal)).out, shown);
    },
  );
}

commandTest("--color never, --no-color: none on a terminal", DAYS, async (server) => {
  for (const flag of [["--color", "never"], ["--no-color"], ["--color", "always", "--no-color"]]) {
    const { out } = await run(command, [...flag, "-o", "cat", "--server", server], { terminal: true });
    assertStringIncludes(out, "*not* bold\n");
  }
});

const WORDS = history(
  ...["a", "deploy 1", "b", "c", "d", "deploy 2", "e"].map((text, n) => message(n + 1, text)),
);

commandTest("-C: messages around those that match, and a line between groups", WORDS, async (server) => {
  const shown = async (...args: string[]) =>
    (await run(command, [...args, "-o", "cat", "--server", server])).out.trimEnd().split("\n");
  assertEquals(await shown("-g", "deploy", "-C", "1"), ["a", "deploy 1", "b", "--", "d", "deploy 2", "e"]);
  assertEquals(await shown("-g", "deploy", "-B", "1", "-n", "1"), ["d", "deploy 2"]);
  assertEquals(await shown("-g", "deploy", "-A", "1", "-m", "1"), ["deploy 1", "b"]);
  assertEquals(
    await shown("-g", "deploy", "-A", "1", "--since", "2026-01-01", "--reverse"),
    ["e", "deploy 2", "--", "b", "deploy 1"],
  );
});

commandTest("-B: what is before the oldest match is read from the pages before it", async (peer) => {
  await peer.welcome(OUR_CAPS);
  const pages = [[message(4, "deploy")], [message(3, "c")], [message(1, "deploy"), message(2, "b")], []];
  const asked: string[] = [];
  for (const page of pages) {
    const line = await peer.next();
    const [, label, request = ""] = /^@label=(\S+) CHATHISTORY (.*)$/.exec(line ?? "") ?? [];
    if (label === undefined) break;
    asked.push(request);
    await peer.send(`@label=${label} :fake BATCH +h chathistory #lobby`, ...page, ":fake BATCH -h");
  }
  assertEquals(asked, ["LATEST #lobby * 500", "BEFORE #lobby msgid=m4 500", "BEFORE #lobby msgid=m3 500"]);
}, async (server) => {
  const { out } = await run(command, ["-g", "deploy", "-B", "3", "-n", "1", "-o", "cat", "--server", server]);
  assertEquals(out, "b\nc\ndeploy\n");
});

commandTest("-C with --json: the others say so", WORDS, async (server) => {
  const { out } = await run(command, ["-g", "deploy 2", "-C", "1", "--json", "--server", server]);
  const rows = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.map(({ text, context }) => [text, context]), [["d", true], ["deploy 2", undefined], [
    "e",
    true,
  ]]);
});

/** A server of ours on which `texts` have been said in the lobby. */
async function said(home: string, ...texts: string[]): Promise<Server> {
  const server = await Server.start(home);
  for (const text of texts) {
    const { code, err } = await program(["send", "#lobby", text, "--server", server.url], home);
    assertEquals(code, 0, err);
  }
  return server;
}

programTest("--file: the newest that match, with those around them", POSIX, async (home) => {
  const server = await said(home, "a", "deploy 1", "b", "c", "deploy 2", "d");
  await server.stop();
  const args = ["logs", "--file", server.logFile, "-g", "deploy", "-C", "1", "-o", "cat"];
  assertEquals((await program(args, home)).out, "a\ndeploy 1\nb\nc\ndeploy 2\nd\n");
  assertEquals((await program([...args, "-n", "1"], home)).out, "c\ndeploy 2\nd\n");
  assertEquals(
    (await program(["logs", "#lobby", "#x", ...args.slice(1), "-n", "1"].slice(0, -4), home)).code,
    64,
  );
  const both = ["logs", "#x", "#lobby", "--file", server.logFile, "-o", "cat", "-r", "-n", "2"];
  assertEquals((await program(both, home)).out, "d\ndeploy 2\n");
});

programTest(
  "--exec: runs for each message, in its order, with the message in the environment and on standard input",
  POSIX,
  async (home) => {
    await using server = await said(home, "one\ntwo", "$(three) 'four'");
    const script = 'echo "<$CHATTERBOX_MESSAGE_FROM $CHATTERBOX_MESSAGE_ROOM $1>"; cat';
    const args = ["logs", "--exec", `sh -c '${script}' sh "a b"`, "-o", "cat", "--server", server.url];
    const { code, out, err } = await program(args, home);
    assertEquals([code, err], [0, ""]);
    assertEquals(out.split("\n"), [
      "one",
      "two",
      "<tester #lobby a b>",
      "one",
      "two",
      "$(three) 'four'",
      "<tester #lobby a b>",
      "$(three) 'four'",
      "",
    ]);
  },
);

programTest(
  "--exec: the program has our environment, but no key or password of ours",
  POSIX,
  async (home) => {
    await using server = await said(home, "one");
    const env = {
      CHATTERBOX_PASSWORD: "the-password",
      CHATTERBOX_KEY: "k".repeat(43),
      CHATTERBOX_NAME: "other",
      TEST_WORD: "inherited",
    };
    const args = ["logs", "-o", "cat", "--server", server.url, "--exec", "env"];
    const { code, out, err } = await program(args, home, { env });
    assertEquals([code, err], [0, ""]);
    const secrets = out.split("\n").filter((line) => /^CHATTERBOX_(?:PASSWORD|KEY)=/.test(line)).sort();
    assertEquals(secrets, ["CHATTERBOX_KEY=", "CHATTERBOX_PASSWORD="]);
    assertEquals([out.includes("TEST_WORD=inherited"), /the-password|kkkk/.test(out)], [true, false]);
  },
);

Deno.test("programs that commands start for a person: none gets our secrets", async () => {
  const counts: [file: string, starts: number][] = [];
  for (const folder of ["join", "logs", "logs/output", "support"]) {
    const url = new URL(`../../commands/${folder}/`, import.meta.url);
    for await (const { name, isFile } of Deno.readDir(url)) {
      if (!isFile) continue;
      const source = await Deno.readTextFile(new URL(name, url));
      const starts = source.split("new Deno.Command(").slice(1);
      if (starts.length > 0) counts.push([name, starts.length]);
      for (const start of starts) assertMatch(start.slice(0, 200), /\benv: .*\bCHILD_ENVIRONMENT\b/, name);
    }
  }
  const files = [
    "job_control.ts",
    "message_program.ts",
    "outside_editor.ts",
    "pager.ts",
    "program_search.ts",
  ];
  assertEquals(counts.map(([name]) => name).sort(), files);
});

programTest("--exec: what fails is told, the rest goes on, and the code is 74", POSIX, async (home) => {
  await using server = await said(home, "bad", "good");
  const args = ["logs", "-o", "cat", "--server", server.url, "--exec", `sh -c 'test "$(cat)" = good'`];
  const { code, out, err } = await program(args, home);
  assertEquals([code, out], [74, "bad\ngood\n"]);
  assertEquals(err.split("\n"), [
    "chatterbox: --exec: sh ended with 1 (message of tester)",
    "chatterbox: --exec failed for 1 of the messages",
    "",
  ]);
  const missing = await program(["logs", "--server", server.url, "--exec", "no-such-program x"], home);
  assertEquals([missing.code, missing.out], [64, ""]);
  assertMatch(missing.err, /no such program: no-such-program/);
});

programTest("--exec: a run that takes too long is killed, and told", POSIX, async () => {
  const io = new FakeIo();
  const slow = await MessageCommand.open("sh -c 'exec sleep 600'", io, 50);
  await slow.run(
    { from: "bob", text: "x", time: 0, manner: "said", to: "#a", channel: "#a" } as MessageEntry,
    "",
  );
  await io.flush();
  assertEquals(io.err, "chatterbox: --exec: sh took longer than 0.05 s and was killed (message of bob)\n");
  assertEquals(slow.end(0), 74);
});

programTest("-f: each message is written at once, also into a pipe", POSIX, async (home) => {
  await using server = await said(home, "first");
  const child = start(["logs", "-f", "-o", "cat", "--server", server.url], home);
  const lines = linesOf(child.stdout);
  assertEquals((await lines.next()).value, "first");
  await program(["send", "#lobby", "second", "--server", server.url], home);
  assertEquals((await lines.next()).value, "second");
  child.kill("SIGTERM");
  await lines.return(undefined);
  await child.stderr.cancel();
  assertEquals((await child.status).code, 143);
});

programTest("on a terminal $PAGER has the output, with colours; not with --no-pager", POSIX, async (home) => {
  await using server = await said(home, "hello \x02there");
  const env = {
    XDG_CONFIG_HOME: home,
    NO_COLOR: "",
    PAGER: `sed 's/^/[paged] /'`,
    USER: "tester",
  };
  const args = ["logs", "-o", "cat", "-g", "HELLO", "-i", "--server", server.url];
  {
    await using pty = new Pty(args, env);
    await pty.line("[paged] hello there");
    assertStringIncludes(pty.raw, "\x1b[1;31mhello\x1b[0m \x1b[1mthere\x1b[0m");
    assertEquals((await pty.end()).code, 0);
  }
  {
    await using pty = new Pty([...args, "--no-pager"], env);
    await pty.line("hello there");
    assertEquals((await pty.end()).code, 0);
  }
  {
    await using pty = new Pty(args, { ...env, PAGER: "no-such-pager -x" });
    await pty.line("hello there");
    await pty.line("chatterbox: no such pager: no-such-pager (PAGER)");
    assertEquals((await pty.end()).code, 0);
  }
});

programTest("leaving the pager ends the reading, with 0", POSIX, async (home) => {
  await using server = await said(home, "one", "two");
  const env = { XDG_CONFIG_HOME: home, PAGER: "head -n 1", USER: "tester" };
  await using pty = new Pty(["logs", "-o", "cat", "--server", server.url], env);
  await pty.line("one");
  assertEquals(await pty.end(), { code: 0, restored: true });
});
