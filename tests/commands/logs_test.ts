import { assertEquals, assertMatch } from "@std/assert";
import { command } from "../../commands/logs.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { commandTest, run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;
const START = Date.UTC(2026, 0, 31, 10);

/** Message number `n` as the server shows it, without `@`. */
function message(n: number, from = "bob", text = `message ${n}`, target = "#lobby"): string {
  const time = new Date(START + n * 1000).toISOString();
  return `time=${time};msgid=m${n};chatterbox.chat/seq=${n} :${from}!u@h PRIVMSG ${target} :${text}`;
}

/** Answers the next CHATHISTORY with `lines`; what was asked for. */
async function giveHistory(peer: Peer, lines: readonly string[]): Promise<string> {
  const [, label, request = ""] = await peer.until(/^@label=(\S+) CHATHISTORY (.*)$/);
  await peer.send(
    `@label=${label} :fake BATCH +h chathistory #lobby`,
    ...lines.map((line) => `@batch=h;${line}`),
    ":fake BATCH -h",
  );
  return request;
}

async function acceptFollow(peer: Peer): Promise<string> {
  const [, label, target = ""] = await peer.until(/^@label=(\S+) FOLLOW (\S+)$/);
  await peer.send(`@label=${label} :fake FOLLOW ${target}`);
  return target;
}

commandTest("the newest messages of the lobby, each with its time", async (peer) => {
  await peer.welcome(OUR_CAPS);
  assertEquals(await giveHistory(peer, [message(1), message(2, "al", "\x1b[2J\x01")]), "LATEST #lobby * 50");
  assertEquals(await giveHistory(peer, []), "BEFORE #lobby msgid=m1 50");
  await peer.gone();
}, async (server) => {
  assertEquals(await run(command, ["--utc", "--server", server]), {
    code: 0,
    out: "2026-01-31 10:00:01Z bob: message 1\n2026-01-31 10:00:02Z al: \u241b[2J\u2401\n",
    err: "",
  });
});

commandTest("without --room it is the lobby that the server names", async (peer) => {
  await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#Tea"]);
  assertEquals(await giveHistory(peer, [message(1, "bob", "hello", "#Tea")]), "LATEST #Tea * 50");
  assertEquals(await giveHistory(peer, []), "BEFORE #Tea msgid=m1 50");
  await peer.gone();
}, async (server) => {
  const { code, out } = await run(command, ["--utc", "--server", server]);
  assertEquals([code, out], [0, "2026-01-31 10:00:01Z bob: hello\n"]);
});

commandTest("… with --follow, too", async (peer) => {
  await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#Tea"]);
  assertEquals(await acceptFollow(peer), "#Tea");
  peer.close();
}, async (server) => {
  assertEquals((await run(command, ["-f", "--no-retry", "--server", server])).code, 75);
});

commandTest("… and #lobby where it names none", async (peer) => {
  await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY="]);
  const [, label] = await peer.until(/^@label=(\S+) CHATHISTORY LATEST #lobby /);
  await peer.send(`@label=${label} :fake FAIL CHATHISTORY INVALID_TARGET LATEST #lobby :no`);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["--server", server]);
  assertEquals([code, err], [67, "chatterbox: no such room: #lobby; --room names another\n"]);
});

commandTest("-n, --room, --from, -g and --json", async (peer) => {
  await peer.welcome(OUR_CAPS);
  const lines = [
    message(1, "bob", "deploy"),
    message(2, "al", "deploy"),
    message(3, "bob", "lunch"),
    message(4, "BOB", "Deploy"),
  ];
  assertEquals(
    await giveHistory(peer, lines.map((line) => line.replace("#lobby", "#ops"))),
    "LATEST #ops * 50",
  );
  await peer.gone();
}, async (server) => {
  const { code, out } = await run(
    command,
    ["-n", "2", "--room", "ops", "--from", "bob", "-g", "[dD]eploy", "--json", "--server", server],
  );
  assertEquals(code, 0);
  assertEquals(
    out.trimEnd().split("\n").map((line) => JSON.parse(line)),
    [1, 4].map((n) => ({
      seq: n,
      id: `m${n}`,
      time: new Date(START + n * 1000).toISOString(),
      room: "#ops",
      from: n === 1 ? "bob" : "BOB",
      type: "message",
      text: n === 1 ? "deploy" : "Deploy",
    })),
  );
});

