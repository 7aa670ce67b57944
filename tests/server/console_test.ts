import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { answer, CONSOLE_WORDS } from "../../lib/server/console.ts";
import { TestHub } from "../support/hub.ts";

function ask(test: TestHub, line: string): string[] {
  const outcome = answer(test.hub, line, test.now);
  test.deliver();
  assert(outcome.kind === "lines", "it is not to quit");
  return outcome.lines;
}

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("list tells who is here", () => {
  const chat = new TestHub();
  assertEquals(ask(chat, "list"), ["nobody is here"]);
  chat.enter("alice");
  chat.now += 61_000;
  const [line, ...rest] = ask(chat, " /list ");
  assert(/^alice {2}from 127\.0\.0\.1 {2}since \d\d:\d\d {2}idle 61 s$/.test(line!), line!);
  assertEquals(rest, []);
});

test("say is heard in the lobby, and logs shows it", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  chat.say(alice, "JOIN #lobby");
  chat.heard(alice);
  assertEquals(ask(chat, "logs"), ["nothing has been said yet"]);
  ask(chat, "say back in five \x1b[2J minutes");
  assertEquals(chat.heard(alice), [":irc.test NOTICE #lobby :back in five \x1b[2J minutes"]);
  chat.say(alice, "PRIVMSG #lobby :fine");
  const lines = ask(chat, "logs 50").map((line) => line.slice(9));
  assertEquals(lines, ["<irc.test> back in five ␛[2J minutes", "<alice> fine"]);
  assertEquals(ask(chat, "logs 1").map((line) => line.slice(9)), ["<alice> fine"]);
  for (const bad of ["logs 0", "logs x", "logs 1.5"]) assertEquals(ask(chat, bad).length, 1);
  assertEquals(ask(chat, "say"), ["say what? as in: say back in five minutes"]);
});

test("kick closes every session of a name, and says why to all", () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  chat.say(alice, "JOIN #lobby");
  chat.say(bob, "JOIN #lobby");
  chat.heard(alice);
  ask(chat, `kick BOB ${"too loud ".repeat(60)}`);
  const [line] = chat.heard(alice);
  assert(line!.startsWith(":bob!~bob@127.0.0.1 QUIT :Kicked by the server: too loud"), line!);
  assert(line!.length <= 510, "a line");
  assertEquals(bob.closing !== undefined, true);
  assertEquals(ask(chat, "kick nobody").length, 1);
  assertEquals(ask(chat, "kick").length, 1);
});

test("stats tells what a crash now would cost, and why", () => {
  const chat = new TestHub({ storage: { sync: 1000, trouble: "no space \x1b[2J left" } });
  chat.say(chat.enter("alice"), "PRIVMSG #lobby :hello");
  const lines = ask(chat, "stats");
  assert(lines.some((line) => /^unsynced messages +1$/.test(line)), lines.join("\n"));
  assertEquals(lines.at(-1), "trouble            no space ␛[2J left");
});

test("help, quit, and words that are none", () => {
  const chat = new TestHub();
  assertEquals(ask(chat, ""), []);
  const help = ask(chat, "help");
  for (const word of CONSOLE_WORDS) {
    assert(word === "help" || help.some((line) => line.startsWith(word)), word);
  }
  for (const word of ["dance", "constructor", "__proto__", "toString", "\x1b[2J"]) {
    assert(ask(chat, word)[0]!.startsWith("there is no "), word);
  }
  assertEquals(ask(chat, "lits"), ['there is no "lits"; did you mean list?']);
  assertEquals(answer(chat.hub, "quit", chat.now), { kind: "quit" });
});
