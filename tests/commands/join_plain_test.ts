/** `join --plain`: at a real terminal, as a screen reader or expect uses it, and with a pipe. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as join } from "../../commands/join.ts";
import { needs } from "../tools.ts";
import { program, programTest, Server } from "./program.ts";
import { Pty, TELLING_PID } from "./pty.ts";
import { run } from "./run_command.ts";

function terminal(server: Server, person: string, ...flags: string[]): Pty {
  return new Pty(["join", person, "--plain", ...flags, "--server", server.url], {
    XDG_CONFIG_HOME: `${server.home}/${person}`,
    XDG_STATE_HOME: `${server.home}/${person}`,
    TERM_PROGRAM: "iTerm.app",
  }, TELLING_PID);
}

/** bob says each of `texts`. */
async function say(server: Server, target: string, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    const sent = await program(
      ["send", target, text, "--from", "bob", "--server", server.url],
      `${server.home}/bob`,
    );
    assertEquals(sent.code, 0, sent.err);
  }
}

programTest(
  "join --plain at a terminal: one line in, one line out, no control sequence, and each word once",
  needs("script"),
  async () => {
    await using server = await Server.start();
    await using alice = terminal(server, "alice", "--bell");
    await alice.line("note 1 person in #lobby: alice");
    alice.press("hello all\n");
    await alice.line("hello all");
    await say(server, "#lobby", "hi", "ALICE, tea?");
    await alice.line(/^mention \d\d:\d\d bob: ALICE, tea\?$/);
    await say(server, "alice", "psst");
    await alice.line(/^direct \d\d:\d\d bob: psst$/);
    alice.press("/join ops\n");
    await alice.line("note 1 person in #ops: alice");
    alice.press("/nonsense\n");
    await alice.line(/^error .*nonsense/);
    alice.press("/quit\n");
    assertEquals((await alice.end()).restored, true);
    // The screen wraps at 60 columns; the bytes do not.
    const lines = alice.raw.split("\r\n").map((line) =>
      line.replaceAll("\x07", "").replace(/\d\d:\d\d/, "TIME")
    );
    assertEquals(lines.slice(lines.indexOf("room #lobby"), lines.indexOf("/quit")), [
      "room #lobby",
      "note 1 person in #lobby: alice",
      "hello all",
      "TIME bob: hi",
      "mention TIME bob: ALICE, tea?",
      "direct TIME bob: psst",
      "/join ops",
      "room #ops",
      "note 1 person in #ops: alice",
      "/nonsense",
      "error unknown command /nonsense; /help lists the commands (//nonsense sends it as text)",
    ]);
    assertEquals(alice.raw.split("hello all").length - 1, 1);
    // A bell, since it was asked for, right after its line; no title, no notification, no cursor movement.
    assertEquals(alice.raw.includes(" bob: ALICE, tea?\r\n\x07"), true);
    assertEquals(alice.raw.includes("\x1b"), false);
  },
);

programTest(
  "join --plain at a terminal: Ctrl-C ends with 130, Ctrl-D leaves with 0, a signal with its code",
  needs("script"),
  async () => {
    await using server = await Server.start();
    for (
      const [person, key, code] of [["ann", "\x03", 130], ["ben", "\x04", 0], ["cy", "SIGTERM", 143]] as const
    ) {
      await using pty = terminal(server, person, "--no-times");
      await pty.line("room #lobby");
      await pty.line(/^note \d (?:person|people) in #lobby: /);
      if (key === "SIGTERM") await pty.signal(key);
      else pty.press(key);
      assertEquals(await pty.end(), { code, restored: true }, person);
    }
  },
);

programTest(
  "join --plain at a terminal: what was typed offline is kept, Ctrl-D does not wait, and it is shown when it is sent",
  needs("script"),
  async (home) => {
    const flags = ["--unix", `${home}/socket`];
    const first = await Server.start(home, ...flags);
    const args = ["join", "alice", "--plain", "--no-times", "--server", `unix:${home}/socket`];
    const env = { XDG_CONFIG_HOME: `${home}/alice`, XDG_STATE_HOME: `${home}/alice` };
    {
      await using alice = new Pty(args, env);
      await alice.line("note 1 person in #lobby: alice");
      await first.stop("SIGKILL");
      await alice.line(/^error connection lost: /);
      alice.press("for later\n");
      await alice.line("note queued for #lobby until connected: for later");
      alice.press("\x04");
      assertEquals(await alice.end(), { code: 75, restored: true });
    }
    await using _second = await Server.start(home, ...flags);
    await using alice = new Pty(args, env);
    await alice.line("alice: for later");
  },
);

programTest(
  "join --plain with a pipe: the same lines, with our own; without it they are as ever",
  {},
  async () => {
    await using server = await Server.start();
    const stdin = "hello\n/me waves\n";
    const join = (person: string, ...flags: string[]) =>
      program(["join", person, "--commands", ...flags, "--server", server.url], `${server.home}/${person}`, {
        stdin,
      });
    const plain = await join("ann", "--plain", "--no-times");
    assertEquals([plain.code, plain.err, plain.out.split("\n")], [0, "", [
      "room #lobby",
      "note 1 person in #lobby: ann",
      "ann: hello",
      "action ann waves",
      "",
    ]]);
    const piped = await join("ben");
    assertMatch(piped.out, /^\d\d:\d\d <ben> hello\n\d\d:\d\d \* ben waves\n/m);
  },
);

Deno.test("join --no-times without --plain is wrong usage", async () => {
  const { code, err } = await run(join, ["alice", "--no-times"], { stdin: "" });
  assertEquals([code, err.split("\n")[0]], [64, "chatterbox join: --no-times goes with --plain"]);
});
