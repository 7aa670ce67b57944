/** Accounts in what `chatterbox mcp` gives a model: a registered person, and a user who has only taken a name. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { MAX_KNOWN_ACCOUNTS, MessageAccounts } from "../../commands/mcp/account_tags.ts";
import { AllowList, isSender } from "../../commands/mcp/allow_list.ts";
import { command } from "../../commands/mcp/command.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { McpRun, Person } from "./mcp_client.ts";
import { programTest, Server } from "./program.ts";
import { run } from "./run_command.ts";
import { pureTest, tempDirTest } from "../support/test.ts";

type Said = { from: string; account?: string | null; text: string };

const sayings = (messages: Said[]) => messages.map(({ from, account, text }) => [from, account, text]);

programTest("mcp: a message has the account of its sender, under whatever name", {}, async (home) => {
  await using server = await Server.start(home);
  using alice = await Person.enter("alice", server.url, "#ops");
  using bob = await Person.enter("bob", server.url, "#ops");
  alice.say("PRIVMSG #ops :early");
  alice.say("REGISTER * * :a long enough passphrase");
  await alice.hears(/REGISTER SUCCESS alice/);
  alice.say("PRIVMSG #ops :before");
  await alice.barrier();
  const flags = ["--allow-room", "#ops", "--server", server.url];
  const proven = ["--allow-sender", "account:alice", "--allow-person", "account:bob"];
  await using all = await McpRun.start(home, "--from", "helper", ...flags);
  await using strict = await McpRun.start(home, "--from", "guard", ...flags, ...proven);
  for (const each of [all, strict]) await each.reported(/connected as/);
  alice.say("PRIVMSG #ops :one");
  alice.say("NICK al");
  alice.say("PRIVMSG #ops :two");
  await alice.barrier();
  bob.say("PRIVMSG #ops :I am alice");
  await bob.barrier();
  await all.call("say", { to: "#ops", text: "three\nlines of\nhelper" });
  const told = await all.call("read_since", { conversation: "#ops" });
  assertEquals(sayings(told.messages), [
    ["alice", undefined, "early"],
    ["alice", "alice", "before"],
    ["alice", "alice", "one"],
    ["al", "alice", "two"],
    ["bob", null, "I am alice"],
    ["helper", undefined, "three\nlines of\nhelper"],
  ]);
  const text = await all.text("read_since", { conversation: "#ops" });
  assertStringIncludes(text, '<message from="al" account="alice" in="#ops"');
  assertStringIncludes(text, '<message from="bob" account="" in="#ops"');
  const found = await all.call("search", { query: "two" });
  assertEquals(sayings(found.messages), [["al", "alice", "two"]]);
  const { people } = await all.call("who", { room: "#ops" });
  assertEquals(people.map(({ name, account }: { name: string; account: string | null }) => [name, account]), [
    ["al", "alice"],
    ["bob", null],
    ["guard", "guard"],
    ["helper", "helper"],
  ]);
  assertMatch(await all.text("who", { room: "#ops" }), /al \(account alice\).*bob \(no account\), guard \(/);

  const shown = await strict.call("read_since", { conversation: "#ops" });
  assertEquals(sayings(shown.messages), [
    ["alice", "alice", "before"],
    ["alice", "alice", "one"],
    ["al", "alice", "two"],
  ]);
  assertEquals(shown.left_out, 3, "those of bob and of the helper, and what alice said without an account");
  const searched = await strict.call("search", { query: "before" });
  assertEquals(sayings(searched.messages), [["alice", "alice", "before"]]);
  const waiting = strict.call("wait_for", {
    conversation: "#ops",
    cursor: shown.cursor,
    from: "account:ALICE",
    timeout_seconds: 50,
  });
  bob.say("PRIVMSG #ops :al says yes");
  await bob.barrier();
  alice.say("PRIVMSG #ops :yes");
  assertEquals((await waiting).message.text, "yes");
  bob.say("PRIVMSG guard :it is me");
  await bob.barrier();
  const direct = await strict.call("read_since", { conversation: "bob" });
  assertEquals([direct.messages, direct.left_out], [[], 1], "bob has no account");
  const why = /^bob is not online under the account bob/;
  assertMatch(await strict.refusal("say", { to: "bob", text: "the secret" }), why);
  assertMatch(await strict.refusal("ask", { to: ["bob"], question: "go on?" }), why);
});

tempDirTest("mcp: people are allowed by nick or by account, and no service by either", async () => {
  const allowed = new AllowList({
    rooms: ["#ops"],
    people: ["account:bob", "carol"],
    senders: ["account:alice", "dave"],
  });
  assertEquals([allowed.people, allowed.needsAccounts], [["bob", "carol"], true]);
  const shows = (from: string, account?: string, conversation = "#ops") =>
    allowed.isShown({ from, account }, conversation, "me");
  assertEquals([shows("al", "Alice"), shows("alice"), shows("alice", "mallory")], [true, false, false]);
  assertEquals([shows("dave"), shows("me"), shows("carol", undefined, "carol")], [true, true, true]);
  assertEquals([shows("bob"), shows("bob", "bob"), shows("bobby", "bob")], [false, true, true]);
  assertEquals([shows("bob", undefined, "bob"), shows("bob", "bob", "BOB")], [false, true]);
  const answers = (from: string, account?: string) => allowed.isAnswerShown({ from, account }, "me");
  assertEquals([answers("bob"), answers("bob", "bob"), answers("carol"), answers("erin")], [
    false,
    true,
    true,
    false,
  ]);
  assertEquals([
    isSender("account:Bob", { from: "x", account: "bob" }),
    isSender("account:bob", { from: "bob" }),
    isSender("BOB", { from: "bob" }),
  ], [true, false, true]);
  for (const name of ["NickServ", "OnCall", "account:oncall", "account:", "account:#ops"]) {
    for (const flag of ["--allow-person", "--allow-sender"]) {
      assertEquals((await run(command, ["--from", "helper", flag, name])).code, 64, `${flag} ${name}`);
    }
  }
});

pureTest("mcp: the accounts of so many messages are remembered", () => {
  const accounts = new MessageAccounts();
  const link = (...caps: string[]) => ({ session: { caps: new Set(caps) } }) as unknown as Link;
  const line = (id: string, tag = "") => parseMessage(`@msgid=${id}${tag} :bob!b@h PRIVMSG #ops :hi`)!;
  const known = (id: string) => accounts.of({ id });
  accounts.note(line("early"), link());
  for (let nth = 0; nth <= MAX_KNOWN_ACCOUNTS; nth++) {
    accounts.note(line(`m${nth}`, nth % 2 === 0 ? ";account=bob" : ""), link("account-tag"));
  }
  assertEquals([known("m1"), known("m2"), known("m0"), known("early")], [null, "bob", undefined, undefined]);
  accounts.noteEarlier(line("m0", ";account=carol"));
  accounts.noteEarlier(line("m2"));
  assertEquals([known("m0"), known("m2")], ["carol", "bob"], "a history that tells some");
});
