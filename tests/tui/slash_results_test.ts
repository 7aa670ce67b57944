import { assertEquals, assertMatch } from "@std/assert";
import { showPageBefore } from "../../lib/client/commands/history_commands.ts";
import { ScriptedChat } from "../support/chat/scripted_chat.ts";
import { pureTest } from "../support/test.ts";

pureTest("slash commands: the second word of /join is reported as the key", () => {
  const alice = new ScriptedChat();
  delete alice.answers["JOIN"];
  alice.type("/join bad room");
  assertEquals(alice.sent, ["JOIN #bad room"]);
  assertEquals(alice.shown[0], "--- the word after #bad is used as its key; the name of a room is one word");
  assertEquals(new ScriptedChat().type("/join bad").shown[0], "!!! #bad cannot be entered");
});

pureTest("slash commands: the result is shown, in the words of the server or in ours", () => {
  const alice = new ScriptedChat();
  assertEquals(alice.type("/gban bob 2h").takeShown(), ["--- bob is banned from this server for 2h"]);
  assertEquals(alice.type("/ungban bob").takeShown(), ["--- bob is no longer banned from this server"]);
  assertEquals(alice.type("/unban bob").takeShown(), ["--- nothing changed: bob is not banned from #lobby"]);
  alice.answers["MUTE"] = [":s NOTICE alice :bob is muted"];
  assertEquals(alice.type("/mute bob").takeShown(), ["--- s: bob is muted"]);
  alice.answers["UNBAN"] = [":s 481 alice :Permission Denied"];
  assertEquals(alice.type("/ungban bob").takeShown(), ["!!! only operators of this server may do that"]);
  alice.answers["MODE"] = [":s 482 alice #lobby :You're not channel operator"];
  alice.takeSent();
  assertEquals(alice.type("/ban bob 2h").takeShown(), [
    "!!! a room's ban lasts until /unban and has no duration; leave out 2h",
  ]);
  assertEquals(alice.type("/ban bob").takeShown(), ["!!! only operators of #lobby may do that"]);
  assertEquals(alice.sent, ["MODE #lobby +b bob!*@*"]); // and no KICK
  alice.answers["MODE"] = [];
  assertEquals(alice.type("/mode +t").takeShown(), [
    "--- nothing changed: #lobby has these settings already",
  ]);
  assertEquals(alice.type("/op bob").takeShown(), ["--- nothing changed in #lobby; operators already: bob"]);
  assertEquals(alice.type("/mode +k").takeShown(), ["!!! +k needs a key: /mode #lobby +k KEY"]);
  assertEquals(alice.type("/mute bob 2x").takeShown(), ["!!! 2x is not a duration such as 30m, 2h or 7d"]);
  alice.answers["MODE"] = [":s 324 alice #lobby +nt"];
  assertEquals(alice.type("/mode").takeShown(), [
    "--- #lobby: no messages from outside, only operators set the topic",
  ]);
});

pureTest(
  "slash commands: /keep shows what HistServ says as a note, and says what is wrong with a time",
  () => {
    const alice = new ScriptedChat();
    const answer = "Messages in #lobby are kept for 30d";
    alice.answers["HISTSERV"] = [`:HistServ!services@s NOTICE alice :${answer}`];
    assertEquals(alice.type("/keep").type("/keep 30d").takeShown(), [`--- ${answer}`, `--- ${answer}`]);
    alice.takeSent();
    assertEquals(alice.type("/keep 5m").type("/keep forever").type("/keep 1d 2h").takeShown(), [
      "!!! 5m is too short: messages of a room are kept for at least 1h",
      "!!! forever is not a time such as 30d (at least 1h), nor default (like other rooms)",
      "!!! usage: /keep [ROOM] [TIME|default]",
    ]);
    assertEquals(alice.sent, []);
  },
);

pureTest("slash commands: a name that is also that of a room we know is answered with the room", () => {
  const alice = new ScriptedChat(["draft/chathistory", "batch", "server-time", "message-tags"]);
  for (const verb of ["PRIVMSG", "WHOIS"]) alice.answers[verb] = [":s 401 alice lobby :No such nick"];
  assertEquals(alice.type("/msg lobby hi").type("/who lobby").type("/logs lobby").takeShown(), [
    "!!! no user called lobby is online; for the room: #lobby; not delivered: hi",
    "!!! no user called lobby is online; for the room: #lobby",
    "--- no messages with lobby; for the room: #lobby",
  ]);
});

