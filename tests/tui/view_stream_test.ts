/** What a terminal shows of several views, and what is told of the others. */
import { assertEquals } from "@std/assert";
import { MAX_HELD_OF_VIEW, MAX_READ_SHOWN } from "../../lib/tui/view_stream.ts";
import { showRecentDirect } from "../../lib/client/commands/history_commands.ts";
import { pureTest } from "../support/test.ts";
import { ALL_CAPS, inTwoRooms, ViewRun } from "./view_run.ts";

pureTest(
  "view stream: messages of the current view are shown, those of the others count in the prompt",
  async () => {
    const alice = await inTwoRooms();
    alice.say("bob", "#lobby", "here").say("bob", "#dev", "one").say("bob", "#dev", "two").say(
      "bob",
      "alice",
      "psst",
    );
    assertEquals(alice.takeShown(), ["t101   bob  here"]);
    assertEquals(alice.prompt, "#lobby [@bob 1! · #dev 2]> ");
  },
);

pureTest(
  "view stream: a switch shows a rule with name, topic and count, and what is unread; nothing is redrawn",
  async () => {
    const alice = await inTwoRooms();
    alice.say("bob", "#dev", "before");
    await alice.press(2);
    await alice.press(1);
    alice.takeShown();
    alice.say("bob", "#dev", "one").say("bob", "#lobby", "here").say("bob", "#dev", "two");
    await alice.press(2);
    assertEquals(alice.takeShown(), [
      "t103   bob  here",
      "── #dev · about dev ──────────────────────────────────────── 2 new since t101 ──",
      "t102   bob  one",
      "t104   bob  two",
    ]);
    assertEquals(alice.prompt, "#dev> ");
    await alice.press(1);
    assertEquals(alice.takeShown(), [
      "── #lobby · about lobby ────────────────────────────────────────────────────────",
    ]);
  },
);

pureTest(
  "view stream: a rule stands between what was read and what is new, and little of the former is shown",
  async () => {
    const alice = await inTwoRooms({ caps: ALL_CAPS });
    for (let nth = 1; nth <= MAX_READ_SHOWN + 5; nth++) alice.say("bob", "#dev", `${nth}`);
    alice.receive(`MARKREAD #dev timestamp=${new Date(alice.now).toISOString()}`); // read at another device
    assertEquals(alice.prompt, "#lobby> ");
    alice.say("bob", "#dev", "new");
    await alice.press("unread");
    const shown = alice.takeShown();
    assertEquals(shown[0]?.startsWith("── #dev · about dev ──"), true);
    assertEquals(shown.slice(1, -2).length, MAX_READ_SHOWN);
    assertEquals(shown.slice(-3), [
      "t115   bob  15",
      "──────────────────────────────────────────────────────────── 1 new since t115 ──",
      "t116   bob  new",
    ]);
  },
);

pureTest(
  "view stream: beyond the bound the latest messages are shown, and it is told how many there are",
  async () => {
    const alice = await inTwoRooms();
    alice.say("bob", "#dev", "before");
    await alice.press(2);
    await alice.press(1);
    alice.takeShown();
    for (let nth = 1; nth <= 120; nth++) alice.say("bob", "#dev", `${nth}`);
    assertEquals(alice.prompt, "#lobby [#dev 120]> ");
    await alice.press("unread");
    const shown = alice.takeShown();
    assertEquals(shown.length, 1 + MAX_HELD_OF_VIEW);
    const news = `120 new since t101, showing ${MAX_HELD_OF_VIEW} (PgUp or /logs for more)`;
    assertEquals(shown[0], `── #dev · about dev ─ ${news} ──`);
    assertEquals([shown[1], shown.at(-1)], ["t172   bob  71", "t221   bob  120"]);
  },
);

pureTest(
  "view stream: PgUp goes on before the first message that is shown of the view, also with a person",
  async () => {
    const alice = await inTwoRooms({ caps: ALL_CAPS });
    alice.say("bob", "alice", "one", "A").say("bob", "alice", "two", "B").say("bob", "#dev", "else", "C");
    await alice.press("unread");
    assertEquals(alice.prompt, "@bob [#dev 1]> ");
    alice.takeSent();
    await alice.press("PgUp");
    await alice.type("/logs");
    assertEquals(alice.takeSent(), ["CHATHISTORY BEFORE bob msgid=A 20", "CHATHISTORY LATEST bob * 20"]);
    await alice.press("unread");
    await alice.press("PgUp");
    assertEquals(alice.takeSent(), ["CHATHISTORY BEFORE #dev msgid=C 20"]);
  },
);

