import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { passwordFault } from "../../lib/hub/services/accounts/passwords.ts";
import { deriveCredentials } from "../../lib/irc/sasl/scram_server.ts";
import { CONSOLE_WORDS, runConsoleLine } from "../../lib/server/console/command_table.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

function ask(test: TestHub, line: string): string[] {
  const outcome = runConsoleLine(test.hub, line, test.now);
  test.deliver();
  assert(outcome.kind === "lines", "it is not to quit");
  const { lines, failure } = outcome;
  return failure === undefined ? [...lines] : [...lines, failure.words];
}

pureTest("list tells who is here", () => {
  const chat = new TestHub();
  assertEquals(ask(chat, "list"), ["no users are connected"]);
  chat.enter("alice");
  chat.now += 61_000;
  const [line, ...rest] = ask(chat, " /list ");
  assert(/^alice {2}from 127\.0\.0\.1 {2}since \d\d:\d\d {2}idle 61 s$/.test(line!), line!);
  assertEquals(rest, []);
});

pureTest("say is heard in the lobby, and logs shows it", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  chat.say(alice, "JOIN #lobby");
  chat.heard(alice);
  assertEquals(ask(chat, "logs"), ["no messages yet"]);
  assertEquals(ask(chat, "say back in five \x1b[2J minutes"), ["sent to #lobby"]);
  assertEquals(chat.heard(alice), [":irc.test NOTICE #lobby :back in five \x1b[2J minutes"]);
  chat.say(alice, "PRIVMSG #lobby :fine");
  const lines = ask(chat, "logs 50").map((line) => line.slice(20));
  assertEquals(lines, ["<irc.test> back in five ␛[2J minutes", "<alice> fine"]);
  assertEquals(ask(chat, "logs 1").map((line) => line.slice(20)), ["<alice> fine"]);
  chat.say(alice, "PRIVMSG #lobby :\x01ACTION waves\x01");
  assertEquals(ask(chat, "logs 1").map((line) => line.slice(20)), ["* alice waves"]);
  for (const bad of ["logs 0", "logs x", "logs 1.5"]) assertEquals(ask(chat, bad).length, 1);
  assertEquals(ask(chat, "say"), ["usage: say TEXT"]);
});

pureTest("kick closes every session of a name, and says why to all", () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  chat.say(alice, "JOIN #lobby");
  chat.say(bob, "JOIN #lobby");
  chat.heard(alice);
  assertEquals(ask(chat, `kick BOB ${"too loud ".repeat(60)}`), ["disconnected bob"]);
  const [line] = chat.heard(alice);
  assert(line!.startsWith(":bob!~bob@127.0.0.1 QUIT :Kicked by the server: too loud"), line!);
  assert(line!.length <= 510, "a line");
  assertEquals(bob.closeReason !== undefined, true);
  assertEquals(ask(chat, "kick nobody").length, 1);
  assertEquals(ask(chat, "kick").length, 1);
});

pureTest("stats tells what a crash now would cost, and why", () => {
  const chat = new TestHub({ storage: { sync: 1000, trouble: "no space \x1b[2J left" } });
  chat.say(chat.enter("alice"), "PRIVMSG #lobby :hello");
  const lines = ask(chat, "stats");
  assertEquals(lines[0], "history               NOT being saved: no space ␛[2J left");
  for (
    const row of [
      /^lost by a crash now +1 message, 0 ms old$/,
      /^uptime +0s$/,
      /^room for history +[\d.]+ [KM]iB, from record 1 on$/,
      /^saved +every 1000 ms at the latest$/,
    ]
  ) {
    assert(lines.some((line) => row.test(line)), `${row}: ${lines.join("\n")}`);
  }
});

