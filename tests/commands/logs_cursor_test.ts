/** `logs --cursor-file`, and what is shown of losses. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command } from "../../commands/logs.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer, Script } from "../client/fake_server.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { program, Server } from "./program.ts";
import { commandTest, run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;
const START = Date.UTC(2026, 0, 31, 10);

/** A test with a server of `script` and a path where no cursor is yet. */
function cursorTest(name: string, script: Script, fn: (url: string, cursor: string) => Promise<void>): void {
  commandTest(name, script, (url) => withTempDir((dir) => fn(url, `${dir}/cursor`)));
}

/** Message number `n` as the server shows it, without `@`. */
function message(n: number, from = "bob"): string {
  const time = new Date(START + n * 1000).toISOString();
  return `time=${time};msgid=m${n};chatterbox.chat/seq=${n} :${from}!u@h PRIVMSG #lobby :message ${n}`;
}

/** Answers the next CHATHISTORY with `lines` behind `notes`; what was asked for. */
async function giveHistory(peer: Peer, lines: readonly string[], ...notes: string[]): Promise<string> {
  const [, label, request = ""] = await peer.until(/^@label=(\S+) CHATHISTORY (.*)$/);
  await peer.send(
    `@label=${label} :fake BATCH +h chathistory #lobby`,
    ...notes.map((note) => `@batch=h :fake ${note}`),
    ...lines.map((line) => `@batch=h;${line}`),
    ":fake BATCH -h",
  );
  return request;
}

async function acceptFollow(peer: Peer): Promise<void> {
  const [, label, target] = await peer.until(/^@label=(\S+) FOLLOW (\S+)$/);
  await peer.send(`@label=${label} :fake FOLLOW ${target}`);
}

/** What stands in the cursor file: its msgid. */
async function msgidIn(path: string): Promise<string | null> {
  return JSON.parse(await Deno.readTextFile(path)).msgid;
}

const GAP = "NOTE CHATHISTORY GAP #lobby 37 overwritten :Older messages have been overwritten";

cursorTest(
  "--cursor-file: the newest messages at first, then new ones, with gaps in their place",
  async (peer, nth) => {
    await peer.welcome(OUR_CAPS);
    if (nth === 0) {
      assertEquals(await giveHistory(peer, [message(1), message(2)]), "LATEST #lobby * 50");
      await giveHistory(peer, []);
    } else if (nth < 3) {
      assertEquals(await giveHistory(peer, [message(40)], GAP), "AFTER #lobby msgid=m2 500");
      assertEquals(await giveHistory(peer, []), "AFTER #lobby msgid=m40 500");
    } else assertEquals(await giveHistory(peer, []), "AFTER #lobby msgid=m40 500");
    await peer.gone();
  },
  async (server, cursor) => {
    const args = ["--cursor-file", cursor, "--utc", "--server", server];
    const now = START;
    const first = await run(command, args, { now });
    assertEquals([first.code, first.out.split("\n").length], [0, 3]);
    const before = await Deno.readTextFile(cursor);
    const second = await run(command, args, { now });
    assertEquals(second, {
      code: 0,
      out: "gap: 37 messages, at 10:00Z\n2026-01-31 10:00:40Z bob: message 40\n",
      err: "",
    });
    await Deno.writeTextFile(cursor, before); // as after a crash behind the output: repeated, not skipped
    const again = await run(command, [...args, "--json"], { now });
    assertEquals(again.out.trimEnd().split("\n").map((line) => JSON.parse(line).type), ["gap", "message"]);
    assertEquals(JSON.parse(again.out.split("\n")[0]!), {
      type: "gap",
      lost: 37,
      at_most: 37,
      why: "overwritten",
      after: "2026-01-31T10:00:02.000Z",
      before: "2026-01-31T10:00:40.000Z",
    });
    assertEquals(await run(command, args, { now }), { code: 0, out: "", err: "" });
  },
);

cursorTest(
  "--cursor-file moves past what a filter leaves out; -n and --since are for the first run",
  async (peer, nth) => {
    await peer.welcome(OUR_CAPS);
    if (nth === 0) {
      assertEquals(
        await giveHistory(peer, [1, 2, 3].map((n) => message(n))),
        "AFTER #lobby timestamp=2026-01-31T09:59:59.999Z 500",
      );
      await giveHistory(peer, []);
    } else {
      assertEquals(await giveHistory(peer, [message(4, "al"), message(5)]), "AFTER #lobby msgid=m3 500");
      await giveHistory(peer, []);
    }
    await peer.gone();
  },
  async (server, cursor) => {
    const since = ["--since", "2026-01-31T10:00:00Z"];
    const args = ["--cursor-file", cursor, "--from", "al", ...since, "--json", "--server", server];
    assertEquals((await run(command, args)).out, "");
    assertEquals(await msgidIn(cursor), "m3");
    assertEquals(JSON.parse((await run(command, [...args, "-n", "1"])).out).seq, 4);
    assertEquals(await msgidIn(cursor), "m5");
  },
);