pureTest("slash commands: a removal behind a ban is told as the ban, any other with the way back", () => {
  const kick = ":op!o@h KICK #lobby alice :noise";
  const again = "!!! you were removed from #lobby by op (noise); to enter it again: /join #lobby";
  const expected: [modes: string[], shown: string][] = [
    [["+b Alice!*@*"], "!!! you are banned from #lobby by op (noise)"],
    [["+ob bob ~account:alice"], "!!! you are banned from #lobby by op (noise)"],
    [["+b bob!*@*"], again],
    [["+b alice!*@*", "-b alice!*@*"], again],
    [[], again],
  ];
  for (const [modes, shown] of expected) {
    const alice = new ScriptedChat();
    for (const mode of modes) alice.receive(`:op!o@h MODE #lobby ${mode}`);
    assertEquals(alice.receive(kick).takeShown().at(-1), shown, modes.join());
  }
});

pureTest("slash commands: where no room is entered, the text says which was left", () => {
  const alice = new ScriptedChat().receive(":alice!a@h PART #lobby");
  alice.takeShown();
  assertEquals(alice.type("/part").takeShown(), ["!!! you have left #lobby; name the room, with its #"]);
});

pureTest("slash commands: /ignore hides what a person sends, and not where they are", () => {
  const alice = new ScriptedChat();
  const noise = [
    ":bob!b@h PRIVMSG #lobby :noise",
    ":bob!b@h NOTICE alice :noise",
    ":bob!b@h INVITE alice #noise",
  ];
  alice.receive(":eve!e@h PRIVMSG #lobby :since the last time");
  assertEquals(alice.takeShown(), []);
  alice.type("/ignore BOB").receive(":bob!b@h NICK rob");
  alice.receive(":rob!b@h PRIVMSG alice :noise").receive(":rob!b@h NICK bob");
  assertEquals(alice.ignored, ["eve", "BOB"]);
  assertEquals(alice.takeShown(), [
    "--- messages from BOB are hidden (/unignore BOB shows them again)",
    "--- bob is now known as rob",
    "--- rob is now known as bob",
  ]);
  for (const line of noise) alice.receive(line);
  assertEquals(alice.takeShown(), []);
  alice.receive(":bob!b@h PART #lobby").type("/msg bob hi").type("/ignore");
  assertEquals(alice.takeShown(), ["<-- bob left #lobby", "[alice -> bob] hi", "--- you ignore eve, BOB"]);
  alice.type("/unignore bob").receive(":bob!b@h PRIVMSG alice :sorry").receive(
    ":rob!b@h PRIVMSG alice :it was me",
  );
  assertEquals(alice.takeShown(), [
    "--- messages from bob are shown again",
    "[bob -> alice] sorry",
    "[rob -> alice] it was me",
  ]);
  assertEquals(alice.ignored, ["eve"]);
  alice.type("/unignore bob").type("/ignore ALICE").type("/ignore #lobby");
  assertEquals(alice.shown, [
    "!!! bob is not on your ignore list",
    "!!! you cannot ignore yourself",
    "!!! #lobby is not the name of a person",
  ]);
});

const HISTORY = ["draft/chathistory", "batch", "server-time", "message-tags"];

/** Message number `n`, of the same time as all others. */
function logged(n: number): string {
  return `@time=2026-01-02T12:00:00.000Z;msgid=m${n} :bob!b@h PRIVMSG #ops :text ${n}`;
}

pureTest("slash commands: /logs shows as many as wanted, and /older those before them", () => {
  const alice = new ScriptedChat(HISTORY);
  assertEquals(alice.type("/older").takeShown(), ["!!! /logs first: it shows the latest messages"]);
  alice.answers["CHATHISTORY"] = [1, 2, 3, 4, 5].map(logged);
  const end = "--- (end of earlier messages in #ops; those before them: /older)";
  const texts = () => alice.takeShown().map((line) => line.replace(/^.*2026 \d\d:\d\d /, ""));
  assertEquals(alice.type("/logs #ops 2") && texts(), [
    "--- earlier messages in #ops:",
    "#ops <bob> text 4",
    "#ops <bob> text 5",
    end,
  ]);
  alice.answers["CHATHISTORY"] = [1, 2, 3].map(logged);
  assertEquals(alice.type("/older") && texts().slice(1), ["#ops <bob> text 2", "#ops <bob> text 3", end]);
  alice.answers["CHATHISTORY"] = [logged(1)];
  alice.type("/older 2000");
  assertEquals(texts()[0], "--- at most 1000 messages at a time; those before them: /older");
  alice.answers["CHATHISTORY"] = [];
  for (const _ of "12") {
    assertEquals(alice.type("/older") && texts(), ["--- no earlier messages in #ops"]);
  }
  assertEquals(alice.takeSent(), [
    "CHATHISTORY LATEST #ops * 2",
    "CHATHISTORY BEFORE #ops msgid=m4 2",
    "CHATHISTORY BEFORE #ops msgid=m2 1000",
    "CHATHISTORY BEFORE #ops msgid=m1 1000",
    "CHATHISTORY BEFORE #ops msgid=m1 1000",
  ]);
});