pureTest("view stream: a direct conversation at the start begins with what has been read of it", async () => {
  const page = (...said: (readonly [number, string])[]) =>
    said.map(([ms, from]) =>
      `@time=1970-01-01T00:00:00.0${ms}Z;msgid=${ms} :${from}!u@h PRIVMSG ${
        from === "bob" ? "alice" : "bob"
      } :${ms}`
    );
  const start = async (
    caps: readonly string[],
    readUntil: string,
    ...said: (readonly [number, string])[]
  ) => {
    const alice = await inTwoRooms({ caps });
    await alice.type("/msg bob");
    alice.takeShown();
    alice.server.answers["MARKREAD bob"] = [`MARKREAD bob ${readUntil}`];
    alice.server.answers["CHATHISTORY LATEST bob"] = page(...said);
    await alice.update(showRecentDirect).settle();
    return alice;
  };
  const until = "timestamp=1970-01-01T00:00:00.050Z";
  const all = [[49, "bob"], [50, "bob"], [51, "alice"], [52, "bob"]] as const;
  const heading = "t102   ··· earlier messages with bob:";
  const alice = await start(ALL_CAPS, until, ...all);
  assertEquals(alice.takeShown().slice(1), ["t49    bob  49", "t50    bob  50"]);
  alice.takeSent();
  await alice.press("PgUp");
  assertEquals(alice.takeSent(), ["CHATHISTORY BEFORE bob msgid=49 20"]);
  const shown = async (...given: Parameters<typeof start>) => (await start(...given)).takeShown().slice(1);
  assertEquals(await shown(ALL_CAPS, until, ...all.slice(0, 3)), [
    "t49    bob  49",
    "t50    bob  50",
    "t51    alice  51",
  ]);
  assertEquals((await shown(["draft/chathistory"], until, ...all)).length, 4);
  for (
    const none of [
      await start(ALL_CAPS, "*", ...all),
      await start(ALL_CAPS, until),
      await start([], until, ...all),
    ]
  ) {
    assertEquals(none.takeShown(), [], heading);
  }
});

pureTest("view stream: what is shown counts as read, what is held does not", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  alice.say("bob", "#lobby", "here").say("bob", "#dev", "there");
  alice.update((chat, now) => chat.markRead(now + 10_000, true));
  const marked = () =>
    alice.takeSent().filter((line) => line.startsWith("MARKREAD")).map((line) => line.split(" ")[1]);
  assertEquals(marked(), ["#lobby"]);
  await alice.press("unread");
  alice.update((chat, now) => chat.markRead(now + 20_000, true));
  assertEquals(marked(), ["#dev"]);
});

pureTest(
  "view stream: a direct conversation has a view, and what is typed there goes to the person",
  async () => {
    const alice = await inTwoRooms();
    await alice.type("/msg bob", "hello", "/me waves");
    assertEquals(alice.prompt, "@bob> ");
    assertEquals(alice.takeSent(), ["PRIVMSG bob hello", "PRIVMSG bob :\x01ACTION waves\x01"]);
    assertEquals(alice.takeShown()[0]?.startsWith("── @bob ──"), true);
    await alice.type("/go dev", "/msg bob aside");
    assertEquals(alice.prompt, "#dev> ");
    assertEquals(
      alice.takeShown().at(-1),
      "t100   [alice -> bob] aside",
      "one's own message is seen where it was typed",
    );
  },
);

pureTest(
  "view stream: /r answers the person of the last direct message, and their name is seen while it is typed",
  async () => {
    const alice = await inTwoRooms();
    assertEquals(alice.expand("/r hi"), undefined);
    await alice.type("/r hi");
    assertEquals(alice.takeShown(), ["t100   !!! there is no direct message to answer"]);
    alice.say("bob", "alice", "psst").say("carol", "alice", "me too").receive(":carol!c@h NICK caro");
    assertEquals(alice.expand("/r "), "/msg caro ");
    assertEquals(alice.expand("/r hi"), "/msg caro hi");
    assertEquals([alice.expand("/r"), alice.expand("/reply x"), alice.expand("r x")], [
      undefined,
      undefined,
      undefined,
    ]);
    await alice.type("/r hi"); // as in plain mode, where nothing is put into the line
    assertEquals([alice.takeSent(), alice.takeShown().at(-1)], [
      [],
      "t102   !!! not sent; to caro, who has written last: /msg caro hi",
    ]);
  },
);

