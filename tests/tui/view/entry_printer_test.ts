import { assertEquals } from "@std/assert";
import { countColumns } from "../../../lib/base/text_width.ts";
import type { ChatEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { MAX_PRINTED_MESSAGES } from "../../../lib/tui/view/printed_messages.ts";
import { countReaction } from "../../../lib/tui/view/reaction_text.ts";
import type { ReactionCounts } from "../../../lib/tui/view/reaction_text.ts";
import { forAll } from "../../irc/property.ts";
import { pureTest } from "../../support/test.ts";
import { joined, MINUTE, Printing, quit, react, removed, say } from "./printing.ts";

const long = "two retries in payments, both recovered; I'll write it up";

pureTest("printer: the time is shown where the minute changes, on each line, or not at all", () => {
  const entries = [say("a"), say("b", { time: 1 }), say("c", { time: MINUTE })];
  assertEquals(new Printing(80).add(...entries).text, ["00:00  bob  a", "       bob  b", "00:01  bob  c"]);
  assertEquals(new Printing(80, { times: "all" }).add(...entries).text, [
    "00:00  bob  a",
    "00:00  bob  b",
    "00:01  bob  c",
  ]);
  assertEquals(new Printing(80, { times: "off" }).add(...entries).text, ["bob  a", "bob  b", "bob  c"]);
});

pureTest("printer: the first message behind a rule has its time", () => {
  const unread = { kind: "unread", channel: "#lobby", since: MINUTE, isAtLeast: false } as const;
  const shown = (columns: number) =>
    new Printing(columns).add(
      say("a", { time: MINUTE }),
      { ...unread, time: 2 * MINUTE, count: 1, shown: 1 },
      say("b", { time: 2 * MINUTE }),
      { ...unread, time: 2 * MINUTE, count: 9, shown: 1 },
      say("c", { time: 2 * MINUTE }),
    ).text;
  assertEquals(shown(80), [
    "00:01  bob  a",
    "─────────────────────────────────────────────────────────── 1 new since 00:01 ──",
    "00:02  bob  b",
    "       ··· 9 new since 00:01, showing 1 (PgUp or /logs for more)",
    "00:02  bob  c",
  ]);
  assertEquals(shown(40).slice(3, 5), ["bob  00:02", "  b"]);
});

pureTest("printer: further rows hang behind the name, and names are padded where that is chosen", () => {
  assertEquals(new Printing(60).add(say(long)).text, [
    "00:00  bob  two retries in payments, both recovered; I'll",
    "           write it up",
  ]);
  const names = [
    say(long),
    say("hi", { from: "alexander-the-great" }),
    say("hm", { manner: "notice", from: "ci" }),
  ];
  assertEquals(new Printing(60, { align: "8" }).add(...names).text, [
    "00:00  bob       two retries in payments, both recovered;",
    "                 I'll write it up",
    "       alexander-the-great  hi",
    "       -ci-      hm",
  ]);
});

pureTest("printer: text has at most 100 columns, as many as are chosen, or all", () => {
  const widths = (columns: number, width?: string) =>
    Math.max(
      ...new Printing(columns, width ? { width } : {}).add(say("abcd ".repeat(100))).text.map(countColumns),
    );
  assertEquals([widths(80), widths(200), widths(200, "150"), widths(200, "full")], [80, 100, 150, 200]);
});

pureTest("printer: on a narrow screen names stand above the texts", () => {
  const shown = new Printing(40, { align: "12" }).add(
    say(long, {
      replyTo: "m",
      quoted: { of: "alice", excerpt: "are there any errors that we should know?" },
    }),
    say("and", { time: 1 }),
    say("hi", { from: "carol" }),
    say("waves", { manner: "did" }),
    say("psst", { channel: undefined, to: "alice" }),
    { kind: "note", time: MINUTE, text: "carol is away: tea, and then the train home" },
  );
  assertEquals(shown.text, [
    "bob  00:00",
    '  ↳ alice: "are there any errors that…"',
    "  two retries in payments, both",
    "  recovered; I'll write it up",
    "  and",
    "carol",
    "  hi",
    "* bob waves",
    "[bob -> alice]",
    "  psst",
    "00:01 ··· carol is away: tea, and then",
    "  the train home",
  ]);
});

pureTest("printer: replies, edits, mentions, and other conversations", () => {
  const quoted = { of: "alice", excerpt: "any errors?" };
  const shown = new Printing(80).add(
    say("no", { replyTo: "m", quoted }),
    say("no", { replyTo: "m" }),
    say("yes", { replaces: "n" }),
    say("alice: look"),
    say("a\nbob  b"),
    say("hi", { channel: "#dev", to: "#dev" }),
    { kind: "unread", channel: "#lobby", time: 1, since: 1, count: 3, isAtLeast: false, shown: 3 },
    { kind: "alarm", time: 1, text: "no" },
  );
  assertEquals(shown.text, [
    '00:00  bob  ↳ alice: "any errors?"',
    "           no",
    "       bob  ↳ an earlier message",
    "           no",
    "       bob  yes (edited)",
    "       bob  >>> alice: look",
    "       bob  a",
    "           bob  b",
    "       #dev bob  hi",
    "─────────────────────────────────────────────────────────── 3 new since 00:00 ──",
    "00:00  !!! no",
  ]);
});

pureTest("printer: people that come and leave in a burst are one line, before what follows", () => {
  const shown = new Printing(80).add(joined("carol"), joined("dave"), quit("erin"), say("hi"));
  assertEquals(shown.text, ["00:00  ··· carol and dave came, erin left", "       bob  hi"]);
  shown.add(
    joined("f"),
    quit("f"),
    quit("g"),
    joined("g"),
    ...["h", "i", "j", "k"].map((nick) => joined(nick)),
  );
  assertEquals(shown.text.length, 2); // a line is due, not shown
  assertEquals(shown.flush().text.slice(2), ["       ··· 4 came, g left and came back, f came and left"]);
  assertEquals(shown.flush().text.length, 3);
});

pureTest("printer: one person is told with the reason, other rooms with their name", () => {
  const one = (entry: ChatEntry) => new Printing(80).add(entry).flush().text[0]!.slice(7);
  assertEquals(one(joined("carol")), "··· carol came");
  assertEquals(one(quit("carol", "Quit: tea")), "··· carol left: tea");
  assertEquals(one(quit("carol", "Client Quit")), "··· carol left");
  assertEquals(one(quit("carol", "Ping timeout: 90 seconds")), "··· carol lost the connection");
  assertEquals(one(joined("carol", 0, "#dev")), "··· #dev: carol came");
});

pureTest("printer: a burst is told 2 s after its last person, and 8 s after the first at the latest", () => {
  const { printer } = new Printing(80).add(joined("a", 1000));
  assertEquals([printer.nextFlushMs(1000), printer.nextFlushMs(2500)], [2000, 500]);
  const more = new Printing(80).add(joined("a", 0), joined("b", 7000));
  assertEquals([more.printer.nextFlushMs(7000), more.flush().printer.nextFlushMs(7000)], [1000, undefined]);
});

pureTest(
  "printer: presence all has a line for each, off none, and without a terminal nothing is folded",
  () => {
    const entries = [joined("carol"), quit("dave")];
    assertEquals(new Printing(80, { presence: "all" }).add(...entries).text, [
      "00:00  ··· carol came",
      "       ··· dave left",
    ]);
    assertEquals(new Printing(80, { presence: "off" }).add(...entries).flush().text, []);
    assertEquals(new Printing(undefined).add(...entries).text, [
      "00:00 --> carol joined #lobby",
      "00:00 <-- dave quit",
    ]);
  },
);

pureTest("printer: no person that comes or leaves is lost, however many they are", () => {
  forAll(50, (random) => {
    const printing = new Printing(80);
    const count = 1 + random.below(3000);
    printing.add(...Array.from({ length: count }, (_, i) => joined(`u${i}`))).flush();
    const told = printing.text.map((row) =>
      Number(/ (\d+) came/.exec(row)?.[1] ?? row.split("u").length - 1)
    );
    assertEquals(told.reduce((sum, one) => sum + one, 0), count);
  });
});

pureTest("printer: reactions stand behind the last message, else they have a line", () => {
  const message = say("the deploy is through", { id: "m" });
  const shown = new Printing(80, {}, 9).add(message).add(react("👍", "m"));
  assertEquals(shown.text, ["00:00  bob  the deploy is through  👍 bob"]);
  shown.add(react("👍", "m", "carol"), react("🎉", "m", "alice"));
  assertEquals(shown.text, ["00:00  bob  the deploy is through  👍 2  🎉 alice"]);
  shown.add(react("👍", "m", "carol", true), react("🎉", "m", "alice", true));
  assertEquals(shown.text, ["00:00  bob  the deploy is through  👍 bob"]);
  shown.add(react("🎉", "m", "alice", true)); // it is not there
  assertEquals(shown.text.slice(1), ['       ··· alice took back 🎉 from bob: "the deploy is through"']);
  shown.add(react("🎉", "m", "carol"));
  assertEquals(shown.text.slice(2), ['       ··· carol 🎉 to bob: "the deploy is through"']);
});

pureTest("printer: reactions behind a message are bounded, further ones have a line", () => {
  const kinds = Array.from("abcdefghij");
  const shown = new Printing(200, {}, 9).add(
    say("hi", { id: "m" }),
    ...kinds.map((text) => react(text, "m")),
  );
  assertEquals(shown.text.length, 3);
  assertEquals(shown.text[0]!.endsWith("a bob  b bob  c bob  d bob  e bob  f bob  g bob  h bob"), true);
  let counts: ReactionCounts = new Map();
  let refused = 0;
  for (let i = 0; i < 1100; i++) {
    const next = countReaction(counts, { from: `u${i}`, text: "a", removed: false });
    if (next === undefined) refused++;
    else counts = next;
  }
  assertEquals(refused, 100);
});

pureTest(
  "printer: the last message on the screen is drawn as removed, and its text is not told again",
  () => {
    const replyTo = { replyTo: "m", quoted: { of: "alice", excerpt: "any errors?" } };
    for (const columns of [80, 40]) {
      const shown = new Printing(columns, {}, 9).add(
        say("so", { id: "1" }),
        say("no", { id: "2", ...replyTo }),
      );
      const before = shown.text.length;
      shown.add(react("👍", "2", "carol")).add(removed("2", "bob", "wrong room"));
      assertEquals(shown.text.at(-1)?.trim().replace(/^bob {2}/, ""), "(removed: wrong room)");
      assertEquals(shown.text.length, before - 1);
      assertEquals(shown.add(removed("1")).text.length, before + (columns === 80 ? 0 : 1)); // a line of its own
    }
    const once = new Printing(80, {}, 9);
    once.printer.add(say("oops", { id: "1" }), {
      nick: "alice",
      channel: "#lobby",
      columns: 80,
      replaceable: 0,
      settings: undefined,
    }, 0);
    assertEquals(once.add(removed("1", "root")).text, ["00:00  bob  (removed by root)"]);
  },
);

pureTest("printer: of a removal further up it is told which message it is, counted back", () => {
  const shown = new Printing(80);
  for (let nth = 1; nth <= 24; nth++) {
    shown.add(say("a", { id: `${nth}`, time: nth }), say("b", { from: "carol", id: `c${nth}`, time: nth }));
  }
  shown.add(
    say("elsewhere", { channel: "#dev", to: "#dev", id: "d", time: 99 }),
    say("shown by /logs", { id: "0" }),
  );
  shown.rows.length = 0;
  const ids = ["24", "23", "22", "14", "4", "2", "0"];
  shown.add(...ids.map((id) => removed(id)), removed("24", "root"), removed("24", "alice"), removed("x"));
  assertEquals(shown.text, [
    "       ··· bob removed their last message (00:00)",
    "       ··· bob removed their 2nd last message (00:00)",
    "       ··· bob removed their 3rd last message (00:00)",
    "       ··· bob removed their 11th last message (00:00)",
    "       ··· bob removed their 21st last message (00:00)",
    "       ··· bob removed their 23rd last message (00:00)",
    "       ··· bob removed their 25th last message (00:00)",
    "       ··· root removed the last message of bob (00:00)",
    "       ··· alice removed the last message of bob (00:00): «the deploy is",
    "           through»",
    "       ··· bob removed a message sent at 00:00",
  ]);
  for (let nth = 0; nth < MAX_PRINTED_MESSAGES; nth++) shown.add(say("later", { id: `later${nth}` }));
  assertEquals(shown.add(removed("24")).text.at(-1), "       ··· bob removed a message sent at 00:00");
});

pureTest("printer: an edit says of when the message is in the place of which it stands", () => {
  const day = 24 * 60 * MINUTE;
  const shown = new Printing(80).add(
    say("helo", { id: "1", time: MINUTE }),
    say("hello", { id: "2", time: 3 * MINUTE, replaces: "1" }),
    say("hello!", { id: "3", time: day, replaces: "2" }),
    say("hm", { time: day, replaces: "x" }),
  );
  assertEquals(shown.text.filter((row) => !row.startsWith("──")), [
    "00:01  bob  helo",
    "00:03  bob  hello (edited, of 00:01)",
    "00:00  bob  hello! (edited, of date 0 00:03)",
    "       bob  hm (edited)",
  ]);
});

pureTest("printer: a message that has left the screen is not changed", () => {
  const shown = new Printing(80, {}, 0).add(say("hi", { id: "m" })).add(react("👍", "m"));
  assertEquals(shown.text.length, 2);
  assertEquals(new Printing(80, {}, 0).add(say("hi", { id: "m" }), react("👍", "m")).text.length, 1); // not shown yet
});

pureTest("printer: a new day begins with a rule, and a row of others makes the next time be shown", () => {
  const shown = new Printing(60).add(say("a"), say("b", { time: 24 * 60 * MINUTE }));
  assertEquals(shown.text[1], `── day 1 ${"─".repeat(51)}`);
  shown.printer.addRow([{ text: "rule" }]);
  assertEquals(shown.add(say("c", { time: 24 * 60 * MINUTE })).text.slice(2), [
    "00:00  bob  b",
    "rule",
    "00:00  bob  c",
  ]);
});

pureTest(
  "printer: whatever is said, at whatever width, rows fit and none passes for an entry of its own",
  () => {
    forAll(300, (random) => {
      const columns = 20 + random.below(150);
      const text = random.text("ab日👍é*` \n", 1, 200) + "x";
      const [first, ...others] = new Printing(columns).add(say(text)).text;
      for (const row of [first!, ...others]) {
        assertEquals(countColumns(row) <= Math.min(columns, 100), true, row);
      }
      const indent = columns < 60 ? "  " : " ".repeat(11);
      for (const row of others) {
        assertEquals(row === "" || row.startsWith(indent), true, row);
      }
    });
  },
);

pureTest("printer: a page of the help has its narrow form where the wide one has no room", () => {
  const page = {
    kind: "note",
    time: 0,
    about: "help",
    text: "wide",
    narrowText: "one\nbelow the other",
  } as const;
  const rows = (columns: number) => new Printing(columns).add(page).text;
  assertEquals(rows(40), ["00:00 ··· one", "  below the other"]);
  assertEquals(rows(79).length, 2);
  assertEquals(rows(80), ["00:00  ··· wide"]);
});