cursorTest(
  "--cursor-file without any message: the next run starts at the beginning",
  async (peer, nth) => {
    await peer.welcome(OUR_CAPS);
    const asked = await giveHistory(peer, []);
    assertEquals(
      asked,
      nth === 0 ? "LATEST #lobby * 50" : "AFTER #lobby timestamp=1970-01-01T00:00:00.000Z 500",
    );
    await peer.gone();
  },
  async (server, cursor) => {
    const args = ["--cursor-file", cursor, "--server", server];
    assertEquals((await run(command, args)).code, 0);
    assertEquals(await msgidIn(cursor), null);
    assertEquals((await run(command, args)).code, 0);
  },
);

cursorTest("--cursor-file -n 0: from now on", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await giveHistory(peer, [message(7)]);
  await peer.gone();
}, async (server, cursor) => {
  const { code, out } = await run(command, ["--cursor-file", cursor, "-n", "0", "--server", server]);
  assertEquals([code, out, await msgidIn(cursor)], [0, "", "m7"]);
});

cursorTest("--max-count: the cursor is at the last message shown", async (peer, nth) => {
  await peer.welcome(OUR_CAPS);
  const lines = [message(1), message(2), message(3)];
  assertEquals(
    await giveHistory(peer, nth === 0 ? lines : lines.slice(2)),
    nth === 0 ? "LATEST #lobby * 50" : "AFTER #lobby msgid=m2 500",
  );
  await giveHistory(peer, []);
  await peer.gone();
}, async (server, cursor) => {
  const args = ["-m", "2", "--cursor-file", cursor, "--server", server];
  assertMatch((await run(command, args)).out, /message 1\n.*message 2\n$/);
  assertEquals(await msgidIn(cursor), "m2");
  assertMatch((await run(command, args)).out, /^.*message 3\n$/);
});

cursorTest("a reader that leaves before it has everything: the cursor does not move", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await giveHistory(peer, [message(1)]);
  await peer.gone();
}, async (server, cursor) => {
  const onStdout = () => {
    throw new Deno.errors.BrokenPipe();
  };
  const args = ["--cursor-file", cursor, "--since", "2026-01-31T10:00:00Z", "--server", server];
  assertEquals((await run(command, args, { onStdout })).code, 0);
  assertEquals(await Deno.stat(cursor).catch(() => "none"), "none");
});