pureTest("slash commands: /logs and /older say where the server marks that there is nothing before", () => {
  const alice = new ScriptedChat(HISTORY);
  const endOf = (...lines: string[]) => {
    alice.answers["CHATHISTORY"] = lines;
    return alice.type("/logs #ops 2").takeShown().at(-1);
  };
  const first = `@draft/chathistory-end;${logged(1).slice(1)}`;
  const rest = "--- (end of earlier messages in #ops; those before them: /older)";
  assertEquals(endOf(first, logged(2)), "--- (end of earlier messages in #ops; there are none before them)");
  assertEquals(endOf(first, logged(2), logged(3)), rest, "one is not shown");
  assertEquals(endOf(logged(2), logged(3)), rest);
});

pureTest("PgUp shows the page before the last one here, or the latest messages", () => {
  const alice = new ScriptedChat(HISTORY);
  alice.answers["CHATHISTORY"] = [logged(4), logged(5)];
  alice.answers["JOIN"] = [":alice!a@h JOIN #ops"];
  alice.pageUp().pageUp().type("/logs bob 3").pageUp();
  assertEquals(alice.takeSent(), [
    "CHATHISTORY LATEST #lobby * 20",
    "CHATHISTORY BEFORE #lobby msgid=m4 20",
    "CHATHISTORY LATEST bob * 3",
    "CHATHISTORY BEFORE bob msgid=m4 3",
  ]);
  alice.type("/join #ops").takeSent();
  assertEquals(alice.pageUp().pageUp().takeSent(), [
    "CHATHISTORY LATEST #ops * 20",
    "CHATHISTORY BEFORE #ops msgid=m4 20",
  ]);
  alice.takeShown();
  alice.disconnect().takeShown();
  assertEquals(alice.pageUp().takeShown(), ["!!! not connected: earlier messages are on the server"]);
});

pureTest("PgUp that repeats waits for the page, unless the connection is lost", () => {
  const { chat } = new ScriptedChat(HISTORY);
  const asked = () => {
    showPageBefore(chat, 0);
    return chat.takeEffects().flatMap((effect) => effect.kind === "ask" ? effect.id : []);
  };
  const [id] = asked();
  assertEquals(asked(), []);
  chat.handleResult(id!, { kind: "answered", lines: [] }, 0);
  assertEquals(chat.takeEffects().length, 1);
  const [next] = asked();
  chat.handleResult(next!, { kind: "timed_out" }, 0);
  assertEquals(asked().length, 1);
  chat.handleDisconnected("cut", 1000, 0);
  chat.handleConnected({ nick: "alice", caps: new Set(HISTORY), isClaimed: false }, true, 0);
  chat.takeEffects();
  assertEquals(asked().length, 1);
});

const SEARCH = ["soju.im/search", "batch", "server-time", "message-tags"];

/** A message as the server sends it in a batch of matches. */
function match(seconds: number, target: string, text: string): string {
  return `@time=2026-01-02T12:00:0${seconds}.000Z :bob!b@h PRIVMSG ${target} :${text}`;
}

