/** `send --lines`, `--file`, `--code`, `--reply-to` and `--template`; `logs --template`. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as logs } from "../../commands/logs.ts";
import { command as send } from "../../commands/send.ts";
import type { FakeIoOptions } from "../cli/fake_io.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { FakeServer } from "../client/fake_server.ts";
import { comesTrue, inTime } from "../support/guard.ts";
import { inPlace, placeTest } from "./machines.ts";
import type { Place } from "./machines.ts";
import { linesOf, programTest, start } from "./program.ts";
import { run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;

function envOf({ home }: Place) {
  return { XDG_CONFIG_HOME: `${home}/a`, XDG_STATE_HOME: `${home}/a` };
}

async function sendWords(place: Place, words: readonly string[], options: FakeIoOptions = {}) {
  return await run(send, ["--from", "ci", "#lobby", ...words, "--server", place.url], {
    ...options,
    env: envOf(place),
  });
}

/** The texts of #lobby. */
async function texts(place: Place): Promise<string[]> {
  const { out } = await place.on("a", logs, "#lobby --json");
  return out.trim().split("\n").map((line) => JSON.parse(line).text);
}

placeTest(
  "send --lines: each line is a message, and the exit code says that all were accepted",
  async (place) => {
    const sent = await sendWords(place, ["--lines", "--json"], {
      stdin: "one\r\n\n  \n10%\r50%\rtwo\nthree",
    });
    assertEquals(sent.code, 0, sent.err);
    assertEquals(sent.out.trim().split("\n").map((line) => JSON.parse(line).target), [
      "#lobby",
      "#lobby",
      "#lobby",
    ]);
    assertEquals(await texts(place), ["one", "two", "three"]);
    assertEquals((await sendWords(place, ["-", "--lines"], { stdin: "" })).code, 0, "a stream without lines");
  },
);

placeTest("send --lines: what comes too fast is gathered, and what is left out is told", async (place) => {
  const stdin = Array.from({ length: 300 }, (_, nth) => `${nth + 1}\n`).join("");
  const sent = await sendWords(place, ["--lines", "--rate", "2/1h"], { stdin });
  assertEquals(sent.code, 0, sent.err);
  assertMatch(sent.err, /300 lines in 1 message; 210 came too fast and were left out/);
  const [text = "", ...others] = await texts(place);
  assertEquals([others.length, text.split("\n").at(-1)], [0, "300"]);
  assertMatch(text, /^1\n2\n[^]*\n45\n… 210 more lines\n256\n/);
});

placeTest("send --lines: a room that is not there ends it, and the rest is counted: 67", async (place) => {
  const env = envOf(place);
  const args = ["--from", "ci", "#none", "--lines", "--server", place.url];
  const sent = await run(send, args, { env, stdin: "a\nb\nc\n" });
  assertEquals(sent.code, 67);
  assertMatch(sent.err, /no such room: #none; not sent: [1-3] lines?/);
});

placeTest("send --lines: interrupted, it says what was not sent: 130", async (place) => {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const io = new FakeIo({ env: { ...envOf(place), USER: "tester" }, input: readable });
  const ended = send.run(["--from", "ci", "#lobby", "--lines", "--rate", "1/1h", "--server", place.url], io);
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode("one\n"));
  await comesTrue(
    "one in the log",
    async () => (await texts(place).catch((): string[] => [])).includes("one"),
  );
  await writer.write(new TextEncoder().encode("two\nthree\n"));
  io.interrupt();
  assertEquals(await inTime("the end", ended), 130);
  await writer.close().catch(() => {});
});

Deno.test({
  name: "send --lines: a server that cannot be reached costs no lines silently: 69",
  permissions,
  async fn() {
    await inPlace("127.0.0.1:1", async (place) => {
      const sent = await sendWords(place, ["--lines"], { stdin: "a\nb\n" });
      assertEquals(sent.code, 69);
    });
  },
});

placeTest("send --lines: standard input that cannot be read: 74", async (place) => {
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (stream) => stream.error(new Error("broken")),
  });
  const sent = await sendWords(place, ["--lines"], { input });
  assertEquals([sent.code, sent.err], [74, "chatterbox: cannot read standard input: broken\n"]);
});

programTest("send --lines: across kill -9 of the server no line is lost or doubled", {}, async (home) => {
  const data = `${home}/data`;
  const first = await startServer(home, data, 0);
  await inPlace(`127.0.0.1:${first.port}`, async (place) => {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
    const io = new FakeIo({ env: { ...envOf(place), USER: "tester" }, input: readable });
    const flags = ["--retry", "5m"];
    const ended = send.run(["--from", "ci", "#lobby", "--lines", ...flags, "--server", place.url], io);
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode("one\n"));
    await comesTrue(
      "one in the log",
      async () => (await texts(place).catch((): string[] => [])).includes("one"),
    );
    first.child.kill("SIGKILL");
    await first.child.status;
    await writer.write(new TextEncoder().encode("two\n"));
    const second = await startServer(home, data, first.port);
    await writer.write(new TextEncoder().encode("three\n"));
    await writer.close();
    assertEquals(await inTime("the end", ended), 0);
    const said = await texts(place);
    assertEquals(said.slice(said.indexOf("two")), ["two", "three"]);
    assertEquals(said.filter((text) => text === "one").length <= 1, true);
    second.child.kill("SIGKILL");
    await second.child.status;
  });
});

/** A server on `port`, or on any for 0. */
async function startServer(home: string, data: string, port: number) {
  const child = start(["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", data], home);
  void child.stderr.cancel();
  for await (const line of linesOf(child.stdout)) {
    const found = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (found !== undefined) return { child, port: Number(found) };
  }
  throw new Error("the server ended before it listened");
}

