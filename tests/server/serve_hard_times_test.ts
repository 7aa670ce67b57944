/** `serve` as a process under hard times: killed, out of file handles, out of channel, with a bug in its sync task. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { programTest } from "../commands/program.ts";
import { comesTrue, endOf } from "../support/guard.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { POSIX } from "../support/test.ts";
import { needs } from "../tools.ts";
import { Serve } from "./serve_process.ts";

function hardTimesTest(name: string, tools: string[], fn: (home: string) => Promise<void>): void {
  programTest(`serve, hard times: ${name}`, { ignore: POSIX.ignore || needs(...tools).ignore }, fn);
}

/** With an archive, the database gets facts about it at any time, and may be what meets the full disk first. */
const LOG_ALONE = ["--archive", "off"];

/** Texts of the messages in the server's file. */
function savedIn(home: string): string[] {
  const file = readLogFile(`${home}/data/log.ring`);
  assert(file.kind === "ok", "readable");
  const texts: string[] = [];
  for (let seq = file.ring.oldestSeq; seq < file.ring.nextSeq;) {
    const record = file.ring.read(seq);
    if (record.kind === "empty") break;
    const event = record.kind === "ok" ? decodeEvent(record.payload) : undefined;
    if (event?.kind === "message") texts.push(event.text);
    seq = record.kind === "ok" ? seq + 1 : record.next;
  }
  return texts;
}

hardTimesTest(
  "the first message after the start is on disk at once, not an interval later; kill -9 does not cost it",
  [],
  async (home) => {
    const first = await Serve.start(home, ["--sync", "1h"]);
    const alice = await first.enter("alice");
    await alice.send("PRIVMSG #lobby :the first");
    await alice.barrier();
    await comesTrue("it is saved", () => savedIn(home).length > 0);
    first.child.kill("SIGKILL");
    await endOf(first.child);
    alice.close();
    assertEquals(savedIn(home), ["the first"]);
    const second = await Serve.start(home);
    assertMatch(second.said[0]!.text, /records recovered; unclean shutdown/);
    assertEquals(await second.end(), 0);
  },
);

hardTimesTest(
  "out of file handles: who is there goes on and is saved, who comes waits; told once",
  [],
  async (home) => {
    const serve = await Serve.start(home, ["--sync", "always"], "ulimit -n 64;");
    const alice = await serve.enter("alice");
    const inside: SocketClient[] = [];
    const full = serve.until(({ event }) => event === "trouble");
    let isFull = false;
    void full.then(() => isFull = true);
    let last: Promise<void> | undefined;
    while (!isFull) {
      const client = await serve.connect();
      inside.push(client);
      last = client.barrier();
      await Promise.race([last, full]);
    }
    assertMatch((await full).text, /^new connections wait until others close: .*os error 24.*ulimit -n/);
    const waiting = await Promise.all([1, 2, 3].map(() => serve.connect()));
    const served = Promise.all([last, ...waiting.map((client) => client.barrier())]);
    await alice.send("PRIVMSG #lobby :still here");
    await alice.barrier(); // with --sync always it is on disk, or could not be saved
    assertEquals(savedIn(home), ["still here"]);
    for (const client of inside.splice(0, 6)) client.close();
    await served;
    for (const client of [alice, ...inside, ...waiting]) client.close();
    assertEquals(await serve.end(), 0);
    assertEquals(serve.saidOf("trouble").length, 1);
    assertEquals(serve.saidOf("sync"), []);
    assertEquals(serve.saidOf("stopped"), ["info: stopped"]);
  },
);

hardTimesTest(
  "a disk that takes no more: the chat goes on, it is told once, and made up for when there is room",
  [
    "prlimit",
  ],
  async (home) => {
    const serve = await Serve.start(
      home,
      ["--sync", "10ms", "--buffer", "64KiB", ...LOG_ALONE],
      "trap '' XFSZ;",
    );
    const limit = async (bytes: string) => {
      const { success } = await new Deno.Command("sh", {
        args: ["-c", `prlimit --pid ${serve.child.pid} --fsize=${bytes}:`],
      }).output();
      assert(success, "prlimit");
    };
    const alice = await serve.enter("alice"), bob = await serve.enter("bob");
    const say = async (text: string) => {
      await alice.send(`PRIVMSG #lobby :${text}${" and on".repeat(50)}`);
      assert(await bob.until((line) => line.includes(` :${text} and`)), "bob hears it");
    };
    await limit("20000");
    const full = serve.until(({ event }) => event === "sync");
    let isFull = false;
    void full.then(() => isFull = true);
    let count = 0;
    while (!isFull) await say(`m${count++}`);
    assertMatch((await full).text, /^history is not being saved: .*log\.ring: File too large/);
    assert(
      await bob.until((line) => line.includes(" NOTICE bob :Messages are currently not being saved")),
      "bob is told",
    );
    for (let more = 0; more < 20; more++) await say(`m${count++}`);
    await limit("unlimited");
    await serve.until(({ event }) => event === "sync");
    assertEquals(serve.saidOf("sync"), [
      "error: history is not being saved",
      "info: history is being saved again",
    ]);
    assert(
      await bob.until((line) => line.endsWith(" NOTICE bob :Messages are being saved again")),
      "bob is told",
    );
    alice.close();
    bob.close();
    assertEquals(await serve.end(), 0);
    assertEquals(serve.saidOf("stopped"), ["info: stopped"]);
    assertMatch(savedIn(home).at(-1)!, new RegExp(`^m${count - 1} `));
  },
);