pureTest("slash commands: /search shows what it finds, the newest first, and then what comes before", () => {
  const alice = new ScriptedChat(SEARCH);
  alice.answers["SEARCH"] = [
    match(1, "#dev", "the deploy went wrong"),
    match(2, "alice", "Deployed!"),
    ":s NOTE SEARCH MORE 1a-x :There are earlier matches",
  ];
  const [head, newest, older, rest] = alice.type("/search deploy*").takeShown();
  assertEquals(head, "--- matches of deploy*, the newest first:");
  assertMatch(newest!, /^--- .* 2026 \d\d:\d\d \[bob -> alice\] Deployed!$/);
  assertMatch(older!, /^--- .* 2026 \d\d:\d\d #dev <bob> the deploy went wrong$/);
  assertEquals(rest, "--- there are earlier matches; to go on: /search");
  alice.answers["SEARCH"] = [match(0, "#dev", "deploys")];
  alice.takeSent();
  assertEquals(alice.type("/search").takeShown()[0], "--- more matches of deploy*, the newest first:");
  assertEquals(alice.sent, ["SEARCH text=deploy*;limit=10;chatterbox.chat/before=1a-x"]);
  assertEquals(alice.type("/search").takeShown(), [
    "--- all that was found for deploy* has been shown; to search: /search WORDS",
  ]);
});

pureTest(
  "slash commands: /search without words says why there is nothing to go on with, or tries again",
  () => {
    const alice = new ScriptedChat(SEARCH);
    assertEquals(alice.type("/search").takeShown(), [
      "!!! there is no search to go on with; to search: /search WORDS",
    ]);
    const typed = "tea since:1w until:2999-01-01";
    assertEquals(alice.type(`/search ${typed}`).type("/search").takeShown(), [
      `--- nothing found for ${typed} in your rooms and direct messages`,
      `--- nothing was found for ${typed}; to search: /search WORDS`,
    ]);
    const refusal = ":s FAIL SEARCH RATE_LIMITED 2 :Too many searches: try again in 2 s";
    alice.answers["SEARCH"] = [refusal];
    alice.type("/search tea").type(`/search ${"l".repeat(500)}`).takeShown();
    alice.answers["SEARCH"] = [":s NOTE SEARCH INCOMPLETE time 5-x :slow"];
    alice.takeSent();
    assertEquals(alice.type("/search").type("/search").takeShown(), [
      "--- nothing found for tea in your rooms and direct messages",
      "--- older messages are not searched yet; to go on: /search",
      "--- nothing more found for tea",
      "--- the server's search gets no further now: older messages are not searched; to try again later: /search",
    ]);
    assertEquals(alice.sent, [
      "SEARCH text=tea;limit=10",
      "SEARCH text=tea;limit=10;chatterbox.chat/before=5-x",
    ]);
  },
);

pureTest("slash commands: /search says what it has not found, and why", () => {
  const alice = new ScriptedChat(SEARCH);
  assertEquals(alice.type('/search "no such" in:#dev').takeShown(), [
    '--- nothing found for "no such" in:#dev',
  ]);
  alice.answers["SEARCH"] = [":s NOTE SEARCH INCOMPLETE time 5-x :slow"];
  assertEquals(alice.type("/search x").takeShown(), [
    "--- nothing found for x in your rooms and direct messages",
    "--- older messages are not searched yet; to go on: /search",
  ]);
  alice.answers["SEARCH"] = [":s NOTE SEARCH INCOMPLETE archive * :off"];
  assertEquals(
    alice.type("/search x").takeShown()[1],
    "--- only recent messages were searched: the archive does not answer now",
  );
  alice.answers["SEARCH"] = [
    ":s FAIL SEARCH INVALID_PARAMS in #x :There is no such room, or you may not read it",
  ];
  assertEquals(alice.type("/search y in:#x").takeShown(), [
    "!!! #x: There is no such room, or you may not read it",
  ]);
  alice.answers["SEARCH"] = [":s FAIL SEARCH RATE_LIMITED 2 :Too many searches: try again in 2 s"];
  assertEquals(alice.type("/search y").takeShown(), ["!!! Too many searches: try again in 2 s"]);
  alice.takeSent();
  assertEquals(alice.type("/search has:image").takeShown(), ["!!! has:image: only has:link is known"]);
  assertEquals(alice.type(`/search ${"long ".repeat(100)}`).takeShown(), [
    "!!! a search has at most 32 words and names",
  ]);
  assertEquals(alice.type(`/search ${"l".repeat(500)}`).takeShown(), [
    "!!! this search is too long: use fewer words",
  ]);
  assertEquals(alice.sent, []);
  assertEquals(new ScriptedChat().type("/search x").takeShown(), ["!!! this server has no search"]);
});

pureTest("slash commands: /search does not show messages of ignored users", () => {
  const alice = new ScriptedChat(SEARCH);
  alice.answers["SEARCH"] = [match(1, "#dev", "x").replace("bob!", "eve!"), match(2, "#dev", "x")];
  assertEquals(alice.type("/search x").takeShown().length, 2);
});