pureTest("help, quit, and words that are none", () => {
  const chat = new TestHub();
  assertEquals(ask(chat, ""), []);
  const help = ask(chat, "help");
  for (const word of CONSOLE_WORDS) {
    assert(word === "help" || help.some((line) => line.startsWith(word)), word);
  }
  for (const word of ["dance", "constructor", "__proto__", "toString", "\x1b[2J"]) {
    assert(ask(chat, word)[0]!.startsWith("unknown command "), word);
  }
  assertEquals(ask(chat, "lits"), ['unknown command "lits"; did you mean list?']);
  assertEquals(ask(chat, "help Kick"), [
    "kick [#ROOM] NAME [REASON]  remove a user from a room, or from the server",
  ]);
  assertEquals(ask(chat, "help lits"), ['unknown command "lits"; did you mean list?']);
  assertEquals(ask(chat, "help foo"), ['unknown command "foo"; help lists the commands']);
  assertEquals(runConsoleLine(chat.hub, "quit", chat.now), { kind: "quit" });
});

pureTest("ban, mute, bans and their ends", () => {
  const chat = new TestHub();
  const bob = chat.enter("bob");
  assertEquals(ask(chat, "bans"), ["no bans or mutes are set"]);
  assertEquals(ask(chat, "mute bob 2h too loud"), ["bob is muted for 2h"]);
  chat.say(bob, "PRIVMSG #lobby :hello");
  assert(chat.heard(bob)[0]!.includes(" 404 bob #lobby :You are muted until "), "muted");
  assertEquals(ask(chat, "ban bob"), ["bob is banned until the ban is lifted"]);
  assertEquals(bob.closeReason, "Banned");
  assertEquals(ask(chat, "bans"), [
    `mute  name:bob  by irc.test, until ${formatTime(chat.now + 7_200_000, true)}: too loud`,
    "ban  name:bob  by irc.test, permanently",
  ]);
  assertEquals(ask(chat, "unmute bob"), ["bob is no longer muted"]);
  assertEquals(ask(chat, "unban name:bob"), ["bob is no longer banned"]);
  assertEquals(ask(chat, "unban bob"), ["bob is not banned"]);
  for (const bad of ["ban", "mute", "unban", "unmute", "ban a!b", "ban bob 3x", "ban ::1"]) {
    assertEquals(ask(chat, bad).length, 1, bad);
  }
  assertEquals(ask(chat, "bans"), ["no bans or mutes are set"]);
});

pureTest("kick puts out of a room, kill off the server", () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  for (const session of [alice, bob]) chat.say(session, "JOIN #tea");
  chat.heard(alice);
  assertEquals(ask(chat, "kick tea bob"), ["there is no user tea; for the room: kick #tea NAME"]);
  assertEquals(ask(chat, "kick tea"), ["there is no user tea"]);
  assertEquals(ask(chat, "kick #tea BOB too loud"), ["removed bob from #tea"]);
  assertEquals(chat.heard(alice), [":irc.test KICK #tea bob :too loud"]);
  assertEquals(ask(chat, "kick #tea bob"), ["bob is not in #tea"]);
  assertEquals(ask(chat, "kick #none bob"), ["there is no room #none"]);
  assertEquals(ask(chat, "kill bob enough"), ["disconnected bob"]);
  assertEquals(bob.closeReason, "Killed (the server (enough))");
  assertEquals(ask(chat, "kill bob"), ["there is no user bob"]);
  assertEquals(ask(chat, "kill").length, 1);
});

pureTest("rooms and mode show how rooms are set up, and set it, whoever is in them", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice");
  chat.say(alice, "JOIN #tea", "MODE #tea +sk green", "TOPIC #tea :hot");
  chat.heard(alice);
  assertEquals(ask(chat, "rooms"), ["#lobby  0 people", "#tea +sk green  1 person  hot"]);
  assertEquals(ask(chat, "mode #tea"), ["#tea +sk green"]);
  assertEquals(ask(chat, "mode #tea +m-k+b green bob"), ["#tea +ms"]);
  assertEquals(chat.heard(alice), [":irc.test MODE #tea +m-k+b * bob!*@*"]);
  assertEquals(ask(chat, "mode #tea +z"), ["z: is unknown mode char to me for #tea"]);
  assertEquals(ask(chat, "mode #tea b"), [
    "#tea bob!*@* irc.test 1767323045",
    "#tea: End of channel ban list",
  ]);
  chat.say(alice, "PART #tea");
  assertEquals(ask(chat, "mode #tea -ms"), ["#tea has no modes set"]);
  assertEquals(ask(chat, "mode #tea"), ["#tea has no modes set"]);
  assertEquals(ask(chat, "mode lobby"), ["the name of a room begins with #: mode #lobby"]);
  for (const bad of ["mode", "mode tea", "mode #none"]) assertEquals(ask(chat, bad).length, 1, bad);
});