cursorTest("a server with a new log: reading goes on by time, and it is reported", async (peer) => {
  await peer.welcome(OUR_CAPS);
  const [, label] = await peer.until(/^@label=(\S+) CHATHISTORY AFTER #lobby msgid=old /);
  await peer.send(
    `@label=${label} :fake FAIL CHATHISTORY MESSAGE_ERROR AFTER #lobby :The msgid is not from this server's log`,
  );
  assertEquals(await giveHistory(peer, [message(9)]), "AFTER #lobby timestamp=2026-01-31T10:00:05.000Z 500");
  await giveHistory(peer, []);
  await peer.gone();
}, async (server, cursor) => {
  const time = new Date(START + 5000).toISOString();
  await Deno.writeTextFile(
    cursor,
    JSON.stringify({ server, target: "#lobby", msgid: "old", seq: 900, time }),
  );
  const { code, out, err } = await run(command, ["--cursor-file", cursor, "--json", "--server", server]);
  assertEquals([code, JSON.parse(out).seq, await msgidIn(cursor)], [0, 9, "m9"]);
  assertMatch(err, /^chatterbox: gap: the server has a new log, .* from 2026-01-31 10:00:05Z on\n$/);
});

const shown = Promise.withResolvers<void>();

cursorTest(
  "following with a cursor file; --no-retry ends with 75 when the connection is lost",
  async (peer) => {
    await peer.welcome(OUR_CAPS);
    await acceptFollow(peer);
    await giveHistory(peer, [message(1)]);
    await giveHistory(peer, []);
    await peer.send(`@${message(2)}`, `@${message(3, "al")}`);
    await shown.promise;
    await peer.send("ERROR :restart");
  },
  (server, cursor) =>
    withTempDir(async (home) => {
      const io = new FakeIo({
        env: { XDG_CONFIG_HOME: home },
        onStdout: (text) => text.includes("message 2") && shown.resolve(),
      });
      const args = [
        "-f",
        "--no-retry",
        "--from",
        "bob",
        "--cursor-file",
        cursor,
        "--json",
        "--server",
        server,
      ];
      assertEquals(await command.run(args, io), 75);
      await io.flush();
      assertEquals(io.out.trimEnd().split("\n").map((line) => JSON.parse(line).seq), [1, 2]);
      assertEquals(io.err, "chatterbox: connection lost: restart; not trying again (--no-retry)\n");
      assertEquals(await msgidIn(cursor), "m3");
    }),
);

const onceShown = Promise.withResolvers<void>();

cursorTest(
  "following: messages lost during a connection loss are shown as a gap in their place",
  async (peer, nth) => {
    await peer.welcome(OUR_CAPS);
    await acceptFollow(peer);
    if (nth === 0) {
      await giveHistory(peer, [message(1)]);
      await giveHistory(peer, []);
      await onceShown.promise;
      return await peer.send("ERROR :restart");
    }
    await giveHistory(peer, [message(40)], GAP);
    await peer.gone();
  },
  (server) =>
    withTempDir(async (home) => {
      const io: FakeIo = new FakeIo({
        env: { XDG_CONFIG_HOME: home },
        onStdout: (text) => {
          if (text.includes("message 1\n")) onceShown.resolve();
          if (text.includes("message 40")) io.interrupt();
        },
        now: START,
      });
      assertEquals(await command.run(["-f", "--utc", "--server", server], io), 130);
      await io.flush();
      assertEquals(io.out.split("\n").slice(1, 3), [
        "gap: 37 messages, at 10:00Z",
        "2026-01-31 10:00:40Z bob: message 40",
      ]);
    }),
);

Deno.test({
  name: "--cursor-file: foreign 64, damaged 65 and untouched, unwritable 74, before any server is asked",
  permissions,
  fn: () =>
    withTempDir(async (folder) => {
      const path = `${folder}/cursor`;
      const of = async (text: string) => {
        await Deno.writeTextFile(path, text);
        const { code, err } = await run(command, ["--cursor-file", path, "--server", "irc://127.0.0.1:1"]);
        assertStringIncludes(err, path);
        assertEquals(await Deno.readTextFile(path), text);
        return code;
      };
      const cursor = {
        server: "127.0.0.1:1",
        target: "#other",
        msgid: null,
        seq: null,
        time: "2026-01-31T10:00Z",
      };
      assertEquals(await of(JSON.stringify(cursor)), 64);
      assertEquals(await of(JSON.stringify({ ...cursor, server: "h:2", target: "#lobby" })), 64);
      assertEquals(await of("{}"), 65);
      assertEquals(await of(""), 65);
      const args = ["--cursor-file", `${folder}/none/cursor`, "--server", "irc://127.0.0.1:1"];
      assertEquals((await run(command, args)).code, 74);
    }),
});

Deno.test("a cursor goes on across kill -9 of a real server: nothing twice, nothing missed, and the crash is reported", () =>
  withTempDir(async (home) => {
    const cursor = `${home}/cursor`;
    const first = await Server.start(home);
    const say = async (server: Server, ...texts: string[]) =>
      assertEquals(
        (await program(["send", "#lobby", "-", "--wait", "durable", "--server", server.url], home, {
          stdin: texts.join("\n"),
        })).code,
        0,
      );
    const read = async ({ url }: Server) => {
      // The server comes back on another port, which is another server to a cursor.
      const text = await Deno.readTextFile(cursor).catch(() => undefined);
      if (text !== undefined) {
        await Deno.writeTextFile(cursor, JSON.stringify({ ...JSON.parse(text), server: url }));
      }
      const { code, out } = await run(command, ["--cursor-file", cursor, "--json", "--server", url]);
      assertEquals(code, 0);
      return out.split("\n").slice(0, -1).map((line) => JSON.parse(line)).flatMap(({ type, text, why }) =>
        type === "gap" ? [why] : text.split("\n")
      );
    };
    await say(first, "one", "two");
    assertEquals(await read(first), ["one", "two"]);
    await say(first, "three");
    await first.stop("SIGKILL");
    const second = await Server.start(home);
    await say(second, "four", "five");
    assertEquals(await read(second), ["three", "restart", "four", "five"]);
    assertEquals(await read(second), []);
    await second.stop("SIGKILL");
    const third = await Server.start(home);
    assertEquals(await read(third), ["restart"]);
    assertEquals(await read(third), [], "told once");
    await say(third, "six");
    assertEquals(await read(third), ["six"]);
    await third.stop();
    const verified = await run(command, ["--verify", "--json", "--file", third.logFile]);
    assertEquals([verified.code, JSON.parse(verified.out).sound, JSON.parse(verified.out).cut_offs], [
      0,
      true,
      2,
    ]);
  }));
