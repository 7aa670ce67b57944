import { assertEquals } from "@std/assert";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import type { ChatEntry, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { formatAnsi, wrap } from "../../lib/tui/view/styled_line.ts";
import { renderDay, renderEntry } from "../../lib/tui/view/entry_view.ts";
import type { LocalTime } from "../../lib/client/conversation/model/local_time.ts";
import { countColumns } from "../../lib/base/text_width.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const local: LocalTime = { clock: () => "12:34", day: () => "Friday 20 November 2026", date: () => "20 Nov" };
const reader = { nick: "alice", channel: "#lobby" };
const plain = loadPalette(false);
const time = 0;

/** A direct message. */
const hi: MessageEntry = {
  kind: "message",
  seq: undefined,
  id: undefined,
  time,
  channel: undefined,
  from: "bob",
  to: "alice",
  manner: "said",
  text: "hi",
};

function text(entry: ChatEntry): string {
  return formatAnsi(renderEntry(entry, reader, local), plain);
}

pureTest("render: every kind of entry has a mark of its own", () => {
  const said = { ...hi, channel: "#lobby" };
  const expected: [ChatEntry, string][] = [
    [said, "12:34 <bob> hi"],
    [
      { ...said, replyTo: "m", quoted: { of: "alice", excerpt: "tea?\x1b" } },
      "12:34 <bob> hi (reply to alice: «tea?␛»)",
    ],
    [
      { ...hi, replyTo: "m", replaces: "n" },
      "12:34 [bob -> alice] hi (reply to an earlier message) (edited)",
    ],
    [{ ...said, channel: "#Lobby", manner: "did", text: "waves" }, "12:34 * bob waves"],
    [{ ...said, channel: "#dev" }, "12:34 #dev <bob> hi"],
    [{ ...said, text: "hi alice" }, "12:34 >>> <bob> hi alice"],
    [{ ...said, channel: "#dev", text: "hi alice" }, "12:34 >>> #dev <bob> hi alice"],
    [{ ...said, manner: "notice" }, "12:34 -bob- hi"],
    [{ ...hi }, "12:34 [bob -> alice] hi"],
    [
      { ...hi, manner: "did", text: "nods" },
      "12:34 [bob -> alice] * bob nods",
    ],
    [
      {
        kind: "found",
        time,
        message: { ...said, time: Date.UTC(2026, 5, 1), channel: "#dev", text: "a b\nc" },
        matches: [{ start: 2, end: 3 }],
      },
      "12:34 --- 20 Nov 2026 12:34 #dev <bob> a b c",
    ],
    [{ kind: "joined", time, channel: "#lobby", nick: "bob" }, "12:34 --> bob joined #lobby"],
    [
      { kind: "left", time, channel: "#lobby", nick: "bob", reason: "bye" },
      "12:34 <-- bob left #lobby (bye)",
    ],
    [{ kind: "left", time, channel: "#lobby", nick: "bob", reason: "" }, "12:34 <-- bob left #lobby"],
    [
      { kind: "kicked", time, channel: "#lobby", nick: "bob", by: "op", reason: "noise" },
      "12:34 <-- bob was removed from #lobby by op (noise)",
    ],
    [{ kind: "quit", time, nick: "bob", reason: "Quit: tea" }, "12:34 <-- bob quit (tea)"],
    [{ kind: "quit", time, nick: "bob", reason: "Connection closed" }, "12:34 <-- bob lost the connection"],
    [{ kind: "renamed", time, from: "bob", to: "rob" }, "12:34 --- bob is now known as rob"],
    [
      { kind: "topic", time, channel: "#lobby", by: "bob", text: "x" },
      "12:34 --- bob set the topic of #lobby: x",
    ],
    [
      { kind: "topic", time, channel: "#lobby", by: "bob", text: "" },
      "12:34 --- bob removed the topic of #lobby",
    ],
    [
      { kind: "room_renamed", time, from: "#a", to: "#b", by: "bob", reason: "typo" },
      "12:34 --- bob renamed #a to #b (typo)",
    ],
    [
      {
        kind: "redacted",
        time,
        target: "#lobby",
        id: "1",
        by: "op",
        of: "bob",
        at: time,
        reason: "spam",
      },
      "12:34 --- op removed a message of bob sent at 12:34 (spam)",
    ],
    [
      { kind: "redacted", time, target: "#dev", id: "1", by: "bob", reason: "" },
      "12:34 --- bob removed a message in #dev",
    ],
    [
      { ...said, text: "a\n12:34 <eve> b" },
      "12:34 <bob> a\n      12:34 <eve> b",
    ],
    [
      {
        kind: "reaction",
        time,
        channel: "#lobby",
        from: "bob",
        text: "👍\x1b",
        removed: false,
        to: "m1",
        of: "al",
        excerpt: "hi\x1b",
      },
      "12:34 --- bob reacted 👍␛ to al: «hi␛»",
    ],
    [
      { kind: "reaction", time, channel: "#dev", from: "bob", text: "👍", removed: true, to: undefined },
      "12:34 --- bob removed the reaction 👍 to an earlier message in #dev",
    ],
    [{ kind: "note", time, text: "so" }, "12:34 --- so"],
    [
      { kind: "gap", time, target: "#dev", count: 7, why: "overwritten", after: time, before: time },
      "12:34 --- gap in #dev: 7 messages, at 12:34",
    ],
    [{ kind: "server", time, from: "irc.test", text: "so" }, "12:34 --- irc.test: so"],
    [{ kind: "alarm", time, text: "no" }, "12:34 !!! no"],
  ];
  for (const [entry, line] of expected) assertEquals(text(entry), line);
  assertEquals(formatAnsi(renderDay(time, local), plain), "      --- Friday 20 November 2026");
});

pureTest("render: received text stays in its entry and controls no terminal", () => {
  const evil = "\x1b[2J\r\n12:34 <alice> gotcha\u202e\x07";
  const entries: ChatEntry[] = [
    { ...hi, channel: "#a\x1b", from: "e\x1b[1m", text: evil },
    { ...hi, manner: "did", to: evil, from: evil, text: evil },
    { kind: "joined", time, channel: evil, nick: evil },
    { kind: "left", time, channel: evil, nick: evil, reason: evil },
    { kind: "kicked", time, channel: evil, nick: evil, by: evil, reason: evil },
    { kind: "quit", time, nick: evil, reason: evil },
    { kind: "renamed", time, from: evil, to: evil },
    { kind: "topic", time, channel: evil, by: evil, text: evil },
    { kind: "note", time, text: evil },
    { kind: "server", time, from: evil, text: evil },
    { kind: "alarm", time, text: evil },
  ];
  for (const entry of entries) {
    const [line = "", ...more] = text(entry).split("\n      ");
    assertEquals(/[\p{Cc}\u202e]/u.test(line + more.join("")), false, entry.kind);
    // A message may have several lines, and they are indented.
    assertEquals(more.length > 0, entry.kind === "message", entry.kind);
  }
});

pureTest("render: long lines break at spaces, and what continues is indented", () => {
  const rows = wrap(
    renderEntry(
      { ...hi, channel: "#lobby", text: "one two three four five" },
      reader,
      local,
    ),
    24,
  );
  assertEquals(rows.map((row) => formatAnsi(row, plain)), [
    "12:34 <bob> one two ",
    "      three four five",
  ]);
});

pureTest("render: Chinese and Japanese break between characters", () => {
  const rows = wrap([{ text: "12:34 <bob> 日本語の長い行です" }], 20).map((row) => formatAnsi(row, plain));
  assertEquals(rows, ["12:34 <bob> 日本語の", "      長い行です"]);
});

pureTest("render: a URL stays in one piece, another long word does not", () => {
  const url = "https://example.org/" + "x".repeat(40);
  assertEquals(wrap([{ text: `please see ${url} ok` }], 30).map((row) => formatAnsi(row, plain)), [
    "please see ",
    `      ${url}`,
    "      ok",
  ]);
  const long = wrap([{ text: "y".repeat(50) }], 30).map((row) => formatAnsi(row, plain));
  assertEquals(long, ["y".repeat(30), " ".repeat(6) + "y".repeat(20)]);
});

pureTest("render: no row is too wide, no visible character is lost, none begins as a line of its own", () => {
  forAll(300, (random) => {
    const words = random.text("ab日👍é   ", 0, 120);
    const columns = 13 + random.below(60);
    const rows = wrap([{ text: "12:34 ", style: "dim" }, { text: words }], columns).map((row) =>
      formatAnsi(row, plain)
    );
    for (const row of rows) assertEquals(countColumns(row) <= columns, true);
    for (const row of rows.slice(1)) assertEquals(row.startsWith("      "), true);
    assertEquals(rows.join("").replaceAll(" ", ""), `12:34${words}`.replaceAll(" ", ""));
  });
});

pureTest("render: a match of a search is bold and underlined, also without colours", () => {
  const message = { ...hi, text: "a b c" };
  const line = renderEntry({ kind: "found", time, message, matches: [{ start: 2, end: 3 }] }, reader, local);
  assertEquals(formatAnsi(line, loadPalette("monochrome")).includes("\x1b[1m\x1b[4mb\x1b["), true);
});

pureTest("render: colour adds nothing but colour", () => {
  const colors = loadPalette(true);
  const line = renderEntry(
    hi,
    reader,
    local,
  );
  const painted = formatAnsi(line, colors);
  assertEquals(painted.replace(/\x1b\[[\d;]*m/g, ""), formatAnsi(line, plain));
});