pureTest(
  "view stream: Alt-a goes to mentions first, Ctrl-N and Ctrl-P to the neighbours, Alt-1 to 9 by number",
  async () => {
    const alice = await inTwoRooms();
    await alice.type("/join #ops", "/go #lobby");
    alice.say("bob", "#dev", "hello").say("bob", "#ops", "alice: look");
    const seen: string[] = [];
    for (const move of ["unread", "unread", "unread", "next", "next", "previous", 3, 9] as const) {
      seen.push((await alice.press(move)).prompt);
    }
    assertEquals(seen, [
      "#ops [#dev 1]> ",
      "#dev> ",
      "#dev> ",
      "#ops> ",
      "#lobby> ",
      "#ops> ",
      "#ops> ",
      "#ops> ",
    ]);
    assertEquals(alice.takeShown().filter((line) => line.startsWith("t102   ··· ")), [
      "t102   ··· nothing is unread",
      "t102   ··· there is no view 9; /go lists them",
    ]);
  },
);

pureTest("view stream: /go lists the views and finds them by name, number, @name and without #", async () => {
  const alice = await inTwoRooms();
  alice.say("bob", "alice", "psst").say("bob", "#dev", "alice?");
  await alice.type("/go");
  assertEquals(alice.takeShown(), [
    "t102   ··· 1  #lobby  (shown)",
    "t102   ··· 2  #dev  (1 new, 1 mentions you)",
    "t102   ··· 3  bob  (1 new)",
  ]);
  for (
    const [word, prompt] of [["dev", "#dev"], ["@BOB", "@bob"], ["1", "#lobby"], ["bob", "@bob"]] as const
  ) {
    await alice.type(`/go ${word}`);
    assertEquals(alice.prompt.split(/[ >]/)[0], prompt, word);
  }
  alice.takeShown();
  await alice.type("/go carol", "/go #tea");
  assertEquals(alice.takeShown(), [
    "t102   !!! there is no view carol; /msg carol opens a conversation, /join #carol",
    "           enters a room",
    "t102   !!! there is no view #tea; /join #tea enters it",
  ]);
});

pureTest(
  "view stream: a room that we are removed from stays, and nothing typed for it goes elsewhere",
  async () => {
    const alice = await inTwoRooms();
    alice.receive(":bob!b@h KICK #lobby alice :wrong room");
    assertEquals(alice.prompt, "#lobby (left)> ");
    await alice.type("secret");
    assertEquals(alice.sent, []);
    assertEquals(alice.takeShown(), [
      "t100   !!! you were removed from #lobby by bob (wrong room); to enter it again: ",
      "           /join #lobby",
      "t100   !!! not sent: you are no longer in #lobby (/go #dev, /join #lobby)",
    ]);
    await alice.type("/join #lobby", "again");
    assertEquals([alice.prompt, alice.sent], ["#lobby> ", ["JOIN #lobby", "PRIVMSG #lobby again"]]);
  },
);

pureTest("view stream: what is typed behind /join goes to that room, or nowhere", async () => {
  const alice = await inTwoRooms();
  alice.server.answers["JOIN #private"] = [":s 475 alice #private :Cannot join channel (+k)"];
  alice.server.answers["PRIVMSG #private"] = [":s 404 alice #private :Cannot send to channel"];
  await alice.type("/join #private", "secret");
  assertEquals(alice.prompt, "#private (not in it)> ");
  assertEquals(alice.sent, ["JOIN #private"]);
  assertEquals(
    alice.takeShown().at(-1),
    "t100   !!! not sent: you are not in #private (/go #lobby, /join #private)",
  );
  await alice.type("/go #lobby", "/go");
  assertEquals(alice.takeShown().some((line) => line.includes("#private")), false, "it is no view any more");
});