pureTest("oper makes operators until the server stops, of accounts and of names without one", async () => {
  const chat = new TestHub();
  const [alice, bob] = [chat.enter("alice"), chat.enter("bob")];
  assertEquals(ask(chat, "accounts"), ["no accounts are registered"]);
  chat.say(alice, "REGISTER * * " + "k".repeat(43));
  await chat.errands();
  assertEquals(ask(chat, "oper ALICE")[0]!.startsWith("alice is an operator"), true);
  assertEquals(ask(chat, "oper bob")[0]!.startsWith("bob is an operator until they disconnect"), true);
  assertEquals([alice.user!.isServerOperator, bob.user!.isServerOperator], [true, true]);
  assertEquals(ask(chat, "accounts"), ["alice  since 2026-01-02  online  operator"]);
  ask(chat, "deoper alice");
  assertEquals([
    alice.user!.isServerOperator,
    chat.hub.services.serverOperators.size,
    bob.user!.isServerOperator,
  ], [
    false,
    0,
    true,
  ]);
  assertEquals(ask(chat, "deoper alice"), ["alice is not an operator"]);
  ask(chat, "oper alice");
  assertEquals(ask(chat, "unregister Alice"), ["the name alice is free"]);
  assertEquals([alice.closeReason, chat.hub.services.serverOperators.size, chat.hub.services.accounts.size], [
    "The account was deleted",
    0,
    0,
  ]);
  for (const bad of ["oper", "oper nobody", "unregister", "unregister nobody"]) {
    assertEquals(ask(chat, bad).length, 1, bad);
  }
});

pureTest(
  "register makes an account with a passphrase that is shown once; an operator's name is one at once",
  async () => {
    const chat = new TestHub({ opers: new Set(["boss"]) });
    const make = async (name: string) => {
      const outcome = runConsoleLine(chat.hub, `register ${name}`, chat.now);
      if (outcome.kind !== "hash") throw new Error(JSON.stringify(outcome));
      assertEquals(ask(chat, `register ${name}`).length, 1, "not twice at the same moment");
      const { password, salt, iterations, done } = outcome.request;
      const lines = done(chat.hub, await deriveCredentials(password, salt, iterations));
      assert(Array.isArray(lines), "it is made");
      assertEquals([lines[0]!.endsWith(` ${password}`), passwordFault(password, name)], [true, undefined]);
      return { password, said: lines[0]! };
    };
    const boss = await make("Boss");
    assertMatch(boss.said, /^Boss is registered, and is an operator\. /);
    assertMatch((await make("bob")).said, /^bob is registered\. .*: [a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    assertEquals(ask(chat, "accounts"), ["Boss  since 2026-01-02  operator", "bob  since 2026-01-02"]);
    const session = chat.enter("anna");
    chat.say(session, `PRIVMSG NickServ :IDENTIFY boss ${boss.password}`);
    await chat.errands();
    assertEquals([session.user?.account?.name, session.user?.isServerOperator], ["Boss", true]);
    for (
      const bad of [
        "register",
        "register BOSS",
        "register 1x",
        "register NickServ",
        "register ChanServ",
        "register server",
        "register #tea",
      ]
    ) {
      assertEquals(ask(chat, bad).length, 1, bad);
    }
    const off = new TestHub({ accounts: "off" });
    assertEquals(ask(off, "register bob"), ["this server has no accounts (--accounts off)"]);
  },
);