commandTest("--since and --until", async (peer) => {
  await peer.welcome(OUR_CAPS);
  assertEquals(
    await giveHistory(peer, [1, 2, 3].map((n) => message(n))),
    "AFTER #lobby timestamp=2026-01-31T10:00:00.999Z 500",
  );
  await peer.gone();
}, async (server) => {
  const args = [
    "--since",
    "2026-01-31T10:00:01Z",
    "--until",
    "2026-01-31T10:00:03Z",
    "--json",
    "--server",
    server,
  ];
  const { out } = await run(command, args);
  assertEquals(out.trimEnd().split("\n").map((line) => JSON.parse(line).seq), [1, 2]);
});

commandTest("--with shows the direct messages with another user", async (peer) => {
  await peer.welcome(OUR_CAPS);
  assertEquals(
    await giveHistory(peer, [message(1, "bob", "hi", "alice"), message(2, "alice", "ho", "bob")]),
    "LATEST bob * 50",
  );
  await giveHistory(peer, []);
  await peer.gone();
}, async (server) => {
  const args = ["--with", "bob", "--name", "alice", "--json", "--server", server];
  const { out } = await run(command, args, { env: { CHATTERBOX_KEY: "k".repeat(43) } });
  const rows = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.map(({ with: partner, from, text }) => [partner, from, text]), [["bob", "bob", "hi"], [
    "bob",
    "alice",
    "ho",
  ]]);
});

const fiveShown = Promise.withResolvers<void>();

commandTest(
  "following: no gap and no repetition between history and live messages, nor across a reconnect",
  async (peer, nth) => {
    await peer.welcome(OUR_CAPS);
    assertEquals(await acceptFollow(peer), "#lobby");
    if (nth === 0) {
      await peer.send(`@${message(3)}`); // live, and in the history too
      assertEquals(await giveHistory(peer, [1, 2, 3].map((n) => message(n))), "LATEST #lobby * 50");
      await peer.send(`@${message(4)}`, `@${message(4, "x", "elsewhere", "#other")}`, ":bob!u@h JOIN #lobby");
      await giveHistory(peer, []);
      await peer.send(`@${message(5)}`);
      await fiveShown.promise;
      return await peer.send("ERROR :restart");
    }
    await peer.send(`@${message(7)}`);
    assertEquals(await giveHistory(peer, [message(6), message(7)]), "AFTER #lobby msgid=m5 500");
    // The page has come to a live message: nothing more is asked for.
    await peer.send(`@${message(8)}`);
    await peer.gone();
  },
  (server) =>
    withTempDir(async (home) => {
      const io: FakeIo = new FakeIo({
        env: { XDG_CONFIG_HOME: home },
        onStdout: (text) => {
          if (text.includes("message 5")) fiveShown.resolve();
          if (text.includes("message 8")) io.interrupt();
        },
      });
      assertEquals(await command.run(["--tail", "--json", "--server", server], io), 130);
      await io.flush();
      assertEquals(io.out.trimEnd().split("\n").map((line) => JSON.parse(line).seq), [
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
      ]);
      assertEquals(
        io.err,
        "chatterbox: connection lost: restart; trying again\nchatterbox: connected again\n",
      );
    }),
);

const hundredShown = Promise.withResolvers<void>();