placeTest(
  "send --file, --code: a block of code in one message, with words in front of a file",
  async (place) => {
    const file = await place.file('#!/bin/sh\necho "hi"\n\n');
    assertEquals((await sendWords(place, ["--file", file, "--lang", "sh", "look", "here"])).code, 0);
    assertEquals((await sendWords(place, ["--code"], { stdin: "a = 1\nb = 2\n" })).code, 0);
    assertEquals((await sendWords(place, ["--code", "x", "=", "1"])).code, 0);
    const fenced = await place.file("a\n```\nb\n");
    assertEquals((await sendWords(place, ["--file", fenced])).code, 0);
    assertEquals(await texts(place), [
      'look here\n```sh\n#!/bin/sh\necho "hi"\n```',
      "```\na = 1\nb = 2\n```",
      "```\nx = 1\n```",
      "a\n```\nb",
    ]);
  },
);

placeTest("send --file: what is no text, too long, empty or not there: 65, 74", async (place) => {
  for (
    const [text, words] of [
      ["a\x01b", /is not a text file/],
      ["  \n", /is empty/],
      ["x\n".repeat(99), /is too long for one message: 101 lines, and there is space for 100/],
      ["x".repeat(4090), /is too long for one message: \d+ bytes, and there is space for 4096/],
      ["x".repeat(5000), /larger than 4096 bytes/],
    ] as const
  ) {
    const { code, err } = await sendWords(place, ["--file", await place.file(text)]);
    assertEquals(code, 65, err);
    assertMatch(err, words);
  }
  assertEquals((await sendWords(place, ["--file", `${place.home}/none`])).code, 74);
});

placeTest(
  "send --template, --reply-to: the id of a message, and an answer to it; logs --template",
  async (place) => {
    const asked = await sendWords(place, ["--template", "{{id}}", "a\\b?"]);
    assertEquals(asked.code, 0, asked.err);
    const answered = await sendWords(place, ["--reply-to", asked.out.trim(), "yes"]);
    assertEquals(answered.code, 0, answered.err);
    for (const id of ["nonsense", `${asked.out.trim()}0`]) {
      const nothing = await sendWords(place, ["--reply-to", id, "no"]);
      assertEquals(nothing.code, 67, nothing.err);
      assertMatch(nothing.err, /the server has no message \S+ in #lobby, so there is nothing to reply to/);
    }
    await sendWords(place, ["--code", "x"]);
    const shown = await place.on("a", logs, "#lobby --template {{from}}\\t{{reply_to}}\\t{{text}}");
    assertEquals(shown.out, `ci\t\ta\\b?\nci\t${asked.out.trim()}\tyes\nci\t\t\`\`\`\\nx\\n\`\`\`\n`);
    const folded = await sendWords(place, ["--template", "{{id}}", "a\nb"]);
    assertEquals((await sendWords(place, ["--reply-to", folded.out.trim(), "both"])).err, "");
    const own = await place.on("a", send, "ci --from ci --template {{id}} hi");
    const elsewhere = await sendWords(place, ["--reply-to", own.out.trim(), "no"]);
    assertEquals([own.code, elsewhere.code], [0, 67], own.err + elsewhere.err);
    assertMatch(elsewhere.err, /the server has no message \S+ in #lobby/);
  },
);

placeTest("send, logs: flags that do not go together: 64", async (place) => {
  const cases: readonly (readonly [words: readonly string[], text: RegExp])[] = [
    [["--lines", "text"], /--lines sends standard input; omit the text/],
    [["--lines", "--id", "k"], /--id cannot be used with --lines/],
    [["--lines", "--in", "1h"], /--in cannot be used with --lines/],
    [["--lines"], /--lines sends standard input: pipe it in/],
    [["--json", "--template", "{{id}}", "x"], /--json and --template exclude each other/],
    [["--template", "{{nick}}", "x"], /there is no \{\{nick\}\}; there are id, seq/],
    [["--in", "1h", "--template", "{{id}}", "x"], /there are scheduled, time/],
    [["--lang", "c d", "x"], /--lang c d: not the name of a language/],
    [["--reply-to", "a b", "x"], /not the id of a message/],
    [["--reply-to", "a", "--outbox", "x"], /--reply-to and --outbox exclude each other/],
    [["--file", "f", "-"], /--file is the text/],
  ];
  for (const [words, text] of cases) {
    const { code, err } = await sendWords(place, words);
    assertEquals(code, 64, words.join(" "));
    assertMatch(err, text);
  }
  for (
    const [line, text] of [
      ["--template {{nick}}", /--template \{\{nick\}\}: there is no \{\{nick\}\}; there are seq, id/],
      ["--template {{from}} --json", /--template cannot be used with --json/],
      ["--template {{from}} -o md", /--template cannot be used with --output md/],
      ["--template {{from}} --search x", /--template cannot be used with --search/],
      ["--template {{from}} --verify", /--template cannot be used with --verify/],
    ] as const
  ) {
    const { code, err } = await place.on("a", logs, line);
    assertEquals(code, 64, line);
    assertMatch(err, text);
  }
});

Deno.test({
  name: "send --reply-to: a server without message tags is sent nothing: 77",
  permissions,
  async fn() {
    await using server = new FakeServer(async (peer) => {
      await peer.welcome([]);
      await peer.until(/^QUIT/);
      assertEquals(peer.heard.filter((line) => line.includes("PRIVMSG")), []);
    });
    await server.run(inPlace(server.url, async (place) => {
      const { code, err } = await sendWords(place, ["--reply-to", "a", "x"]);
      assertEquals(code, 77);
      assertMatch(err, /has no message tags, and so no replies/);
    }));
  },
});
