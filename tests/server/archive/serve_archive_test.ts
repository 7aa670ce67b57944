/** `serve` as a process with its archive: killed, stopped, on a full disk, with a file in its place that is none. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { decodeEvent } from "../../../lib/hub/log/event_codec.ts";
import { ArchiveReader } from "../../../lib/store/archive/archive_reader.ts";
import { program, programTest } from "../../commands/program.ts";
import { comesTrue, endOf } from "../../support/guard.ts";
import { POSIX } from "../../support/test.ts";
import { needs } from "../../tools.ts";
import { Serve } from "../serve_process.ts";

function archiveTest(name: string, tools: string[], fn: (home: string) => Promise<void>): void {
  programTest(`serve, archive: ${name}`, { ignore: POSIX.ignore || needs(...tools).ignore }, fn);
}

const pathIn = (home: string) => `${home}/data/archive.sqlite`;

/** Texts of the messages to #lobby in the archive, oldest first. */
function archivedIn(home: string): string[] {
  const reader = new ArchiveReader(pathIn(home));
  try {
    const { records } = reader.answer({
      kind: "page",
      conversation: { kind: "channel", name: "#lobby" },
      shows: ["message"],
      anchors: [],
      before: 100_000,
      after: 0,
      maxBytes: 1 << 30,
    });
    return records.map(({ payload }) => {
      const event = decodeEvent(payload);
      return event?.kind === "message" ? event.text.split(" ")[0]! : "";
    });
  } finally {
    reader.close();
  }
}

/** Whether the archive has at least `count` messages; it may not be there yet. */
function hasArchived(home: string, count: number): boolean {
  try {
    return archivedIn(home).length >= count;
  } catch {
    return false;
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);

archiveTest("goes on after kill -9 and after a stop: all messages in order, each once", [], async (home) => {
  let said = 0;
  for (const isKilled of [true, true, false]) {
    const serve = await Serve.start(home, ["--sync", "10ms", "--buffer", "64KiB"]);
    const alice = await serve.enter("alice");
    for (let burst = 0; burst < 4; burst++) {
      for (let each = 0; each < 100; each++) await alice.send(`PRIVMSG #lobby :m${said++} ${"x".repeat(50)}`);
      await alice.barrier();
      if (isKilled || burst === 0) await comesTrue("they are archived", () => hasArchived(home, said));
    }
    alice.close();
    if (isKilled) await serve.kill();
    else assertEquals(await serve.end(), 0);
    assertEquals(serve.saidOf("archive").filter((text) => !text.startsWith("info")), []);
  }
  assertEquals(archivedIn(home), numbers(said), "the last ones with the stop");
});

archiveTest("--archive off makes no archive, and leaves one as it is", [], async (home) => {
  const data = `${home}/data`;
  const without = await Serve.start(home, ["--archive", "off"]);
  const alice = await without.enter("alice");
  await alice.send("PRIVMSG #lobby :m0");
  await alice.barrier();
  alice.close();
  assertEquals(await without.end(), 0);
  const files = Array.from(Deno.readDirSync(data), ({ name }) => name);
  assertEquals(files.filter((name) => name.startsWith("archive")), []);
  await Deno.writeTextFile(pathIn(home), "kept");
  const again = await Serve.start(home, ["--archive", "off"]);
  assertEquals(await again.end(), 0);
  const said = again.said.filter(({ event }) => event === "archive").map(({ text }) => text);
  assertEquals(said, [`--archive off: ${pathIn(home)} (4 B) is neither written nor read`]);
  assertEquals(await Deno.readTextFile(pathIn(home)), "kept");
});

archiveTest(
  "a file in its place that is none: told once, the chat goes on, list ends with 74",
  [],
  async (home) => {
    await Deno.mkdir(`${home}/data`, { recursive: true });
    await Deno.writeTextFile(pathIn(home), "my notes ".repeat(1000));
    const serve = await Serve.start(home, ["--sync", "10ms"]);
    const told = await serve.until(({ event }) => event === "archive");
    assertEquals(told.level, "error");
    assertMatch(
      told.text,
      /^history is not being archived: .*archive\.sqlite: file is not a database; stop the server and run "chatterbox archive repair", or move/,
    );
    const alice = await serve.enter("alice");
    await alice.send("PRIVMSG alice :hello");
    assert(await alice.until((line) => line.endsWith(" PRIVMSG alice :hello")), "the chat goes on");
    alice.close();
    const stats = await program(
      ["list", "--server-stats", "--server", `irc://127.0.0.1:${serve.port}`],
      home,
    );
    assertEquals(stats.code, 74);
    assertMatch(stats.out, /^archive +NOT being written: file is not a database$/m);
    assertMatch(stats.err, /history is not being archived: file is not a database/);
    assertEquals(await serve.end(), 0);
    assertEquals(serve.saidOf("archive").length, 1);
    assertMatch(await Deno.readTextFile(pathIn(home)), /^my notes/);
  },
);

archiveTest(
  "a disk that takes no more of it: told once, and made up for when there is room",
  ["prlimit"],
  async (home) => {
    const serve = await Serve.start(home, ["--sync", "10ms", "--buffer", "256KiB"], "trap '' XFSZ;");
    const limit = async (bytes: string) => {
      const { success } = await new Deno.Command("sh", {
        args: ["-c", `prlimit --pid ${serve.child.pid} --fsize=${bytes}:`],
      }).output();
      assert(success, "prlimit");
    };
    const alice = await serve.enter("alice");
    let said = 0;
    const say = async () => {
      await alice.send(`PRIVMSG #lobby :m${said++} ${"and on ".repeat(30)}`);
      await alice.barrier();
    };
    await say();
    await comesTrue("it is archived", () => hasArchived(home, 1));
    await limit(String(300 * 1024)); // the ring file fits
    const full = serve.until(({ event, level }) => event === "archive" && level === "error");
    let isFull = false;
    void full.then(() => isFull = true);
    while (!isFull) await say();
    await say();
    await limit("unlimited");
    await serve.until(({ event, text }) =>
      event === "archive" && text.startsWith("history is being archived again")
    );
    alice.close();
    assertEquals(await serve.end(), 0);
    assertEquals(serve.saidOf("archive").filter((text) => text.startsWith("error")).length, 1);
    assertEquals(serve.saidOf("sync"), [], "the log is saved all the while");
    const [first, ...archived] = archivedIn(home);
    assertEquals([first, archived.at(-1)], ["m0", `m${said - 1}`]);
    await endOf(serve.child);
  },
);