hardTimesTest(
  "a sync task that dies over and over ends the server in order, with exit code 74",
  [],
  async (home) => {
    const serve = await Serve.start(
      home,
      ["--sync", "20ms", ...LOG_ALONE],
      "",
      "tests/server/program_dying_sync.ts",
    );
    const alice = await serve.enter("alice");
    await alice.send("PRIVMSG #lobby :saved");
    await comesTrue("it is saved", () => savedIn(home).length > 0);
    await Deno.writeTextFile(`${home}/data/bug`, "");
    await alice.send("PRIVMSG #lobby :not saved");
    const stopped = await serve.until(({ event }) => event === "stopped");
    assertEquals(stopped.text, "stopped: 1 message could not be saved; 1 message on disk");
    assertEquals((await endOf(serve.child)).code, 74);
    assertEquals(
      serve.saidOf("sync"),
      Array(2).fill("error: history is not being saved"),
      "the first time, and at the end",
    );
    assertMatch(
      await serve.stderr,
      /chatterbox: the server stopped, because history could no longer be saved: .*a bug in the worker/,
    );
    await alice.ended();
    assert(alice.take().some((line) => line.startsWith("ERROR :")), "everybody is told");
    assertEquals(savedIn(home), ["saved"]);
  },
);

hardTimesTest("what could not be saved by the end is told, with exit code 74", [], async (home) => {
  const serve = await Serve.start(home, ["--sync", "20ms", ...LOG_ALONE]);
  const alice = await serve.enter("alice");
  await alice.send("PRIVMSG #lobby :saved");
  await comesTrue("it is saved", () => savedIn(home).length > 0);
  await Deno.remove(`${home}/data/log.ring`);
  await Deno.mkdir(`${home}/data/log.ring`); // nothing can be written there
  await alice.send("PRIVMSG #lobby :not saved");
  await alice.barrier();
  alice.close();
  assertEquals(await serve.end(), 74);
  const stopped = serve.said.find(({ event }) => event === "stopped");
  assertMatch(stopped!.text, /^stopped: [1-9]\d* messages? could not be saved; \d+ messages? on disk$/);
});

hardTimesTest(
  "a topic outlives the ring and kill -9; a damaged database is left alone, and without it no server begins",
  [],
  async (home) => {
    const flags = ["--buffer", String(64 * 1024), "--sync", "10ms"];
    const topicOf = async (serve: Serve) => {
      const reader = await serve.enter("reader");
      await reader.send("TOPIC #lobby");
      await reader.barrier();
      const line = reader.take().find((line) => / 33[12] /.test(line));
      reader.close();
      return line?.split(" :")[1];
    };
    const first = await Serve.start(home, flags);
    const alice = await first.enter("alice");
    await alice.send("TOPIC #lobby :tea at four");
    // Behind the database's first commit the ring may go round.
    await alice.barrier();
    await comesTrue("the database has a commit", () => isThere(`${home}/data/state.sqlite-wal`));
    for (let i = 0; i < 400; i++) await alice.send(`PRIVMSG #lobby :${"x".repeat(300)}`);
    await alice.barrier();
    await first.kill();
    const second = await Serve.start(home, flags);
    assertEquals(await topicOf(second), "tea at four");
    await second.kill();
    Deno.writeFileSync(`${home}/data/state.sqlite`, new Uint8Array(8192).fill(0xa5));
    const error = await assertRejects(() => Serve.start(home, flags), Error);
    assertMatch(error.message, /state\.sqlite is damaged: .*; restore a backup of it, or move it away/);
    assertEquals(Deno.readFileSync(`${home}/data/state.sqlite`)[0], 0xa5);
  },
);

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ size }) => size > 0, () => false);
}

hardTimesTest(
  "a buffer that is too small for the history is refused (74) until --shrink, which keeps a copy",
  [],
  async (home) => {
    const size = (kib: number) => ["--buffer", `${kib}KiB`];
    const first = await Serve.start(home, size(256));
    const alice = await first.enter("alice");
    await alice.send("JOIN #tea\r\nTOPIC #tea :green"); // the database is made with the first fact
    for (let i = 0; i < 10; i++) {
      await alice.send(Array.from({ length: 40 }, () => `PRIVMSG #lobby :${"x".repeat(400)}`).join("\r\n"));
      await alice.barrier();
    }
    assertEquals(await first.end(), 0);
    const { code, words } = await Serve.refused(home, size(64));
    assertEquals(code, 74);
    assertMatch(
      words,
      /log\.ring: \d+ of its \d+ records do not fit the new size\. Omit --buffer to keep its size \(256 KiB\), or start once with --shrink, /,
    );
    const second = await Serve.start(home, [...size(64), "--shrink"]);
    assertEquals(await second.end(), 0);
    const opened = second.said.find(({ event }) => event === "log")!;
    assertMatch(
      opened.text,
      /the \d+ records that do not fit the new size were dropped; the previous content is kept as /,
    );
    const names = [...Deno.readDirSync(`${home}/data`)].map(({ name }) => name).filter((name) =>
      name.includes(".before-")
    ).sort();
    assertEquals(names.map((name) => name.replace(/\d{8}T\d{6}Z$/, "TIME")), [
      "log.ring.before-TIME",
      "state.sqlite.before-TIME",
    ]);
    const third = await Serve.start(home, size(64));
    assertEquals(await third.end(), 0);
  },
);