pureTest("view stream: /close leaves a room, or ends a conversation until the next message", async () => {
  const alice = await inTwoRooms();
  alice.server.answers["PART #lobby"] = [":alice!a@h PART #lobby"];
  alice.say("bob", "alice", "psst");
  await alice.type("/go bob", "/close");
  assertEquals(alice.prompt, "#lobby> ");
  await alice.type("/close");
  assertEquals([alice.prompt, alice.takeSent()], ["#dev> ", ["PART #lobby"]]);
  alice.say("bob", "alice", "again");
  assertEquals(alice.prompt, "#dev [@bob 1!]> ");
  await alice.type("/close bob", "/close tea");
  assertEquals(alice.prompt, "#dev> ");
  assertEquals(alice.takeShown().slice(-2), ["t102   ··· bob is closed", "t102   !!! there is no view tea"]);
});

pureTest(
  "view stream: /close comes back to the view before; a closed conversation is opened again",
  async () => {
    const alice = await inTwoRooms();
    await alice.type("/go dev", "/msg bob", "/close");
    assertEquals(alice.prompt, "#dev> ");
    await alice.type("/msg bob", "for bob");
    assertEquals([alice.prompt, alice.takeSent()], ["@bob> ", ["PRIVMSG bob :for bob"]]);
  },
);

pureTest("view stream: what was asked for is shown where one is, whatever view it is of", async () => {
  const alice = await inTwoRooms({ caps: ALL_CAPS });
  alice.server.answers["CHATHISTORY LATEST #dev"] = [
    "@time=1970-01-01T00:00:00.050Z;msgid=Z :bob!b@h PRIVMSG #dev :old",
  ];
  await alice.type("/logs #dev");
  assertEquals(alice.takeShown()[1], "t50    #dev bob  old");
});

pureTest(
  "view stream: a reply to one's own message is a mention, one to that of another person is not",
  async () => {
    const alice = await inTwoRooms({ caps: ALL_CAPS });
    alice.say("alice", "#dev", "tea?", "A").say("bob", "#dev", "no", "B");
    const reply = (to: string, text: string) => {
      const tags = `time=1970-01-01T00:00:00.150Z;msgid=${text};+draft/reply=${to}`;
      alice.receive(`@${tags} :carol!c@h PRIVMSG #dev ${text}`);
    };
    reply("B", "why");
    assertEquals(alice.prompt, "#lobby [#dev 2]> ");
    reply("A", "yes");
    assertEquals(alice.prompt, "#lobby [#dev 3!]> ");
    await alice.press("unread");
    assertEquals(alice.takeShown().slice(-4), [
      't150   carol  ↳ bob: "no"',
      "           why",
      't150   carol  ↳ alice: "tea?"',
      "           >>> yes",
    ]);
  },
);

pureTest(
  "view stream: a reply in earlier messages shows what it answers, there or in what was said since",
  async () => {
    const alice = await inTwoRooms({ caps: ALL_CAPS });
    alice.say("bob", "#lobby", "tea?", "B");
    const at = (ms: number) => `time=1970-01-01T00:00:00.0${ms}Z`;
    alice.server.answers["CHATHISTORY"] = [
      `@${at(50)};msgid=Y :bob!b@h PRIVMSG #lobby :queued in the night`,
      `@${at(51)};msgid=Z;+draft/reply=Y :carol!c@h PRIVMSG #lobby :all of it?`,
      `@${at(52)};msgid=W;+draft/reply=B :carol!c@h PRIVMSG #lobby :yes`,
      `@${at(53)};msgid=V;+draft/reply=X :carol!c@h PRIVMSG #lobby :no`,
      `@${at(54)};+draft/react=👍;+draft/reply=Y :carol!c@h TAGMSG #lobby`,
    ];
    const expected = [
      "t50    bob  queued in the night",
      't51    carol  ↳ bob: "queued in the night"',
      "           all of it?",
      't52    carol  ↳ bob: "tea?"',
      "           yes",
      "t53    carol  ↳ an earlier message",
      "           no",
      't54    ··· carol 👍 to bob: "queued in the night"',
    ];
    alice.takeShown();
    await alice.type("/logs");
    assertEquals(alice.takeShown().slice(1, -1), expected);
    await alice.press("PgUp");
    assertEquals(alice.takeShown().slice(1, -1), expected);
  },
);

