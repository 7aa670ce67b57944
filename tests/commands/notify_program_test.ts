/** `join --notify`: which messages the program gets, how often it runs, and what is told of its failures. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { MAX_NOTIFY_QUEUE, NOTIFY_RATE, NotifyProgram } from "../../commands/join/notify_program.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { comesTrue } from "../support/guard.ts";
import { POSIX, pureTest } from "../support/test.ts";
import { linesOf, program, programTest, Server, start } from "./program.ts";
import { run } from "./run_command.ts";

function message(text: string): MessageEntry {
  const place = { channel: undefined, from: "bob", to: "alice" };
  return { kind: "message", seq: 1, id: "m1", time: 0, manner: "said", text, ...place };
}

/** A program that ends when the test says so, and what was told. */
class Fixture {
  now = 0;
  readonly ran: string[] = [];
  readonly told: string[] = [];
  readonly #ends: ((failure: string | undefined) => void)[] = [];
  readonly program: NotifyProgram;

  constructor() {
    const run = (entry: MessageEntry) => {
      this.ran.push(entry.text);
      return new Promise<string | undefined>((resolve) => this.#ends.push(resolve));
    };
    this.program = new NotifyProgram({ run }, { now: () => this.now });
    this.program.tell = (text) => void this.told.push(text);
  }

  /** The run that has begun ends. */
  async end(failure?: string): Promise<void> {
    this.#ends.shift()!(failure);
    for (let turns = 0; turns < 5; turns++) await Promise.resolve();
  }
}

pureTest(
  "notify program: one runs at a time, in order; of those that wait some are left out, which is told",
  async () => {
    const test = new Fixture();
    for (let n = 0; n <= MAX_NOTIFY_QUEUE + 2; n++) test.program.add(message(`${n}`), "alice");
    assertEquals(test.ran, ["0"]);
    await test.end();
    assertEquals(test.ran, ["0", "1"]);
    for (let n = 0; n < MAX_NOTIFY_QUEUE + 5; n++) await test.end().catch(() => {});
    assertEquals(test.ran.at(-1), `${MAX_NOTIFY_QUEUE}`);
    assertEquals(test.told, [
      "--notify: messages come faster than it runs (at most 30 a minute); some are left out",
    ]);
  },
);

pureTest(
  "notify program: it runs 30 times a minute, and what is left out is told once a minute",
  async () => {
    const test = new Fixture();
    for (let n = 0; n < NOTIFY_RATE.count + 5; n++) {
      test.program.add(message(`${n}`), "alice");
      await test.end().catch(() => {});
    }
    assertEquals([test.ran.length, test.told.length], [NOTIFY_RATE.count, 1]);
    test.now += NOTIFY_RATE.ms;
    test.program.add(message("later"), "alice");
    assertEquals(test.ran.at(-1), "later");
  },
);

pureTest("notify program: a failure is told once, until it works again", async () => {
  const test = new Fixture();
  for (
    const failure of ["sh ended with 1", "sh ended with 1", "sh ended with 2", undefined, "sh ended with 2"]
  ) {
    test.program.add(message("hi"), "alice");
    await test.end(failure);
  }
  assertEquals(test.told, [1, 2, 2].map((code) => `--notify: sh ended with ${code} (message of bob)`));
});

pureTest("notify program: what waits is dropped when the chat ends", async () => {
  const test = new Fixture();
  for (const text of ["1", "2"]) test.program.add(message(text), "alice");
  test.program.close();
  await test.end();
  assertEquals(test.ran, ["1"]);
});

Deno.test("join --notify: a line that is no command, and a program that there is not, are wrong usage", async () => {
  for (
    const [line, why] of [["no-such-program-here x", "no such program: no-such-program-here"], [
      "'a",
      "a quote",
    ]]
  ) {
    const { code, err } = await run(join, ["alice", "--notify", line!], { stdin: "" });
    assertEquals(code, 64);
    assertMatch(err, new RegExp(`^chatterbox join: --notify ${line}: ${why}`));
  }
});

programTest(
  "join --notify: the program gets mentions and direct messages in its environment and input, and no shell; not history, not our own",
  POSIX,
  async (home) => {
    await using server = await Server.start();
    const send = async (...args: string[]) => {
      const sent = await program(["send", ...args, "--server", server.url], `${home}/bob`);
      assertEquals(sent.code, 0, sent.err);
    };
    await send("#lobby", "alice, in history", "--from", "bob");
    const file = `${home}/got`;
    Deno.writeTextFileSync(
      `${home}/notify.sh`,
      `{ echo "$CHATTERBOX_MESSAGE_FROM|$CHATTERBOX_MESSAGE_ROOM|$CHATTERBOX_MESSAGE_WITH|$CHATTERBOX_MESSAGE_TEXT"; cat; } >> "$1"\n` +
        `echo noise; echo noise >&2; exit 3\n`,
    );
    const notify = `sh '${home}/notify.sh' '${file}'`;
    const alice = start(["join", "alice", "--notify", notify, "--server", server.url], `${home}/alice`, {
      stdin: "",
    });
    const lines = linesOf(alice.stdout);
    const until = async (end: RegExp) => {
      const seen: string[] = [];
      for (;;) {
        const { value = "" } = await lines.next();
        seen.push(value.slice(6));
        if (end.test(value)) return seen;
      }
    };
    const writer = alice.stdin.getWriter();
    await until(/alice, in history/);
    await writer.write(new TextEncoder().encode("I am alice\n"));
    await until(/I am alice/);
    await send("#lobby", "nothing for her", "--from", "bob");
    await send("#lobby", "alice: $(touch x) `id`", "--from", "bob");
    await send("alice", "psst", "--from", "bob");
    const got = await comesTrue("two runs", () => {
      return Deno.readTextFile(file).then(
        (text) => text.split("\n").length > 4 && text,
        () => false as const,
      );
    });
    assertEquals(got.split("\n"), [
      "bob|#lobby||alice: $(touch x) `id`",
      "alice: $(touch x) `id`",
      "bob||bob|psst",
      "psst",
      "",
    ]);
    const shown = await until(/--notify: sh ended with 3 \(message of bob\)$/);
    assertEquals(shown.some((line) => line.includes("noise")), false);
    await writer.close();
    for await (const _ of lines);
    assertEquals((await alice.status).code, 0);
    await alice.stderr.cancel();
  },
);