commandTest("following a server that has a new log", async (peer, nth) => {
  await peer.welcome(OUR_CAPS);
  await acceptFollow(peer);
  if (nth === 0) {
    await giveHistory(peer, [message(100)]);
    await giveHistory(peer, []);
    await hundredShown.promise;
    return await peer.send("ERROR :wiped");
  }
  const [, label] = await peer.until(/^@label=(\S+) CHATHISTORY AFTER #lobby msgid=m100 /);
  await peer.send(`@label=${label} :fake FAIL CHATHISTORY INVALID_PARAMS AFTER :Unknown msgid`);
  assertEquals(await giveHistory(peer, [message(1)]), "AFTER #lobby timestamp=2026-01-31T10:01:40.000Z 500");
  await peer.gone();
}, (server) =>
  withTempDir(async (home) => {
    const io: FakeIo = new FakeIo({
      env: { XDG_CONFIG_HOME: home },
      onStdout: (text) => {
        if (text.includes('"seq":100,')) hundredShown.resolve();
        if (text.includes('"seq":1,')) io.interrupt("SIGTERM");
      },
    });
    assertEquals(await command.run(["-f", "--json", "--server", server], io), 143);
  }));

commandTest("a server without observers is joined", async (peer) => {
  await peer.welcome(OUR_CAPS.filter((cap) => cap !== "chatterbox.chat/observer"));
  const [, label] = await peer.until(/^@label=(\S+) JOIN #lobby$/);
  await peer.send(`@label=${label} :cb!u@h JOIN #lobby`);
  await giveHistory(peer, [message(1)]);
  await giveHistory(peer, []);
  await peer.gone();
}, (server) =>
  withTempDir(async (home) => {
    const io: FakeIo = new FakeIo({ env: { XDG_CONFIG_HOME: home }, onStdout: () => io.interrupt() });
    assertEquals(await command.run(["-f", "--server", server], io), 130);
  }));

commandTest("a reader that closes standard output is no error", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await giveHistory(peer, [message(1)]);
  await peer.gone();
}, async (server) => {
  const onStdout = () => {
    throw new Deno.errors.BrokenPipe();
  };
  const { code, err } = await run(command, ["--since", "2026-01-31T10:00:00Z", "--server", server], {
    onStdout,
  });
  assertEquals([code, err], [0, ""]);
});

commandTest("--max-count: the first N messages that match", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await giveHistory(peer, [message(1), message(2, "al"), message(3), message(4)]);
  await peer.gone();
}, async (server) => {
  const found = await run(command, ["-n", "3", "-m", "2", "--from", "bob", "--server", server]);
  assertEquals([found.code, found.out.replace(/^.{20}/gm, ""), found.err], [
    0,
    "bob: message 1\nbob: message 3\n",
    "",
  ]);
});

commandTest("--max-count with --follow: history and new messages are counted together", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await acceptFollow(peer);
  await giveHistory(peer, [message(1)]);
  await giveHistory(peer, []);
  await peer.send(`@${message(2)}`, `@${message(3)}`);
  await peer.gone();
}, (server) =>
  withTempDir(async (home) => {
    const io: FakeIo = new FakeIo({
      env: { XDG_CONFIG_HOME: home },
      onStdout: (text) => text.includes("message 3") && io.interrupt(), // or a fault would follow for ever
    });
    const code = await command.run(["-f", "-m", "2", "--server", server], io);
    assertEquals([code, io.out.replace(/^.{20}/gm, "")], [0, "bob: message 1\nbob: message 2\n"]);
  }));

commandTest("--follow reports reactions on standard error, with the message", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await acceptFollow(peer);
  await giveHistory(peer, [message(1)]);
  await giveHistory(peer, []);
  await peer.send(
    "@+draft/react=👍;+draft/reply=m1 :al!u@h TAGMSG #lobby",
    "@+draft/react=👍;+draft/reply=m1 :al!u@h TAGMSG #elsewhere",
    "@+draft/unreact=👍;+draft/reply=m0 :al!u@h TAGMSG #lobby",
    `@${message(2)}`,
  );
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["-f", "-m", "2", "--server", server]);
  assertEquals([code, err], [
    0,
    "chatterbox: al reacted 👍 to bob: «message 1»\nchatterbox: al removed the reaction 👍 to an earlier message\n",
  ]);
});