pureTest("view stream: what is removed or edited before one has come to its view is not shown", async () => {
  const alice = await inTwoRooms();
  alice.say("bob", "#dev", "oops", "A").say("bob", "#dev", "kept", "B");
  alice.receive(":bob!b@h REDACT #dev A");
  await alice.press(2);
  assertEquals(alice.takeShown().slice(1), [
    "t102   bob  kept",
    "t102   ··· bob removed a message sent at t101",
  ]);
});

pureTest("view stream: who comes and leaves elsewhere is not told, what happens to us is", async () => {
  const alice = await inTwoRooms();
  alice.receive(":carol!c@h JOIN #dev", ":carol!c@h PART #dev", ":bob!b@h TOPIC #dev :new topic");
  assertEquals(alice.takeShown(), []);
  alice.receive(":bob!b@h INVITE alice #tea", ":bob!b@h KICK #dev alice :out");
  assertEquals(alice.takeShown(), [
    "t100   ··· bob invites you to #tea: /join #tea",
    "t100   !!! you were removed from #dev by bob (out); to enter it again: /join ",
    "           #dev",
  ]);
  await alice.press(2);
  assertEquals(alice.takeShown().slice(1), ["t100   ··· bob set the topic of #dev: new topic"]);
});

pureTest(
  "view stream: a direct NOTICE, by which services answer, is shown where one is, and does not count",
  async () => {
    const alice = await inTwoRooms();
    alice.receive(":NickServ!s@h NOTICE alice :You are now identified");
    assertEquals(alice.takeShown(), ["t100   [NickServ -> alice] You are now identified"]);
    assertEquals(alice.prompt, "#lobby> ");
    alice.say("bob", "alice", "psst").receive(":bob!u@h NOTICE alice :and this");
    await alice.type("/msg bob later");
    assertEquals(alice.prompt, "#lobby [@bob 2!]> ", "what is not shown stays unread");
  },
);

pureTest("view stream: /set stream all shows everything with its room, from what was held on", async () => {
  const alice = await inTwoRooms();
  alice.say("bob", "#dev", "held");
  await alice.type("/set stream all");
  assertEquals(alice.takeShown(), ["t101   ··· stream is all now", "t101   #dev bob  held"]);
  alice.say("bob", "#dev", "live").say("bob", "alice", "psst");
  assertEquals(alice.takeShown(), ["t102   #dev bob  live", "t103   [bob -> alice] psst"]);
  assertEquals(alice.prompt, "#lobby> ");
  await alice.type("/go #dev");
  assertEquals(alice.takeShown(), ["t103   ··· now in #dev"]);
  await alice.type("/set stream view");
  alice.say("bob", "#lobby", "counted");
  assertEquals(alice.prompt, "#dev [#lobby 1]> ");
});

pureTest("view stream: where --all was given another setting does not end it, /set stream does", async () => {
  const alice = await inTwoRooms({ showsOneView: false });
  await alice.type("/set presence off");
  alice.say("bob", "#dev", "seen");
  assertEquals(alice.takeShown().at(-1), "t101   #dev bob  seen");
  await alice.type("/set stream view");
  alice.say("bob", "#dev", "counted");
  assertEquals(alice.prompt, "#lobby [#dev 1]> ");
});

pureTest("view stream: the rooms are kept when they change, and the current view at the end", async () => {
  const alice = await inTwoRooms();
  assertEquals(alice.kept?.rooms, ["#lobby", "#dev"]);
  alice.receive(":bob!b@h KICK #lobby alice :out");
  assertEquals(alice.kept?.rooms, ["#dev"]);
  await alice.type("/msg bob");
  alice.close();
  assertEquals(alice.kept, { rooms: ["#dev"], current: "bob" });
});

pureTest("view stream: a kept room that cannot be entered any more is told once, and forgotten", async () => {
  const alice = new ViewRun({ home: undefined, channels: ["#dev", "#private"] });
  alice.server.answers["JOIN #private"] = [":s 474 alice #private :Cannot join channel (+b)"];
  await alice.settle();
  assertEquals(alice.takeShown().filter((line) => line.includes("#private")).length, 1);
  assertEquals(alice.kept?.rooms, ["#dev"]);
});
