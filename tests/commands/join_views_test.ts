/** `chatterbox join` at a real terminal with several rooms: keys, commands, and what the next run finds. */
import { assertEquals, assertMatch } from "@std/assert";
import { needs } from "../tools.ts";
import { program, Server } from "./program.ts";
import { Pty } from "./pty.ts";

function terminal(server: Server, person: string, ...args: string[]): Pty {
  return new Pty(["join", person, ...args, "--server", server.url], {
    XDG_CONFIG_HOME: `${server.home}/${person}`,
    XDG_STATE_HOME: `${server.home}/${person}`,
    USER: person,
  });
}

/** The line on which one types. */
const typing = (line: string) => (lines: string[]) => lines.at(-1) === line;

/** bob says `text` in `room`, by a program. */
async function say(server: Server, room: string, text: string): Promise<void> {
  const args = ["send", room, text, "--from", "bob", "--server", server.url];
  assertEquals((await program(args, `${server.home}/bob`, { stdin: "" })).code, 0);
}

Deno.test({
  name: "join at a terminal: one view is shown, the others count; Alt-a, Alt-1, Ctrl-N and /go go to them",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    await using alice = terminal(server, "alice", "#dev", "#ops");
    await alice.shows(typing("#dev>"));
    await alice.line(/··· 1 person in #dev: alice$/);
    alice.press("half");
    await say(server, "#ops", "disk full");
    await alice.shows(typing("#dev [#ops 1]> half"));
    await say(server, "#dev", "here");
    await say(server, "alice", "psst");
    const before = await alice.shows(typing("#dev [@bob 1! · #ops 1]> half"));
    assertEquals(before.filter((line) => /disk full|psst/.test(line)), []);
    assertMatch(before.join("\n"), /bob {2}here/);
    alice.press("\x15\x1ba");
    await alice.shows((lines) =>
      typing("@bob [#ops 1]>")(lines) && lines.some((line) => line.startsWith("── @bob ──"))
    );
    alice.press("for bob\r");
    await alice.line(/for bob$/);
    alice.press("\x1ba");
    const seen = await alice.shows((lines) =>
      typing("#ops>")(lines) && lines.some((line) => /bob {2}disk full$/.test(line))
    );
    assertEquals(seen.filter((line) => /bob {2}here$/.test(line)).length, 1, "nothing is drawn again");
    alice.press("\x1b1");
    await alice.shows(typing("#dev>"));
    alice.press("\x0e");
    await alice.shows(typing("#ops>"));
    alice.press("\x10\x10");
    await alice.shows(typing("@bob>"));
    alice.press("/go d\t");
    await alice.shows(typing("@bob> /go #dev"));
    alice.press("\r");
    await alice.shows(typing("#dev>"));
    alice.press("/r x");
    await alice.shows(typing("#dev> /msg bob x"));
    alice.press("\x15\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
  },
});

Deno.test({
  name:
    "join at a terminal: the rooms and the current view are there again the next time, with what was missed",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    {
      await using alice = terminal(server, "alice", "#dev", "#ops");
      await alice.line(/··· 1 person in #dev: alice$/);
      await say(server, "#dev", "seen");
      await alice.line(/bob {2}seen$/);
      alice.press("/go #ops\r");
      await alice.shows(typing("#ops>"));
      alice.press("\x04");
      assertEquals(await alice.end(), { code: 0, restored: true });
    }
    await say(server, "#dev", "missed");
    await using alice = terminal(server, "alice");
    await alice.shows(typing("#ops [#dev 1]>"));
    alice.press("\x1ba");
    await alice.shows((lines) =>
      typing("#dev>")(lines) && lines.some((line) => /1 new since \d\d:\d\d ──$/.test(line)) &&
      lines.some((line) => /bob {2}missed$/.test(line))
    );
    alice.press("/part\r");
    await alice.shows(typing("#dev (left)>"));
    alice.press("secret\r");
    await alice.shows((lines) => lines.join(" ").includes("not sent: you are no longer in #dev"));
    alice.press("\x04");
    assertEquals(await alice.end(), { code: 0, restored: true });
    await using again = terminal(server, "alice");
    await again.shows(typing("#ops>"));
  },
});

Deno.test({
  name:
    "join at a terminal: a direct conversation that was shown is there again with what was said, new or not",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    const join = () => terminal(server, "alice", "#dev");
    const leave = async (alice: Pty) => {
      alice.press("\x04");
      assertEquals(await alice.end(), { code: 0, restored: true });
    };
    {
      await using alice = join();
      await alice.line(/··· 1 person in #dev: alice$/);
      await say(server, "alice", "bring cups");
      alice.press("/msg bob\r");
      await alice.line(/bob {2}bring cups$/);
      alice.press("how many?\r");
      await alice.line(/alice {2}how many\?$/);
      await leave(alice);
    }
    const again = () => terminal(server, "alice");
    const read = [/··· earlier messages with bob:$/, /bob {2}bring cups$/, /alice {2}how many\?$/];
    const has = (lines: string[], patterns: RegExp[]) =>
      patterns.every((pattern) => lines.filter((line) => pattern.test(line)).length === 1);
    {
      await using alice = again();
      await alice.shows((lines) => typing("@bob>")(lines) && has(lines, read));
      await leave(alice);
    }
    await say(server, "alice", "two");
    await using alice = again();
    await alice.shows((lines) =>
      typing("@bob>")(lines) &&
      has(lines, [...read, /1 new since \d\d:\d\d ──$/, /^\d\d:\d\d {2}bob {2}two$/])
    );
  },
});

Deno.test({
  name: "join at a terminal: --all shows everything in one stream",
  ...needs("script"),
  async fn() {
    await using server = await Server.start();
    await using alice = terminal(server, "alice", "#dev", "#ops", "--all");
    await alice.line(/··· 1 person in #ops: alice$/);
    await say(server, "#ops", "disk full");
    await alice.line(/#ops bob {2}disk full$/);
    await alice.shows(typing("#dev>"));
  },
});

Deno.test("join: the rooms of a pipe are those that are given, and the first of them gets its lines", async () => {
  await using server = await Server.start();
  const join = (stdin: string, ...args: string[]) =>
    program(["join", "bot", ...args, "--server", server.url], `${server.home}/bot`, { stdin });
  assertEquals((await join("one\n", "#dev", "#ops")).code, 0);
  const { out } = await join("two\n");
  assertEquals(out.includes("in #lobby: bot"), true, out);
  const wrong = await join("", "dev");
  assertEquals([wrong.code, wrong.out], [64, ""]);
  assertMatch(wrong.err, /rooms with their #: dev/);
});
