import { assertEquals } from "@std/assert";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import {
  formatEntry,
  formatEntryJson,
  formatGap,
  formatGapJson,
} from "../../commands/logs/history_entry_text.ts";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { GapEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import { conversationOf } from "../../lib/client/conversation/model/chat_entry.ts";
import { pureTest } from "../support/test.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const TAGS = "@time=2026-01-31T10:00:00.250Z;msgid=1a-x;chatterbox.chat/seq=46";

function entry(line: string) {
  return parseMessageEntry(parseMessage(line)!, NOW);
}

pureTest("further lines of a message are indented, and in JSON it is one text", () => {
  const said = entry(`${TAGS} :bob!b@h PRIVMSG #lobby :one`)!;
  const several = { ...said, text: "one\n2026-01-31 10:00:00 eve: two" };
  const style = { utc: true, palette: loadPalette(false), places: false };
  assertEquals(
    formatEntry(several, style),
    "2026-01-31 10:00:00Z bob: one\n    2026-01-31 10:00:00 eve: two\n",
  );
  assertEquals(JSON.parse(formatEntryJson(several, "me")).text, several.text);
});

pureTest("a message becomes an entry, other lines do not", () => {
  assertEquals(entry(`${TAGS} :bob!b@h PRIVMSG #Lobby :hello there`), {
    kind: "message",
    seq: 46,
    id: "1a-x",
    time: Date.UTC(2026, 0, 31, 10, 0, 0, 250),
    channel: "#Lobby",
    from: "bob",
    to: "#Lobby",
    manner: "said",
    text: "hello there",
  });
  assertEquals(entry(":bob!b@h PRIVMSG alice :hi"), {
    kind: "message",
    seq: undefined,
    id: undefined,
    time: NOW,
    channel: undefined,
    from: "bob",
    to: "alice",
    manner: "said",
    text: "hi",
  });
  assertEquals(entry(":bob!b@h NOTICE #a :n")?.manner, "notice");
  assertEquals(entry(":bob!b@h JOIN #a"), undefined);
  assertEquals(entry("PRIVMSG #a :no source"), undefined);
});

pureTest("what /me sends is an action, with and without its end", () => {
  for (const text of ["\x01ACTION waves\x01", "\x01ACTION waves"]) {
    const { manner, text: shown } = entry(`:bob!b@h PRIVMSG #a :${text}`)!;
    assertEquals([manner, shown], ["did", "waves"]);
  }
  assertEquals(entry(":bob!b@h NOTICE #a :\x01ACTION waves\x01")?.manner, "notice");
});

pureTest("the conversation of a direct message is the other user", () => {
  const direct = entry(":bob!b@h PRIVMSG alice :hi")!;
  assertEquals([conversationOf(direct, "ALICE"), conversationOf(direct, "bob")], ["bob", "alice"]);
  assertEquals(conversationOf(entry(":bob!b@h PRIVMSG #a :hi")!, "alice"), "#a");
});

pureTest("lines for people: one line, without terminal controls", () => {
  const style = { utc: true, palette: loadPalette(false), places: false };
  const line = (text: string, places = false) =>
    formatEntry(entry(`${TAGS} :bob!b@h ${text}`)!, { ...style, places });
  assertEquals(line("PRIVMSG #a :hello"), "2026-01-31 10:00:00Z bob: hello\n");
  assertEquals(line("PRIVMSG #a :\x01ACTION waves\x01"), "2026-01-31 10:00:00Z * bob waves\n");
  assertEquals(line("NOTICE #a :careful"), "2026-01-31 10:00:00Z -bob- careful\n");
  assertEquals(line("PRIVMSG #a :a\x1b[2J\u202eb"), "2026-01-31 10:00:00Z bob: a\u241b[2J<U+202E>b\n");
  assertEquals(line("PRIVMSG #a :x", true), "2026-01-31 10:00:00Z #a bob: x\n");
  assertEquals(line("PRIVMSG al :x", true), "2026-01-31 10:00:00Z →al bob: x\n");
});

pureTest("lines for programs: one object with everything", () => {
  assertEquals(JSON.parse(formatEntryJson(entry(`${TAGS} :bob!b@h PRIVMSG #a :x\x1b`)!, "alice")), {
    seq: 46,
    id: "1a-x",
    time: "2026-01-31T10:00:00.250Z",
    room: "#a",
    from: "bob",
    type: "message",
    text: "x\x1b",
  });
  assertEquals(
    JSON.parse(formatEntryJson(entry(`${TAGS} :bob!b@h PRIVMSG alice :x`)!, "alice")).with,
    "bob",
  );
});

pureTest("time is local unless UTC is asked for", () => {
  const time = new Date(2026, 0, 2, 3, 4, 5);
  assertEquals(formatTime(time.getTime(), false), "2026-01-02 03:04:05");
  assertEquals(formatTime(NOW, true), "2026-01-31 12:00:00Z");
});

pureTest("a gap in words: number, times, the date where it is not today's, and the cause", () => {
  const style = { utc: true, palette: loadPalette(false) };
  const loss: GapEntry = {
    kind: "gap",
    time: NOW,
    target: "#a",
    count: 37,
    why: "overwritten",
    after: Date.UTC(2026, 0, 31, 10, 2, 59),
    before: Date.UTC(2026, 0, 31, 10, 7),
  };
  const words = (change: Partial<GapEntry>) => formatGap({ ...loss, ...change }, style, NOW);
  assertEquals(words({}), "gap: 37 messages, 10:02Z–10:07Z\n");
  assertEquals(words({ count: 1 }), "gap: 1 message, 10:02Z–10:07Z\n");
  assertEquals(words({ count: undefined }), "gap: 10:02Z–10:07Z, some messages may be lost\n");
  assertEquals(words({ before: undefined }), "gap: 37 messages, since 10:02Z\n");
  assertEquals(
    words({ after: Date.UTC(2026, 0, 30, 23, 59) }),
    "gap: 37 messages, 2026-01-30 23:59Z–10:07Z\n",
  );
  assertEquals(words({ after: undefined }), "gap: 37 messages, until 10:07Z\n");
  const restart = { count: undefined, why: "restart" } as const;
  assertEquals(
    words(restart),
    "gap: the server ended without saving between 10:02Z and 10:07Z; its last messages may be missing\n",
  );
  assertEquals(formatGap(loss, { ...style, utc: false }, NOW).includes("Z"), false);
  assertEquals(JSON.parse(formatGapJson(loss)), {
    type: "gap",
    lost: 37,
    at_most: 37,
    why: "overwritten",
    after: "2026-01-31T10:02:59.000Z",
    before: "2026-01-31T10:07:00.000Z",
  });
  const unknown = JSON.parse(formatGapJson({ ...loss, ...restart, before: undefined }));
  assertEquals([unknown.lost, unknown.at_most], [null, null]);
  const bounded = JSON.parse(formatGapJson({ ...loss, count: undefined, most: 37 }));
  assertEquals([bounded.lost, bounded.at_most], [null, 37]);
  assertEquals(JSON.parse(formatGapJson({ ...loss, before: undefined })).before, null);
});