commandTest("--follow reports removed messages, and not those that were edited", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await acceptFollow(peer);
  await giveHistory(peer, [message(1)]);
  await giveHistory(peer, []);
  await peer.send(
    `@+chatterbox.chat/replaces=m1;${message(2)}`,
    ":bob!u@h REDACT #lobby m1",
    ":bob!u@h REDACT #lobby m2 :typo",
    `@${message(3)}`,
  );
  await peer.gone();
}, async (server) => {
  const { code, out, err } = await run(command, ["-f", "-m", "3", "--server", server]);
  assertEquals([code, err], [0, "chatterbox: bob removed the message m2 (typo)\n"]);
  assertEquals(out.replace(/^.{20}/gm, ""), "bob: message 1\nbob: message 2 (edited)\nbob: message 3\n");
});

commandTest("--follow quotes the latest 500 messages when they are reacted to", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await acceptFollow(peer);
  await giveHistory(peer, Array.from({ length: 501 }, (_, n) => message(n + 1)));
  await peer.send(
    "@+draft/react=2;+draft/reply=m2 :al!u@h TAGMSG #lobby",
    "@+draft/react=3;+draft/reply=m3 :al!u@h TAGMSG #lobby",
    `@${message(502)}`, // it is said while history is read, and so shown before the reactions are told
  );
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["-f", "-n", "501", "-m", "502", "--server", server]);
  assertEquals([code, err], [
    0,
    "chatterbox: al reacted 2 to an earlier message\nchatterbox: al reacted 3 to bob: «message 3»\n",
  ]);
});

commandTest("no such room: 67", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/CHATHISTORY/);
  await peer.send(
    "@label=1 :fake FAIL CHATHISTORY INVALID_TARGET LATEST #nope :Messages could not be retrieved",
  );
  const [, label] = await peer.until(/^@label=(\S+) LIST/);
  await peer.send(
    `@label=${label} :fake BATCH +l labeled-response`,
    "@batch=l :fake 322 alice #Node 3 :",
    "@batch=l :fake 323 alice :End of LIST",
    ":fake BATCH -l",
  );
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["--room", "#nope", "--server", server]);
  assertEquals([code, err], [67, "chatterbox: no such room: #nope; did you mean '#Node'?\n"]);
});

commandTest("a server without history: 69", async (peer) => {
  await peer.welcome();
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["--server", server]);
  assertEquals([code, err], [69, "chatterbox: the server keeps no history\n"]);
});

Deno.test({
  name: "wrong usage is 64: patterns, times, counts, contradictions",
  permissions,
  async fn() {
    const wrong = [
      ["-g", "("],
      ["--since", "someday"],
      ["-n", "-1"],
      ["-n", "1.5"],
      ["-A", "1"],
      ["-g", "a", "-C", "1001"],
      ["-i"],
      ["-g", "a", "-i", "--case-sensitive"],
      ["--reverse", "-f"],
      ["--reverse", "--cursor-file", "c"],
      ["--json", "-o", "md"],
      ["-o", "xml"],
      ["--color", "blue"],
      ["--exec", "'"],
      ["--since", "5m", "--until", "10m"],
      ["--with", "a b"],
      ["--with", "a,b"],
      ["--with", "#lobby"],
      ["--room", "a b"],
      ["-f", "--until", "1m"],
      ["-f", "--file", "x"],
      ["--cursor-file", "c", "--file", "x"],
      ["--no-retry"],
      ["--verify", "-n", "3"],
      ["--verify", "-f"],
      ["--verify", "--cursor-file", "c"],
      ["--verify", "#lobby"],
      ["a b"],
    ];
    for (const args of wrong) {
      const { code, err } = await run(command, args);
      assertEquals(code, 64, args.join(" "));
      assertMatch(err, /^chatterbox logs: /);
    }
  },
});

Deno.test({
  name: "--file: not a ring file: 65, no such file: 74",
  permissions,
  async fn() {
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, "hello".repeat(10_000));
    assertEquals((await run(command, ["--file", path])).code, 65);
    await Deno.remove(path);
    assertEquals((await run(command, ["--file", path])).code, 74);
  },
});
